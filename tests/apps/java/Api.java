/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what ferry.courier promises to a caller who makes mistakes: exceptions, threads,
 * closing. There is no device; what a courier says first goes to a link that counts.
 *
 * Prints a line for each test that fails, and the sum. */
import ferry.courier.Courier;
import ferry.courier.CourierException;
import ferry.courier.Link;
import ferry.courier.Progress;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

public final class Api {
    private static final byte[] QUESTION = new byte[16];
    private static final List<byte[]> NOTHING = Collections.emptyList();
    private static final long PATIENCE_S = 60;

    private int passed, failed;

    /** A test; its name is the sentence that must hold. */
    @Retention(RetentionPolicy.RUNTIME)
    private @interface Test {
    }

    private interface Act {
        void run() throws Exception;
    }

    /* ---- a link that keeps what it is given ----------------------------------------- */

    private static final class Air implements Link {
        final List<byte[]> said = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch any = new CountDownLatch(1);
        final AtomicReference<Thread> thread = new AtomicReference<>();
        volatile int room = 244, refusals;

        @Override
        public int room() {
            thread.set(Thread.currentThread());
            return room;
        }

        @Override
        public boolean write(byte[] value) {
            said.add(value);
            any.countDown();
            return refusals-- <= 0;
        }
    }

    private static Courier asking(Link link) {
        return new Courier(NOTHING, QUESTION, link, progress -> { });
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        check(latch.await(PATIENCE_S, TimeUnit.SECONDS), "nothing happened");
    }

    private static void check(boolean fact, String what) {
        if (!fact) {
            throw new AssertionError(what);
        }
    }

    private static void throwing(Class<? extends Throwable> type, Act act) {
        try {
            act.run();
        } catch (Throwable thrown) {
            check(type.isInstance(thrown), "throws " + thrown);
            check(thrown.getMessage() != null, "says nothing: " + thrown);
            return;
        }
        throw new AssertionError("no " + type.getSimpleName());
    }

    /* ---- what it is made of ----------------------------------------------------------- */

    @Test
    private static void nothing_to_carry_and_nothing_to_ask_is_refused() {
        throwing(IllegalArgumentException.class,
                () -> new Courier(NOTHING, null, new Air(), progress -> { }));
    }

    @Test
    private static void an_empty_artifact_is_refused() {
        throwing(IllegalArgumentException.class, () -> new Courier(
                List.of(new byte[4], new byte[0]), null, new Air(), progress -> { }));
    }

    @Test
    private static void a_ninth_artifact_is_refused() {
        List<byte[]> nine = Collections.nCopies(9, new byte[4]);
        throwing(IllegalArgumentException.class,
                () -> new Courier(nine, null, new Air(), progress -> { }));
        new Courier(nine.subList(0, 8), null, new Air(), progress -> { }).close();
    }

    @Test
    private static void a_question_of_another_length_is_refused() {
        for (int len : new int[] {0, 15, 17}) {
            throwing(IllegalArgumentException.class, () -> new Courier(
                    NOTHING, new byte[len], new Air(), progress -> { }));
        }
    }

    @Test
    private static void nulls_are_refused() {
        throwing(NullPointerException.class,
                () -> new Courier(NOTHING, QUESTION, null, progress -> { }));
        throwing(NullPointerException.class,
                () -> new Courier(NOTHING, QUESTION, new Air(), null));
        throwing(NullPointerException.class, () -> new Courier(
                Arrays.asList(new byte[4], null), null, new Air(), progress -> { }));
    }

    /* ---- closing ---------------------------------------------------------------------- */

    @Test
    private static void a_second_close_does_nothing() {
        Courier courier = asking(new Air());
        courier.close();
        courier.close();
    }

    @Test
    private static void everything_but_closing_throws_after_close() {
        Courier courier = asking(new Air());
        courier.close();
        List<Act> calls = List.of(courier::linkUp, courier::linkDown, courier::writable,
                courier::stop, courier::statement, () -> courier.received(new byte[1]));
        for (Act call : calls) {
            throwing(IllegalStateException.class, call);
        }
        check(courier.progress().state() == Progress.State.DOWN, "no last progress");
    }

    @Test
    private static void what_is_closed_holds_no_memory() {
        long before = Courier.nativeBytes();
        Courier courier = new Courier(List.of(new byte[100_000]), null, new Air(),
                progress -> { });
        check(Courier.nativeBytes() >= before + 100_000, "it holds nothing");
        courier.close();
        check(Courier.nativeBytes() == before, "it holds something");
        throwing(IllegalArgumentException.class, () -> new Courier(
                List.of(new byte[4], new byte[0]), null, new Air(), progress -> { }));
        check(Courier.nativeBytes() == before, "what was never made holds something");
    }

    @Test
    private static void an_outcome_that_did_not_come_is_cancelled_by_close() {
        Courier courier = asking(new Air());
        courier.close();
        check(courier.outcome().isCancelled(), "not cancelled");
        try {
            courier.outcome().get();
            throw new AssertionError("there is an outcome");
        } catch (CancellationException right) {
            check(courier.outcome().isDone(), "not done");
        } catch (InterruptedException | ExecutionException wrong) {
            throw new AssertionError(wrong);
        }
    }

    @Test
    private static void it_may_be_closed_from_a_callback() throws Exception {
        AtomicReference<Courier> mine = new AtomicReference<>();
        CountDownLatch closed = new CountDownLatch(1);
        Courier courier = new Courier(NOTHING, QUESTION, new Air(), progress -> {
            mine.get().close();
            closed.countDown();
        });
        mine.set(courier);
        courier.linkUp();
        await(closed);
        throwing(IllegalStateException.class, courier::linkUp);
    }

    @Test
    private static void many_threads_may_close_while_others_talk() throws Exception {
        for (int round = 0; round < 50; round++) {
            Courier courier = asking(new Air());
            List<Thread> threads = new ArrayList<>();
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            for (int i = 0; i < 4; i++) {
                threads.add(new Thread(() -> talk(courier, wrong)));
                threads.add(new Thread(courier::close));
            }
            threads.forEach(Thread::start);
            for (Thread each : threads) {
                each.join();
            }
            check(wrong.get() == null, "threw " + wrong.get());
        }
    }

    private static void talk(Courier courier, AtomicReference<Throwable> wrong) {
        try {
            courier.linkUp();
            courier.received(new byte[] {0, 1, 2, 0});
            courier.statement();
            courier.linkDown();
        } catch (IllegalStateException closed) {
            return;
        } catch (RuntimeException other) {
            wrong.set(other);
        }
    }

    /* ---- threads and callbacks ------------------------------------------------------- */

    @Test
    private static void callbacks_come_on_one_thread_of_its_own() throws Exception {
        Air air = new Air();
        AtomicReference<Thread> listener = new AtomicReference<>();
        CountDownLatch told = new CountDownLatch(1);
        try (Courier courier = new Courier(NOTHING, QUESTION, air, progress -> {
            listener.set(Thread.currentThread());
            told.countDown();
        })) {
            courier.linkUp();
            await(told);
            await(air.any);
            check(listener.get() == air.thread.get(), "two threads");
            check(listener.get() != Thread.currentThread(), "the caller's thread");
            check(listener.get().isDaemon(), "it keeps the process alive");
        }
    }

    @Test
    private static void a_refused_value_is_offered_again_and_nothing_before_it()
            throws Exception {
        Air air = new Air();
        air.refusals = 3;
        try (Courier courier = asking(air)) {
            courier.linkUp();
            await(air.any);
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
            while (air.said.size() < 4 && System.nanoTime() < until) {
                Thread.sleep(1);
            }
            check(air.said.size() >= 4, "it was not offered again");
            for (byte[] value : air.said.subList(0, 4)) {
                check(Arrays.equals(value, air.said.get(0)), "another value");
            }
        }
    }

    @Test
    private static void without_room_nothing_is_said_until_there_is() throws Exception {
        Air air = new Air();
        air.room = 0;
        CountDownLatch told = new CountDownLatch(1);
        try (Courier courier = new Courier(NOTHING, QUESTION, air,
                progress -> told.countDown())) {
            courier.linkUp();
            await(told);
            check(air.said.isEmpty(), "it spoke");
            air.room = 20;
            courier.writable();
            await(air.any);
            check(air.said.get(0).length <= 20, "too long a value");
        }
    }

    @Test
    private static void an_exception_of_a_callback_is_the_outcome() throws Exception {
        Courier courier = new Courier(NOTHING, QUESTION, new Air(), progress -> {
            throw new UnsupportedOperationException("the app's own");
        });
        courier.linkUp();
        try {
            courier.outcome().get(PATIENCE_S, TimeUnit.SECONDS);
            throw new AssertionError("there is an outcome");
        } catch (ExecutionException why) {
            check(why.getCause() instanceof UnsupportedOperationException, "" + why);
        }
        AtomicBoolean closed = new AtomicBoolean();
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
                !closed.get() && System.nanoTime() < end; Thread.sleep(1)) {
            closed.set(refuses(courier));
        }
        check(closed.get(), "it is still open");
    }

    private static boolean refuses(Courier courier) {
        try {
            courier.writable();
            return false;
        } catch (IllegalStateException right) {
            return true;
        }
    }

    @Test
    private static void stopping_is_an_outcome_with_a_name() throws Exception {
        try (Courier courier = asking(new Air())) {
            courier.stop();
            courier.outcome().get(PATIENCE_S, TimeUnit.SECONDS);
            throw new AssertionError("it did not stop");
        } catch (ExecutionException why) {
            CourierException cause = (CourierException) why.getCause();
            check(cause.errorName().equals("E_ABORT"), cause.errorName());
            check(cause.code() == -13, "" + cause.code());
            check(cause.getMessage().startsWith("E_ABORT: "), cause.getMessage());
        }
    }

    @Test
    private static void noise_of_any_length_is_heard_and_forgotten() throws Exception {
        Air air = new Air();
        try (Courier courier = asking(air)) {
            courier.linkUp();
            for (int len : new int[] {0, 1, 511, 512, 513, 5000}) {
                byte[] noise = new byte[len];
                Arrays.fill(noise, (byte) 0x55);
                courier.received(noise);
            }
            await(air.any);
        }
    }

    /* ---- all of them ------------------------------------------------------------------ */

    private void test(Method test) {
        try {
            test.invoke(null);
            passed++;
        } catch (InvocationTargetException | IllegalAccessException why) {
            failed++;
            System.out.println("failed: " + test.getName() + ": " + why.getCause());
        }
    }

    private void all() {
        for (Method method : Api.class.getDeclaredMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                test(method);
            }
        }
    }

    public static void main(String[] args) {
        Api api = new Api();
        api.all();
        System.out.println(api.passed + " passed, " + api.failed + " failed, 0 skipped");
        System.exit(api.failed > 0 ? 1 : 0);
    }
}

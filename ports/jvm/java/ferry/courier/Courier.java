/* SPDX-License-Identifier: Apache-2.0
 *
 * A courier that an app can hold: events in from any thread, values and progress out on
 * one thread of its own. Knows when the session is to be asked for values and when it
 * wants its time; does not know Bluetooth, nor what the values say. */
package ferry.courier;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Carries one of these artifacts to one device, over as many connections as it takes.
 *
 * <p>Every method may be called from any thread and returns at once. {@link Link},
 * {@link Listener} and whatever is chained to {@link #outcome()} are called on the
 * courier's thread, one at a time, and may call any method here, {@link #close()} too. An
 * exception that leaves one of those calls ends the courier, and is its outcome.
 */
public final class Courier implements AutoCloseable {
    private static final long NEVER = 0xFFFFFFFFL;
    private static final long BUSY_MS = 10;

    private final Session session;
    private final Link link;
    private final Listener listener;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Progress> outcome = new CompletableFuture<>();
    private final ScheduledThreadPoolExecutor thread;
    private volatile Progress last;

    /* Of the courier's thread alone. */
    private ScheduledFuture<?> timer;
    private byte[] refused; /* by the link: to be offered again before anything else */

    /**
     * @param artifacts what `ferry sign` made: all artifacts of a release, at most 8. They
     *     are copied
     * @param question 16 bytes of a server, for the device's statement; null: it is not
     *     asked for one
     * @throws IllegalArgumentException neither artifacts nor a question, or one of them has
     *     no length that could be right
     */
    public Courier(List<byte[]> artifacts, byte[] question, Link link, Listener listener) {
        if (link == null || listener == null) {
            throw new NullPointerException("a courier wants a link and a listener");
        }
        this.link = link;
        this.listener = listener;
        session = new Session(artifacts, question);
        last = session.look();
        thread = new ScheduledThreadPoolExecutor(1, Courier::named);
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private static Thread named(Runnable work) {
        Thread t = new Thread(work, "ferry-courier");
        t.setDaemon(true);
        return t;
    }

    /* ---- what the app tells ------------------------------------------------------- */

    /** Connected, subscribed and encrypted: values may flow. */
    public void linkUp() {
        post(() -> session.link(true));
    }

    /** The connection is gone. The session waits for the next one. */
    public void linkDown() {
        post(() -> {
            refused = null;
            session.link(false);
        });
    }

    /** A notification, in the order in which they came. The bytes are copied. */
    public void received(byte[] value) {
        byte[] copy = value.clone();
        post(() -> session.input(copy));
    }

    /** A write has ended: the link may have room again. */
    public void writable() {
        post(() -> { });
    }

    /**
     * The user said stop. One last value goes out if the link is up, and the outcome is
     * E_ABORT; the device keeps what it has.
     */
    public void stop() {
        post(session::abort);
    }

    /**
     * Frees everything. A second call does nothing; every other method throws
     * IllegalStateException from now on, so end the connection's callbacks first. An
     * outcome that did not come is cancelled.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            session.close();
            thread.shutdown();
            outcome.cancel(false);
        }
    }

    /* ---- what the app asks -------------------------------------------------------- */

    /**
     * Ends once: with the progress in state DONE; or by CourierException in state REFUSED;
     * or cancelled, by {@link #close()}. LATER and PARKED are no ends.
     */
    public CompletableFuture<Progress> outcome() {
        return outcome;
    }

    /** As of the last event. This one may be asked after close, too. */
    public Progress progress() {
        return last;
    }

    /** The device's signed answer, unverified, for the server that asked; null: none yet. */
    public byte[] statement() {
        return session.statement();
    }

    /** Bytes that all open couriers of this process hold outside of Java's heap. */
    public static long nativeBytes() {
        return Native.held();
    }

    /* ---- the courier's thread ----------------------------------------------------- */

    private void post(Runnable event) {
        try {
            if (closed.get()) {
                throw new RejectedExecutionException();
            }
            thread.execute(() -> run(event));
        } catch (RejectedExecutionException why) {
            throw new IllegalStateException("this courier is closed", why);
        }
    }

    /* Once it is closed, events that are still under way find no session: they are late. */
    private void run(Runnable event) {
        try {
            event.run();
            say();
            tellNews();
            setTimer();
        } catch (RuntimeException | Error why) {
            if (!closed.get()) {
                outcome.completeExceptionally(why);
                close();
            }
        }
    }

    /* Values are made only when the link can take one, so that each says the newest. */
    private void say() {
        int room;
        while ((room = link.room()) > 0) {
            byte[] value = refused != null ? refused : session.output(room);
            if (value == null) {
                return;
            }
            refused = link.write(value) ? null : value;
            if (refused != null) {
                return;
            }
        }
    }

    private void tellNews() {
        Progress before = last;
        Progress now = session.look();
        last = now;
        if (now.differs(before)) {
            listener.progress(now);
        }
        if (now.state() == Progress.State.DONE) {
            outcome.complete(now);
        } else if (now.state() == Progress.State.REFUSED) {
            outcome.completeExceptionally(new CourierException(now.error()));
        }
    }

    private void setTimer() {
        long wait = session.deadline();
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        if (refused != null && wait > BUSY_MS) {
            timer = thread.schedule(() -> run(() -> { }), BUSY_MS, TimeUnit.MILLISECONDS);
        } else if (wait != NEVER) {
            timer = thread.schedule(() -> run(session::tick), wait, TimeUnit.MILLISECONDS);
        }
    }
}

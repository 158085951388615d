/* SPDX-License-Identifier: Apache-2.0
 *
 * One native session, its memory and its clock. Whoever calls in from whichever thread
 * gets a session that is there, or an exception; does not know links or threads. */
package ferry.courier;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

final class Session implements AutoCloseable {
    private static final int NONCE_LEN = 4, QUESTION_LEN = 16;
    private static final int VALUE_MAX = 512; /* of notifications; a phone takes any */

    private long handle;

    Session(List<byte[]> artifacts, byte[] question) {
        if (question != null && question.length != QUESTION_LEN) {
            throw new IllegalArgumentException("a question has 16 bytes");
        }
        byte[] nonce = new byte[NONCE_LEN];
        new SecureRandom().nextBytes(nonce);
        handle = Native.open(artifacts.toArray(new byte[0][]), question, nonce, VALUE_MAX,
                now());
    }

    private static int now() {
        return (int) (System.nanoTime() / 1_000_000);
    }

    private long open() {
        if (handle == 0) {
            throw new IllegalStateException("this courier is closed");
        }
        return handle;
    }

    @Override
    public synchronized void close() {
        if (handle != 0) {
            Native.close(handle);
            handle = 0;
        }
    }

    synchronized void link(boolean up) {
        Native.link(open(), up, now());
    }

    synchronized void input(byte[] bytes) {
        Native.input(open(), bytes, now());
    }

    /** A value of at most `room` bytes; null: nothing to say. */
    synchronized byte[] output(int room) {
        byte[] value = new byte[room];
        int len = Native.output(open(), value, now());
        return len == 0 ? null : Arrays.copyOf(value, len);
    }

    synchronized void tick() {
        Native.tick(open(), now());
    }

    /** Milliseconds until tick is wanted; 2^32 - 1: not until something happens. */
    synchronized long deadline() {
        return Native.deadline(open(), now()) & 0xFFFFFFFFL;
    }

    synchronized void abort() {
        Native.abort(open(), now());
    }

    synchronized Progress look() {
        int[] places = new int[Native.PLACES];
        Native.look(open(), places);
        return new Progress(places, Native.peerClass(open()));
    }

    synchronized byte[] statement() {
        return Native.statement(open());
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of ferry_jni.c. They believe the handle they are given: Session is the
 * only one who has one. Times are milliseconds that wrap; numbers of 32 bits stand in an
 * int, bit for bit. */
package ferry.courier;

final class Native {
    /* Places in what look() fills: enum ferry_ffi_place. */
    static final int STATE = 0, ERROR = 1, WAIT = 2, IMAGE_LEN = 3, ACKED = 4, VERIFIED = 5,
            VERSION = 6, RATE = 7, LEFT_MS = 8, LATER_SECONDS = 9, LATER_WHY = 10,
            LATER_DETAIL = 11, WHICH = 12, PEER = 13, WITHHELD = 14, PEER_VERSION = 15,
            PEER_HW_REV = 16, STATEMENT_LEN = 17, IMAGE_BYTES_SENT = 18, BYTES_REPEATED = 19,
            FRAMES_BAD = 20, HELLOS = 21, PLACES = 22;

    static {
        System.loadLibrary("ferry-courier-jni");
    }

    private Native() {}

    /** A handle. Copies all it is given; `question` may be null. */
    static native long open(byte[][] artifacts, byte[] question, byte[] nonce, int valueMax,
            int now);

    static native void close(long session);

    static native void link(long session, boolean up, int now);

    static native void input(long session, byte[] bytes, int now);

    /** Fills at most value.length bytes; how many. */
    static native int output(long session, byte[] value, int now);

    static native void tick(long session, int now);

    static native int deadline(long session, int now);

    static native void abort(long session, int now);

    static native void look(long session, int[] places);

    /** 16 bytes. */
    static native byte[] peerClass(long session);

    /** Null: none has come. */
    static native byte[] statement(long session);

    /** Bytes that all sessions of this process have allocated now. */
    static native long held();

    static native String errorName(int code);

    static native String errorText(int code);

    static native String waitName(int wait);

    static native String laterName(int why);
}

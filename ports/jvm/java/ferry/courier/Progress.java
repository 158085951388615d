/* SPDX-License-Identifier: Apache-2.0
 *
 * How a session stood at one moment. Knows which number means what (ferry/courier.h has
 * the meanings); does not change. */
package ferry.courier;

import java.util.UUID;

/** A snapshot; may be kept and passed on to any thread. */
public final class Progress {
    /** What the session waits for, as enum ferry_courier_state. */
    public enum State { DOWN, HELLO, REPORT, OFFER, SEND, LATER, PARKED, DONE, REFUSED }

    private static final int E_SAME = -44;

    private final int[] places;
    private final byte[] peerClass;

    Progress(int[] places, byte[] peerClass) {
        this.places = places;
        this.peerClass = peerClass;
    }

    private long number(int place) {
        return places[place] & 0xFFFFFFFFL;
    }

    public State state() {
        return State.values()[places[Native.STATE]];
    }

    /** Why it parked or was refused: enum ferry_err, negative; 0: no error. */
    public int error() {
        return -places[Native.ERROR];
    }

    /** "ok", or the error's name, such as "E_HW". */
    public String errorName() {
        return Native.errorName(error());
    }

    /** One sentence for a log. */
    public String errorText() {
        return Native.errorText(error());
    }

    /** Why nothing moves: a stable word such as "none", "link", "erasing", "later". */
    public String waitName() {
        return Native.waitName(places[Native.WAIT]);
    }

    /** Bytes of the image; 0 until an artifact is chosen. */
    public long imageLen() {
        return number(Native.IMAGE_LEN);
    }

    /** Bytes of the image that the device has acked: they are never sent again. */
    public long acked() {
        return number(Native.ACKED);
    }

    /** Bytes in blocks that the device has verified. */
    public long verified() {
        return number(Native.VERIFIED);
    }

    /** 0 to 100. */
    public int percent() {
        return imageLen() == 0 ? 0 : (int) (acked() * 100 / imageLen());
    }

    /** Of the image that is carried, "1.2.3". */
    public String version() {
        return version(places[Native.VERSION]);
    }

    /** Of the artifacts, the one that is carried; -1 before one is chosen. */
    public int artifact() {
        return imageLen() == 0 ? -1 : places[Native.WHICH];
    }

    /** Bytes acked in a second; 0: not known. */
    public long rate() {
        return number(Native.RATE);
    }

    /** Until all is acked, at that rate; -1: not known. */
    public long leftMs() {
        return places[Native.LEFT_MS] == -1 ? -1 : number(Native.LEFT_MS);
    }

    /** With state LATER: when to come back, as the device said it. */
    public long laterSeconds() {
        return number(Native.LATER_SECONDS);
    }

    /** With state LATER: why, a stable word. */
    public String laterName() {
        return Native.laterName(places[Native.LATER_WHY]);
    }

    /** With state DONE: nothing was carried, the device runs this version already. */
    public boolean alreadyRunning() {
        return state() == State.DONE && error() == E_SAME;
    }

    /** The device has said what it is. */
    public boolean peerKnown() {
        return places[Native.PEER] != 0;
    }

    /** What it runs; null: not known, or it tells nobody. */
    public String peerVersion() {
        boolean told = peerKnown() && places[Native.WITHHELD] == 0;
        return told ? version(places[Native.PEER_VERSION]) : null;
    }

    /** Its kind; null: not known. */
    public UUID peerClass() {
        return peerKnown() ? new UUID(word(0), word(8)) : null;
    }

    public long peerHardware() {
        return number(Native.PEER_HW_REV);
    }

    /** A statement has come: {@link Courier#statement()}. */
    public boolean hasStatement() {
        return places[Native.STATEMENT_LEN] != 0;
    }

    /** Payload bytes of image chunks that went out, repeats included. */
    public long imageBytesSent() {
        return number(Native.IMAGE_BYTES_SENT);
    }

    /** Payload bytes that went out more than once. */
    public long bytesRepeated() {
        return number(Native.BYTES_REPEATED);
    }

    /** Damaged frames; many of them: the app loses or reorders values. */
    public long framesBad() {
        return number(Native.FRAMES_BAD);
    }

    public long hellos() {
        return number(Native.HELLOS);
    }

    /** Is this news to somebody who was shown `before`? */
    boolean differs(Progress before) {
        return before == null || places[Native.STATE] != before.places[Native.STATE]
                || places[Native.WAIT] != before.places[Native.WAIT]
                || places[Native.ERROR] != before.places[Native.ERROR]
                || percent() != before.percent();
    }

    private long word(int at) {
        long all = 0;
        for (int i = at; i < at + 8; i++) {
            all = all << 8 | (peerClass[i] & 0xFF);
        }
        return all;
    }

    private static String version(int v) {
        return (v >>> 24) + "." + (v >>> 16 & 0xFF) + "." + (v & 0xFFFF);
    }
}

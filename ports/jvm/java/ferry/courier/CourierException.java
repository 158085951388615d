/* SPDX-License-Identifier: Apache-2.0
 *
 * An update that will not happen with these artifacts, and why: an error of ferry/err.h. */
package ferry.courier;

/** The session was refused, by the device or by the courier itself. */
public final class CourierException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    CourierException(int code) {
        super(Native.errorName(code) + ": " + Native.errorText(code));
        this.code = code;
    }

    /** The number of enum ferry_err, negative. */
    public int code() {
        return code;
    }

    /** Its name as docs/PROTOCOL.md spells it, such as "E_HW". */
    public String errorName() {
        return Native.errorName(code);
    }
}

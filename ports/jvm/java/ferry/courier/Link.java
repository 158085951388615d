/* SPDX-License-Identifier: Apache-2.0
 *
 * The app's side of the radio: where a courier's values go. Knows nothing of what they
 * mean. */
package ferry.courier;

/** Called on the courier's thread only; neither call may block. */
public interface Link {
    /**
     * The longest value that may be written now, in bytes: MTU - 3, at most 244. 0: none
     * now, because a write is under way; call {@link Courier#writable()} when it has ended.
     */
    int room();

    /**
     * Write one value of at most {@link #room()} bytes, without response.
     *
     * @return false: it was not taken. The courier offers the same value again, after 10 ms
     *     or with the next {@link Courier#writable()}.
     */
    boolean write(byte[] value);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Who wants to know how far a courier is. */
package ferry.courier;

/** Called on the courier's thread; a call must not block. */
@FunctionalInterface
public interface Listener {
    /** State, wait or error are others than before, or a hundredth more was acked. */
    void progress(Progress now);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What an application can wish for in the hand-off block. Frozen. */
#ifndef FERRY_HANDOFF_H
#define FERRY_HANDOFF_H

#define FERRY_WISH_PLANNED 0x504C414EUL /* this reset is meant */
#define FERRY_WISH_EXPIRED                                                             \
    0x45585049UL /* and it is meant because a trial took too long */

#endif

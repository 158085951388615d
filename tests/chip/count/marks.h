/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a life says what it is at: the plugin (plugin.c) sees these functions run, and
 * count.py finds them by their names. A phase lasts until the next one, a part until the
 * verb of the engine in which it began returns. Knows neither lives nor the engine. */
#ifndef FERRY_COUNT_MARKS_H
#define FERRY_COUNT_MARKS_H

void count_phase_rest(void);       /* nothing that is asked for */
void count_phase_offer(void);      /* hello, envelope, signature */
void count_phase_fill(void);       /* from the first erase to the last block */
void count_phase_verify(void);     /* the gates, up to the commit */
void count_phase_boot_three(void); /* a start, after three updates */
void count_phase_boot_full(void);  /* a start, with so much in the journals */

void count_part_block(void); /* the work that is due once a block: erase, hash */

#endif

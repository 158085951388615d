/* SPDX-License-Identifier: Apache-2.0
 *
 * A power-safe log in two erase units. Every record restates the whole state of its
 * writer, so the newest one is all there is to know. Plans and reads; never writes: the
 * caller carries out one operation at a time and says how it went.
 *
 * The fault it is built against: an operation cut by a power loss can leave bits that
 * read differently on later reads and later boots. So a record is believed by its body
 * (stable over several reads, CRC right), but acted upon only when what was programmed
 * after it proves that the body was finished: its CONFIRM word. Whoever finds a record
 * in doubt appends a fresh one with what he decided, and acts after that. */
#ifndef FERRY_JOURNAL_H
#define FERRY_JOURNAL_H

#include "ferry/parts.h"

#define FERRY_JOURNAL_PAYLOAD_MAX 80U
#define FERRY_JOURNAL_ROOM 128U /* bytes of memory a record takes, padding included */

#define FERRY_JOURNAL_VERSION 1U

/* `head`: the word that each of its slots begins with. */
void ferry_journal_set_up(struct ferry_journal *j, const struct ferry_flash *flash,
                          const uint32_t page[2], uint32_t head);
static inline void ferry_journal_init(struct ferry_journal *j,
                                      const struct ferry_flash *flash,
                                      const uint32_t page[2], uint8_t kind,
                                      uint8_t payload_len)
{
    ferry_journal_set_up(j, flash, page,
                         kind | FERRY_JOURNAL_VERSION << 8 |
                             (uint32_t)payload_len << 16);
}

/* Find the newest record and copy its payload out; once after each init. 0;
 * FERRY_E_STATE, there is none (payload untouched); FERRY_E_FLASH, not all of flash could
 * be read: there may be a newer one than `found`, and nothing is to be appended. */
FERRY_MUST_USE int ferry_journal_scan(struct ferry_journal *j, void *payload);

/* Begin to append. `room` stays borrowed until ferry_journal_next says it is done. */
void ferry_journal_append(struct ferry_journal *j, const void *payload, uint8_t *room);
/* The next operation; false when the record stands, with its CONFIRM. */
FERRY_MUST_USE bool ferry_journal_next(const struct ferry_journal *j,
                                       struct ferry_flash_op *op);
/* The operation was done and reads back right (0), or not. A slot or a page that failed
 * is never used again before an erase. FERRY_E_FLASH: given up. */
FERRY_MUST_USE int ferry_journal_did(struct ferry_journal *j, int status);

/* Records a page holds. */
static inline uint16_t ferry_journal_slots(const struct ferry_journal *j)
{
    return j->slots;
}

#endif

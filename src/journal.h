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

#include "ferry/hal.h"

#define FERRY_JOURNAL_PAYLOAD_MAX 112U
#define FERRY_JOURNAL_ROOM 192U /* bytes of memory a record takes, padding included */

struct ferry_journal {
    const struct ferry_flash *flash;
    struct ferry_area page[2]; /* one erase unit each */
    uint8_t kind;              /* which journal: a foreign record is no record */
    uint8_t payload_len;       /* multiple of 4 */
    uint8_t active;            /* page of the newest record */
    bool found;                /* there is one */
    bool doubt;                /* restate it before acting on it */
    uint16_t tail;       /* first slot of the active page that was never touched */
    uint32_t sequence;   /* of the newest record */
    uint32_t generation; /* of the active page */

    /* an append under way */
    uint8_t step;
    uint8_t target; /* page */
    uint16_t slot;
    uint8_t *room; /* the record; FERRY_JOURNAL_ROOM bytes, 4-aligned, the caller's */
};

/* What to do to flash next. */
struct ferry_journal_op {
    bool erase; /* else program */
    uint32_t addr;
    const uint8_t *buf; /* 4-aligned */
    uint32_t len;
};

void ferry_journal_init(struct ferry_journal *j, const struct ferry_flash *flash,
                        const struct ferry_area page[2], uint8_t kind,
                        uint8_t payload_len);

/* Find the newest record and copy its payload out. 0, FERRY_E_STATE if there is none
 * (payload untouched), FERRY_E_FLASH if flash cannot be read at all. */
FERRY_MUST_USE int ferry_journal_scan(struct ferry_journal *j, uint8_t *payload);

/* Begin to append. `room` stays borrowed until ferry_journal_next says it is done. */
void ferry_journal_append(struct ferry_journal *j, const uint8_t *payload,
                          uint8_t *room);
/* The next operation; false when the record stands, with its CONFIRM. */
FERRY_MUST_USE bool ferry_journal_next(struct ferry_journal *j,
                                       struct ferry_journal_op *op);
/* The operation was done and reads back right (0), or not. A slot or a page that failed
 * is never used again before an erase. FERRY_E_FLASH: given up. */
FERRY_MUST_USE int ferry_journal_did(struct ferry_journal *j, int status);

/* Records a page holds. */
FERRY_MUST_USE uint16_t ferry_journal_slots(const struct ferry_journal *j);

#endif

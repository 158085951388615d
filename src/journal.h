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
#include "flash.h"

#define FERRY_JOURNAL_PAYLOAD_MAX 80U
#define FERRY_JOURNAL_ROOM 128U /* bytes of memory a record takes, padding included */

#define FERRY_JOURNAL_VERSION 1U

/* In contracts: how a journal lies in its two pages. Every place that is in a page's room
 * is in the part of flash that was lent; units of writing are kept to. */
/*@ predicate multiple(integer n, integer of) = \exists integer k; n == k * of;
  @ predicate geometry{L}(struct ferry_flash *f) = \valid_read(f) &&
  @   (f->write_unit == 1 || f->write_unit == 2 || f->write_unit == 4 ||
  @    f->write_unit == 8 || f->write_unit == 16 || f->write_unit == 32) &&
  @   512 <= f->erase_unit <= 131072;
  @ predicate sizes{L}(struct ferry_journal *j) =
  @   j->payload_len <= FERRY_JOURNAL_PAYLOAD_MAX && j->payload_len % 4 == 0 &&
  @   4 <= j->word_len <= 32 && 8 + j->payload_len <= j->body_len <= 96 &&
  @   j->slot_len == j->body_len + 2 * j->word_len;
  @ predicate units{L}(struct ferry_journal *j) =
  @   multiple(j->word_len, j->flash->write_unit) &&
  @   multiple(j->body_len, j->flash->write_unit) && j->slot_len % 4 == 0;
  @ predicate slots{L}(struct ferry_journal *j) = 3 <= j->slots <= 0x2000 &&
  @   j->word_len + j->slots * j->slot_len <= j->flash->erase_unit;
  @ predicate page{L}(struct ferry_flash *f, integer addr) =
  @   multiple(addr, f->write_unit) && addr + f->erase_unit <= UINT32_MAX &&
  @   lent(f, addr, f->erase_unit);
  @ predicate pages{L}(struct ferry_journal *j) =
  @   page(j->flash, j->page[0]) && page(j->flash, j->page[1]);
  @ predicate scanned{L}(struct ferry_journal *j) =
  @   j->holder <= 1 && j->active <= 1 && j->tail[0] <= j->slots &&
  @   j->tail[1] <= j->slots && j->torn[0] <= j->slots && j->torn[1] <= j->slots;
  @ predicate journal{L}(struct ferry_journal *j) = \valid(j) &&
  @   \separated(j, j->flash) && geometry(j->flash) && pages(j) && sizes(j) &&
  @   units(j) && slots(j) && scanned(j);
  @ logic integer place{L}(struct ferry_journal *j, integer page, integer slot) =
  @   j->page[page] + j->word_len + slot * j->slot_len; */

/* `head`: the word that each of its slots begins with. */
/*@ requires \valid(j) && geometry(flash) && \separated(j, flash, page + (0 .. 1));
  @ requires \valid_read(page + (0 .. 1)) && page(flash, page[0]) && page(flash, page[1]);
  @ requires (uint8_t)(head >> 16) <= FERRY_JOURNAL_PAYLOAD_MAX;
  @ requires (uint8_t)(head >> 16) % 4 == 0;
  @ terminates \true;
  @ assigns *j;
  @ ensures j->flash == flash && geometry(flash) && pages(j);
  @ ensures sizes(j);
  @ ensures units(j);
  @ ensures slots(j);
  @ ensures scanned(j); */
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

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
 * is in the part of flash that was lent. */
/*@ predicate geometry{L}(struct ferry_flash *f) = \valid_read(f) &&
  @   (f->write_unit == 1 || f->write_unit == 2 || f->write_unit == 4 ||
  @    f->write_unit == 8 || f->write_unit == 16 || f->write_unit == 32) &&
  @   512 <= f->erase_unit <= 131072 && f->erase_unit % 4 == 0;
  @ predicate sizes{L}(struct ferry_journal *j) =
  @   j->payload_len <= FERRY_JOURNAL_PAYLOAD_MAX && j->payload_len % 4 == 0 &&
  @   4 <= j->word_len <= 32 && 8 + j->payload_len <= j->body_len <= 96 &&
  @   j->slot_len == j->body_len + 2 * j->word_len && j->slot_len % 4 == 0;
  @ predicate fits(integer slot, integer len, integer first, integer unit) =
  @   0 <= slot * len && first + slot * len + len <= unit;
  @ predicate row{L}(struct ferry_journal *j, integer slot) =
  @   fits(slot, j->slot_len, j->word_len, j->flash->erase_unit);
  @ predicate slots{L}(struct ferry_journal *j) = 3 <= j->slots <= 0x2000 &&
  @   \forall integer s; 0 <= s < j->slots ==>
  @     fits(s, j->slot_len, j->word_len, j->flash->erase_unit);
  @ predicate page{L}(struct ferry_flash *f, integer addr) =
  @   addr + f->erase_unit <= UINT32_MAX &&
  @   lent(f, addr, f->erase_unit);
  @ predicate pages{L}(struct ferry_journal *j) =
  @   page(j->flash, j->page[0]) && page(j->flash, j->page[1]);
  @ predicate scanned{L}(struct ferry_journal *j) =
  @   j->holder <= 1 && j->tail <= j->slots;
  @ predicate fresh{L}(struct ferry_journal *j) =
  @   !j->found && !j->unread && j->tail == j->slots;
  @ predicate journal{L}(struct ferry_journal *j) = \valid(j) &&
  @   \separated(j, j->flash) && geometry(j->flash) && pages(j) && sizes(j) &&
  @   slots(j) && scanned(j);
  @ logic integer nth(integer first, integer slot, integer len) = first + slot * len;
  @ logic integer place{L}(struct ferry_journal *j, integer page, integer slot) =
  @   nth(j->page[page] + j->word_len, slot, j->slot_len);
  @ predicate blank_from{L}(struct ferry_journal *j, integer page, integer first) =
  @   \forall integer s; first <= s < j->slots &&
  @   fits(s, j->slot_len, j->word_len, j->flash->erase_unit) ==>
  @     was_blank(j->flash, nth(j->page[page] + j->word_len, s, j->slot_len),
  @       nth(j->page[page] + j->word_len, s, j->slot_len) + j->slot_len);
  @ predicate payload{L}(struct ferry_journal *j, uint8_t *p) =
  @   \valid(p + (0 .. j->payload_len - 1)) &&
  @   \separated(p + (0 .. j->payload_len - 1), j, j->flash); */

/* `head`: the word that each of its slots begins with. */
/*@ requires \valid(j) && geometry(flash) && \separated(j, flash, page + (0 .. 1));
  @ requires \valid_read(page + (0 .. 1)) && page(flash, page[0]) && page(flash, page[1]);
  @ requires (uint8_t)(head >> 16) <= FERRY_JOURNAL_PAYLOAD_MAX;
  @ requires (uint8_t)(head >> 16) % 4 == 0;
  @ terminates \true;
  @ assigns *j;
  @ ensures j->flash == flash && geometry(flash) && pages(j);
  @ ensures sizes(j);
  @ ensures slots(j);
  @ ensures scanned(j) && fresh(j); */
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
/*@ requires journal(j) && fresh(j) && payload(j, (uint8_t *)payload);
  @ terminates \true;
  @ assigns j->found, j->unread, j->cut, j->doubt, j->holder, j->sequence, j->tail,
  @   j->least, ((uint8_t *)payload)[0 .. j->payload_len - 1];
  @ ensures geometry(j->flash) && \valid(j); ensures pages(j); ensures sizes(j);
  @ ensures slots(j); ensures scanned(j);
  @ ensures found: \result == 0 ==> j->found && !j->unread;
  @ ensures free: \result != FERRY_E_FLASH ==>
  @   blank_from(j, j->holder, j->tail); */
FERRY_MUST_USE int ferry_journal_scan(struct ferry_journal *j, void *payload);

/* How an append goes on, and that it ends. Steps: 1 erase, 2 mark, 3 head, 4 body,
 * 5 CONFIRM; 0: nothing is under way. `words`: the room, seen as words. */
/*@ axiomatic Words {
  @   logic uint32_t *words(uint8_t *room, integer word_len);
  @   logic integer crc_of{L}(uint32_t *said, integer len) reads said[0 .. len / 4 - 1];
  @ }
  @ predicate room{L}(struct ferry_journal *j, uint8_t *room) =
  @   \valid(room + (0 .. FERRY_JOURNAL_ROOM - 1)) &&
  @   \valid(words(room, j->word_len) + (0 .. FERRY_JOURNAL_PAYLOAD_MAX / 4 + 2)) &&
  @   \separated(words(room, j->word_len) + (0 .. FERRY_JOURNAL_PAYLOAD_MAX / 4 + 2),
  @     j, j->flash) &&
  @   \separated(room + (0 .. FERRY_JOURNAL_ROOM - 1), j, j->flash);
  @ predicate planned{L}(struct ferry_journal *j) = j->step == 0 ||
  @   (j->target <= 1 && 1 <= j->step <= 5 && j->slot <= j->slots &&
  @    (j->target == j->holder ==> blank_from(j, j->target, j->slot)) &&
  @    (j->target != j->holder && j->step > 1 ==> was_blank(j->flash,
  @     j->page[j->target], j->page[j->target] + j->flash->erase_unit)) &&
  @    (j->step < 3 ==> j->target != j->holder && j->slot == 0 &&
  @     j->at == j->page[j->target]) &&
  @    (j->step >= 3 ==> j->slot < j->slots && row(j, j->slot) && j->at ==
  @     place(j, j->target, j->slot) + (j->step >= 4 ? j->word_len : 0) +
  @     (j->step == 5 ? j->body_len : 0)));
  @ logic integer to_do{L}(struct ferry_journal *j) = j->step == 0 ? 0 :
  @   (j->target == j->holder ? 6 * j->slots + 6 : 0) + 6 * (j->slots - j->slot) +
  @   6 - j->step; */

/* Begin to append. `room` stays borrowed until ferry_journal_next says it is done. */
/*@ requires journal(j) && room(j, room) && payload(j, (uint8_t *)payload);
  @ requires blank_from(j, j->holder, j->tail);
  @ requires \separated(room + (0 .. FERRY_JOURNAL_ROOM - 1),
  @   (uint8_t *)payload + (0 .. j->payload_len - 1));
  @ terminates \true;
  @ assigns j->room, j->target, j->slot, j->at, j->step, j->sequence,
  @   room[0 .. FERRY_JOURNAL_ROOM - 1],
  @   words(room, j->word_len)[0 .. FERRY_JOURNAL_PAYLOAD_MAX / 4 + 2];
  @ ensures geometry(j->flash) && \valid(j); ensures pages(j); ensures sizes(j);
  @ ensures slots(j); ensures scanned(j);
  @ ensures planned(j); ensures room(j, j->room);
  @ ensures number: j->sequence == (uint32_t)(\old(j->sequence) + 1); */
void ferry_journal_append(struct ferry_journal *j, const void *payload, uint8_t *room);
/* The next operation; false when the record stands, with its CONFIRM. */
/*@ requires geometry(j->flash) && \valid(j) && \separated(j, j->flash);
  @ requires pages(j); requires sizes(j); requires slots(j); requires scanned(j);
  @ requires planned(j); requires room(j, j->room); requires \valid(op);
  @ requires \separated(op, j, j->flash, words(j->room, j->word_len));
  @ terminates \true;
  @ assigns *op, *words(j->room, j->word_len);
  @ ensures \result <==> j->step != 0;
  @ ensures inside: \result ==> lent(j->flash, op->addr, op->len) &&
  @   op->addr + op->len <= UINT32_MAX;
  @ ensures erases: \result && op->erase ==> op->buf == \null &&
  @   op->addr == j->page[j->target] && op->len == j->flash->erase_unit &&
  @   j->target != j->holder;
  @ ensures writes: \result && !op->erase ==> 0 < op->len <= 96 &&
  @   op->len == (j->step == 4 ? j->body_len : j->word_len);
  @ ensures now: \result ==> op->addr == j->at && (op->erase <==> j->step == 1);
  @ ensures one_slot: \result && j->step >= 3 ==>
  @   place(j, j->target, j->slot) <= op->addr &&
  @   op->addr + op->len <= place(j, j->target, j->slot) + j->slot_len;
  @ ensures blank: \result && j->step >= 3 && j->target == j->holder ==>
  @   was_blank(j->flash, place(j, j->target, j->slot),
  @             place(j, j->target, j->slot) + j->slot_len); */
FERRY_MUST_USE bool ferry_journal_next(const struct ferry_journal *j,
                                       struct ferry_flash_op *op);
/* The operation was done and reads back right (0), or not. A slot or a page that failed
 * is never used again before an erase. FERRY_E_FLASH: given up. */
/*@ requires journal(j) && planned(j) && room(j, j->room);
  @ requires blank_from(j, j->holder, j->tail);
  @ terminates \true;
  @ assigns j->target, j->slot, j->at, j->step, j->sequence, j->holder,
  @   j->tail, j->cut, j->doubt,
  @   words(j->room, j->word_len)[0 .. FERRY_JOURNAL_PAYLOAD_MAX / 4 + 2];
  @ ensures geometry(j->flash) && \valid(j); ensures pages(j); ensures sizes(j);
  @ ensures slots(j); ensures scanned(j);
  @ ensures planned(j); ensures room(j, j->room);
  @ ensures free: blank_from(j, j->holder, j->tail);
  @ ensures ends: \old(j->step) != 0 && \result == 0 ==> to_do(j) < \old(to_do(j));
  @ ensures given_up: \result != 0 ==> j->step == 0; */
FERRY_MUST_USE int ferry_journal_did(struct ferry_journal *j, int status);

/* Records a page holds. */
static inline uint16_t ferry_journal_slots(const struct ferry_journal *j)
{
    return j->slots;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a record survives a power loss, and how a doubtful one is told from a sound
 * one. Does not know what a record says.
 *
 * A page: mark (written only after a whole erase that reads blank), slots. A slot: head =
 * kind, version, length; body = sequence, payload, CRC-32; CONFIRM. Mark, head and CONFIRM
 * have a write unit of their own. Nothing is programmed twice, with one exception that
 * nobody can see: a head that was cut so early that it reads blank is programmed again
 * with the very same bits. Words are in the device's own byte order.
 *
 * What holds whatever was cut, and however it reads from one start to the next:
 * - A CONFIRM is only begun when the body before it is firm. So a record that anybody ever
 *   acted on is readable at every later start.
 * - What is appended goes behind the newest record, so nothing newer is ever erased for it.
 *   Nor is a page written to whose erase was cut: it was begun when the other page was full
 *   and newer. Without a record, a page is erased only if nothing was begun in it.
 * - The other page would not be newer if this one held a torn record that nobody could read
 *   then, and can now. So while it may, the newest is said above it in slots kept for that.
 * Three cuts in a row are outlasted by this, two before the first record stands. More, each
 * torn so that it reads one way now and the other way later, can use up the kept slots. */
#include "journal.h"

#include <string.h>

#include "journal_in.h"

#define MARK 0x59524546UL    /* "FERY" on a little-endian device */
#define CONFIRM 0x4B4F5921UL /* "!YOK" */
#define KEPT 2U              /* last slots of a page, for doubt about the next */
#define READS 3U             /* a marginal bit is found with each of them */

static const uint32_t confirm = CONFIRM;

enum step { NOTHING, ERASE, WRITE_MARK, WRITE_HEAD, WRITE_BODY, WRITE_CONFIRM };

/* ---- places ---------------------------------------------------------------------- */

/*@ requires journal(j) && page <= 1 && slot <= j->slots;
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == place(j, page, slot);
  @ ensures \result <= j->page[page] + j->flash->erase_unit;
  @ ensures slot > 0 ==> lent(j->flash, \result - j->slot_len, j->slot_len);
  @ ensures slot > 0 ==>
  @   \result - j->slot_len == place(j, page, slot - 1) >= j->page[page] + j->word_len;
  @ ensures slot < j->slots ==> row(j, slot); */
static uint32_t slot_addr(const struct ferry_journal *j, unsigned page, unsigned slot)
{
    /*@ assert slot < j->slots ==> row(j, slot); */
    /*@ assert slot > 0 ==> row(j, slot - 1); */
    return j->page[page] + j->word_len + (uint32_t)slot * j->slot_len;
}

void ferry_journal_set_up(struct ferry_journal *j, const struct ferry_flash *flash,
                          const uint32_t page[2], uint32_t head)
{
    forget(j);
    /*@ assert geometry(flash) && page(flash, page[0]) && page(flash, page[1]); */
    j->flash = flash;
    j->page[0] = page[0];
    j->page[1] = page[1];
    j->first = head;
    /*@ assert geometry(flash) && pages(j); */
    j->payload_len = (uint8_t)(head >> 16);
    j->word_len = (uint8_t)(in_units(flash, WORD));
    j->body_len = (uint16_t)(in_units(flash, said_len(j)));
    j->slot_len = (uint16_t)(j->body_len + 2U * j->word_len);
    /*@ assert geometry(flash) && pages(j); */
    /*@ assert 4 <= j->word_len <= 32 && 8 + j->payload_len <= j->body_len <= 96; */
    j->slots = how_many(flash->erase_unit, j->word_len, j->slot_len);
    /*@ assert slots(j); */
    /* As if page 1 were full: the first record of all goes to page 0. */
    j->holder = 1;
    j->tail = j->slots;
}

/* ---- reading what may change its mind -------------------------------------------- */

/* Does flash say these very bytes, every time? */
/*@ requires \valid_read(j) && \valid_read(j->flash) && lent(j->flash, addr, len);
  @ requires addr + len <= UINT32_MAX;
  @ terminates \true;
  @ assigns \nothing;
  @ ensures blank: \result && want == \null && len % 4 == 0 ==>
  @   was_blank(j->flash, addr, addr + len); */
static bool steady(const struct ferry_journal *j, uint32_t addr, const void *want,
                   uint32_t len)
{
    /*@ loop invariant i > 0 && want == \null && len % 4 == 0 ==>
      @   was_blank(j->flash, addr, addr + len);
      @ loop assigns i;
      @ loop variant READS - i; */
    for (unsigned i = 0; i < READS; i++) {
        if (!ferry_flash_reads(j->flash, addr, want, len)) {
            return false;
        }
    }
    return true;
}

/* ---- scanning -------------------------------------------------------------------- */

/* A failed read is not a record that does not hold. */
/*@ requires \valid(j) && \valid_read(j->flash) && lent(j->flash, addr, len);
  @ requires addr + len <= UINT32_MAX && len % 4 == 0;
  @ requires \valid(to + (0 .. len / 4 - 1));
  @ requires \separated(to + (0 .. len / 4 - 1), j, j->flash) && \separated(j, j->flash);
  @ terminates \true;
  @ assigns j->unread, to[0 .. len / 4 - 1];
  @ ensures j->unread == 0 ==> \old(j->unread) == 0; */
static bool read_steady(struct ferry_journal *j, uint32_t addr, uint32_t *to,
                        uint32_t len)
{
    if (ferry_flash_read(j->flash, addr, to, len) != 0) {
        j->unread = true;
        return false;
    }
    return steady(j, addr, bytes_of(to), len);
}

/* Numbers go up, and may wrap. */
/*@ terminates \true;
  @ assigns \nothing;
  @ ensures \result <==> !any || 0 < (int32_t)(uint32_t)(number - than); */
static bool newer(bool any, uint32_t number, uint32_t than)
{
    return !any || (int32_t)(number - than) > 0;
}

/*@ requires \valid(j) && page <= 1 && payload(j, (uint8_t *)payload);
  @ requires whole: said[0] == j->first &&
  @   said[2 + j->payload_len / 4] == crc_of(said, 8 + j->payload_len);
  @ requires j->payload_len <= FERRY_JOURNAL_PAYLOAD_MAX;
  @ requires \valid_read(said + (0 .. SAID_MAX / WORD - 1));
  @ terminates \true;
  @ assigns j->found, j->holder, j->sequence, ((uint8_t *)payload)[0 .. j->payload_len - 1];
  @ ensures j->found && j->holder == page && j->sequence == said[1]; */
static void believe(struct ferry_journal *j, unsigned page, const uint32_t *said,
                    void *payload)
{
    j->found = true;
    j->holder = (uint8_t)page;
    j->sequence = said[1];
    take_payload(payload, said, j->payload_len);
}

/* Take in one page, from its end on: the last record in it is its newest, whatever number
 * an application gone mad gave to another. What was torn behind the last record that stands
 * may have been readable, and gone on from, at an earlier start, or be so at a later one:
 * numbers go on far above that record, the farther the more slots are behind it, whatever
 * can be read of them now. Returns how many are to be passed by 1 each: those of a page in
 * which none stands, for it may be erased. */
/*@ requires geometry(j->flash) && \valid(j) && \separated(j, j->flash);
  @ requires pages(j); requires sizes(j); requires slots(j); requires scanned(j);
  @ requires page <= 1; requires payload(j, (uint8_t *)payload);
  @ requires page == 0 ==> j->tail == j->slots;
  @ requires blank_from(j, j->holder, j->tail);
  @ terminates \true;
  @ assigns j->found, j->unread, j->cut, j->doubt, j->holder, j->sequence, j->tail,
  @   j->least, ((uint8_t *)payload)[0 .. j->payload_len - 1];
  @ ensures geometry(j->flash) && \valid(j); ensures pages(j); ensures sizes(j);
  @ ensures slots(j); ensures scanned(j);
  @ ensures free: blank_from(j, j->holder, j->tail); */
static uint32_t scan_page(struct ferry_journal *j, unsigned page, void *payload)
{
    uint32_t said[SAID_MAX / WORD];
    unsigned len = said_len(j);
    unsigned slot, last = 0, tail = 0;
    bool sound = false;

    if (!read_steady(j, slot_addr(j, page, 0) - WORD, said, WORD) || said[0] != MARK) {
        return 0;
    }
    if (page == 0) { /* begun: without a record it is the other one that is erased */
        j->holder = 0;
    }
    /*@ dynamic_split sound; */ /*@ loop invariant payload(j, (uint8_t *)payload);
      @ loop invariant journal(j) && j->payload_len == \at(j->payload_len, Pre);
      @ loop invariant down_to(slot, tail, j->slots) && (sound ==> tail > 0);
      @ loop invariant blank_from(j, page, tail > 0 ? tail : slot);
      @ loop invariant tail > 0 && j->holder == page || blank_from(j, j->holder, j->tail);
      @ loop assigns slot, tail, last, sound, said[0 .. SAID_MAX / WORD - 1],
      @   j->found, j->unread, j->holder, j->sequence,
      @   ((uint8_t *)payload)[0 .. \at(j->payload_len, Pre) - 1];
      @ loop variant slot; */
    for (slot = j->slots; slot > 0 && !sound; slot--) {
        uint32_t end = slot_addr(j, page, slot), begin = end - j->slot_len;
        if (steady(j, begin, NULL, j->slot_len)) {
            /*@ assert tail == 0 ==> blank_from(j, page, slot - 1); */
            continue;
        }
        tail = tail > 0 ? tail : slot;
        if (!read_steady(j, begin + j->word_len - WORD, said, len + WORD) ||
            said[0] != j->first || said[len / WORD] != sum_of(said, len)) {
            continue;
        }
        sound = steady(j, end - WORD, bytes_of(&confirm), WORD);
        bool counts = sound || !j->sound_only;
        if (counts && last == 0 && newer(j->found, said[1], j->sequence)) {
            believe(j, page, said, payload);
        }
        last = counts ? slot : last;
    }
    if (tail == 0) {
        return 0;
    }
    if (!j->found) { /* what was begun is gone on with */
        j->holder = (uint8_t)page;
    }
    uint32_t behind = tail - slot - sound;
    if (j->holder == page) {
        j->tail = (uint16_t)tail;
        j->doubt = behind > 0;
    }
    if (!sound) {
        j->cut = true;
        return behind;
    }
    if (j->holder == page || j->cut) { /* or the other one is newer, and not sound */
        j->least = said[1] + (behind << 16);
    }
    return 0;
}

int ferry_journal_scan(struct ferry_journal *j, void *payload)
{
    uint32_t least = scan_page(j, 0, payload);

    least += scan_page(j, 1, payload);
    if (j->unread) {
        return FERRY_E_FLASH;
    }
    j->doubt |= j->cut;
    /*@ assert free: blank_from(j, j->holder, j->tail); */
    least += j->least;
    if (j->doubt && newer(true, least, j->sequence)) {
        j->sequence = least;
    }
    /*@ assert free: blank_from(j, j->holder, j->tail); */
    return j->found ? 0 : FERRY_E_STATE;
}

/* ---- appending ------------------------------------------------------------------- */

/* The slot that is its turn; behind the last one of the holder, the other page. Every slot
 * has a number of its own: what was torn can never be taken for as new as what was written
 * after it. */
/*@ requires geometry(j->flash) && \valid(j) && \separated(j, j->flash);
  @ requires pages(j); requires sizes(j); requires slots(j); requires scanned(j);
  @ requires room(j, j->room); requires j->target <= 1 && j->slot <= j->slots;
  @ requires j->target == j->holder ==> blank_from(j, j->target, j->slot);
  @ requires j->target != j->holder && j->slot < j->slots ==> was_blank(j->flash,
  @   j->page[j->target], j->page[j->target] + j->flash->erase_unit);
  @ requires free: blank_from(j, j->holder, j->tail);
  @ terminates \true;
  @ assigns j->target, j->slot, j->at, j->step, j->sequence,
  @   words(j->room, j->word_len)[0 .. SAID_MAX / WORD - 1];
  @ ensures geometry(j->flash) && \valid(j); ensures pages(j); ensures sizes(j);
  @ ensures slots(j); ensures scanned(j);
  @ ensures planned(j); ensures room(j, j->room);
  @ ensures free: blank_from(j, j->holder, j->tail);
  @ ensures number: \result == 0 ==>
  @   j->sequence == (uint32_t)(\old(j->sequence) + 1);
  @ ensures given_up: \result != 0 ==>
  @   j->step == NOTHING && \old(j->target) != j->holder;
  @ ensures on: \result == 0 ==> to_do(j) <=
  @   (\old(j->target) == j->holder ? 6 * j->slots + 6 : 0) +
  @   6 * (j->slots - \old(j->slot)) + 3; */
static int begin_place(struct ferry_journal *j)
{
    uint32_t *said = word_of(j);
    unsigned len = said_len(j);

    if (j->slot < j->slots) {
        j->at = slot_addr(j, j->target, j->slot);
        j->step = WRITE_HEAD;
    } else if (j->target == j->holder) {
        j->target ^= 1U;
        j->slot = 0;
        j->at = j->page[j->target];
        j->step = ERASE;
    } else {
        j->step = NOTHING;
        /*@ assert free: blank_from(j, j->holder, j->tail); */
        return FERRY_E_FLASH;
    }
    /*@ assert free: blank_from(j, j->holder, j->tail); */
    said[0] = j->first;
    said[1] = ++j->sequence;
    said[len / WORD] = sum_of(said, len);
    /*@ assert free: blank_from(j, j->holder, j->tail); */
    return 0;
}

/* Slots kept for doubt: what was torn in the other page may come to be read there, so that
 * page is not erased before this one says the newest anew. */
void ferry_journal_append(struct ferry_journal *j, const void *payload, uint8_t *room)
{
    unsigned kept = j->doubt ? 0 : KEPT;

    j->room = room;
    memset(room, j->flash->erased, FERRY_JOURNAL_ROOM);
    put_payload(word_of(j), payload, j->payload_len);
    /*@ assert blank_from(j, j->holder, j->tail); */
    j->target = j->holder;
    j->slot = j->tail;
    /*@ assert blank_from(j, j->target, j->slot); */
    if (j->slot + kept >= j->slots) {
        j->slot = j->slots;
    }
    /*@ assert blank_from(j, j->target, j->slot); */
    (void)!begin_place(j); /* the page can always give way to the other */
}

bool ferry_journal_next(const struct ferry_journal *j, struct ferry_flash_op *op)
{
    uint32_t word = j->first;

    op->erase = j->step == ERASE;
    op->addr = j->at;
    op->buf = j->room;
    op->len = j->word_len;
    if (j->step == ERASE) {
        op->buf = NULL;
        op->len = j->flash->erase_unit;
    } else if (j->step == WRITE_MARK) {
        word = MARK;
    } else if (j->step == WRITE_BODY) {
        op->buf += j->word_len;
        op->len = j->body_len;
    } else if (j->step == WRITE_CONFIRM) {
        word = CONFIRM;
    }
    *word_of(j) = word;
    return j->step != NOTHING;
}

/*@ requires geometry(j->flash) && \valid(j) && \separated(j, j->flash);
  @ requires pages(j); requires sizes(j); requires slots(j); requires scanned(j);
  @ requires planned(j); requires j->step == WRITE_CONFIRM;
  @ terminates \true;
  @ assigns j->holder, j->tail, j->cut, j->doubt, j->step;
  @ ensures geometry(j->flash) && \valid(j); ensures pages(j); ensures sizes(j);
  @ ensures slots(j); ensures scanned(j); ensures planned(j);
  @ ensures blank_from(j, j->holder, j->tail) && j->step == NOTHING;
  @ ensures j->holder == j->target; */
static void stands(struct ferry_journal *j)
{
    j->holder = j->target;
    j->tail = (uint16_t)(j->slot + 1U);
    j->cut = false;
    j->doubt = false;
    j->step = NOTHING;
}

int ferry_journal_did(struct ferry_journal *j, int status)
{
    struct ferry_flash_op op;

    if (!ferry_journal_next(j, &op)) {
        /*@ assert free: blank_from(j, j->holder, j->tail); */
        return FERRY_E_STATE;
    }
    /* Once more than the caller has read it: what wavers now will waver later. A slot that
     * failed is spoilt; a page that failed is the end of it. So is a slot while a page has
     * nothing that stands: or that one would be filled, and the other erased for it. */
    if (status != 0 || !steady(j, op.addr, op.buf, op.len)) {
        j->target = j->cut ? j->holder ^ 1U : j->target;
        j->slot = j->cut || j->step < WRITE_HEAD ? j->slots : (uint16_t)(j->slot + 1U);
        /*@ assert j->target == j->holder ==> blank_from(j, j->target, j->slot); */
        /*@ assert free: blank_from(j, j->holder, j->tail); */
        /*@ assert less: (j->target == j->holder ? 6 * j->slots + 6 : 0) +
          @   6 * (j->slots - j->slot) + 3 < \at(to_do(j), Pre); */
        return begin_place(j);
    }
    if (j->step != WRITE_CONFIRM) {
        /*@ assert op.erase ==> was_blank(j->flash, j->page[j->target],
          @   j->page[j->target] + j->flash->erase_unit); */
        j->at += op.erase ? 0 : op.len;
        j->step++;
        /*@ assert j->step >= 3 ==> j->slot < j->slots && row(j, j->slot); */
        /*@ assert free: planned(j) && blank_from(j, j->holder, j->tail); */
        /*@ assert less: to_do(j) < \at(to_do(j), Pre); */
        return 0;
    }
    /* Said anew at the end of a page: and in the other at once, before the next cut. */
    bool turn = j->doubt && j->target == j->holder && j->slot + KEPT >= j->slots;
    stands(j);
    /*@ assert less: to_do(j) < \at(to_do(j), Pre); */
    if (!turn) {
        return 0;
    }
    j->slot = j->slots;
    /*@ assert free: blank_from(j, j->holder, j->tail); */
    /*@ assert less: 6 * j->slots + 9 < \at(to_do(j), Pre); */
    return begin_place(j);
}

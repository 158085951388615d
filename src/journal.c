/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a record survives a power loss, and how a doubtful one is told from a sound
 * one. Does not know what a record says.
 *
 * A page: mark (written only after a whole erase that reads blank; it says which page is
 * the younger one), slots. A slot: head = kind, version, length; body = payload, CRC-32;
 * CONFIRM. Mark, head and CONFIRM have a write unit of their own. Nothing is programmed
 * twice, with one exception that nobody can see: a head that was cut so early that it
 * reads blank is programmed again with the very same bits. Words are in the device's own
 * byte order.
 *
 * What the order of writing promises to a reader, whatever was cut and however it reads:
 * where a slot is not blank, its page was erased for good before; where a CONFIRM was
 * begun, the body before it is firm. So what anybody ever acted on is always readable, and
 * is only erased when a younger page holds a record that is confirmed. */
#include "journal.h"

#include <string.h>

#include "crc.h"
#include "flash.h"

#define CONFIRM 0x4B4F5921UL /* "!YOK" */
#define VERSION 1U
#define WORD 4U
#define SAID_MAX (2U * WORD + FERRY_JOURNAL_PAYLOAD_MAX)
#define READS 3U /* a marginal bit is found with each of them */

enum step { NOTHING, ERASE, WRITE_MARK, WRITE_HEAD, WRITE_BODY, WRITE_CONFIRM };

/* ---- places ---------------------------------------------------------------------- */

static uint32_t slot_len(const struct ferry_journal *j)
{
    return j->body_len + 2U * j->word_len;
}

static uint32_t slot_addr(const struct ferry_journal *j, unsigned page, unsigned slot)
{
    return j->page[page] + j->word_len + slot * slot_len(j);
}

/* A word stands at the end of its write unit. So head and body are one run of bytes, and
 * so they are in the room. */
static uint32_t word_at(const struct ferry_journal *j, uint32_t unit)
{
    return unit + j->word_len - WORD;
}

/* Of head and body, what the CRC is over. */
static uint32_t said_len(const struct ferry_journal *j)
{
    return WORD + j->payload_len;
}

void ferry_journal_init(struct ferry_journal *j, const struct ferry_flash *flash,
                        const uint32_t page[2], uint8_t kind, uint8_t payload_len)
{
    uint32_t over = flash->write_unit - 1U;

    memset(j, 0, sizeof *j);
    j->flash = flash;
    j->page[0] = page[0];
    j->page[1] = page[1];
    j->first = kind | VERSION << 8 | (uint32_t)payload_len << 16;
    j->payload_len = payload_len;
    j->word_len = (uint8_t)((WORD + over) & ~over);
    j->body_len = (uint16_t)((said_len(j) + over) & ~over);
    j->slots = (uint16_t)((flash->erase_unit - j->word_len) / slot_len(j));
    /* As if page 1 were full: the first record of all goes to page 0. */
    j->active = 1;
    j->holder = 1;
    j->tail = j->slots;
}

/* ---- reading what may change its mind -------------------------------------------- */

/* Does flash say these very bytes, every time? */
static bool steady(const struct ferry_journal *j, uint32_t addr, const void *want,
                   uint32_t len)
{
    for (unsigned i = 0; i < READS; i++) {
        if (!ferry_flash_reads(j->flash, addr, want, len)) {
            return false;
        }
    }
    return true;
}

/* ---- scanning -------------------------------------------------------------------- */

/* A failed read is not a record that does not hold. */
static bool read_steady(struct ferry_journal *j, uint32_t addr, void *to, uint32_t len)
{
    if (j->flash->read(j->flash->ctx, addr, to, len) != 0) {
        j->unread = true;
        return false;
    }
    return steady(j, addr, to, len);
}

/* A generation and its complement: bits that are half erased all go the same way, and
 * cannot make one mark of another. */
static uint32_t mark_of(uint16_t generation)
{
    return generation | (uint32_t)(uint16_t)~generation << 16;
}

/* Slots of a page up to the last that is not blank, and its generation; 0: nothing of it
 * counts. */
static unsigned open_page(struct ferry_journal *j, unsigned page, uint16_t *generation)
{
    uint32_t mark;
    unsigned tail = j->slots;

    if (!read_steady(j, word_at(j, j->page[page]), &mark, WORD) ||
        mark != mark_of((uint16_t)mark)) {
        return 0;
    }
    *generation = (uint16_t)mark;
    while (tail > 0 && steady(j, slot_addr(j, page, tail - 1), NULL, slot_len(j))) {
        tail--;
    }
    return tail;
}

/* The newest record of a page is its last one that is whole and steady. */
static void find(struct ferry_journal *j, unsigned page, unsigned tail, void *payload)
{
    static const uint32_t confirm = CONFIRM;
    uint32_t said[SAID_MAX / WORD];
    uint32_t len = said_len(j);

    for (unsigned slot = tail; slot > 0 && !j->found; slot--) {
        uint32_t at = slot_addr(j, page, slot - 1);
        if (read_steady(j, word_at(j, at), said, len + WORD) && said[0] == j->first &&
            said[len / WORD] == ferry_crc32(said, len)) {
            bool sound =
                steady(j, word_at(j, at + j->word_len + j->body_len), &confirm, WORD);
            if (sound || !j->sound_only) {
                j->found = true;
                j->doubt = !sound || slot != tail;
                j->holder = (uint8_t)page;
                memcpy(payload, said + 1, j->payload_len);
            }
        }
    }
}

int ferry_journal_scan(struct ferry_journal *j, void *payload)
{
    uint16_t generation[2] = {0, 0};
    unsigned tail[2];

    tail[0] = open_page(j, 0, &generation[0]);
    tail[1] = open_page(j, 1, &generation[1]);
    if (tail[0] + tail[1] > 0) {
        bool second = tail[0] == 0 ||
                      (tail[1] > 0 && (int16_t)(generation[1] - generation[0]) > 0);
        j->active = second;
        j->tail = (uint16_t)tail[second];
        j->generation = generation[second];
        find(j, second, tail[second], payload);
        if (!j->found) { /* a turn of pages that was cut */
            find(j, !second, tail[!second], payload);
            j->doubt = true;
        }
    }
    if (j->unread) {
        return FERRY_E_FLASH;
    }
    return j->found ? 0 : FERRY_E_STATE;
}

/* ---- appending ------------------------------------------------------------------- */

/* Every slot has a number of its own, one above that of the slot before: what was torn
 * can never be taken for as new as what was written after it. */
static uint32_t *word_of(const struct ferry_journal *j)
{
    return (uint32_t *)(void *)(j->room + word_at(j, 0));
}

/* The page that does not hold the newest record. It is the older one; or the younger one,
 * where nothing but torn slots is: nobody ever acted on those. */
static void begin_page(struct ferry_journal *j)
{
    j->target = j->holder ^ 1U;
    j->slot = 0;
    j->step = ERASE;
    j->generation++;
}

void ferry_journal_append(struct ferry_journal *j, const void *payload, uint8_t *room)
{
    uint32_t len = said_len(j);

    j->room = room;
    memset(room, j->flash->erased, FERRY_JOURNAL_ROOM);
    *word_of(j) = j->first;
    memcpy(word_of(j) + 1, payload, j->payload_len);
    word_of(j)[len / WORD] = ferry_crc32(word_of(j), len);
    j->target = j->active;
    j->slot = j->tail;
    j->step = WRITE_HEAD;
    if (j->tail >= j->slots) {
        begin_page(j);
    }
}

/* In the room the words share a place before the body: each is written when those before
 * it stand. */
bool ferry_journal_next(const struct ferry_journal *j, struct ferry_flash_op *op)
{
    op->erase = j->step == ERASE;
    op->addr = j->page[j->target];
    op->buf = j->room;
    op->len = j->word_len;
    if (j->step == ERASE) {
        op->buf = NULL;
        op->len = j->flash->erase_unit;
    } else if (j->step == WRITE_MARK) {
        *word_of(j) = mark_of(j->generation);
    } else {
        op->addr = slot_addr(j, j->target, j->slot);
        *word_of(j) = j->step == WRITE_CONFIRM ? CONFIRM : j->first;
        if (j->step == WRITE_BODY) {
            op->addr += j->word_len;
            op->buf += j->word_len;
            op->len = j->body_len;
        } else if (j->step == WRITE_CONFIRM) {
            op->addr += j->word_len + j->body_len;
        }
    }
    return j->step != NOTHING;
}

static void stands(struct ferry_journal *j)
{
    j->active = j->target;
    j->holder = j->target;
    j->found = true;
    j->doubt = false;
    j->tail = (uint16_t)(j->slot + 1U);
    j->step = NOTHING;
}

/* A slot that failed is spoilt: the next one, or the other page. A page that fails is
 * the end of it. */
static int try_elsewhere(struct ferry_journal *j)
{
    bool page = j->step < WRITE_HEAD;

    if (!page && ++j->slot < j->slots) {
        j->step = WRITE_HEAD;
        return 0;
    }
    if (!page && j->target == j->holder) {
        begin_page(j);
        return 0;
    }
    j->step = NOTHING;
    return FERRY_E_FLASH;
}

int ferry_journal_did(struct ferry_journal *j, int status)
{
    struct ferry_flash_op op;

    if (!ferry_journal_next(j, &op)) {
        return FERRY_E_STATE;
    }
    /* Once more than the caller has read it: what wavers now will waver later. */
    if (status != 0 || !steady(j, op.addr, op.buf, op.len)) {
        return try_elsewhere(j);
    }
    if (j->step == WRITE_CONFIRM) {
        stands(j);
    } else {
        j->step++;
    }
    return 0;
}

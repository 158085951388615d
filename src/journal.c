/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a record survives a power loss, and how a doubtful one is told from a sound
 * one. Does not know what a record says.
 *
 * A page: mark (written only after a whole erase that reads blank), slots. A slot: body =
 * kind, version, length, sequence, payload, CRC-32; then CONFIRM, in a write unit of its
 * own. Nothing is programmed twice. Words are in the device's own byte order. */
#include "journal.h"

#include <string.h>

#include "crc.h"
#include "flash.h"

#define MARK 0x59524546UL    /* "FERY" on a little-endian device */
#define CONFIRM 0x4B4F5921UL /* "!YOK" */
#define VERSION 1U
#define WORD 4U
#define HEAD (2U * WORD)
#define BODY_MAX (HEAD + FERRY_JOURNAL_PAYLOAD_MAX + WORD)
#define READS 3U /* a marginal bit is found with each of them */

enum step { NOTHING, ERASE, WRITE_MARK, WRITE_BODY, WRITE_CONFIRM };

/* ---- places ---------------------------------------------------------------------- */

static uint32_t slot_len(const struct ferry_journal *j)
{
    return (uint32_t)j->body_len + j->word_len;
}

static uint32_t slot_addr(const struct ferry_journal *j, unsigned page, unsigned slot)
{
    return j->page[page] + j->word_len + slot * slot_len(j);
}

/* Of a body, what its CRC is over. */
static uint32_t said_len(const struct ferry_journal *j)
{
    return HEAD + j->payload_len;
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
    j->body_len = (uint16_t)((said_len(j) + WORD + over) & ~over);
    j->slots = (uint16_t)((flash->erase_unit - j->word_len) / slot_len(j));
    /* As if page 1 were full: the first record of all goes to page 0. */
    j->active = 1;
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
static bool read_flash(struct ferry_journal *j, uint32_t addr, void *to, uint32_t len)
{
    if (j->flash->read(j->flash->ctx, addr, to, len) != 0) {
        j->unread = true;
        return false;
    }
    return true;
}

/* The body at `addr`, if it is one of this journal's, whole and steady. */
static bool read_body(struct ferry_journal *j, uint32_t addr, uint32_t *body)
{
    uint32_t len = said_len(j);

    return read_flash(j, addr, body, len + WORD) && body[0] == j->first &&
           body[len / WORD] == ferry_crc32(body, len) &&
           steady(j, addr, body, len + WORD);
}

/* Take in one page, from its end on: the last record in it is its newest, whatever
 * number an application gone mad gave to another. True: it was written to, and no record
 * came of it: a turn of pages that was cut. */
static bool scan_page(struct ferry_journal *j, unsigned page, void *payload)
{
    static const uint32_t mark = MARK, confirm = CONFIRM;
    uint32_t body[BODY_MAX / WORD];
    unsigned tail = 0;

    if (!read_flash(j, j->page[page], body, WORD) ||
        !steady(j, j->page[page], &mark, WORD)) {
        return false;
    }
    for (unsigned slot = j->slots; slot > 0; slot--) {
        uint32_t addr = slot_addr(j, page, slot - 1);
        if (steady(j, addr, NULL, slot_len(j))) {
            continue;
        }
        tail = tail > 0 ? tail : slot;
        if (!read_body(j, addr, body)) {
            continue;
        }
        bool sound = steady(j, addr + j->body_len, &confirm, WORD);
        if (!sound && j->sound_only) {
            continue;
        }
        if (!j->found || (int32_t)(body[1] - j->sequence) > 0) {
            j->found = true;
            j->sequence = body[1] + (tail - slot); /* what was torn after it took one */
            j->active = (uint8_t)page;
            j->tail = (uint16_t)tail;
            j->doubt = !sound || tail > slot;
            memcpy(payload, body + HEAD / WORD, j->payload_len);
        }
        return false;
    }
    return tail > 0;
}

int ferry_journal_scan(struct ferry_journal *j, void *payload)
{
    bool cut = scan_page(j, 0, payload);

    cut = scan_page(j, 1, payload) || cut;
    if (j->unread) {
        return FERRY_E_FLASH;
    }
    if (!j->found) {
        return FERRY_E_STATE;
    }
    if (cut) {
        j->doubt = true;
    }
    return 0;
}

/* ---- appending ------------------------------------------------------------------- */

/* Every slot has a number of its own, one above that of the slot before: what was torn
 * can never be taken for as new as what was written after it. */
static void number(struct ferry_journal *j)
{
    uint32_t *body = (uint32_t *)(void *)j->room;
    uint32_t len = said_len(j);

    body[1] = ++j->sequence;
    body[len / WORD] = ferry_crc32(body, len);
}

static void begin_page(struct ferry_journal *j)
{
    j->target = j->active ^ 1U;
    j->slot = 0;
    j->step = ERASE;
}

void ferry_journal_append(struct ferry_journal *j, const void *payload, uint8_t *room)
{
    j->room = room;
    memset(room, j->flash->erased, FERRY_JOURNAL_ROOM);
    *(uint32_t *)(void *)room = j->first;
    memcpy(room + HEAD, payload, j->payload_len);
    number(j);
    j->target = j->active;
    j->slot = j->tail;
    j->step = WRITE_BODY;
    if (j->tail >= j->slots) {
        begin_page(j);
    }
}

bool ferry_journal_next(const struct ferry_journal *j, struct ferry_flash_op *op)
{
    uint32_t *word = (uint32_t *)(void *)(j->room + j->body_len); /* behind the body */

    op->erase = j->step == ERASE;
    op->addr = j->page[j->target];
    op->buf = (uint8_t *)word;
    op->len = j->word_len;
    if (j->step == ERASE) {
        op->buf = NULL;
        op->len = j->flash->erase_unit;
    } else if (j->step == WRITE_MARK) {
        *word = MARK;
    } else {
        op->addr = slot_addr(j, j->target, j->slot);
        if (j->step == WRITE_BODY) {
            op->buf = j->room;
            op->len = j->body_len;
        } else {
            *word = CONFIRM;
            op->addr += j->body_len;
        }
    }
    return j->step != NOTHING;
}

static void stands(struct ferry_journal *j)
{
    j->active = j->target;
    j->found = true;
    j->doubt = false;
    j->tail = (uint16_t)(j->slot + 1U);
    j->step = NOTHING;
}

/* A slot that failed is spoilt: the next one, or the other page. A page that fails is
 * the end of it. */
static int try_elsewhere(struct ferry_journal *j)
{
    bool turned = j->target != j->active;

    if (j->step >= WRITE_BODY && ++j->slot < j->slots) {
        j->step = WRITE_BODY;
    } else if (j->step >= WRITE_BODY && !turned) {
        begin_page(j);
    } else {
        j->step = NOTHING;
        return FERRY_E_FLASH;
    }
    number(j);
    return 0;
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

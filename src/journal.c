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

static uint32_t padded(const struct ferry_journal *j, uint32_t len)
{
    uint32_t unit = j->flash->write_unit;
    return (len + unit - 1) & ~(unit - 1);
}

static uint32_t body_len(const struct ferry_journal *j)
{
    return HEAD + j->payload_len + WORD;
}

static uint32_t slot_len(const struct ferry_journal *j)
{
    return padded(j, body_len(j)) + padded(j, WORD);
}

static uint32_t slot_addr(const struct ferry_journal *j, unsigned page, unsigned slot)
{
    return j->page[page] + padded(j, WORD) + slot * slot_len(j);
}

uint16_t ferry_journal_slots(const struct ferry_journal *j)
{
    return (uint16_t)((j->flash->erase_unit - padded(j, WORD)) / slot_len(j));
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

/* The word that a body of this journal begins with. */
static uint32_t first_word(const struct ferry_journal *j)
{
    return j->kind | VERSION << 8 | (uint32_t)j->payload_len << 16;
}

static bool well_formed(const struct ferry_journal *j, const uint32_t *body)
{
    uint32_t len = body_len(j) - WORD;

    return body[0] == first_word(j) && body[len / WORD] == ferry_crc32(body, len);
}

/* ---- scanning -------------------------------------------------------------------- */

void ferry_journal_init(struct ferry_journal *j, const struct ferry_flash *flash,
                        const uint32_t page[2], uint8_t kind, uint8_t payload_len)
{
    memset(j, 0, sizeof *j);
    j->flash = flash;
    j->page[0] = page[0];
    j->page[1] = page[1];
    j->kind = kind;
    j->payload_len = payload_len;
}

/* Take in one page: its newest record if that is newer than any found before. True: it
 * was written to, and no record came of it: a turn of pages that was cut. */
static bool scan_page(struct ferry_journal *j, unsigned page, void *payload)
{
    static const uint32_t mark = MARK, confirm = CONFIRM;
    uint32_t body[BODY_MAX / WORD];
    bool records = false, ours = false, touched = false;
    unsigned last = 0;
    uint32_t addr = slot_addr(j, page, 0);
    unsigned slots = steady(j, j->page[page], &mark, WORD) ? ferry_journal_slots(j) : 0;

    for (unsigned slot = 0; slot < slots; slot++, addr += slot_len(j)) {
        /* One look is enough: what reads blank even once is no record in any later
         * light. */
        if (ferry_flash_reads(j->flash, addr, NULL, slot_len(j))) {
            continue;
        }
        bool valid = j->flash->read(j->flash->ctx, addr, body, body_len(j)) == 0 &&
                     well_formed(j, body) && steady(j, addr, body, body_len(j));
        bool newer = valid && (!j->found || body[1] > j->sequence);
        bool sound = newer && steady(j, addr + padded(j, body_len(j)), &confirm, WORD);
        records = records || valid;
        touched = true;
        if (newer && (sound || !j->sound_only)) {
            j->found = true;
            j->sequence = body[1];
            j->active = (uint8_t)page;
            j->doubt = !sound;
            memcpy(payload, body + HEAD / WORD, j->payload_len);
            ours = true;
        } else if (ours) { /* somebody began to write after it, and took a number */
            j->doubt = true;
            j->sequence += slot - last;
        }
        if (ours) {
            j->tail = (uint16_t)(slot + 1);
            last = slot;
        }
    }
    return touched && !records;
}

int ferry_journal_scan(struct ferry_journal *j, void *payload)
{
    uint32_t word;

    j->found = false;
    j->sequence = 0;
    for (unsigned i = 0; i < 2; i++) { /* no record, or no reading? */
        if (j->flash->read(j->flash->ctx, j->page[i], &word, WORD) != 0) {
            return FERRY_E_FLASH;
        }
    }
    bool cut = scan_page(j, 0, payload);
    cut = scan_page(j, 1, payload) || cut;
    j->doubt = j->doubt || cut;
    return j->found ? 0 : FERRY_E_STATE;
}

/* ---- appending ------------------------------------------------------------------- */

/* Every slot has a number of its own, one above that of the slot before: what was torn
 * can never be taken for as new as what was written after it. */
static void number(struct ferry_journal *j)
{
    uint32_t *body = (uint32_t *)(void *)j->room;
    uint32_t len = body_len(j) - WORD;

    body[1] = ++j->sequence;
    body[len / WORD] = ferry_crc32(body, len);
}

static void begin_page(struct ferry_journal *j)
{
    j->target = j->found ? j->active ^ 1U : 0;
    j->slot = 0;
    j->step = ERASE;
}

void ferry_journal_append(struct ferry_journal *j, const void *payload, uint8_t *room)
{
    j->room = room;
    memset(room, j->flash->erased, FERRY_JOURNAL_ROOM);
    *(uint32_t *)(void *)room = first_word(j);
    memcpy(room + HEAD, payload, j->payload_len);
    number(j);
    j->target = j->active;
    j->slot = j->tail;
    j->step = WRITE_BODY;
    if (!j->found || j->tail >= ferry_journal_slots(j)) {
        begin_page(j);
    }
}

bool ferry_journal_next(const struct ferry_journal *j, struct ferry_flash_op *op)
{
    uint32_t body = padded(j, body_len(j));
    uint32_t *word = (uint32_t *)(void *)(j->room + body); /* written from behind it */

    op->erase = j->step == ERASE;
    op->addr = j->page[j->target];
    op->buf = (uint8_t *)word;
    op->len = padded(j, WORD);
    if (j->step == ERASE) {
        op->buf = NULL;
        op->len = j->flash->erase_unit;
    } else if (j->step == WRITE_MARK) {
        *word = MARK;
    } else {
        op->addr = slot_addr(j, j->target, j->slot);
        if (j->step == WRITE_BODY) {
            op->buf = j->room;
            op->len = body;
        } else {
            *word = CONFIRM;
            op->addr += body;
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
    bool turned = j->target != j->active || !j->found;

    if (j->step >= WRITE_BODY && ++j->slot < ferry_journal_slots(j)) {
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

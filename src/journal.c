/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a record survives a power loss, and how a doubtful one is told from a sound
 * one. Does not know what a record says.
 *
 * A page: mark (written only after a whole erase and two blank checks), generation,
 * slots. A slot: body = kind, version, length, sequence, payload, CRC-32; then CONFIRM,
 * in a write unit of its own. Nothing is programmed twice. */
#include "journal.h"

#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "flash.h"

#define MARK 0x59524546UL    /* "FERY" */
#define CONFIRM 0x4B4F5921UL /* "!YOK" */
#define VERSION 1U
#define HEAD 8U
#define CRC_LEN 4U
#define WORD 4U
#define READS 3U  /* a marginal bit is found with each of them */
#define PIECE 16U /* bytes compared at a time */

enum step { NOTHING, ERASE, WRITE_MARK, WRITE_GENERATION, WRITE_BODY, WRITE_CONFIRM };
enum found { BLANK, JUNK, VALID };

/* ---- places ---------------------------------------------------------------------- */

static uint32_t padded(const struct ferry_journal *j, uint32_t len)
{
    uint32_t unit = j->flash->write_unit;
    return (len + unit - 1) / unit * unit;
}

static uint32_t body_len(const struct ferry_journal *j)
{
    return HEAD + j->payload_len + CRC_LEN;
}

static uint32_t word_len(const struct ferry_journal *j)
{
    return padded(j, WORD);
}

static uint32_t slot_len(const struct ferry_journal *j)
{
    return padded(j, body_len(j)) + word_len(j);
}

static uint32_t slot_addr(const struct ferry_journal *j, unsigned page, unsigned slot)
{
    return j->page[page].addr + 2 * word_len(j) + slot * slot_len(j);
}

static uint32_t confirm_addr(const struct ferry_journal *j, unsigned page,
                             unsigned slot)
{
    return slot_addr(j, page, slot) + padded(j, body_len(j));
}

uint16_t ferry_journal_slots(const struct ferry_journal *j)
{
    return (uint16_t)((j->page[0].len - 2 * word_len(j)) / slot_len(j));
}

/* A page's generation reads as itself only when all of its bits are as written: half
 * erased, it is no generation. */
static uint32_t generation_word(uint32_t generation)
{
    return (generation & 0xFFFFU) | ~generation << 16;
}

/* ---- reading what may change its mind -------------------------------------------- */

/* Does flash say these very bytes, every time? */
static bool steady(const struct ferry_journal *j, uint32_t addr, const uint8_t *want,
                   uint32_t len)
{
    for (unsigned i = 0; i < READS; i++) {
        if (!ferry_flash_reads(j->flash, addr, want, len)) {
            return false;
        }
    }
    return true;
}

static bool steady_word(const struct ferry_journal *j, uint32_t addr, uint32_t word)
{
    uint8_t want[WORD];
    struct ferry_writer w = ferry_writer(want, sizeof want);

    ferry_put_le(&w, word, sizeof want);
    return steady(j, addr, want, sizeof want);
}

/* The generation of a page that was once erased completely; 0 = none. */
static uint32_t generation_of(const struct ferry_journal *j, unsigned page)
{
    uint32_t addr = j->page[page].addr;
    uint8_t got[WORD];

    if (!steady_word(j, addr, MARK) ||
        j->flash->read(j->flash->ctx, addr + word_len(j), got, sizeof got) != 0) {
        return 0;
    }
    uint32_t word = ferry_le(got, sizeof got);
    bool right =
        word == generation_word(word) && steady_word(j, addr + word_len(j), word);
    return right ? word & 0xFFFFU : 0;
}

static bool well_formed(const struct ferry_journal *j, const uint8_t *body)
{
    uint32_t len = HEAD + j->payload_len;

    return body[0] == j->kind && body[1] == VERSION &&
           ferry_le(body + 2, 2) == j->payload_len &&
           ferry_crc32(body, len) == ferry_le(body + len, CRC_LEN);
}

static enum found look_at(const struct ferry_journal *j, unsigned page, unsigned slot,
                          uint8_t *body)
{
    uint32_t addr = slot_addr(j, page, slot);

    /* One look is enough: what reads blank even once is no record in any later light. */
    if (ferry_flash_reads(j->flash, addr, NULL, slot_len(j))) {
        return BLANK;
    }
    if (j->flash->read(j->flash->ctx, addr, body, body_len(j)) != 0 ||
        !well_formed(j, body) || !steady(j, addr, body, body_len(j))) {
        return JUNK;
    }
    return VALID;
}

/* ---- scanning -------------------------------------------------------------------- */

void ferry_journal_init(struct ferry_journal *j, const struct ferry_flash *flash,
                        const struct ferry_area page[2], uint8_t kind,
                        uint8_t payload_len)
{
    memset(j, 0, sizeof *j);
    j->flash = flash;
    j->page[0] = page[0];
    j->page[1] = page[1];
    j->kind = kind;
    j->payload_len = payload_len;
}

/* Take in one page: its newest record if that is newer than any found before, and
 * whether anything in it was touched after that record. */
static void scan_page(struct ferry_journal *j, unsigned page, uint8_t *payload)
{
    uint8_t body[HEAD + FERRY_JOURNAL_PAYLOAD_MAX + CRC_LEN];
    uint32_t generation = generation_of(j, page);
    unsigned slots = generation != 0 ? ferry_journal_slots(j) : 0;
    bool ours = false;

    for (unsigned slot = 0; slot < slots; slot++) {
        enum found what = look_at(j, page, slot, body);
        if (what == BLANK) {
            continue;
        }
        uint32_t sequence = ferry_le(body + 4, 4);
        /* Of two with one number the later is the one that was finished. */
        if (what == VALID && (!j->found || sequence >= j->sequence)) {
            j->found = true;
            j->sequence = sequence;
            j->active = (uint8_t)page;
            j->generation = generation;
            j->doubt = !steady_word(j, confirm_addr(j, page, slot), CONFIRM);
            memcpy(payload, body + HEAD, j->payload_len);
            ours = true;
        } else if (ours || (j->found && generation == (uint16_t)(j->generation + 1U))) {
            j->doubt = true; /* somebody began to write after it */
        }
        if (ours) {
            j->tail = (uint16_t)(slot + 1);
        }
    }
}

int ferry_journal_scan(struct ferry_journal *j, uint8_t *payload)
{
    uint32_t first = generation_of(j, 0);
    uint32_t second = generation_of(j, 1);
    /* The older page first: the newer one is then held against it. */
    unsigned older = first != 0 && second == (uint16_t)(first + 1U) ? 0 : 1;

    j->found = false;
    j->doubt = false;
    j->sequence = 0;
    j->generation = 0;
    j->active = 0;
    j->tail = 0;
    scan_page(j, older, payload);
    scan_page(j, older ^ 1U, payload);
    return j->found ? 0 : FERRY_E_STATE;
}

/* ---- appending ------------------------------------------------------------------- */

static void begin_page(struct ferry_journal *j, unsigned page)
{
    j->target = (uint8_t)page;
    j->slot = 0;
    j->step = ERASE;
}

void ferry_journal_append(struct ferry_journal *j, const uint8_t *payload,
                          uint8_t *room)
{
    struct ferry_writer w = ferry_writer(room, FERRY_JOURNAL_ROOM);

    j->sequence++;
    j->room = room;
    memset(room, j->flash->erased, FERRY_JOURNAL_ROOM);
    ferry_put_u8(&w, j->kind);
    ferry_put_u8(&w, VERSION);
    ferry_put_le(&w, j->payload_len, 2);
    ferry_put_le(&w, j->sequence, 4);
    ferry_put(&w, payload, j->payload_len);
    ferry_put_le(&w, ferry_crc32(room, w.len), CRC_LEN);
    if (j->found && j->tail < ferry_journal_slots(j)) {
        j->target = j->active;
        j->slot = j->tail;
        j->step = WRITE_BODY;
    } else {
        begin_page(j, j->found ? j->active ^ 1U : 0);
    }
}

/* The short words are written from behind the body. */
static const uint8_t *word_at(const struct ferry_journal *j, uint32_t word)
{
    uint8_t *at = j->room + padded(j, body_len(j));
    struct ferry_writer w = ferry_writer(at, WORD);

    ferry_put_le(&w, word, WORD);
    return at;
}

bool ferry_journal_next(struct ferry_journal *j, struct ferry_journal_op *op)
{
    op->erase = false;
    op->len = word_len(j);
    switch ((enum step)j->step) {
    case NOTHING:
        return false;
    case ERASE:
        op->erase = true;
        op->addr = j->page[j->target].addr;
        op->buf = NULL;
        op->len = j->page[j->target].len;
        return true;
    case WRITE_MARK:
        op->addr = j->page[j->target].addr;
        op->buf = word_at(j, MARK);
        return true;
    case WRITE_GENERATION:
        op->addr = j->page[j->target].addr + word_len(j);
        op->buf = word_at(j, generation_word(j->generation + 1U));
        return true;
    case WRITE_BODY:
        op->addr = slot_addr(j, j->target, j->slot);
        op->buf = j->room;
        op->len = padded(j, body_len(j));
        return true;
    case WRITE_CONFIRM:
        op->addr = confirm_addr(j, j->target, j->slot);
        op->buf = word_at(j, CONFIRM);
        return true;
    }
    return false;
}

/* This slot is spoilt: the next one, or the other page. */
static int next_slot(struct ferry_journal *j)
{
    if (++j->slot < ferry_journal_slots(j)) {
        j->step = WRITE_BODY;
    } else if (j->target == j->active && j->found) {
        begin_page(j, j->active ^ 1U);
    } else {
        j->step = NOTHING;
        return FERRY_E_FLASH;
    }
    return 0;
}

static void stands(struct ferry_journal *j)
{
    if (j->target != j->active || !j->found) {
        j->generation = (uint16_t)(j->generation + 1U);
        j->active = j->target;
    }
    j->found = true;
    j->doubt = false;
    j->tail = (uint16_t)(j->slot + 1U);
    j->step = NOTHING;
}

int ferry_journal_did(struct ferry_journal *j, int status)
{
    struct ferry_journal_op op;

    if (!ferry_journal_next(j, &op)) {
        return FERRY_E_STATE;
    }
    /* Once more than the caller has read it: what wavers now will waver later. */
    bool sound = status == 0 && steady(j, op.addr, op.buf, op.len);
    if (!sound) {
        bool slot = j->step == WRITE_BODY || j->step == WRITE_CONFIRM;
        j->step = slot ? j->step : NOTHING;
        return slot ? next_slot(j) : FERRY_E_FLASH;
    }
    if (j->step == WRITE_CONFIRM) {
        stands(j);
    } else {
        j->step++;
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a page of a journal is laid out (docs/PROTOCOL.md, 13), so that an input can
 * say what stands in it, and how a record is read and appended. Does not know
 * what records mean. */
#include "journals.h"

#include <string.h>

#include "crc.h"
#include "records.h"

#define MARK 0x59524546UL
#define CONFIRM 0x4B4F5921UL
#define WORD 4U
#define HEAD 8U
#define OPS_MAX 64U /* a page turn and a few slots that fail */

struct journal_kind journals_boot_kind(const struct ferry_map *map)
{
    return (struct journal_kind){FERRY_JOURNAL_BOOT,
                                 sizeof(struct ferry_boot_record),
                                 {map->boot_journal[0], map->boot_journal[1]}};
}

struct journal_kind journals_app_kind(const struct ferry_map *map)
{
    return (struct journal_kind){FERRY_JOURNAL_APP,
                                 sizeof(struct ferry_app_record),
                                 {map->app_journal[0], map->app_journal[1]}};
}

/* ---- filling --------------------------------------------------------------------- */

static void load_word(struct sim_flash *f, uint32_t end, uint32_t word)
{
    chip_load(f, end - WORD, &word, WORD);
}

/* Mark, head and CONFIRM have a write unit of their own, and stand at its end. */
static uint32_t unit_of(const struct sim_flash *f)
{
    return f->write_unit > WORD ? f->write_unit : WORD;
}

/* What stands between head and CONFIRM: number, payload, CRC. */
static uint32_t body_len(const struct sim_flash *f, const struct journal_kind *kind)
{
    uint32_t unit = unit_of(f);
    return (HEAD + kind->payload_len + unit - 1) / unit * unit;
}

/* A record in the slot that ends here, or some of what a record is made of. The numbers of
 * a page go up in the bootloader's journal; an application gone mad gives any. */
static void forge(struct sim_flash *f, struct fuzz_input *in,
                  const struct journal_forger *forger, uint32_t *number, uint32_t end)
{
    uint32_t said[(HEAD + FERRY_JOURNAL_PAYLOAD_MAX + WORD) / WORD] = {0};
    uint32_t len = HEAD + forger->kind.payload_len;
    uint8_t how = fuzz_byte(in);

    said[0] = forger->kind.kind | FERRY_JOURNAL_VERSION << 8 |
              (uint32_t)forger->kind.payload_len << 16;
    *number = forger->kind.kind == FERRY_JOURNAL_APP ? forger->number : *number + 1;
    *number += fuzz_byte(in);
    said[1] = *number;
    forger->make(in, said + HEAD / WORD);
    said[len / WORD] = ferry_crc32(said, len) ^ (how & 1U);
    uint32_t head = end - unit_of(f) - body_len(f, &forger->kind) - WORD;
    chip_load(f, head, said, (how & 2U) != 0 ? HEAD : len + WORD);
    if ((how & 4U) == 0) {
        load_word(f, end, CONFIRM);
    }
}

static void fill_page(struct sim_flash *f, struct fuzz_input *in,
                      const struct journal_forger *forger, uint32_t page)
{
    uint32_t unit = unit_of(f), slot = body_len(f, &forger->kind) + 2 * unit;
    uint32_t slots = (f->erase_unit - unit) / slot;
    uint8_t what = fuzz_byte(in);
    uint32_t at = (what & 2U) != 0 ? fuzz_below(in, slots) : 0;
    uint32_t number = forger->number;

    if ((what & 1U) != 0) {
        load_word(f, page + unit, MARK);
    }
    for (unsigned n = what / 4U; n > 0 && at < slots; n--) {
        forge(f, in, forger, &number, page + unit + (at + 1) * slot);
        at += fuzz_byte(in) == 1 ? 2 : 1; /* a slot that is blank */
    }
}

void journals_fill(struct sim_flash *f, struct fuzz_input *in,
                   const struct journal_forger *forger)
{
    for (unsigned i = 0; i < 2; i++) {
        fill_page(f, in, forger, forger->kind.page[i]);
        chip_patch(f, in, forger->kind.page[i], f->erase_unit);
    }
}

void journals_forge(struct sim_flash *f, struct fuzz_input *in,
                    const struct journal_kind *kind,
                    void (*make)(struct fuzz_input *in, void *payload))
{
    struct journal_forger forger = {*kind, fuzz_number(in, 2), make};

    journals_fill(f, in, &forger);
}

/* ---- reading and appending ------------------------------------------------------- */

int journals_scan(struct ferry_journal *j, const struct ferry_flash *hal,
                  const struct journal_kind *kind, void *payload)
{
    const struct sim_flash *f = hal->ctx;
    uint32_t ops = f->ops;

    ferry_journal_init(j, hal, kind->page, kind->kind, kind->payload_len);
    int err = ferry_journal_scan(j, payload);
    expect(f->ops == ops, "a scan writes nothing");
    expect(err == 0 || err == FERRY_E_STATE || err == FERRY_E_FLASH,
           "a scan's errors are the documented ones");
    expect((err == 0) == (j->found && !j->unread), "and it says what it found");
    expect(j->tail <= j->slots && j->holder <= 1, "places are inside the pages");
    return err;
}

bool journals_append(struct ferry_journal *j, const void *payload, uint8_t *room)
{
    const struct ferry_flash *hal = j->flash;
    struct ferry_flash_op op;
    unsigned ops = 0, erases = 0;

    ferry_journal_append(j, payload, room);
    while (ferry_journal_next(j, &op)) {
        expect(++ops <= OPS_MAX, "an append comes to an end");
        erases += op.erase;
        expect(erases <= 1, "with one page turn at the most");
        int status = op.erase ? hal->erase(hal->ctx, op.addr)
                              : hal->write(hal->ctx, op.addr, op.buf, op.len);
        if (ferry_journal_did(j, status) != 0) {
            return false;
        }
    }
    return true;
}

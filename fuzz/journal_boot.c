/* SPDX-License-Identifier: Apache-2.0
 *
 * The bootloader's journal over flash that holds anything: scans, appends, power cuts in
 * appends, flash that fails. A scan never writes; what was appended to its end is what
 * every later scan says, however torn bits read; a cut leaves the record before it or the
 * new one. Programs and erases stay inside the pages and keep flash's rules (the flash
 * asserts both). */
#include <string.h>

#include "journals.h"
#include "records.h"

#define STEPS 40U
#define DARK_MAX 3U   /* cuts and failures in a row, at most; src/journal.c says why */
#define DARK_FIRST 2U /* the same before anything stood */
#define SAYS_MAX 8U
#define PAYLOAD sizeof(struct ferry_boot_record)

struct bench {
    struct sim_flash flash;
    struct ferry_flash hal;
    struct journal_kind kind;
    struct ferry_journal j;
    uint32_t room[FERRY_JOURNAL_ROOM / 4];
    unsigned dark,
        most;    /* times in a row that the supply went, or nothing could be said */
    bool broken; /* nothing is appended until a start */
    uint8_t now[PAYLOAD];            /* what the writer acts on */
    uint8_t says[SAYS_MAX][PAYLOAD]; /* what a scan may say: the last of these that was
                                      * appended to its end, and those begun since */
    unsigned says_n;
};

static struct bench b;
static const uint32_t no_clock;

/* One byte makes a payload: they need only differ. */
static void make(struct fuzz_input *in, void *payload)
{
    uint8_t byte = fuzz_byte(in);

    for (unsigned i = 0; i < PAYLOAD; i++) {
        ((uint8_t *)payload)[i] = (uint8_t)(byte + i * 37U);
    }
}

static void set_up(struct fuzz_input *in)
{
    uint8_t how = fuzz_byte(in);
    uint32_t page = (how & 1U) != 0 ? 1024 : 512;
    struct journal_forger forger = {.make = make};

    chip_new(&b.flash, 4 * page, page, (uint8_t)(4U << (how >> 1 & 3U)),
             (how & 8U) != 0 ? 0x00 : 0xFF);
    sim_flash_seed(&b.flash, fuzz_byte(in));
    sim_flash_grant(&b.flash, 0, page, 2 * page);
    b.hal = sim_flash_hal(&b.flash, &no_clock);
    b.kind = (struct journal_kind){FERRY_JOURNAL_BOOT, PAYLOAD, {page, 2 * page}};
    forger.kind = b.kind;
    forger.number = fuzz_number(in, 4);
    journals_fill(&b.flash, in, &forger);
    b.says_n = 0;
    b.dark = 0;
    b.most = DARK_FIRST;
    memset(b.now, 0, sizeof b.now);
}

/* ---- what a scan may say --------------------------------------------------------- */

static void may_say(const uint8_t *payload)
{
    if (b.says_n < SAYS_MAX) {
        memcpy(b.says[b.says_n], payload, PAYLOAD);
    }
    b.says_n++; /* past the end: anything of too many */
}

static void stands(const uint8_t *payload)
{
    b.says_n = 0;
    b.most = DARK_MAX;
    may_say(payload);
}

static void said(const uint8_t *payload)
{
    bool known = b.says_n > SAYS_MAX;

    for (unsigned i = 0; i < b.says_n && i < SAYS_MAX; i++) {
        known = known || memcmp(payload, b.says[i], PAYLOAD) == 0;
    }
    expect(known, "a scan says what was appended last, or what was begun since");
}

/* ---- the writer ------------------------------------------------------------------ */

/* Appends b.now, which takes its place if nothing goes wrong. */
static void append(void *ctx)
{
    (void)ctx;
    may_say(b.now);
    b.broken = !journals_append(&b.j, b.now, (uint8_t *)b.room);
    if (!b.broken) {
        expect(!b.j.doubt, "what was appended to its end is in no doubt");
        stands(b.now);
    }
}

/* Look; and if there is doubt, or nothing, say so anew before acting on it. */
static void start(void *ctx)
{
    int err = journals_scan(&b.j, &b.hal, &b.kind, b.now);

    b.broken = err == FERRY_E_FLASH;
    if (b.broken) {
        return;
    }
    if (err == 0 && b.says_n > 0) {
        said(b.now);
    }
    expect(err == 0 || b.says_n != 1, "what was appended to its end is found");
    if (err != 0 || b.j.doubt) {
        append(ctx);
    } else {
        stands(b.now);
    }
}

/* Would a start find anything in doubt? Until one finds nothing, cuts are in a row. */
static bool doubtful(void)
{
    uint8_t payload[PAYLOAD];
    struct ferry_journal j;

    return journals_scan(&j, &b.hal, &b.kind, payload) != 0 || j.doubt;
}

/* Perhaps the supply goes in the middle, or flash fails. */
static void try(struct fuzz_input *in, void (*part)(void *))
{
    uint8_t how = fuzz_byte(in);

    how = b.dark < b.most ? how : 0;
    if ((how & 1U) != 0) {
        sim_flash_cut(&b.flash, how >> 1 & 7U, (enum sim_cut)((how >> 4) % SIM_CUTS));
    } else if ((how & 2U) != 0) {
        b.flash.write_fault = (enum sim_fault)(how >> 2 & 3U);
        /* Nobody could see that a page which reads blank was not erased. */
        b.flash.erase_fault = (how & 4U) != 0 ? b.flash.write_fault : SIM_FAULT_NONE;
        b.flash.faults = how >> 4;
    }
    bool whole = sim_flash_hold(&b.flash, part, NULL);
    b.flash.faults = 0;
    b.broken = b.broken || !whole;
    b.dark = b.broken ? b.dark + 1 : doubtful() ? b.dark : 0;
}

static void step(struct fuzz_input *in)
{
    uint8_t what = fuzz_byte(in);

    if (what % 4 == 0 || b.broken) {
        sim_flash_reset(&b.flash);
        try(in, start);
    } else if (what % 4 == 1) { /* some of it cannot be read, this time */
        uint8_t was[PAYLOAD];
        b.flash.unreadable = (struct sim_area){b.kind.page[0] + what * 8U, 4};
        memcpy(was, b.now, PAYLOAD);
        if (journals_scan(&b.j, &b.hal, &b.kind, b.now) == FERRY_E_STATE) {
            expect(memcmp(was, b.now, PAYLOAD) == 0,
                   "without a record nothing is said");
        }
        b.flash.unreadable.len = 0;
        start(NULL);
    } else {
        make(in, b.now);
        try(in, append);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};

    set_up(&in);
    start(NULL);
    b.dark = doubtful();
    for (unsigned n = 0; n < STEPS && in.left > 0; n++) {
        step(&in);
    }
    sim_flash_reset(&b.flash);
    start(NULL);
    return 0;
}

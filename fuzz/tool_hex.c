/* SPDX-License-Identifier: Apache-2.0
 *
 * Any runs of bytes, written as Intel HEX and read back by a reader that knows the
 * format and not the writer: the same bytes at the same addresses and no others, every
 * record as the format has it, and one end. */
#include "captured.h"

#include <stdlib.h>
#include <string.h>

#include "hex.h"

#define RUNS_MAX 4U
#define RECORD_DATA_MAX 16U

/* ---- the reader ------------------------------------------------------------------ */

struct record {
    uint8_t type, len;
    uint16_t addr;
    uint8_t data[RECORD_DATA_MAX];
};

static uint8_t take_byte(const char **at, uint8_t *sum)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *high = strchr(digits, (*at)[0]), *low = strchr(digits, (*at)[1]);

    expect((*at)[0] != '\0' && (*at)[1] != '\0' && high != NULL && low != NULL,
           "a byte is two digits");
    uint8_t byte = (uint8_t)((high - digits) << 4 | (low - digits));
    *at += 2;
    *sum = (uint8_t)(*sum + byte);
    return byte;
}

static struct record take_record(const char **at)
{
    struct record r = {0};
    uint8_t sum = 0;

    expect(*(*at)++ == ':', "a record begins with a colon");
    r.len = take_byte(at, &sum);
    expect(r.len <= sizeof r.data, "no record has more than programmers take");
    r.addr = (uint16_t)(take_byte(at, &sum) << 8);
    r.addr = (uint16_t)(r.addr | take_byte(at, &sum));
    r.type = take_byte(at, &sum);
    for (unsigned i = 0; i < r.len; i++) {
        r.data[i] = take_byte(at, &sum);
    }
    (void)take_byte(at, &sum);
    expect(sum == 0, "the sum of a record is right");
    expect(*(*at)++ == '\n', "a record is a line");
    return r;
}

/* Where the reader is, and what it still has to find. */
struct reader {
    uint32_t upper;
    const struct hex_run *run, *end;
    uint32_t found; /* bytes of the run */
};

static void next_run(struct reader *r)
{
    while (r->run < r->end && r->found == r->run->len) {
        r->run++;
        r->found = 0;
    }
}

static void found(struct reader *r, const struct record *rec)
{
    expect(rec->len > 0 && rec->addr + rec->len <= 0x10000,
           "data stays inside its 64 KiB");
    expect(r->run < r->end && rec->len <= r->run->len - r->found,
           "there is no more data than was given");
    expect((r->upper << 16 | rec->addr) == r->run->addr + r->found,
           "data stands where it was given");
    expect(memcmp(rec->data, r->run->bytes + r->found, rec->len) == 0,
           "data is what was given");
    r->found += rec->len;
    next_run(r);
}

static void read_back(const char *text, struct reader *r)
{
    struct record rec;

    next_run(r);
    while ((rec = take_record(&text)).type != 1) {
        if (rec.type == 4) {
            expect(rec.len == 2 && rec.addr == 0, "upper bits are two bytes");
            r->upper = (uint32_t)rec.data[0] << 8 | rec.data[1];
        } else {
            expect(rec.type == 0, "a record is data, upper bits or the end");
            found(r, &rec);
        }
    }
    expect(rec.len == 0 && *text == '\0', "the end is the end");
    expect(r->run == r->end, "there is no less data than was given");
}

/* ---- the runs -------------------------------------------------------------------- */

/* In ascending order, and none past 32 bits. */
static unsigned take_runs(struct fuzz_input *in, struct hex_run runs[RUNS_MAX],
                          uint8_t *bytes[RUNS_MAX])
{
    unsigned n = 1 + fuzz_below(in, RUNS_MAX);
    uint64_t addr = 0;

    for (unsigned i = 0; i < n; i++) {
        size_t len = fuzz_number(in, 2);
        uint64_t gap = fuzz_number(in, 4);
        addr += gap >> fuzz_below(in, 32);
        addr &= ~UINT64_C(15);
        bytes[i] = fuzz_take(in, &len);
        if (addr + len > UINT64_C(1) << 32) {
            free(bytes[i]);
            return i;
        }
        runs[i] = (struct hex_run){(uint32_t)addr, bytes[i], (uint32_t)len};
        addr = (addr + len + 15) & ~UINT64_C(15);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct hex_run runs[RUNS_MAX];
    uint8_t *bytes[RUNS_MAX];
    struct bytes text;
    unsigned n = take_runs(&in, runs, bytes);

    expect(hex_make(&text, runs, n) == 0, "there is memory");
    expect(strlen((const char *)text.at) == text.len, "it is as long as it says");
    read_back((const char *)text.at, &(struct reader){.run = runs, .end = runs + n});
    bytes_free(&text);
    while (n > 0) {
        free(bytes[--n]);
    }
    return 0;
}

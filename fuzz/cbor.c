/* SPDX-License-Identifier: Apache-2.0
 *
 * Items of the CBOR subset, read and written. A reader of its own, written from RFC 8949
 * and its rule of the shortest head, must judge every item the same; an item encodes to
 * the bytes it was read from; what does not fit sticks, in both directions. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cbor.h"

/* An item as RFC 8949 has it. `len`: bytes of it, strings and all; 0: it is refused. */
struct item {
    unsigned major;
    uint64_t arg;
    size_t len;
};

/* 3: the head's low five bits are the number, or say that 1, 2 or 4 bytes carry it. */
static bool head(const uint8_t *p, size_t left, struct item *item, size_t *head_len)
{
    static const size_t more[] = {1, 2, 4};
    static const uint64_t least[] = {24, 0x100, 0x10000};

    if (left == 0 || (p[0] & 0x1F) > 26) {
        return false;
    }
    unsigned low = p[0] & 0x1F;
    item->major = p[0] >> 5;
    item->arg = low;
    *head_len = 1;
    if (low < 24) {
        return true;
    }
    *head_len += more[low - 24];
    if (left < *head_len) {
        return false;
    }
    item->arg = 0;
    for (size_t i = 1; i < *head_len; i++) {
        item->arg = item->arg << 8 | p[i];
    }
    return item->arg >= least[low - 24];
}

static struct item by_the_book(const uint8_t *p, size_t left)
{
    struct item item = {0};
    size_t head_len = 0;

    if (!head(p, left, &item, &head_len) || item.major == 4 || item.major > 5) {
        return (struct item){0};
    }
    bool string = item.major == 2 || item.major == 3;
    if (string && item.arg > left - head_len) {
        return (struct item){0};
    }
    item.len = head_len + (string ? (size_t)item.arg : 0);
    return item;
}

static void write_again(const struct ferry_cbor *item, const uint8_t *from, size_t len)
{
    uint8_t *to = malloc(len);
    size_t head_len = len - (item->str != NULL ? item->arg : 0);

    expect(to != NULL, "there is memory");
    for (size_t cap = len - 1; cap <= len; cap++) {
        struct ferry_writer w = ferry_writer(to, cap);
        if (item->major == FERRY_CBOR_BSTR) {
            ferry_cbor_bstr(&w, item->str, item->arg);
        } else {
            ferry_cbor_head(&w, (enum ferry_cbor_major)item->major, item->arg);
            ferry_put(&w, from + head_len, len - head_len);
        }
        expect(w.bad == (cap < len),
               "an item is written where it fits, and only there");
        ferry_put(&w, "", 0);
        expect(w.bad == (cap < len), "what did not fit sticks");
    }
    expect(memcmp(to, from, len) == 0, "an item encodes to the bytes it was read from");
    free(to);
}

/* One item. False: it was refused. */
static bool read_one(struct ferry_reader *r)
{
    struct item want = by_the_book(r->at, r->left);
    const uint8_t *from = r->at;
    size_t left = r->left;
    struct ferry_cbor item;
    int err = ferry_cbor_read(r, &item);

    expect(err == 0 || err == FERRY_E_CBOR, "the only error is E_CBOR");
    expect((err == 0) == (want.len > 0), "an item is accepted if RFC 8949 has it so");
    if (err != 0) {
        expect(r->at >= from && r->at + r->left == from + left,
               "a reader stays inside");
        return false;
    }
    expect(item.major == want.major && item.arg == want.arg, "and says what it says");
    expect(r->at == from + want.len && r->left == left - want.len, "to its last byte");
    expect(item.str == NULL || item.str + item.arg == r->at, "a string ends its item");
    write_again(&item, from, want.len);
    return true;
}

/* Past the end nothing is read any more, not even nothing. */
static void read_past_the_end(const uint8_t *bytes, size_t len)
{
    struct ferry_reader r = ferry_reader(bytes, len);
    struct ferry_cbor item;

    expect(ferry_take(&r, len + 1) == NULL && r.bad, "nothing is taken past the end");
    expect(ferry_take(&r, 0) == NULL && ferry_take_be(&r, 1) == 0, "it sticks");
    expect(ferry_cbor_read(&r, &item) != 0 && r.left == len, "for whoever reads on");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ferry_reader r = ferry_reader(data, size);

    while (r.left > 0 && read_one(&r)) {
        expect(!r.bad, "a reader is well while items are accepted");
    }
    read_past_the_end(data, size);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames in a byte stream. Whatever the bytes are and however they are cut: the decoder
 * says the same, consumes what it says it consumes, and stays inside its buffers; a frame
 * that is sent into the rubbish behind a zero is heard, and as it was. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define BODY_MAX 508U /* of a frame that is sent */
#define STREAM_MAX 4096U
#define HEARD_MAX (2U * STREAM_MAX)

/* What a decoder said: 'W', length and bytes of each whole frame, 'D' for a lost one. */
struct ear {
    struct ferry_frame_in in;
    uint8_t heard[HEARD_MAX];
    size_t len;
    size_t last; /* where the newest note in it begins */
};

static void open_ear(struct ear *e, uint8_t *ctl, size_t ctl_cap, uint8_t *chunk,
                     size_t chunk_cap)
{
    e->len = 0;
    e->last = 0;
    e->in.ctl = ctl;
    e->in.ctl_cap = (uint16_t)ctl_cap;
    e->in.chunk = chunk;
    e->in.chunk_cap = (uint16_t)chunk_cap;
    ferry_frame_in_reset(&e->in);
}

static void note_whole(struct ear *e)
{
    const struct ferry_frame_in *in = &e->in;

    expect(in->len > 0, "a whole frame has bytes");
    expect(in->to[0] == 0 ? in->to == in->chunk : in->to == in->ctl,
           "its first byte says where a frame goes");
    expect(in->len <= (in->to == in->chunk ? in->chunk_cap : in->ctl_cap),
           "a frame fits its buffer");
    e->heard[e->len++] = 'W';
    e->heard[e->len++] = (uint8_t)(in->len >> 8);
    e->heard[e->len++] = (uint8_t)in->len;
    memcpy(e->heard + e->len, in->to, in->len);
    e->len += in->len;
}

static void note(struct ear *e, enum ferry_frame_event event)
{
    expect(e->len + 3 + e->in.len <= HEARD_MAX, "frames are shorter than their stream");
    e->last = e->len;
    if (event == FERRY_FRAME_WHOLE) {
        note_whole(e);
    } else {
        e->heard[e->len++] = 'D';
    }
}

/* In a copy of exactly its length. */
static void hear(struct ear *e, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = fuzz_copy(bytes, len);
    const uint8_t *at = copy;
    size_t left = len;

    while (left > 0) {
        size_t before = left;
        enum ferry_frame_event event = ferry_frame_in(&e->in, &at, &left);
        expect(at + left == copy + len, "what is left stands behind what was consumed");
        expect(left < before, "every call consumes something");
        if (event == FERRY_FRAME_NONE) {
            expect(left == 0, "without a frame everything is consumed");
        } else {
            expect(at[-1] == 0, "a frame ends at a zero");
            note(e, event);
        }
    }
    free(copy);
}

/* The cuts come from the input, too: runs of 1..32 bytes. */
static void hear_in_pieces(struct ear *e, const uint8_t *bytes, size_t len,
                           struct fuzz_input cuts)
{
    while (len > 0) {
        size_t piece = 1 + fuzz_below(&cuts, 32);
        piece = piece < len ? piece : len;
        hear(e, bytes, piece);
        bytes += piece;
        len -= piece;
    }
}

/* Encode `body` and hand it out in runs of `step` bytes. Returns its length. */
static size_t encode(uint8_t *to, size_t cap, const uint8_t *body, size_t len,
                     bool lead, size_t step)
{
    uint8_t *frame = malloc(len + FERRY_FRAME_OVER);
    struct ferry_frame_out out;
    size_t n = 0;

    expect(frame != NULL, "there is memory");
    if (len > 0) {
        memcpy(frame + FERRY_FRAME_HEAD, body, len);
    }
    ferry_frame_out_start(&out, frame, len, lead);
    while (ferry_frame_out_busy(&out)) {
        n += ferry_frame_out(&out, to + n, cap - n < step ? cap - n : step);
        expect(n < cap, "a frame is no longer than promised");
    }
    free(frame);
    return n;
}

/* Behind whatever came before, a frame that leads with a zero arrives. */
static void send_after_rubbish(struct ear *e, const uint8_t *body, size_t len,
                               size_t step)
{
    uint8_t wire[BODY_MAX + FERRY_FRAME_OVER + 2];
    size_t n = encode(wire, sizeof wire, body, len, true, step);

    expect(wire[0] == 0 && wire[n - 1] == 0, "a zero leads and a zero ends");
    expect(memchr(wire + 1, 0, n - 2) == NULL, "there is no zero inside");
    expect(n <= len + FERRY_FRAME_OVER, "a frame adds four bytes at the most");
    hear(e, wire, n);
    const uint8_t *heard = e->heard + e->last;
    size_t cap = body[0] == 0 ? e->in.chunk_cap : e->in.ctl_cap;
    if (len > cap) {
        expect(heard[0] == 'D', "a frame that is too long is reported as lost");
        return;
    }
    expect(heard[0] == 'W' && e->len - e->last == 3 + len &&
               memcmp(heard + 3, body, len) == 0,
           "what is decoded is what was encoded, whatever came before it");
}

/* The seal: any bytes get one that fits, and no other of the same length does. */
static void seal(const uint8_t *body, size_t len, uint16_t init)
{
    uint8_t *copy = malloc(len + 2);

    expect(copy != NULL, "there is memory");
    memcpy(copy, body, len);
    expect(ferry_frame_seal(copy, len, init) == len + 2, "a seal has two bytes");
    expect(memcmp(copy, body, len) == 0, "sealing changes nothing");
    expect(ferry_frame_sealed(copy, len + 2, init), "a sealed body is sealed");
    expect(!ferry_frame_sealed(copy, len + 2, init ^ 1), "of this session only");
    copy[init % (len + 2)] ^= (uint8_t)(1U << (init >> 13));
    expect(!ferry_frame_sealed(copy, len + 2, init), "a flipped bit breaks the seal");
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ear whole, pieces;
    struct fuzz_input in = {data, size};
    size_t ctl_cap = fuzz_below(&in, 80), chunk_cap = fuzz_number(&in, 2) % 300;
    uint16_t init = (uint16_t)fuzz_number(&in, 2);
    size_t body_len = 1 + fuzz_number(&in, 2) % BODY_MAX,
           step = 1 + fuzz_byte(&in) % 64;
    uint8_t *ctl = ctl_cap > 0 ? malloc(ctl_cap) : NULL;
    uint8_t *chunk = chunk_cap > 0 ? malloc(chunk_cap) : NULL;
    uint8_t *body = fuzz_take(&in, &body_len);

    if (in.left > STREAM_MAX) {
        in.left = STREAM_MAX;
    }
    open_ear(&whole, ctl, ctl_cap, chunk, chunk_cap);
    hear(&whole, in.at, in.left);
    open_ear(&pieces, ctl, ctl_cap, chunk, chunk_cap);
    hear_in_pieces(&pieces, in.at, in.left, (struct fuzz_input){data, size});
    expect(whole.len == pieces.len && memcmp(whole.heard, pieces.heard, whole.len) == 0,
           "any cut of a stream gives the same frames");
    if (body_len > 0) {
        send_after_rubbish(&pieces, body, body_len, step);
        seal(body, body_len, init);
    }
    free(body);
    free(ctl);
    free(chunk);
    return 0;
}

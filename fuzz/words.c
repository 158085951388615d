/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how any message, body or damage comes out of an input. Does not know who hears
 * it, nor what must be so then. */
#include "words.h"

#include <stdlib.h>

#include "frame.h"

#define BODY_MAX 300U /* longer than any frame */

/* The scenarios' facts are said by small_assert() and its like: this is how they end.
 * */
void small_fail(int line)
{
    fprintf(stderr, "fuzz: a fact of a scenario does not hold: line %d\n", line);
    abort();
}

const uint8_t *words_junk(struct fuzz_input *in)
{
    static uint8_t junk[FERRY_CHUNK_MAX];

    memset(junk, fuzz_byte(in), sizeof junk);
    junk[0] ^= 1; /* or a chunk of what is blank, and a program of it that silently did
                   * nothing, nobody could tell from one that was done */
    return junk;
}

void words_change(struct fuzz_input *in, struct ferry_msg *m)
{
    for (unsigned n = fuzz_below(in, 4); n > 0; n--) {
        uint32_t *number = &m->u.number[fuzz_below(in, COUNT(m->u.number))];
        switch (fuzz_below(in, 5)) {
        case 0:
            *number = fuzz_byte(in);
            break;
        case 1:
            *number = fuzz_number(in, 2);
            break;
        case 2:
            *number = fuzz_number(in, 4);
            break;
        case 3:
            *number += fuzz_byte(in) - 128U;
            break;
        default:
            *number ^= UINT32_C(1) << fuzz_below(in, 32);
        }
    }
}

static uint16_t rest_len(struct fuzz_input *in, uint8_t type)
{
    switch (type) {
    case FERRY_MSG_CHUNK:
        return (uint16_t)fuzz_below(in, FERRY_CHUNK_MAX + 1);
    case FERRY_MSG_OFFER:
    case FERRY_MSG_STATEMENT:
        return (uint16_t)fuzz_below(in, FERRY_PIECE_MAX + 4);
    default:
        return (uint16_t)(fuzz_byte(in) >> 7); /* too much */
    }
}

struct ferry_msg words_any(struct fuzz_input *in, bool to_courier)
{
    uint8_t asks = FERRY_MSG_ABORT + 1,
            replies = FERRY_MSG_STATEMENT - FERRY_MSG_INFO + 1;
    struct ferry_msg m = {0};

    m.type = (uint8_t)(to_courier ? FERRY_MSG_INFO + fuzz_below(in, replies)
                                  : fuzz_below(in, asks));
    m.rest_len = rest_len(in, m.type);
    m.rest = m.bytes[0] = m.bytes[1] = words_junk(in);
    words_change(in, &m);
    return m;
}

size_t words_sealed(struct fuzz_input *in, uint16_t tag, uint8_t *wire)
{
    uint8_t frame[BODY_MAX + FERRY_FRAME_OVER + 2];
    struct ferry_frame_out out;
    size_t len = fuzz_below(in, BODY_MAX + 1);

    len = len < in->left ? len : in->left;
    fuzz_fill(in, frame + FERRY_FRAME_HEAD, len);
    len = ferry_frame_seal(frame + FERRY_FRAME_HEAD, len, tag);
    ferry_frame_out_start(&out, frame, len, false);
    return ferry_frame_out(&out, wire, FRAME_WIRE_MAX);
}

size_t words_raw(struct fuzz_input *in, uint8_t *wire)
{
    size_t len = fuzz_below(in, FRAME_WIRE_MAX + 1);

    len = len < in->left ? len : in->left;
    fuzz_fill(in, wire, len);
    return len;
}

size_t words_damage(struct fuzz_input *in, uint8_t *wire, size_t len)
{
    size_t at = fuzz_below(in, (uint32_t)len);

    switch (fuzz_below(in, 3)) {
    case 0:
        return at;
    case 1:
        wire[at] = fuzz_byte(in);
        return len;
    default:
        wire[at] ^= (uint8_t)(1U << fuzz_below(in, 8));
        return len;
    }
}

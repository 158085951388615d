/* SPDX-License-Identifier: Apache-2.0
 *
 * Frame bodies and messages. Any body is refused, or encodes again to the very bytes it
 * was; so does one whose seal fits, which no input would by chance. Neither end can be
 * made to read its own words, nor another session's. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "msg.h"

#define CRC_LEN 2U
#define FIRST_CRC 0xFFFFU /* of a frame that belongs to no session */

static bool sessionless(uint8_t type)
{
    return type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO;
}

static bool inside(const uint8_t *p, size_t n, const uint8_t *body, size_t len)
{
    return p >= body && p + n <= body + len;
}

/* In one byte less it does not fit; and the rest may stand in its place before. */
static void encode_again(const struct ferry_msg *m, const uint8_t *body, size_t len,
                         uint16_t tag)
{
    uint8_t *again = malloc(len);
    uint8_t *in_place = fuzz_copy(body, len);
    struct ferry_msg there = *m;

    expect(again != NULL, "there is memory");
    expect(ferry_msg_encode(m, again, len, tag) == len && memcmp(again, body, len) == 0,
           "what was decoded encodes to the bytes that it was decoded from");
    expect(ferry_msg_encode(m, again, len - 1, tag) == 0,
           "nothing is encoded where it does not fit");
    there.rest = in_place + (m->rest - body);
    expect(ferry_msg_encode(&there, in_place, len, tag) == len &&
               memcmp(in_place, body, len) == 0,
           "a rest that stands in its place stays there");
    free(again);
    free(in_place);
}

static void accepted(const struct ferry_msg *m, const uint8_t *body, size_t len,
                     uint16_t tag, bool reply)
{
    struct ferry_msg other;

    expect(m->type == body[0], "the first byte is the type");
    expect(inside(m->rest, m->rest_len, body, len - CRC_LEN),
           "the rest is in the body");
    expect(m->type != FERRY_MSG_REPORT || inside(m->bytes[0], 16, body, len - CRC_LEN),
           "a nonce is in the body");
    expect(m->type != FERRY_MSG_INFO || (inside(m->bytes[0], 16, body, len - CRC_LEN) &&
                                         inside(m->bytes[1], 16, body, len - CRC_LEN)),
           "class and digest are in the body");
    expect(m->type != FERRY_MSG_CHUNK ||
               (m->u.chunk.index < 1UL << 24 && m->rest_len <= FERRY_CHUNK_MAX),
           "a chunk's index and length are what windows can count");
    expect(ferry_msg_decode(&other, body, len, tag, !reply) != 0,
           "an ask is no reply, and a reply no ask");
    expect(sessionless(m->type) ||
               ferry_msg_decode(&other, body, len, (uint16_t)(tag ^ 0x8001U), reply) !=
                   0,
           "a message of another session is refused");
    encode_again(m, body, len, tag);
}

static void decode(const uint8_t *body, size_t len, uint16_t tag, bool reply)
{
    struct ferry_msg m;
    int err = ferry_msg_decode(&m, body, len, tag, reply);

    expect(err == 0 || err == FERRY_E_PROTO, "the only error is E_PROTO");
    if (err == 0) {
        accepted(&m, body, len, tag, reply);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    bool reply = (fuzz_byte(&in) & 1U) != 0;
    uint16_t tag = (uint16_t)fuzz_number(&in, 2);
    size_t len = in.left;
    uint8_t *body = fuzz_take(&in, &len);
    uint8_t *sealed = malloc(len + CRC_LEN);

    expect(sealed != NULL, "there is memory");
    decode(body, len, tag, reply);
    if (len > 0) {
        memcpy(sealed, body, len);
        (void)ferry_frame_seal(sealed, len, sessionless(body[0]) ? FIRST_CRC : tag);
        decode(sealed, len + CRC_LEN, tag, reply);
    }
    free(sealed);
    free(body);
    return 0;
}

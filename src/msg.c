/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how each message lies in its frame: field by field, in one table that is read in
 * both directions. Little-endian, a chunk's index apart: it is big-endian and below 2^24,
 * so its first byte is the 0 that marks a chunk. Does not know sessions: the tag comes
 * in. */
#include "msg.h"

#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "frame.h"

#define CRC_LEN 2U
#define TYPE_LEN 1U

/* ---- the table ------------------------------------------------------------------- */

/* The lengths of fields. A number has 1, 2 or 4 bytes. */
enum {
    END = 0,   /* of the fields; what follows is the rest */
    INDEX = 3, /* a chunk's, big-endian */
    BYTES = 16 /* a byte string */
};

/* Where a message's fields begin. ACK's are the end of VERDICT's. */
enum {
    CHUNK = 0,
    HELLO = CHUNK + 2,
    PIECE = HELLO + 4,
    STATUS = PIECE + 3,
    REPORT = STATUS + 2,
    INFO = REPORT + 3,
    VERDICT = INFO + 14,
    ACK = VERDICT + 4,
    LAST = ACK + 8
};
/* clang-format off */
static const uint8_t fields[] = {
    [CHUNK] = INDEX, END,
    [HELLO] = 1, 2, 4, END,
    [PIECE] = 2, 2, END,
    [STATUS] = 1, END,
    [REPORT] = BYTES, 2, END,
    [INFO] = 1, 1, 4, 2, BYTES, 4, 4, BYTES, 4, 4, 4, 2, 1, END,
    [VERDICT] = 1, 1, 1, 4,
    [ACK] = 1, 2, 4, 4, 1, 1, 1, 1,
    [LAST] = END,
};
/* clang-format on */
_Static_assert(sizeof(struct ferry_ack) == 8 * sizeof(uint32_t),
               "an ack is its numbers, as they stand in the table");

/* A message: its fields and their length together; how short the rest may be, and how much
 * longer. By type: what a courier says, then what a device says. */
#define ASKS (FERRY_MSG_ABORT + 1U)
#define REPLIES (FERRY_MSG_STATEMENT - FERRY_MSG_INFO + 1U)
static const struct form {
    uint8_t first, len, least, spread;
} forms[ASKS + REPLIES] = {
    [FERRY_MSG_CHUNK] = {CHUNK, 3, 4, FERRY_CHUNK_MAX - 4},
    [FERRY_MSG_HELLO] = {HELLO, 7, 0, 0},
    [FERRY_MSG_OFFER] = {PIECE, 4, 1, FERRY_PIECE_MAX - 1},
    [FERRY_MSG_STATUS] = {STATUS, 1, 0, 0},
    [FERRY_MSG_REPORT] = {REPORT, 18, 0, 0},
    [FERRY_MSG_ABORT] = {LAST, 0, 0, 0},
#define REPLY(type) [ASKS + FERRY_MSG_##type - FERRY_MSG_INFO]
    REPLY(INFO) = {INFO, 63, 0, 0},
    REPLY(VERDICT) = {VERDICT, 22, 0, 0},
    REPLY(ACK) = {ACK, 15, 0, 0},
    REPLY(DONE) = {STATUS, 1, 0, 0}, /* one number, like that */
    REPLY(STATEMENT) = {PIECE, 4, 0, FERRY_PIECE_MAX},
};

/*@ lemma wraps: \forall integer x; -0x100000000 <= x < 0 ==>
  @   (uint32_t)x == x + 0x100000000; */
/* In contracts: from a field on, how many bytes, strings and numbers there are up to the
 * END; and that a form, its fields and the protocol agree. */
/*@ logic integer ahead{L}(integer i) =
  @   fields[i] == END || i >= LAST ? 0 : fields[i] + \max(0, ahead(i + 1));
  @ logic integer strings_ahead{L}(integer i) = fields[i] == END || i >= LAST ? 0 :
  @   \max(0, strings_ahead(i + 1)) + (fields[i] == BYTES ? 1 : 0);
  @ logic integer numbers_ahead{L}(integer i) = fields[i] == END || i >= LAST ? 0 :
  @   \max(0, numbers_ahead(i + 1)) + (fields[i] == BYTES ? 0 : 1);
  @ predicate counts{L}(integer i, integer len, integer strings, integer numbers) =
  @   ahead(i) == len && strings_ahead(i) == strings && numbers_ahead(i) == numbers;
  @ predicate widths{L} = \forall integer i; 0 <= i < LAST ==>
  @   fields[i] <= 4 || fields[i] == BYTES;
  @ predicate more{L}(integer i) =
  @   0 <= ahead(i) && 0 <= strings_ahead(i) && 0 <= numbers_ahead(i);
  @ logic integer got{L}(integer i, integer type) = msg_strings(type) - strings_ahead(i);
  @ predicate a_string{L}(integer i) =
  @   strings_ahead(i) == strings_ahead(i + 1) + (fields[i] == BYTES ? 1 : 0);
  @ predicate a_number{L}(integer i) =
  @   numbers_ahead(i) == numbers_ahead(i + 1) + (fields[i] == BYTES ? 0 : 1);
  @ predicate sound{L}(struct form *form, integer type) =
  @   \valid_read(form) && form->first <= LAST && form->len == msg_fields(type) &&
  @   form->least == rest_min(type) && form->spread == rest_max(type) - rest_min(type) &&
  @   ahead(form->first) == form->len &&
  @   strings_ahead(form->first) == msg_strings(type) &&
  @   0 <= numbers_ahead(form->first) <= 12; */

/*@ requires ask(type) || reply(type);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures sound(\result, type);
  @ ensures width: widths; */
FERRY_OUT_OF_LINE static const struct form *form_of(uint8_t type)
{
    /*@ assert width: widths; */
    /*@ assert counts(CHUNK, 3, 0, 1) && counts(HELLO, 7, 0, 3); */
    /*@ assert counts(PIECE, 4, 0, 2) && counts(STATUS, 1, 0, 1); */
    /*@ assert counts(REPORT, 18, 1, 1) && counts(LAST, 0, 0, 0); */
    /*@ assert counts(ACK, 15, 0, 8) && counts(VERDICT, 22, 0, 12); */
    /*@ assert counts(INFO + 8, 15, 0, 5) && counts(INFO, 63, 2, 11); */
    return &forms[type < FERRY_MSG_INFO ? type : ASKS + type - FERRY_MSG_INFO];
}

/* HELLO and INFO are understood without a session, everything else only inside one. */
/*@ terminates \true;
  @ assigns \nothing; */
static uint16_t crc_init(uint8_t type, uint16_t tag)
{
    return type == FERRY_MSG_HELLO || type == FERRY_MSG_INFO ? FERRY_CRC16_INIT : tag;
}

/* ---- in -------------------------------------------------------------------------- */

int ferry_msg_decode(struct ferry_msg *m, const uint8_t *body, size_t len, uint16_t tag,
                     bool reply)
{
    const uint8_t *p = body + TYPE_LEN;
    const uint8_t **bytes = m->bytes;
    uint32_t *number = m->u.number;

    if (len <= CRC_LEN ||
        (reply ? body[0] < FERRY_MSG_INFO || body[0] > FERRY_MSG_STATEMENT
               : body[0] > FERRY_MSG_ABORT)) {
        return FERRY_E_PROTO;
    }
    const struct form *form = form_of(body[0]);
    size_t rest_len = len - TYPE_LEN - form->len - CRC_LEN;
    /*@ assert rest: 3 + form->len <= len ==> rest_len == len - 3 - form->len; */
    /*@ assert rest: len < 3 + form->len ==> 0xFFFFFF00 <= rest_len; */
    if (rest_len - form->least > form->spread ||
        !ferry_frame_sealed(body, len, crc_init(body[0], tag))) {
        return FERRY_E_PROTO;
    }
    /*@ assert rest: form->least <= rest_len <= form->least + form->spread; */
    /*@ assert whole: 1 + form->len + rest_len + 2 == len; */
    /*@ ghost int i = form->first; */
    /*@ loop invariant f == fields + i && 0 <= i <= LAST && more(i);
      @ loop invariant ahead(i) <= form->len && strings_ahead(i) <= msg_strings(body[0]);
      @ loop invariant p == body + (1 + form->len - ahead(i));
      @ loop invariant bytes == &m->bytes[0] + (msg_strings(body[0]) - strings_ahead(i));
      @ loop invariant number == &m->u.number[0] + (number - &m->u.number[0]) &&
      @   0 <= number - &m->u.number[0] <= 12 - numbers_ahead(i);
      @ loop invariant first: got(i, body[0]) > 0 ==> within(m->bytes[0], body, p);
      @ loop invariant second: got(i, body[0]) > 1 ==> within(m->bytes[1], body, p);
      @ loop assigns i, f, p, bytes, number, m->bytes[0 .. 1], m->u.number[0 .. 11];
      @ loop variant LAST - i; */
    for (const uint8_t *f = fields + form->first; *f != END; f++) {
        /*@ assert step: i < LAST && fields[i] != END; */
        /*@ assert step: 0 <= ahead(i + 1); */
        /*@ assert step: ahead(i) == fields[i] + ahead(i + 1); */
        /*@ assert step: strings_ahead(i) == strings_ahead(i + 1) + (*f == BYTES ? 1 : 0); */
        /*@ assert step: a_number(i); */
        /*@ assert step: more(i + 1); */
        /*@ assert step: p + fields[i] <= body + (1 + form->len); */
        /*@ assert step: \valid_read(p + (0 .. fields[i] - 1)); */
        if (*f == BYTES) {
            /*@ assert first: bytes == &m->bytes[0] || bytes == &m->bytes[0] + 1; */
            *bytes++ = p;
        } else {
            *number++ = *f == INDEX ? ferry_be(p, INDEX) : ferry_le(p, *f);
        }
        p += *f;
        /*@ assert first: strings_ahead(i) < msg_strings(body[0]) ==>
          @   m->bytes[0] == \at(m->bytes[0], LoopCurrent); */
        /*@ assert first: strings_ahead(i) == msg_strings(body[0]) &&
          @   fields[i] == BYTES ==> m->bytes[0] == \at(p, LoopCurrent); */
        /*@ ghost i++; */
    }
    m->type = body[0];
    m->rest = p;
    m->rest_len = (uint16_t)rest_len;
    return 0;
}

/* ---- out ------------------------------------------------------------------------- */

size_t ferry_msg_encode(const struct ferry_msg *m, uint8_t *body, size_t cap,
                        uint16_t tag)
{
    const struct form *form = form_of(m->type);
    const uint8_t *const *bytes = m->bytes;
    const uint32_t *number = m->u.number;
    uint8_t *p = body + TYPE_LEN;
    size_t len = TYPE_LEN + form->len + m->rest_len;

    if (cap < len + CRC_LEN) {
        return 0;
    }
    /*@ ghost int i = form->first, n = form->len, type = m->type; */
    /*@ assert room: n == msg_fields(type) && len == 1 + n + m->rest_len; */
    /*@ assert room: 0 <= n <= 63 && n + m->rest_len + 3 <= cap; */
    /*@ assert rest: m->rest_len > 0 && m->rest != body + (1 + n) ==>
      @   \valid_read(m->rest + (0 .. m->rest_len - 1)) &&
      @   \separated(m->rest + (0 .. m->rest_len - 1), body + (0 .. cap - 1)); */
    /*@ loop invariant f == fields + i && 0 <= i <= LAST && more{Pre}(i);
      @ loop invariant ahead{Pre}(i) <= n && strings_ahead{Pre}(i) <= msg_strings(type);
      @ loop invariant p == body + (1 + n - ahead{Pre}(i));
      @ loop invariant bytes == &m->bytes[0] +
      @   (msg_strings(type) - strings_ahead{Pre}(i));
      @ loop invariant number == &m->u.number[0] + (number - &m->u.number[0]) &&
      @   0 <= number - &m->u.number[0] <= 12 - numbers_ahead{Pre}(i);
      @ loop assigns i, f, p, bytes, number, body[1 .. n];
      @ loop variant LAST - i; */
    for (const uint8_t *f = fields + form->first; *f != END; f++) {
        /*@ assert step: *f == \at(fields[\at(i, Here)], Pre) && i < LAST; */
        /*@ assert step: 0 <= ahead{Pre}(i + 1); */
        /*@ assert step: ahead{Pre}(i) == *f + ahead{Pre}(i + 1); */
        /*@ assert step: a_string{Pre}(i) && a_number{Pre}(i); */
        /*@ assert step: more{Pre}(i + 1); */
        /*@ ghost int at = p - body, k = bytes - &m->bytes[0]; */
        /*@ assert room: p == body + at && at == 1 + n - ahead{Pre}(i); */
        /*@ assert string: k == msg_strings(type) - strings_ahead{Pre}(i); */
        /*@ assert string: *f == BYTES ==> 0 <= k < msg_strings(type); */
        /*@ assert string: *f == BYTES ==> \valid_read(*bytes + (0 .. 15)) &&
          @   \separated(*bytes + (0 .. 15), body + (0 .. cap - 1)); */
        /*@ assert room: 1 <= at && at + *f <= 1 + n && \valid(p + (0 .. *f - 1)); */
        if (*f == BYTES) {
            ferry_copy(p, *bytes++, BYTES);
        } else if (*f == INDEX) {
            ferry_set_be(p, *number++, INDEX);
        } else {
            ferry_set_le(p, *number++, *f);
        }
        /*@ assert string: bytes == &m->bytes[0] +
          @   (k + (\at(*f, LoopCurrent) == BYTES ? 1 : 0)); */
        /*@ assert step: *f == \at(fields[\at(i, Here)], Pre) && p == body + at; */
        p += *f;
        /*@ ghost i++; */
    }
    /*@ assert whole: p == body + (1 + n); */
    body[0] = m->type;
    if (m->rest_len > 0 && m->rest != p) { /* else it stands there already */
        memcpy(p, m->rest, m->rest_len);
    }
    return ferry_frame_seal(body, len, crc_init(m->type, tag));
}

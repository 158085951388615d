/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's word, for one who has his own: a question a line comes in, an answer a
 * line goes out, bytes are hex and `-` is none. Knows how to ask the engine; does not
 * know what it should say.
 *
 *   device IDENTITY KNOWN ACTIVE SLOT VERSION DIGEST HASH FLOOR TOMB TSLOT TVERSION
 *          TRIAL COMMITTED BEGINS SEED      what `session` asks from now on; no answer
 *   session SIGNATURE FLASH VALUE|+MS...     all that it says, flash calls, commits
 *   manifest ROLE PAYLOAD, statement PAYLOAD, stream TO TAG VALUE...
 * SIGNATURE: 1 holds, 0 not, 2 silence, 3 asks libsodium. FLASH: 1, or 0 silence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_sodium.h"
#include "judge.h"

#define ROOM 65536
#define COUNT(of) (sizeof(of) / sizeof(of)[0])

/* ---- words ----------------------------------------------------------------------- */

static char *rest;

char *judge_word(void)
{
    return strtok_r(NULL, " \n", &rest);
}

uint32_t judge_number(void)
{
    const char *word = judge_word();
    return word != NULL ? (uint32_t)strtoul(word, NULL, 10) : 0;
}

static unsigned nibble(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

size_t judge_unhex(const char *word, uint8_t *out, size_t cap)
{
    size_t n = 0;

    while (word != NULL && word[0] != '-' && n < cap && word[2 * n] != '\0') {
        out[n] = (uint8_t)(nibble(word[2 * n]) << 4 | nibble(word[2 * n + 1]));
        n++;
    }
    return n;
}

void judge_hex(const uint8_t *p, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        putchar(digits[p[i] >> 4]);
        putchar(digits[p[i] & 15]);
    }
    if (len == 0) {
        putchar('-');
    }
}

/* ---- payloads -------------------------------------------------------------------- */

static void say(const char *name, const uint8_t *p, size_t len)
{
    if (p != NULL) {
        printf(" %s=", name);
        judge_hex(p, len);
    }
}

static void say_numbers(const char *names, const uint32_t *numbers, size_t count)
{
    printf("ok");
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(names, " ");
        printf(" %.*s=%u", (int)len, names, (unsigned)numbers[i]);
        names += len + (names[len] == ' ');
    }
}

static bool refused(int err)
{
    if (err != 0) {
        printf("%s\n", ferry_errname(err));
    }
    return err != 0;
}

static void manifest(void)
{
    struct ferry_manifest m;
    uint8_t payload[512], again[FERRY_PAYLOAD_MAX];
    enum ferry_reader_role role =
        judge_number() ? FERRY_READER_BOOT : FERRY_READER_DEVICE;
    size_t len = judge_unhex(judge_word(), payload, sizeof payload);

    if (refused(ferry_manifest_parse(&m, payload, len, role))) {
        return;
    }
    ferry_manifest_info(&m, payload, len);
    const uint32_t numbers[] = {m.type,   m.hw_min, m.hw_max,   m.version,  m.sec_ctr,
                                m.length, m.link,   m.min_from, m.encoding, m.t_len};
    say_numbers(
        "type hw_min hw_max version sec_ctr length link min_from encoding t_len",
        numbers, COUNT(numbers));
    say("class", m.class_id, 16);
    say("sha256", m.sha256, 32);
    say("t_sha256", m.t_sha256, 32);
    say("base", m.base, 16);
    say("blocks", m.blocks, 32);
    say("device", m.device, 16);
    say("bytes", again, ferry_manifest_encode(&m, again, sizeof again));
    printf("\n");
}

static void statement(void)
{
    struct ferry_statement s;
    uint8_t payload[512];
    size_t len = judge_unhex(judge_word(), payload, sizeof payload);

    if (refused(ferry_statement_parse(&s, payload, len))) {
        return;
    }
    const uint32_t numbers[] = {
        s.type,        s.hw_rev,          s.version,        s.counter,
        s.link,        s.attempts,        s.starts,         s.resets,
        s.outcome,     s.outcome_version, s.updates,        s.rollbacks,
        s.hash_errors, s.block_errors,    s.bad_signatures, s.floor};
    say_numbers("type hw_rev version counter link attempts starts resets outcome "
                "outcome_version updates rollbacks hash_errors block_errors "
                "bad_signatures floor",
                numbers, COUNT(numbers));
    say("class", s.class_id, 16);
    say("device", s.device_id, 16);
    say("nonce", s.nonce, 16);
    say("digest", s.digest, 16);
    say("outcome_digest", s.outcome_digest, 8);
    say("offender", s.offender, FERRY_OFFENDER_LEN);
    say("refusals", s.refusals, FERRY_REFUSALS_LEN);
    printf("\n");
}

/* ---- streams --------------------------------------------------------------------- */

static void say_message(const struct ferry_msg *m, uint16_t tag)
{
    uint8_t again[512];

    printf(" %u", m->type);
    for (unsigned i = 0; i < COUNT(m->u.number); i++) {
        printf(",%u", (unsigned)m->u.number[i]);
    }
    say("bytes", m->bytes[0], 16);
    say("bytes", m->bytes[1], 16);
    say("rest", m->rest, m->rest_len);
    say("again", again, ferry_msg_encode(m, again, sizeof again, tag));
}

static void say_frame(const struct ferry_frame_in *in, enum ferry_frame_event event,
                      bool reply, uint16_t tag)
{
    struct ferry_msg m;

    memset(&m, 0, sizeof m);
    if (event == FERRY_FRAME_WHOLE &&
        ferry_msg_decode(&m, in->to, in->len, tag, reply) == 0) {
        say_message(&m, tag);
    } else {
        printf(" damaged");
    }
}

static void stream(void)
{
    uint8_t ctl[128], chunk[FERRY_CHUNK_MAX + FERRY_CHUNK_OVER], value[4096];
    struct ferry_frame_in in = {
        .ctl = ctl, .ctl_cap = sizeof ctl, .chunk = chunk, .chunk_cap = sizeof chunk};
    bool reply = judge_number() != 0;
    uint16_t tag = (uint16_t)judge_number();
    const char *word;

    ferry_frame_in_reset(&in);
    printf("frames");
    while ((word = judge_word()) != NULL) {
        size_t left = judge_unhex(word, value, sizeof value);
        const uint8_t *p = value;
        enum ferry_frame_event event;
        while ((event = ferry_frame_in(&in, &p, &left)) != FERRY_FRAME_NONE) {
            say_frame(&in, event, reply, tag);
        }
    }
    printf("\n");
}

/* ---- questions ------------------------------------------------------------------- */

int main(void)
{
    static char line[ROOM];
    static const struct {
        const char *name;
        void (*ask)(void);
    } questions[] = {{"device", judge_device},
                     {"session", judge_session},
                     {"manifest", manifest},
                     {"statement", statement},
                     {"stream", stream}};

    if (sodium_init() < 0) {
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *name = strtok_r(line, " \n", &rest);
        for (size_t i = 0; i < COUNT(questions); i++) {
            if (name != NULL && strcmp(questions[i].name, name) == 0) {
                questions[i].ask();
            }
        }
    }
    return 0;
}

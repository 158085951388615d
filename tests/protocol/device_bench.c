/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to drive a device one event at a time. Does not know where it should go. */
#include "device_bench.h"

#include "frame.h"
#include "wire.h"

struct letters_seen device_seen;

/* ---- a device -------------------------------------------------------------------- */

void bench_release(struct bench *b, const struct release *r, bool wrong_hash)
{
    uint8_t image[BENCH_IMAGE], payload[FERRY_PAYLOAD_MAX];
    struct ferry_envelope e;
    struct ferry_manifest m;

    for (unsigned i = 0; i < sizeof image; i++) {
        image[i] = (uint8_t)(31 * i + 7 * (i / 256));
    }
    b->len = release_make(r, image, sizeof image, b->artifact);
    b->env_len = ferry_envelope_len(b->artifact);
    if (wrong_hash) { /* of the image; every block is right */
        uint8_t hash[FERRY_HASH_LEN] = {1};
        assert_int_equal(ferry_envelope_open(&e, b->artifact, b->env_len), 0);
        memcpy(payload, e.payload, e.payload_len);
        assert_int_equal(
            ferry_manifest_parse(&m, payload, e.payload_len, FERRY_READER_DEVICE), 0);
        ferry_manifest_info(&m, payload, e.payload_len);
        m.sha256 = hash;
        uint8_t again[FERRY_PAYLOAD_MAX];
        size_t len = ferry_manifest_encode(&m, again, sizeof again);
        release_sign(again, len, r->slot, r->signer, b->artifact);
    }
}

void bench_start(struct bench *b)
{
    struct world_options o;
    struct release r;

    memset(b, 0, sizeof *b);
    world_defaults(&o);
    o.bank_len = 64 * 1024;
    o.mode = SIM_FLASH_ASYNC;
    world_init(&b->w, &o);
    device_port(b);
    b->spoilt = NO_BLOCK;
    b->ear.ctl = b->ear_room;
    b->ear.ctl_cap = sizeof b->ear_room;
    ferry_frame_in_reset(&b->ear);
    release_default(&r);
    bench_release(b, &r, false);
    ferry_device_link(&b->w.device, true, b->w.now);
    bench_hello(b);
}

enum ferry_device_state bench_state(const struct bench *b)
{
    return ferry_device_state(&b->w.device);
}

void bench_expect(const struct bench *b, enum ferry_device_state state)
{
    if (bench_state(b) != state) {
        print_error("in %s, not in %s\n", device_letters.row[bench_state(b)].state,
                    device_letters.row[state].state);
        fail();
    }
}

static void note(struct bench *b, enum ferry_device_state before,
                 enum bench_event event)
{
    letters_note(&device_letters, &device_seen, before, event, bench_state(b));
    bench_listen(b);
}

/* ---- the courier ----------------------------------------------------------------- */

void bench_say(struct bench *b, const struct ferry_msg *m)
{
    uint8_t body[300], wire[320];
    size_t len = wire_encode(m, body, sizeof body, b->tag);

    len = wire_frame(body, len, true, wire, sizeof wire);
    ferry_device_input(&b->w.device, wire, len, b->w.now);
}

static void hear_statement(struct bench *b, const struct ferry_msg *m)
{
    if (m->u.piece.total == 0) {
        b->nones++;
        b->seconds = (uint16_t)m->u.piece.off;
        return;
    }
    b->statement_total = (uint16_t)m->u.piece.total;
    b->statement_have = (uint16_t)(m->u.piece.off + m->rest_len);
    assert_in_range(b->statement_have, 1, sizeof b->statement);
    memcpy(b->statement + m->u.piece.off, m->rest, m->rest_len);
}

static void hear(struct bench *b, const struct ferry_msg *m)
{
    if (m->type == FERRY_MSG_INFO) {
        b->info_flags = (uint8_t)m->u.info.flags;
        b->tag = m->u.info.flags == 0 ? (uint16_t)m->u.info.tag : b->tag;
    } else if (m->type == FERRY_MSG_ACK) {
        b->ack = m->u.ack;
    } else if (m->type == FERRY_MSG_VERDICT) {
        b->verdict = (uint8_t)m->u.verdict.kind;
        b->verdict_code = (uint8_t)m->u.verdict.code;
        b->ack = m->u.verdict.ack;
    } else if (m->type == FERRY_MSG_STATEMENT) {
        hear_statement(b, m);
    } else {
        b->done_code = (uint8_t)m->u.done.code;
        b->dones++;
    }
}

void bench_listen(struct bench *b)
{
    uint8_t value[20];
    size_t len;

    while ((len = ferry_device_output(&b->w.device, value, sizeof value, b->w.now)) >
           0) {
        const uint8_t *p = value;
        struct ferry_msg m;
        while (ferry_frame_in(&b->ear, &p, &len) == FERRY_FRAME_WHOLE) {
            assert_int_equal(ferry_msg_decode_reply(&m, b->ear.to, b->ear.len, b->tag),
                             0);
            hear(b, &m);
        }
    }
}

void bench_hello(struct bench *b)
{
    enum ferry_device_state before = bench_state(b);
    struct ferry_msg m = {.type = FERRY_MSG_HELLO};

    m.u.hello.wire = FERRY_WIRE_VERSION;
    m.u.hello.value_max = 512;
    m.u.hello.nonce = ++b->nonces;
    bench_say(b, &m);
    bench_listen(b);
    if (b->info_flags == 0) { /* else another courier is being served */
        note(b, before, ON_GONE);
    }
}

void bench_piece(struct bench *b, uint16_t off, uint16_t total, uint16_t len)
{
    enum ferry_device_state before = bench_state(b);
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};

    m.u.piece.off = off;
    m.u.piece.total = total;
    m.rest = b->artifact + off;
    m.rest_len = len;
    bench_say(b, &m);
    note(b, before, ON_OFFER);
}

void bench_offer(struct bench *b)
{
    uint16_t total = (uint16_t)b->env_len;

    for (uint16_t off = 0; off < total; off = (uint16_t)(off + FERRY_PIECE_MAX)) {
        uint16_t left = (uint16_t)(total - off);
        bench_piece(b, off, total, left < FERRY_PIECE_MAX ? left : FERRY_PIECE_MAX);
    }
}

void bench_report(struct bench *b, uint8_t nonce, uint16_t off)
{
    enum ferry_device_state before = bench_state(b);
    uint8_t bytes[FERRY_NONCE_LEN] = {nonce};
    struct ferry_msg m = {.type = FERRY_MSG_REPORT};

    m.bytes[0] = bytes;
    m.u.report.off = off;
    bench_say(b, &m);
    note(b, before, ON_REPORT);
}

void bench_drop(struct bench *b)
{
    enum ferry_device_state before = bench_state(b);

    ferry_device_link(&b->w.device, false, b->w.now);
    note(b, before, ON_GONE);
    ferry_frame_in_reset(&b->ear);
    ferry_device_link(&b->w.device, true, b->w.now);
}

static bool missing(const struct bench *b, unsigned k, unsigned place, size_t len)
{
    return place * 128U < len && (b->ack.bits[k] >> place & 1U) == 0;
}

void bench_chunk(struct bench *b)
{
    const size_t table_len = ferry_table_len(BENCH_IMAGE);
    uint8_t payload[128];
    struct ferry_msg m = {.type = FERRY_MSG_CHUNK};

    for (unsigned at = 0; at < 64; at++) {
        unsigned block = b->ack.base + at / 32U;
        size_t start = b->env_len + (block == 0 ? 0 : table_len + (block - 1) * 4096U);
        size_t end = block == 0 ? b->env_len + table_len : start + 4096;
        end = end < b->len ? end : b->len;
        size_t len = start < end ? end - start : 0;
        if (!missing(b, at / 32U, at % 32U, len)) {
            continue;
        }
        size_t off = at % 32U * 128U;
        m.rest_len = (uint16_t)(len - off < 128 ? len - off : 128);
        memcpy(payload, b->artifact + start + off, m.rest_len);
        payload[0] = (uint8_t)(payload[0] ^ (block == b->spoilt));
        m.u.chunk.index = block * 32U + at % 32U;
        m.rest = payload;
        bench_say(b, &m);
        return;
    }
    fail_msg("nothing is missing");
}

/* ---- events ---------------------------------------------------------------------- */

bool bench_outstanding(const struct bench *b)
{
    return b->w.flash.op != SIM_IDLE || b->crypto_owed || b->w.boot.owed;
}

void bench_pass(struct bench *b, uint32_t ms)
{
    b->w.now += ms;
}

void bench_step(struct bench *b)
{
    enum ferry_device_state before = bench_state(b);
    uint32_t wait = ferry_device_deadline(&b->w.device, b->w.now);

    assert_false(bench_outstanding(b));
    if (wait <= 1000) {
        bench_pass(b, wait);
    }
    ferry_device_tick(&b->w.device, b->w.now);
    note(b, before, ON_STEP);
}

static void end(struct bench *b, int status, enum bench_event event)
{
    enum ferry_device_state before = bench_state(b);

    assert_true(bench_outstanding(b));
    if (b->crypto_owed || b->w.boot.owed) {
        b->crypto_owed = false;
        b->w.boot.owed = false;
    } else {
        uint32_t wait = sim_flash_wait(&b->w.flash, b->w.now);
        int said;
        bench_pass(b, wait);
        assert_true(sim_flash_ended(&b->w.flash, b->w.now, &said));
    }
    ferry_device_done(&b->w.device, status, b->w.now);
    note(b, before, event);
}

void bench_good(struct bench *b)
{
    end(b, b->crypto_owed ? FERRY_VALID : 0, ON_GOOD);
}

void bench_bad(struct bench *b, bool lies)
{
    if (b->w.flash.op != SIM_IDLE) {
        b->w.flash.op_fault = SIM_FAULT_NO_OP;
    }
    end(b, lies ? 0 : -1, ON_BAD);
}

void bench_stuck(struct bench *b)
{
    enum ferry_device_state before = bench_state(b);

    assert_true(bench_outstanding(b));
    bench_pass(b, 4999);
    ferry_device_tick(&b->w.device, b->w.now);
    bench_expect(b, before);
    bench_pass(b, 1);
    ferry_device_tick(&b->w.device, b->w.now);
    note(b, before, ON_STUCK);
    b->w.flash.op = SIM_IDLE;
    b->crypto_owed = false;
    b->w.boot.owed = false;
}

void bench_late(struct bench *b)
{
    enum ferry_device_state before = bench_state(b);

    assert_false(bench_outstanding(b));
    ferry_device_done(&b->w.device, 0, b->w.now);
    ferry_device_done(&b->w.device, -1, b->w.now);
    ferry_device_done(&b->w.device, FERRY_VALID, b->w.now);
    bench_expect(b, before);
}

/* ---- journeys -------------------------------------------------------------------- */

void bench_go(struct bench *b)
{
    if (bench_outstanding(b)) {
        bench_good(b);
    } else if (ferry_device_deadline(&b->w.device, b->w.now) <= 1000) {
        bench_step(b);
    } else {
        assert_int_equal(bench_state(b), FERRY_DEVICE_RECEIVING);
        assert_true(b->ack.credit > 0);
        bench_chunk(b);
    }
}

void bench_until(struct bench *b, enum ferry_device_state state)
{
    for (unsigned i = 0; bench_state(b) != state && i < 1000; i++) {
        bench_go(b);
    }
    bench_expect(b, state);
}

void bench_until_call(struct bench *b, enum ferry_device_state state)
{
    bench_until(b, state);
    for (unsigned i = 0; !bench_outstanding(b) && i < 10; i++) {
        bench_step(b);
    }
    bench_expect(b, state);
    assert_true(bench_outstanding(b));
}

void bench_until_base(struct bench *b, uint16_t base)
{
    bench_until(b, FERRY_DEVICE_RECEIVING);
    for (unsigned i = 0; b->ack.base < base && i < 1000; i++) {
        bench_go(b);
    }
    assert_int_equal(b->ack.base, base);
    bench_expect(b, FERRY_DEVICE_RECEIVING);
}

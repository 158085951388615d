/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to play a device for a courier. Does not know where the courier should
 * go. */
#include "courier_bench.h"

#include "bytes.h"
#include "frame.h"
#include "release.h"
#include "wire.h"

struct letters_seen courier_seen;

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    const struct ashore *a = ctx;

    (void)which;
    if (a->unreadable || off > a->len || len > a->len - off) {
        return -1;
    }
    memcpy(buf, a->artifact + off, len);
    return 0;
}

static void take_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    struct ashore *a = ctx;

    assert_int_equal(a->statement, 0); /* once */
    a->statement = len;
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(envelope[i], (uint8_t)i);
    }
}

void ashore_start(struct ashore *a, bool asks, uint8_t artifacts)
{
    static const uint8_t nonce[16] = {0xA5};
    static const uint8_t image[ASHORE_IMAGE];
    struct release r;

    memset(a, 0, sizeof *a);
    release_default(&r);
    a->len = release_make(&r, image, sizeof image, a->artifact);
    a->tag = ASHORE_TAG;
    a->cfg.ctx = a;
    a->cfg.read = read_artifact;
    a->cfg.artifacts = artifacts;
    a->cfg.report_nonce = asks ? nonce : NULL;
    a->cfg.statement = take_statement;
    a->cfg.nonce[3] = 9;
    a->cfg.value_max = 244;
    assert_int_equal(ferry_courier_init(&a->c, &a->cfg, 0), 0);
}

enum ferry_courier_state ashore_state(const struct ashore *a)
{
    return ferry_courier_state(&a->c);
}

void ashore_expect(const struct ashore *a, enum ferry_courier_state state)
{
    if (ashore_state(a) != state) {
        print_error("in %s, not in %s\n", courier_letters.row[ashore_state(a)].state,
                    courier_letters.row[state].state);
        fail();
    }
}

static void note(const struct ashore *a, enum ferry_courier_state before,
                 enum ashore_event event)
{
    letters_note(&courier_letters, &courier_seen, before, event, ashore_state(a));
}

/* ---- hearing the courier --------------------------------------------------------- */

static void take(struct ashore *a, const uint8_t *body, size_t len)
{
    struct ferry_msg m;

    assert_int_equal(ferry_msg_decode_ask(&m, body, len, a->tag), 0);
    if (m.type == FERRY_MSG_STATUS) {
        a->token = (uint8_t)m.u.status.token;
    }
    if (m.type == FERRY_MSG_REPORT) {
        assert_int_equal(m.bytes[0][0], 0xA5);
        a->reports++;
        a->report_off = (uint16_t)m.u.report.off;
    }
    a->chunks += m.type == FERRY_MSG_CHUNK;
    a->aborts += m.type == FERRY_MSG_ABORT;
}

void ashore_hear(struct ashore *a)
{
    uint8_t ctl[128], chunk[300], value[20];
    struct ferry_frame_in in = {.ctl = ctl, .chunk = chunk};
    enum ferry_courier_state before = ashore_state(a);
    size_t len;

    ferry_frame_in_reset(&in);
    in.ctl_cap = sizeof ctl;
    in.chunk_cap = sizeof chunk;
    while ((len = ferry_courier_output(&a->c, value, sizeof value, a->now)) > 0) {
        const uint8_t *p = value;
        while (ferry_frame_in(&in, &p, &len) == FERRY_FRAME_WHOLE) {
            take(a, in.to, in.len);
        }
    }
    if (ashore_state(a) != before) {
        note(a, before, ON_UNREADABLE);
    }
}

/* ---- events ---------------------------------------------------------------------- */

void ashore_link(struct ashore *a, bool up)
{
    enum ferry_courier_state before = ashore_state(a);

    ferry_courier_link(&a->c, up, a->now);
    note(a, before, up ? ON_UP : ON_DOWN);
}

void ashore_stop(struct ashore *a)
{
    enum ferry_courier_state before = ashore_state(a);

    ferry_courier_abort(&a->c, a->now);
    note(a, before, ON_STOP);
}

void ashore_time(struct ashore *a, uint32_t ms)
{
    enum ferry_courier_state before = ashore_state(a);

    a->now += ms;
    ferry_courier_tick(&a->c, a->now);
    note(a, before, ON_TIME);
}

static enum ashore_event event_of(const struct ashore *a, const struct ferry_msg *m)
{
    static const enum ashore_event verdicts[] = {ON_ACCEPT, ON_RUNNING, ON_LATER,
                                                 ON_REFUSE, ON_MORE};

    if (m->type == FERRY_MSG_INFO) {
        return ON_INFO;
    }
    if (m->type == FERRY_MSG_ACK || m->type == FERRY_MSG_STATEMENT) {
        return m->type == FERRY_MSG_ACK ? ON_ACK : ON_STATEMENT;
    }
    if (m->type == FERRY_MSG_VERDICT) {
        bool known = m->u.verdict.kind < COUNT(verdicts);
        if (a->elsewhere && m->u.verdict.code == (uint8_t)-FERRY_E_VERSION) {
            return ON_RUNNING;
        }
        return known ? verdicts[m->u.verdict.kind] : ON_REFUSE;
    }
    uint32_t code = m->u.done.code;
    bool again = (code >= 20 && code <= 29) || (code >= 60 && code <= 62);
    return code == 0 ? ON_OK : again ? ON_AGAIN : ON_NEVER;
}

void ashore_tell(struct ashore *a, const struct ferry_msg *m)
{
    enum ferry_courier_state before = ashore_state(a);
    uint32_t heard = a->c.counts.frames_in;
    uint8_t body[100], wire[120];
    size_t len = wire_encode(m, body, sizeof body, a->tag);

    len = wire_frame(body, len, true, wire, sizeof wire);
    ferry_courier_input(&a->c, wire, len, a->now);
    assert_int_equal(a->c.counts.frames_in, heard + 1);
    note(a, before, event_of(a, m));
}

void ashore_info(const struct ashore *a, struct ferry_msg *m)
{
    static const uint8_t digest[16];
    static struct release r;

    release_default(&r);
    memset(m, 0, sizeof *m);
    m->type = FERRY_MSG_INFO;
    m->u.info.wire = FERRY_WIRE_VERSION;
    m->u.info.nonce = ferry_le(a->cfg.nonce, 4);
    m->u.info.tag = a->tag;
    m->bytes[0] = r.class_id;
    m->bytes[1] = digest;
    m->u.info.hw_rev = 3;
    m->u.info.link = r.link;
    m->u.info.chunk = 128;
    m->u.info.window = 3;
}

/* Nothing has arrived, and one chunk may be sent. */
void ashore_ack(struct ferry_ack *ack)
{
    memset(ack, 0, sizeof *ack);
    ack->credit = 1;
}

void ashore_tell_info(struct ashore *a)
{
    struct ferry_msg m;

    ashore_info(a, &m);
    ashore_tell(a, &m);
}

void ashore_tell_verdict(struct ashore *a, enum ferry_verdict kind)
{
    struct ferry_msg m = {.type = FERRY_MSG_VERDICT};

    m.u.verdict.kind = (uint8_t)kind;
    m.u.verdict.code = kind == FERRY_VERDICT_REFUSE ? (uint8_t)-FERRY_E_HW : 0;
    m.u.verdict.number = kind == FERRY_VERDICT_LATER ? 60 : 0;
    ashore_ack(&m.u.verdict.ack);
    ashore_tell(a, &m);
}

void ashore_tell_ack(struct ashore *a, const struct ferry_ack *ack)
{
    struct ferry_msg m = {.type = FERRY_MSG_ACK};

    m.u.ack = *ack;
    ashore_tell(a, &m);
}

void ashore_tell_statement(struct ashore *a, uint16_t total, uint16_t off, uint16_t len)
{
    struct ferry_msg m = {.type = FERRY_MSG_STATEMENT};
    uint8_t bytes[FERRY_PIECE_MAX];

    for (unsigned i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(off + i);
    }
    m.u.piece.total = total;
    m.u.piece.off = off;
    m.rest = bytes;
    m.rest_len = len;
    ashore_tell(a, &m);
}

void ashore_tell_done(struct ashore *a, int err)
{
    struct ferry_msg m = {.type = FERRY_MSG_DONE};

    m.u.done.code = (uint8_t)-err;
    ashore_tell(a, &m);
}

/* ---- ways to a state ------------------------------------------------------------- */

void ashore_start_in(struct ashore *a, enum ferry_courier_state state)
{
    ashore_start(a, state == FERRY_COURIER_REPORT, 1);
    ashore_go(a, state);
}

void ashore_go(struct ashore *a, enum ferry_courier_state state)
{
    if (state == FERRY_COURIER_DOWN) {
        return;
    }
    ashore_link(a, true);
    ashore_hear(a);
    if (state == FERRY_COURIER_HELLO) {
        return;
    }
    ashore_tell_info(a);
    ashore_hear(a);
    if (state == FERRY_COURIER_SEND) {
        ashore_tell_verdict(a, FERRY_VERDICT_ACCEPT);
        ashore_hear(a);
    } else if (state == FERRY_COURIER_LATER) {
        ashore_tell_verdict(a, FERRY_VERDICT_LATER);
    } else if (state == FERRY_COURIER_PARKED) {
        ashore_tell_done(a, FERRY_E_FLASH);
    } else if (state == FERRY_COURIER_DONE) {
        ashore_tell_done(a, 0);
    } else if (state == FERRY_COURIER_REFUSED) {
        ashore_tell_verdict(a, FERRY_VERDICT_REFUSE);
    }
    ashore_expect(a, state);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what stands behind the bench's HAL: crypto that may answer later, a commit with
 * statements to make and flash work of its own. Does not know why a test wants them. */
#include "device_bench.h"
#include "ferry/statement.h"

static struct bench *bench; /* the one that the callbacks belong to */

static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    if (bench->crypto_pends) {
        bench->crypto_owed = true;
        return FERRY_PENDING;
    }
    return ferry_sodium_crypto(ctx).verify(ctx, slot, key, msg, msg_len, sig);
}

static int sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64])
{
    (void)ctx;
    (void)msg;
    (void)msg_len;
    bench->signs++;
    memset(sig, 0x5A, 64);
    bench->crypto_owed = bench->crypto_pends;
    return bench->crypto_pends ? FERRY_PENDING : FERRY_VALID;
}

/* What every statement of the bench says; the session adds who it is. */
static int report(void *ctx, struct ferry_statement *s)
{
    static const uint8_t bytes[16];

    (void)ctx;
    if (bench->chore) {
        return FERRY_MORE;
    }
    s->digest = bytes;
    s->outcome_digest = bytes;
    s->offender = bytes;
    s->refusals = bytes;
    s->counter = bench->signs + 1;
    return bench->report_result;
}

static bool chore(void *ctx, struct ferry_flash_op *op)
{
    const struct world_options *o = &bench->w.opt;

    (void)ctx;
    if (op != NULL) {
        *op = (struct ferry_flash_op){true, 2 * o->bank_len, NULL, o->erase_unit};
        bench->w.flash.bytes[op->addr] = 0;
    }
    return bench->chore;
}

static void chore_done(void *ctx, int status)
{
    (void)ctx;
    bench->chore = false;
    bench->chore_status = status;
}

static void told(void *ctx, enum ferry_event event, int err, const uint8_t *offender)
{
    (void)ctx;
    (void)err;
    assert_int_equal(event == FERRY_EVENT_SECURITY, offender != NULL);
    bench->told[event]++;
}

void device_port(struct bench *b)
{
    uint32_t page = 2 * b->w.opt.bank_len;

    bench = b;
    b->w.crypto.verify = verify;
    b->w.crypto.sign = sign;
    b->w.commit.report = report;
    b->w.commit.next = chore;
    b->w.commit.did = chore_done;
    b->w.commit.event = told;
    sim_flash_grant(&b->w.flash, 1, page, b->w.opt.erase_unit);
}

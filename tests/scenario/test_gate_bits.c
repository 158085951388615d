/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the last gates where memory or flash fail the device between one check and the
 * next: a gate's own number turned over, the stored envelope not to be read any
 * more. */
#include "scene.h"

#include "device_in.h"
#include "peer.h"

static struct cargo cargo;

/* All chunks are there, and the device has come to its last gate; its backend answers
 * later. */
static struct world *at_the_gate(struct peer *p)
{
    struct world *w = peer_half_way(p, &cargo, 0);
    uint8_t wire[2 * FERRY_CHUNK_MAX];
    size_t len = peer_to_the_last(p, &cargo, wire);

    ferry_device_input(&w->device, wire, len, w->now);
    peer_tick_until(p, FERRY_DEVICE_GATING);
    return w;
}

static void expect_refused_at_the_gate(struct peer *p)
{
    const struct world *w = p->w;

    peer_tick_until(p, FERRY_DEVICE_IDLE);
    assert_int_equal(ferry_device_error(&w->device), FERRY_E_SIG_FINAL);
    assert_int_equal(w->device.counts.security_events, 1);
    expect_no_commit(w);
}

static int later(void *ctx, unsigned slot, const struct ferry_key *key,
                 const uint8_t *msg, size_t len, const uint8_t sig[64])
{
    (void)ctx;
    (void)slot;
    (void)key;
    (void)msg;
    (void)len;
    (void)sig;
    return FERRY_PENDING;
}

/* The signature holds and the digest is right, but the gate before them is shut. */
static void a_hash_gate_with_any_bit_turned_over_earns_no_ticket(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 1024, 221);
    for (unsigned bit = 0; bit <= 32; bit++) {
        struct world *w = at_the_gate(&p);
        w->crypto.verify = later;
        ferry_device_tick(&w->device, w->now);
        assert_int_equal(w->device.call, FERRY_CALL_CRYPTO);
        if (bit < 32) {
            w->device.verify.hash_gate ^= UINT32_C(1) << bit;
        }
        ferry_device_done(&w->device, FERRY_VALID, w->now);
        if (bit < 32) {
            expect_refused_at_the_gate(&p);
        } else { /* as it was */
            peer_tick_until(&p, FERRY_DEVICE_COMMITTED);
        }
    }
}

static void an_envelope_that_cannot_be_read_at_the_gate_commits_nothing(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 1024, 222);
    struct world *w = at_the_gate(&p);
    w->flash.unreadable = (struct sim_area){w->map.bank[1].addr, 1};
    ferry_device_tick(&w->device, w->now);
    w->flash.unreadable.len = 0;
    expect_refused_at_the_gate(&p);
}

/* The table does not stand, and the envelope that must stand before it cannot be read: it
 * is not written anew from memory that holds something else. */
static void an_envelope_that_cannot_be_read_for_a_refill_ends_the_transfer(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 1024, 223);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    peer_begin(&p, &cargo);
    w->flash.write_fault = SIM_FAULT_ERROR;
    w->flash.faults = 1;
    w->flash.unreadable = (struct sim_area){w->map.bank[1].addr, 1};
    peer_chunk(&p, &cargo, 0);
    assert_int_equal(p.dones, 1);
    assert_int_equal(p.done.u.done.code, -FERRY_E_FLASH);
    assert_int_equal(ferry_device_error(&w->device), FERRY_E_FLASH);
    assert_int_equal(w->device.state, FERRY_DEVICE_IDLE);
    w->flash.unreadable.len = 0; /* and the next offer is as good as any */
    ferry_device_link(&w->device, false, w->now);
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_gate_with_any_bit_turned_over_earns_no_ticket),
        cmocka_unit_test(an_envelope_that_cannot_be_read_at_the_gate_commits_nothing),
        cmocka_unit_test(
            an_envelope_that_cannot_be_read_for_a_refill_ends_the_transfer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

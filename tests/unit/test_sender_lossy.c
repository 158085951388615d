/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests sender and window against each other over a link that loses, damages and
 * delays, until everything is there. After every step: no more than the credit flies,
 * and the courier believes nothing the device does not have. */
#include "check.h"
#include "sender.h"
#include "window.h"

/* ---- the world ------------------------------------------------------------------- */

enum kind { CHUNK, STATUS, LOST, GARBLED };

struct packet {
    enum kind kind;
    uint32_t value; /* a chunk's index, a STATUS?'s token */
};

#define QUEUE 4096U

struct world {
    struct dice dice;
    struct ferry_sender s;
    struct ferry_window device;
    struct packet to_device[QUEUE];
    struct ferry_ack to_courier[QUEUE];
    unsigned to_device_in, to_device_out, to_courier_in, to_courier_out;
    uint32_t loss;  /* percent of what is sent, either way */
    uint32_t spoil; /* percent of blocks that turn out wrong */
    uint8_t credit, token, echo;
    uint32_t acked, repeats, writes;
    bool has[8 * 32]; /* what the device programmed, by index */
};

static uint32_t ones(const uint32_t bits[2])
{
    uint32_t n = 0;

    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        n += bits[row / 32] >> row % 32 & 1U;
    }
    return n;
}

static bool chance(struct world *w, uint32_t percent)
{
    return roll_below(&w->dice, 100) < percent;
}

static void push(struct world *w, enum kind kind, uint32_t value)
{
    struct packet *p = &w->to_device[w->to_device_in++ % QUEUE];

    assert_true(w->to_device_in - w->to_device_out <= QUEUE);
    *p = (struct packet){kind, value};
    if (chance(w, w->loss)) {
        p->kind = chance(w, 50) && kind == CHUNK ? GARBLED : LOST;
    }
}

/* ---- the device ------------------------------------------------------------------ */

static void say_ack(struct world *w, uint8_t reason)
{
    struct ferry_ack a = {.base = w->device.base,
                          .bits = {w->device.bits[0], w->device.bits[1]},
                          .epoch = w->device.epoch,
                          .credit = w->credit,
                          .reason = reason,
                          .echo = w->echo};

    if (!chance(w, w->loss)) {
        assert_true(w->to_courier_in - w->to_courier_out < QUEUE);
        w->to_courier[w->to_courier_in++ % QUEUE] = a;
    }
}

static void take_back(struct world *w, uint16_t block)
{
    unsigned per = ferry_shape_per_block(&w->device.shape);

    memset(w->has + block * per, 0, sizeof w->has - block * per * sizeof w->has[0]);
    ferry_window_rewind(&w->device, block);
}

static void program(struct world *w, uint32_t index)
{
    int row = ferry_window_row(&w->device, index);

    if (row < 0 || ferry_window_has(&w->device, (unsigned)row)) {
        return;
    }
    assert_false(w->has[index]);
    w->has[index] = true;
    w->writes++;
    ferry_window_mark(&w->device, index);
    while (ferry_window_base_full(&w->device)) {
        if (chance(w, w->spoil)) {
            take_back(w, w->device.base);
        } else {
            ferry_window_advance(&w->device);
        }
    }
}

static void device_hears(struct world *w)
{
    const struct packet *p = &w->to_device[w->to_device_out++ % QUEUE];

    switch (p->kind) {
    case CHUNK:
        program(w, p->value);
        say_ack(w, 0);
        break;
    case STATUS:
        w->echo = (uint8_t)p->value;
        say_ack(w, 0);
        break;
    case GARBLED:
        say_ack(w, 1);
        break;
    case LOST:
        break;
    }
}

/* ---- the courier ----------------------------------------------------------------- */

static void courier_hears(struct world *w)
{
    struct ferry_ack a = w->to_courier[w->to_courier_out++ % QUEUE];
    int n = ferry_sender_ack(&w->s, &a, w->token != 0 && a.echo == w->token);

    assert_true(n >= 0);
    w->acked += (uint32_t)n;
    if (a.reason == 1) {
        ferry_sender_nack(&w->s, false);
    }
}

static bool courier_sends(struct world *w)
{
    bool second, repeat;
    int32_t index = ferry_sender_next(&w->s, &second);

    if (index < 0) {
        return false;
    }
    assert_true(ferry_sender_sent(&w->s, (uint32_t)index, &repeat) > 0);
    assert_true(repeat || !second);
    w->repeats += repeat;
    push(w, CHUNK, (uint32_t)index);
    return true;
}

static void courier_asks(struct world *w)
{
    w->token = (uint8_t)(w->token % 255 + 1);
    ferry_sender_status(&w->s);
    push(w, STATUS, w->token);
}

/* ---- the run --------------------------------------------------------------------- */

static void check_step(const struct world *w)
{
    const struct ferry_window *here = &w->s.window, *there = &w->device;

    assert_true(ones(w->s.flying) <= w->credit);
    for (unsigned half = 0; half < 2; half++) {
        assert_int_equal(w->s.flying[half] & here->bits[half], 0);
        assert_int_equal(w->s.again[half] & ~w->s.flying[half], 0);
        assert_int_equal(w->s.flying[half] & ~ferry_window_mask(here, half), 0);
    }
    if (here->epoch == there->epoch) {
        assert_true(here->base <= there->base);
        for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
            uint32_t index = ferry_window_index(here, row);
            assert_true(!ferry_window_has(here, row) || w->has[index]);
        }
    }
}

/* A link tick: some are sent, some arrive, and if all is quiet the courier asks. */
static void tick(struct world *w)
{
    bool sent = false;

    for (uint32_t n = roll_below(&w->dice, 5); n > 0 && courier_sends(w); n--) {
        sent = true;
        check_step(w);
    }
    for (uint32_t n = roll_below(&w->dice, 5); n > 0; n--) {
        if (w->to_device_in != w->to_device_out) {
            device_hears(w);
            check_step(w);
        }
    }
    for (uint32_t n = roll_below(&w->dice, 5); n > 0; n--) {
        if (w->to_courier_in != w->to_courier_out) {
            courier_hears(w);
            check_step(w);
        }
    }
    if (!sent && w->to_device_in == w->to_device_out &&
        w->to_courier_in == w->to_courier_out && !courier_sends(w)) {
        courier_asks(w);
    }
}

static uint32_t chunks_of(const struct ferry_shape *shape)
{
    uint32_t n = 0;

    for (uint32_t b = 0; b < ferry_shape_blocks(shape); b++) {
        n += ferry_shape_chunks(shape, b);
    }
    return n;
}

static void run(struct world *w, uint32_t seed, uint32_t loss, uint32_t spoil)
{
    struct ferry_shape shape = {.chunk = seed % 2 == 0 ? 128 : 256};

    memset(w, 0, sizeof *w);
    w->dice.state = seed * 2654435761U + 1;
    w->loss = loss;
    w->spoil = spoil;
    w->credit = (uint8_t)(1 + roll_below(&w->dice, seed % 3 == 0 ? 64 : 12));
    shape.payload_len = 4 + 4 * roll_below(&w->dice, 6 * 1024);
    shape.table_len = (uint16_t)ferry_table_len(shape.payload_len);
    ferry_sender_init(&w->s, &shape);
    ferry_window_init(&w->device, &shape, 0);
    for (unsigned ticks = 0; !ferry_window_complete(&w->s.window); ticks++) {
        assert_true(ticks < 200000);
        tick(w);
    }
    assert_true(ferry_window_complete(&w->device));
    for (uint32_t index = 0; index < COUNT(w->has); index++) {
        assert_int_equal(w->has[index], ferry_shape_chunk_len(&shape, index) > 0);
    }
}

static struct world world;

static void everything_arrives_over_a_link_that_loses_and_damages(void **state)
{
    const uint32_t losses[] = {1, 5, 20, 50};

    (void)state;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        run(&world, seed, losses[seed % COUNT(losses)], 0);
        uint32_t chunks = chunks_of(&world.device.shape);
        assert_int_equal(world.acked, chunks); /* each acked once, whatever was lost */
        assert_int_equal(world.writes, chunks);
    }
}

static void everything_arrives_although_blocks_are_taken_back(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        run(&world, seed, seed % 4 * 10, 25);
    }
}

static void nothing_is_sent_twice_over_a_link_that_loses_nothing(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 100; seed++) {
        run(&world, seed, 0, 0);
        assert_int_equal(world.repeats, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_arrives_over_a_link_that_loses_and_damages),
        cmocka_unit_test(everything_arrives_although_blocks_are_taken_back),
        cmocka_unit_test(nothing_is_sent_twice_over_a_link_that_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to hold a sender to what it should send next. Tests nothing by itself. */
#include "sending.h"

#include "check.h"

const struct ferry_shape sending_shape = {128, 144, 2 * 4096 + 260};

struct ferry_ack saying(uint16_t base, uint32_t bits0, uint32_t bits1)
{
    struct ferry_ack a = {.bits = {bits0, bits1}, .base = base, .credit = 4};

    return a;
}

void begin_sending(struct ferry_sender *s)
{
    ferry_sender_init(s, &sending_shape);
    assert_int_equal(hear_ack(s, 1, 0, 0), 2); /* the table's two chunks */
}

static int hear(struct ferry_sender *s, struct ferry_ack a, bool answered)
{
    a.epoch = s->window.epoch;
    return ferry_sender_ack(s, &a, answered);
}

int hear_ack(struct ferry_sender *s, uint16_t base, uint32_t bits0, uint32_t bits1)
{
    return hear(s, saying(base, bits0, bits1), false);
}

int hear_answer(struct ferry_sender *s, uint16_t base, uint32_t bits0, uint32_t bits1)
{
    return hear(s, saying(base, bits0, bits1), true);
}

static uint32_t send_next(struct ferry_sender *s, int32_t index, bool spare, bool again)
{
    bool second = !spare, repeat = !again;

    assert_int_equal(ferry_sender_next(s, &second), index);
    assert_int_equal(second, spare);
    uint32_t order = ferry_sender_sent(s, (uint32_t)index, &repeat);
    assert_int_equal(repeat, again);
    assert_true(order > 0);
    return order;
}

uint32_t expect_send(struct ferry_sender *s, int32_t index, bool repeat)
{
    return send_next(s, index, false, repeat);
}

void expect_spare(struct ferry_sender *s, int32_t index)
{
    (void)send_next(s, index, true, true);
}

void expect_four(struct ferry_sender *s)
{
    for (int32_t i = 32; i < 36; i++) {
        expect_send(s, i, false);
    }
}

void expect_nothing_to_send(const struct ferry_sender *s)
{
    bool second;

    assert_int_equal(ferry_sender_next(s, &second), -1);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bluetooth LE connection as the engine feels it: an event every interval, at each of
 * them up to n values each way, every value of at most MTU - 3 bytes. What either side
 * says at an event answers what it heard at earlier ones, so a round trip takes two
 * events. Values can be lost, doubled, or overtaken by the next. */
#ifndef FERRY_SIM_LINK_H
#define FERRY_SIM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_VALUE_MAX 512U
#define SIM_VALUES_MAX 16U /* a direction and event */

struct sim_link {
    bool up;
    uint16_t mtu;         /* ATT MTU; a value carries 3 bytes less */
    uint32_t interval_ms; /* connection interval */
    uint8_t per_event;    /* values each way */
    uint32_t loss_ppm, double_ppm, swap_ppm;
    uint64_t rng;
    uint32_t next_event; /* ms */
    /* what went by */
    uint32_t values[2], bytes[2], lost[2]; /* [0] to the device, [1] to the courier */
};

struct sim_value {
    uint16_t len;
    uint8_t bytes[SIM_VALUE_MAX];
};

/* The values of one direction at one event, as they arrive. */
struct sim_burst {
    uint8_t n;
    struct sim_value v[2 * SIM_VALUES_MAX];
};

void sim_link_init(struct sim_link *l, uint16_t mtu, uint32_t interval_ms,
                   uint8_t per_event, uint64_t seed);
size_t sim_link_value_max(const struct sim_link *l);
/* Turn what was sent into what arrives. */
void sim_link_carry(struct sim_link *l, unsigned direction, struct sim_burst *b);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bluetooth LE connection as the engine feels it: an event every interval, at each of
 * them up to n values each way, every value of at most MTU - 3 bytes. What either side
 * says at an event answers what it heard at earlier ones, so a round trip takes two
 * events, or more where the phone is slow to pass on what it hears.
 *
 * Values can be lost, one by one or in bursts, doubled, overtaken by the next, or thrown
 * away by a phone that takes more than its queue holds and says nothing. Everything may
 * be changed at any moment. A plain struct: a copy of it is a snapshot. */
#ifndef FERRY_SIM_LINK_H
#define FERRY_SIM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_VALUE_MAX 512U
#define SIM_QUEUE_MAX 32U /* values waiting, a direction */

#define SIM_TO_DEVICE 0U
#define SIM_TO_COURIER 1U

struct sim_value {
    uint32_t due; /* number of the event that may carry it */
    uint16_t len;
    bool twin; /* its first copy has arrived */
    uint8_t bytes[SIM_VALUE_MAX];
};

/* Values of one direction that were said and have not arrived. */
struct sim_queue {
    uint8_t head, n;
    struct sim_value v[SIM_QUEUE_MAX];
};

struct sim_link {
    bool up;                /* both ends believe in the connection */
    bool away;              /* out of range, whoever has noticed */
    uint16_t mtu;           /* ATT MTU; a value carries 3 bytes less */
    uint32_t interval_ms;   /* connection interval */
    uint8_t per_event;      /* values to the device at one event */
    uint8_t back_per_event; /* and to the courier */
    uint8_t reply_events;   /* round trip, at least 2 */
    /* 0: the phone takes what the next event carries, and says so. Else it takes all the
     * courier has, keeps this many values and drops the others. */
    uint8_t phone_queue;

    /* chances in a million, a value */
    uint32_t loss_ppm, double_ppm, swap_ppm;
    struct {
        uint32_t begin_ppm, end_ppm; /* at an event: Gilbert's two states */
        uint32_t loss_ppm;           /* of a value, while it lasts */
    } burst;

    uint64_t rng;
    uint32_t next_event; /* ms */
    uint32_t event;      /* number of the present one */
    uint8_t room[2];     /* values that may still be said at it */
    uint8_t air[2];      /* and that it still carries */
    bool bursting;
    struct sim_queue queue[2];
    struct sim_value thrown; /* room for what the phone's queue does not hold */
    /* what went by */
    uint32_t values[2], bytes[2], lost[2];
    uint32_t dropped; /* by the phone's queue */
};

void sim_link_init(struct sim_link *l, uint16_t mtu, uint32_t interval_ms,
                   uint8_t per_event, uint64_t seed);
size_t sim_link_value_max(const struct sim_link *l);
/* The connection begins or ends: what was on its way is gone. */
void sim_link_clear(struct sim_link *l);

/* An event, in this order: begin; say, while the link takes a value; hear, while one
 * arrives. */
void sim_link_begin(struct sim_link *l, uint32_t now);
/* Where the next value of this direction may be written; NULL: not now. Fill in its
 * bytes and tell its length; 0: there was none, after all. */
struct sim_value *sim_link_room(struct sim_link *l, unsigned direction);
void sim_link_said(struct sim_link *l, unsigned direction, struct sim_value *v,
                   size_t len);
/* The next value that arrives: a copy. False: no more at this event. */
bool sim_link_arrives(struct sim_link *l, unsigned direction, struct sim_value *v);

#endif

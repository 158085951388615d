/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a device in long random sequences of genuine, damaged and lying messages, time,
 * lost links, failing flash and dead batteries; storm_watch.c asks the invariants after
 * every step. FERRY_STEPS=10000000 makes it as long as docs/FAULTS.md has it. */
#include "storm_watch.h"

#include "frame.h"
#include "peer.h"
#include "window.h"

#define STEPS 600000U
#define LONG 3000000U
#define MESSAGES 6U /* of a courier */
#define LIFE 4000U  /* steps, or until it commits, */
#define AFTER 40U   /* and so many more */

static struct storm storm;
static struct storm_watch seen;
static struct cargo cargo, other;
static struct cargo broken; /* signed, and contradicts itself: the hash is another's */
static uint32_t honesty;    /* true chunks for one forged */
static uint32_t heard[FERRY_DEVICE_STATES][MESSAGES];

static struct world *new_life(void)
{
    struct world_options o;

    scene_options(&o);
    o.bank_len = 32U * 1024U;
    o.mode = (enum sim_flash_mode)(storm.seed % 3);
    o.pool_chunks = (uint16_t)(3 + storm.seed % 5);
    o.ack_every = (uint8_t)(storm.seed % 2);
    struct world *w = scene(&o);
    w->boot.pending = storm.seed % 5 == 3;
    seen.slow = storm.seed % 4 < 2;
    honesty = storm.seed % 4 * 400;
    storm_watch(&seen, w);
    return w;
}

/* ---- what is said ---------------------------------------------------------------- */

static struct ferry_msg random_offer(const uint8_t *junk)
{
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};

    m.u.piece.total = (uint16_t)storm_any(&storm, 400);
    m.u.piece.off = (uint16_t)storm_any(&storm, 400);
    m.rest_len = (uint16_t)(1 + storm_any(&storm, FERRY_PIECE_MAX));
    m.rest = junk;
    return m;
}

static uint32_t first_missing(const struct ferry_window *win)
{
    unsigned row = 0;

    while (row < FERRY_WINDOW_ROWS && ferry_window_has(win, row)) {
        row++;
    }
    return ferry_window_index(win, row);
}

static struct ferry_msg random_chunk(const struct world *w, const uint8_t *junk)
{
    uint32_t near = w->device.window.base * 32U + storm_any(&storm, 70);
    struct ferry_msg m = {.type = FERRY_MSG_CHUNK};

    switch (storm_any(&storm, 5)) {
    case 0: /* now and then a lie about content, with a right CRC */
        m = chunk_msg(&cargo, w, near % (3 * 32));
        if (storm_once_in(&storm, 1 + honesty)) {
            m.rest = junk;
        }
        return m;
    case 1:
        m.u.chunk.index = storm_once_in(&storm, 2) ? near : storm_any(&storm, 1U << 24);
        m.rest_len = (uint16_t)(4 + storm_any(&storm, FERRY_CHUNK_MAX - 3));
        m.rest = junk;
        return m;
    case 2: /* the truth, where it is missed most */
        return chunk_msg(&cargo, w, first_missing(&w->device.window));
    default: /* the truth */
        return chunk_msg(&cargo, w, near);
    }
}

static struct ferry_msg random_ask(const struct world *w)
{
    static uint8_t junk[FERRY_CHUNK_MAX];
    struct ferry_msg m = {.type = FERRY_MSG_STATUS};

    storm_fill(&storm, junk, sizeof junk);
    switch (storm_any(&storm, w->device.window.shape.chunk == 0 ? 4 : 20)) {
    case 0:
        m.u.status.token = junk[0];
        return m;
    case 1:
        m.type = FERRY_MSG_REPORT;
        m.bytes[0] = junk;
        junk[0] &= 1; /* the same question comes again */
        memset(junk + 1, 0, 15);
        m.u.report.off =
            (uint16_t)(storm_once_in(&storm, 2) ? 0 : storm_any(&storm, 400));
        return m;
    case 2:
    case 3:
        return random_offer(junk);
    default:
        return random_chunk(w, junk);
    }
}

static void damaged_words(struct peer *p, const struct ferry_msg *m)
{
    uint8_t wire[400];
    size_t len = peer_wire(p, m, wire);

    wire[storm_any(&storm, (uint32_t)len)] ^= (uint8_t)(1U << storm_any(&storm, 8));
    if (storm_once_in(&storm, 3)) {
        len = storm_any(&storm, (uint32_t)len);
    }
    seen.bytes += (uint32_t)len;
    peer_bytes(p, wire, len);
}

/* ---- what happens ---------------------------------------------------------------- */

static void something_goes_wrong(struct world *w)
{
    static const enum sim_fault faults[] = {SIM_FAULT_ERROR, SIM_FAULT_NO_OP,
                                            SIM_FAULT_ERROR, SIM_FAULT_NEVER};

    switch (storm_any(&storm, 6)) {
    case 0:
        world_power_cut(w);
        storm_watch_started(&seen, w);
        break;
    case 1:
        w->flash.write_fault = faults[storm_any(&storm, 4)];
        w->flash.faults = 1 + storm_any(&storm, 3);
        break;
    case 2:
        /* One that silently does nothing, on a page that a cut erase left looking
         * blank, nobody can tell from a good one: those come one at a time, elsewhere. */
        w->flash.erase_fault =
            w->flash.mode == SIM_FLASH_ASYNC && storm_once_in(&storm, 4)
                ? SIM_FAULT_NEVER
                : SIM_FAULT_ERROR;
        w->flash.faults = 1 + storm_any(&storm, 3);
        break;
    case 3:
        w->flash.power_low = !w->flash.power_low;
        break;
    case 4:
        w->boot.unknown = !w->boot.unknown;
        break;
    default:
        w->boot.result = w->boot.result == 0 ? -1 : 0;
    }
}

/* Which message, in which state. */
static void note(const struct world *w, uint8_t type)
{
    if (w->device.session || type == FERRY_MSG_HELLO) {
        heard[w->device.state][type]++;
    }
}

/* A short storm comes to every state; a long one hears every message in each. */
static void every_state_was_reached(void)
{
    for (unsigned s = 0; s < FERRY_DEVICE_STATES; s++) {
        uint32_t any = 0;
        for (unsigned m = 0; m < MESSAGES; m++) {
            any += heard[s][m];
            expect_true(round_name("state and message", s * 100 + m),
                        storm.done < LONG || heard[s][m] > 0);
        }
        expect_true(round_name("state", s), any > 0);
    }
}

static void hello(struct peer *p)
{
    note(p->w, FERRY_MSG_HELLO);
    peer_hello(p);
}

static void offer(struct peer *p)
{
    const struct cargo *c = storm_once_in(&storm, 1 + honesty) ? &other : &cargo;
    uint8_t env[FERRY_ENVELOPE_MAX];

    c = storm_once_in(&storm, 8) ? &broken : c;
    note(p->w, FERRY_MSG_OFFER);
    seen.bytes += (uint32_t)c->env_len;
    memcpy(env, c->env, c->env_len);
    if (storm_once_in(&storm, 40)) { /* nearly genuine */
        env[storm_any(&storm, (uint32_t)c->env_len)] ^=
            (uint8_t)(1U << storm_any(&storm, 8));
    }
    peer_offer(p, env, c->env_len);
}

static void pass(struct world *w, uint32_t ms)
{
    world_run(w, ms);
    seen.ops = flash_ops(w); /* time may bring an hour's work; budgets bound that */
}

/* What the device does when it has little time: a tick now and then, and fewer where a
 * state is soon over, so that everything is heard there, too. */
static void work_a_little(struct world *w)
{
    bool brief = w->device.state == FERRY_DEVICE_HASHING ||
                 w->device.state == FERRY_DEVICE_DISCARDING ||
                 w->device.state == FERRY_DEVICE_GATING;

    if (storm_once_in(&storm, brief ? 50 : 5)) {
        ferry_device_tick(&w->device, w->now);
    }
}

/* The words are heard in whatever state the device is: for a while it has little time to
 * work between them. */
static void one_step(struct world *w, struct peer *p)
{
    struct ferry_msg m = random_ask(w);

    p->slow = storm_once_in(&storm, 50) ? !p->slow : p->slow;
    switch (storm_any(&storm, 40)) {
    case 0:
        peer_init(p, w, (uint8_t)storm_any(&storm, 4));
        hello(p);
        break;
    case 1:
    case 2:
        hello(p);
        break;
    case 3:
    case 4:
    case 5:
        offer(p);
        break;
    case 6:
        note(w, FERRY_MSG_ABORT);
        peer_abort(p);
        break;
    case 7:
        ferry_device_link(&w->device, storm_once_in(&storm, 2), w->now);
        break;
    case 8:
        if (storm_once_in(&storm, 4)) {
            something_goes_wrong(w);
        } else {
            storm_watch_all_is_well(w);
        }
        break;
    case 9:
        pass(w, storm_once_in(&storm, 50) ? HOUR : storm_any(&storm, 3000));
        break;
    case 10:
    case 11:
    case 12:
        damaged_words(p, &m);
        break;
    default:
        note(w, m.type);
        seen.bytes += 8;
        peer_say(p, &m);
        if (!p->slow) {
            pass(w, storm_any(&storm, 20));
        }
    }
    if (p->slow) {
        work_a_little(w);
    }
    if (storm_once_in(&storm, 12)) {
        storm_watch_answer(&seen, w);
    }
    peer_listen(p);
}

static void a_device_in_a_storm_of_messages_keeps_every_invariant(void **state)
{
    struct release r;
    struct peer p;

    (void)state;
    release_default(&r);
    cargo_make(&cargo, &r, 2 * BLOCK + 60, 81);
    r.untrue = true;
    cargo_make(&broken, &r, cargo.len, 81);
    r.untrue = false;
    r.version++;
    cargo_make(&other, &r, BLOCK + 300, 82);
    storm_begin(&storm, "device", STEPS);
    seen.storm = &storm;
    seen.cargo[0] = &cargo;
    seen.cargo[1] = &other;
    seen.cargo[2] = &broken;
    while (storm_lives(&storm)) {
        struct world *w = new_life();
        peer_init(&p, w, 1);
        unsigned left = LIFE;
        while (left-- > 0) {
            one_step(w, &p);
            storm_watch_step(&seen, w, !p.slow);
            if (!storm_step(&storm)) {
                break;
            }
            left = w->boot.state.committed && left > AFTER ? AFTER : left;
        }
        if (w->boot.state.committed) {
            storm_watch_genuine(&seen, w);
        } else {
            storm_watch_honest(&seen, w);
        }
    }
    if (storm.done >= STEPS) {
        every_state_was_reached();
    }
    storm_end(&storm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_in_a_storm_of_messages_keeps_every_invariant),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

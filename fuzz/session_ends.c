/* SPDX-License-Identifier: Apache-2.0
 *
 * Both ends, and somebody between them. The input says what becomes of each value on
 * the link: it passes, is lost, doubled, held back, damaged, or others come before it,
 * with the right CRC if need be; and when links, phones, flash and power fail. Then all
 * is calm: the transfer is completed, or has ended for a reason that has a name; and
 * whatever came, a phone of later days gets the image in, byte for byte. */
#include "phone_watch.h"
#include "storm_watch.h"
#include "words.h"

#define STEPS_MAX 6000U
#define TROUBLE_MAX (2U * HOUR) /* that the script lasts at most */

static struct cargo cargo, elsewhere; /* the latter is linked for the other bank */

/* All that one input is about. */
static struct run {
    struct fuzz_input in;
    struct storm storm;
    struct storm_watch device;
    struct phone_watch phone;
    struct world *w;
    unsigned passing; /* so many values are left alone */
    bool excused;     /* it was worse than the weather: lies with a seal, bad flash */
    struct sim_value held[2];
    void (*next)(struct world *w); /* to be done behind this event */
} run;

/* ---- what becomes of a value ----------------------------------------------------- */

/* Before what the value has, if there is room. */
static void put_before(struct sim_value *v, const uint8_t *bytes, size_t len)
{
    if (v->len + len <= sizeof v->bytes) {
        memmove(v->bytes + len, v->bytes, v->len);
        memcpy(v->bytes, bytes, len);
        v->len = (uint16_t)(v->len + len);
    }
}

static uint16_t tag_of(const struct world *w, unsigned direction)
{
    return direction == SIM_TO_DEVICE ? w->device.tag : w->courier.tag;
}

static void inject(const struct world *w, unsigned direction, struct sim_value *v)
{
    uint8_t wire[FRAME_WIRE_MAX];
    uint16_t tag = tag_of(w, direction);
    size_t len;

    run.excused = true;
    if (fuzz_below(&run.in, 2) == 0) {
        struct ferry_msg m = words_any(&run.in, direction == SIM_TO_COURIER);
        len = frame_wire(&m, tag, true, wire);
    } else {
        len = words_sealed(&run.in, tag, wire);
    }
    put_before(v, wire, len);
}

static void hold(unsigned direction, struct sim_value *v)
{
    struct sim_value was = run.held[direction];

    run.held[direction] = *v;
    *v = was;
}

static void change(struct world *w, unsigned direction, struct sim_value *v)
{
    uint8_t raw[FRAME_WIRE_MAX];
    struct sim_value twin = *v;

    switch (fuzz_below(&run.in, 8)) {
    case 0:
        v->len = 0;
        break;
    case 1:
        put_before(v, twin.bytes, twin.len);
        break;
    case 2: /* in place of the one that was held, if there was any */
        hold(direction, v);
        break;
    case 3: /* again */
        put_before(v, run.held[direction].bytes, run.held[direction].len);
        break;
    case 4:
    case 5:
        v->len = (uint16_t)words_damage(&run.in, v->bytes, v->len);
        break;
    case 6:
        put_before(v, raw, words_raw(&run.in, raw));
        break;
    default:
        inject(w, direction, v);
    }
}

/* ---- what happens to the ends ---------------------------------------------------- */

static void link_breaks(struct world *w)
{
    world_disconnect(w);
    world_run(w, 100U * fuzz_byte(&run.in));
    world_connect(w);
}

static void device_restarts(struct world *w)
{
    world_power_cut(w);
    storm_watch_started(&run.device, w);
    world_connect(w);
}

static void another_phone(struct world *w)
{
    world_disconnect(w);
    send_courier(w, &cargo);
}

static void flash_fails(struct world *w)
{
    w->flash.write_fault = SIM_FAULT_WRONG;
    w->flash.erase_fault = SIM_FAULT_ERROR;
    w->flash.faults = 1 + fuzz_below(&run.in, 3);
    run.excused = true;
}

static void supply(struct world *w)
{
    w->flash.power_low = !w->flash.power_low;
}

static void (*const events[])(struct world *w) = {link_breaks, device_restarts,
                                                  another_phone, flash_fails, supply};

static void between(struct world *w, unsigned direction, struct sim_value *v)
{
    if (run.passing > 0) {
        run.passing--;
    } else if (run.in.left > 0) {
        unsigned what = fuzz_byte(&run.in);
        if (what >= 0x80) {
            run.passing = what - 0x80;
        } else if (what % 8 == 0 && run.next == NULL) {
            run.next = events[what / 8 % COUNT(events)];
        } else {
            change(w, direction, v);
        }
    }
    if (direction == SIM_TO_DEVICE) {
        run.device.bytes += v->len;
    }
}

/* ---- the whole ------------------------------------------------------------------- */

static struct world *make_world(void)
{
    struct world_options o;
    struct release r;

    release_default(&r);
    r.toy = true;
    cargo_make(&cargo, &r, BLOCK + 60, 85);
    r.link = 0x00001000;
    cargo_make(&elsewhere, &r, BLOCK + 60, 86);
    scene_options(&o);
    o.bank_len = 12U * 1024U;
    o.toy = true;
    struct world *w = scene(&o);
    scene_keep();
    return w;
}

static void begin(void)
{
    static const uint8_t nonce[FERRY_NONCE_LEN] = {7};
    const struct artifact_bytes both[] = {elsewhere.artifact, cargo.artifact};
    static const uint16_t mtus[] = {247, 247, 185, 64};
    struct world *w = run.w;
    unsigned what = fuzz_byte(&run.in);

    scene_bring_back();
    w->flash.mode = (enum sim_flash_mode)(what % 3);
    w->link.mtu = mtus[what / 4 % COUNT(mtus)];
    w->opt.chunk = w->device_cfg.chunk = (what & 0x10) != 0 ? 256 : 128;
    w->device_cfg.pool_len = (uint16_t)(4 * FERRY_DEVICE_SLOT(w->opt.chunk));
    w->device_cfg.ack_every = (what & 0x20) != 0;
    run.storm.what = "ends";
    run.device.storm = &run.storm;
    run.device.cargo[0] = run.device.cargo[1] = run.device.cargo[2] = &cargo;
    storm_watch(&run.device, w);
    phone_watch(&run.phone, &run.storm);
    world_start_device(w);
    world_courier(w, both, COUNT(both));
    w->courier_cfg.report_nonce = (what & 0x40) != 0 ? nonce : NULL;
    w->middle = between;
    world_connect(w);
}

static bool over(const struct world *w)
{
    enum ferry_courier_state s = ferry_courier_state(&w->courier);

    return s == FERRY_COURIER_DONE || s == FERRY_COURIER_REFUSED ||
           (s == FERRY_COURIER_PARKED && !w->courier.will_resume);
}

/* As long as the script lasts. */
static void trouble(struct world *w)
{
    while (run.in.left > 0 && !over(w) && run.storm.done++ < STEPS_MAX &&
           w->now < TROUBLE_MAX) {
        world_step(w, w->now + MINUTE);
        if (run.next != NULL) {
            void (*next)(struct world *) = run.next;
            run.next = NULL;
            next(w);
            run.device.ops = flash_ops(w);
        }
        storm_watch_step(&run.device, w, false);
        phone_watch_step(&run.phone, w);
    }
}

static void calm(struct world *w)
{
    w->middle = NULL;
    storm_watch_all_is_well(w);
    bool done = travel_forged(w, &cargo, 3 * DAY);
    expect(over(w), "in the calm every transfer has an end");
    expect(done || run.excused, "weather alone makes no transfer fail");
    phone_watch_step(&run.phone, w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = run.w != NULL ? run.w : make_world();

    run = (struct run){.w = w, .in = {data, size}};
    begin();
    trouble(w);
    calm(w);
    if (w->boot.ticket.bank == 0) { /* nothing was committed */
        storm_watch_honest(&run.device, w);
    }
    storm_watch_genuine(&run.device, w);
    return 0;
}

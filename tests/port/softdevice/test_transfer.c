/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole transfers, the engine on flash under a SoftDevice in every mood: in virtual time,
 * over the simulated link, into a flash that holds everybody to its rules. */
#include "fake.h"
#include "gatt.h"
#include "scene.h"
#include "softdevice_soc.h"

static struct cargo cargo;
static struct fake_softdevice *sd;
static struct ferry_softdevice_flash port;
static struct ferry_softdevice_flash_config cfg;

/* The world's device, on this port instead of the world's own flash. */
static void put_on_softdevice(struct world *w, uint16_t words_max)
{
    sd = fake_softdevice(&w->flash);
    cfg = (struct ferry_softdevice_flash_config){
        .base = (uintptr_t)w->flash.bytes,
        .page_len = 4096,
        .words_max = words_max,
        .erase_unit = w->opt.erase_unit,
    };
    ferry_softdevice_flash_init(&port, &cfg);
    w->flash_hal = ferry_softdevice_flash_hal(&port);
    world_start_device(w);
}

static struct world *world_on_softdevice(uint16_t words_max)
{
    struct world *w = plain_scene();

    put_on_softdevice(w, words_max);
    return w;
}

/* What an application's main loop does for flash. */
static void look_at_flash(struct world *w)
{
    uint32_t event;
    int status;

    fake_time(w->now);
    while (fake_fetch(&event)) {
        ferry_softdevice_flash_event(&port, event, w->now);
    }
    if (ferry_softdevice_flash_ended(&port, w->now, &status)) {
        ferry_device_done(&w->device, status, w->now);
    }
}

static void step(struct world *w)
{
    world_step(w, w->now + 1);
    look_at_flash(w);
}

static bool arrives(struct world *w, uint32_t within_ms)
{
    uint32_t until = w->now + within_ms;

    send_courier(w, &cargo);
    while ((int32_t)(w->now - until) < 0) {
        step(w);
        if (ferry_courier_state(&w->courier) == FERRY_COURIER_DONE) {
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    uint32_t takes_ms, fails_ppm, doubles_ppm, others_ppm;
    uint16_t words_max;
} moods[] = {
    {"swift", 1, 0, 0, 0, 1024},
    {"slow", 90, 0, 0, 0, 1024},
    {"in small pieces", 2, 0, 0, 0, 8},
    {"fails now and then", 5, 200000, 0, 0, 1024},
    {"tells twice", 5, 0, 500000, 0, 1024},
    {"shared with others", 5, 0, 0, 500000, 1024},
    {"all of it", 5, 150000, 300000, 300000, 16},
};

static void a_transfer_arrives_whatever_the_softdevices_mood(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 100, 211);
    for (size_t i = 0; i < COUNT(moods); i++) {
        struct world *w = world_on_softdevice(moods[i].words_max);
        sd->takes_ms = moods[i].takes_ms;
        sd->fails_ppm = moods[i].fails_ppm;
        sd->doubles_ppm = moods[i].doubles_ppm;
        sd->others_ppm = moods[i].others_ppm;
        expect_true(moods[i].name, arrives(w, 10 * MINUTE));
        expect_arrived(w, &cargo);
        expect_true(moods[i].name, (port.errors > 0) == (moods[i].fails_ppm > 0));
        expect_true(moods[i].name, moods[i].doubles_ppm == 0 || port.strays > 0);
        expect_true(moods[i].name, moods[i].others_ppm == 0 || port.busies > 0);
        expect_true(moods[i].name, w->device.counts.transfer_errors == 0);
    }
}

/* Both halves of a SoftDevice at once: values by GATT, erases of 85 ms between them. */
static void a_transfer_arrives_over_gatt_while_flash_takes_its_time(void **state)
{
    (void)state;
    struct gatt *g = gatt_new(247, 2);
    g->w->device_cfg.pool_len = 16 * FERRY_DEVICE_SLOT(128);
    put_on_softdevice(g->w, 1024);
    sd->takes_ms = 85;
    sd->fails_ppm = 100000;
    world_courier(g->w, &cargo.artifact, 1);
    gatt_connect(g, 1);
    for (uint32_t ms = 0; ferry_courier_state(&g->w->courier) != FERRY_COURIER_DONE;
         ms++) {
        assert_in_range(ms, 0, 5 * MINUTE);
        gatt_step(g);
        look_at_flash(g->w);
    }
    expect_arrived(g->w, &cargo);
    assert_int_equal(g->w->device.counts.frames_bad, 0);
    assert_true(port.errors > 0);
}

/* Three in a hundred calls fail for good: Ferry erases and fills again, in its budget. */
static void what_the_port_cannot_mend_the_engine_does(void **state)
{
    (void)state;
    struct world *w = world_on_softdevice(1024);
    sd->fails_ppm = 650000;
    assert_true(arrives(w, HOUR));
    expect_arrived(w, &cargo);
    assert_true(port.errors > 100);
    assert_true(w->courier.counts.epochs > 0);
}

static void
a_softdevice_that_never_answers_breaks_the_session_until_a_reset(void **state)
{
    (void)state;
    struct world *w = world_on_softdevice(1024);
    sd->mutes = UINT32_MAX;
    send_courier(w, &cargo);
    uint32_t until = w->now + MINUTE;
    while (ferry_device_state(&w->device) != FERRY_DEVICE_BROKEN) {
        step(w);
        assert_true((int32_t)(until - w->now) > 0);
    }
    assert_int_equal(ferry_device_error(&w->device), FERRY_E_FLASH);
    uint32_t ops = sd->writes + sd->erases;
    for (unsigned i = 0; i < 20000; i++) {
        step(w);
    }
    assert_int_equal(sd->writes + sd->erases, ops);
    expect_no_commit(w);

    fake_softdevice(&w->flash); /* the reset */
    ferry_softdevice_flash_init(&port, &cfg);
    world_power_cut(w);
    assert_true(arrives(w, 10 * MINUTE));
    expect_arrived(w, &cargo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_arrives_whatever_the_softdevices_mood),
        cmocka_unit_test(a_transfer_arrives_over_gatt_while_flash_takes_its_time),
        cmocka_unit_test(what_the_port_cannot_mend_the_engine_does),
        cmocka_unit_test(
            a_softdevice_that_never_answers_breaks_the_session_until_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

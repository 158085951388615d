/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures goodput in virtual time, which is exact, and holds it to the design's figures:
 * image bytes from the first image chunk's value to the ack of the last. */
#include "scene.h"

static struct cargo cargo;

struct link_speed {
    const char *name;
    uint16_t mtu;
    uint16_t pool;
    uint32_t loss_ppm;
    uint32_t least; /* bytes per second */
};

static uint32_t measure(const struct link_speed *l, uint16_t chunk,
                        enum flash_time_model flash)
{
    struct world_options o;

    world_defaults(&o);
    o.mtu = l->mtu;
    o.pool_chunks = l->pool;
    o.loss_ppm = l->loss_ppm;
    o.chunk = chunk;
    o.flash_time = flash;
    struct world *w = scene(&o);
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, 10 * MINUTE));
    expect_arrived(w, &cargo);
    uint32_t goodput = world_goodput(w, cargo.len);
    print_message("%-28s chunk %u: %5u B/s, whole session %u.%03u s, %u B repeated\n",
                  l->name, chunk, (unsigned)goodput, (unsigned)(w->now / 1000),
                  (unsigned)(w->now % 1000),
                  (unsigned)w->courier.counts.bytes_repeated);
    return goodput;
}

static void measure_all(const struct link_speed *links, size_t n, uint16_t chunk,
                        enum flash_time_model flash)
{
    cargo_make(&cargo, NULL, 200U * 1024U, 111);
    for (size_t i = 0; i < n; i++) {
        expect_true(links[i].name, measure(&links[i], chunk, flash) >= links[i].least);
    }
}

/* Connection interval 30 ms, 4 values per event; the limits are 2667 and 32533 B/s. */
static void goodput_on_flash_that_takes_no_time_is_near_the_limit(void **state)
{
    static const struct link_speed links[] = {
        {"MTU 23, pool 3", 23, 3, 0, 2480},
        {"MTU 247, pool 16", 247, 16, 0, 30000},
    };
    static const struct link_speed long_chunks[] = {
        {"MTU 23, pool 3", 23, 3, 0, 2530},
    };

    (void)state;
    measure_all(links, COUNT(links), 128, FLASH_TIMELESS);
    measure_all(long_chunks, COUNT(long_chunks), 256, FLASH_TIMELESS);
}

static void goodput_on_a_link_that_loses_values_is_near_what_it_carries(void **state)
{
    static const struct link_speed links[] = {
        {"MTU 23, pool 3, 1 % lost", 23, 3, 10000, 2250},
        {"MTU 23, pool 3, 5 % lost", 23, 3, 50000, 1500},
        {"MTU 247, pool 16, 1 % lost", 247, 16, 10000, 29000},
        {"MTU 247, pool 16, 5 % lost", 247, 16, 50000, 24000},
    };

    (void)state;
    measure_all(links, COUNT(links), 128, FLASH_TIMELESS);
}

/* The pool is what makes the window at MTU 247. */
static void goodput_grows_with_the_pool(void **state)
{
    static const struct link_speed links[] = {
        {"MTU 247, pool 8", 247, 8, 0, 17000},
        {"MTU 247, pool 11", 247, 11, 0, 23000},
        {"MTU 247, pool 14", 247, 14, 0, 29000},
    };

    (void)state;
    measure_all(links, COUNT(links), 128, FLASH_TIMELESS);
}

/* 85 ms a page and 41 us a word. */
static void goodput_on_flash_with_real_times_needs_the_erase_ahead(void **state)
{
    static const struct link_speed whole[] = {
        {"MTU 23, pool 3, whole pages", 23, 3, 0, 2400},
        {"MTU 247, pool 24, whole pages", 247, 24, 0, 24000},
    };
    static const struct link_speed sliced[] = {
        {"MTU 23, pool 3, sliced", 23, 3, 0, 2400},
        {"MTU 247, pool 14, sliced", 247, 14, 0, 25000},
    };
    static const struct link_speed silent[] = {
        {"MTU 247, pool 16, radio silent", 247, 16, 0, 18000},
    };

    (void)state;
    measure_all(whole, COUNT(whole), 128, FLASH_ALIVE);
    measure_all(sliced, COUNT(sliced), 128, FLASH_SLICED);
    measure_all(silent, COUNT(silent), 128, FLASH_SILENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goodput_on_flash_that_takes_no_time_is_near_the_limit),
        cmocka_unit_test(goodput_on_a_link_that_loses_values_is_near_what_it_carries),
        cmocka_unit_test(goodput_grows_with_the_pool),
        cmocka_unit_test(goodput_on_flash_with_real_times_needs_the_erase_ahead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the cells by name and by grid. Does not know how they are measured. */
#include "table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PERCENT 10000U /* of a million */

/* Connection interval 30 ms, 4 values an event, round trip 2 events. */
static struct cell usual(uint16_t mtu, uint16_t chunk, uint8_t pool)
{
    return (struct cell){.mtu = mtu,
                         .ci_ms = 30,
                         .n = 4,
                         .chunk = chunk,
                         .pool = pool,
                         .reply_events = 2};
}

struct wanted {
    uint16_t mtu;
    uint32_t loss_ppm;
    uint16_t chunk;
    uint8_t pool;
    enum flash_time_model flash;
    double goodput, session;
    unsigned ram;
};

/* clang-format off */
static const struct wanted wanted[] = {
    {23,  0,           128, 3,  FLASH_TIMELESS, 2480,  2400,  1024},
    {23,  0,           256, 3,  FLASH_TIMELESS, 2530,  0,     0},
    {23,  1 * PERCENT, 128, 3,  FLASH_TIMELESS, 2250,  0,     1024},
    {23,  5 * PERCENT, 128, 3,  FLASH_TIMELESS, 1500,  0,     1024},
    {23,  0,           128, 3,  FLASH_ALIVE,    0,     0,     1024},
    {247, 0,           128, 11, FLASH_TIMELESS, 22000, 0,     0},
    {247, 0,           128, 16, FLASH_TIMELESS, 30000, 26000, 0},
    {247, 1 * PERCENT, 128, 16, FLASH_TIMELESS, 29000, 0,     0},
    {247, 5 * PERCENT, 128, 16, FLASH_TIMELESS, 24000, 0,     0},
    {247, 0,           128, 24, FLASH_ALIVE,    24000, 0,     0},
    {247, 0,           128, 14, FLASH_SLICED,   25000, 0,     0},
    {247, 0,           128, 16, FLASH_SILENT,   18000, 0,     0},
};
/* clang-format on */

/* Phones that pass on late, or drop what their queue does not hold. */
static const struct {
    uint16_t mtu;
    uint8_t pool, reply_events, phone_queue;
} phones[] = {
    {23, 3, 3, 0},  {23, 3, 4, 0},  {247, 24, 3, 0}, {247, 24, 4, 0},
    {23, 3, 2, 24}, {23, 3, 2, 16}, {23, 3, 2, 8},
};

static const uint16_t mtus[] = {23, 185, 247};
static const uint16_t intervals[] = {15, 30, 50};
static const uint8_t per_events[] = {1, 2, 4, 6};
static const uint32_t losses[] = {0, 1 * PERCENT, 5 * PERCENT};
static const uint16_t chunks[] = {128, 256};
static const uint8_t pools[] = {3, 8, 16, 24};

static size_t add_wanted(struct row *rows, unsigned seeds)
{
    for (size_t i = 0; i < COUNT(wanted); i++) {
        const struct wanted *w = &wanted[i];
        rows[i] = (struct row){
            .cell = usual(w->mtu, w->chunk, w->pool),
            .runs = w->loss_ppm > 0 ? seeds : 1,
            .least_goodput = w->goodput,
            .least_session = w->session,
            .most_ram = w->ram,
        };
        rows[i].cell.loss_ppm = w->loss_ppm;
        rows[i].cell.flash = w->flash;
    }
    return COUNT(wanted);
}

static size_t add_phones(struct row *rows)
{
    rows[0] = (struct row){.cell = usual(23, 128, 3), .runs = 1, .article = true};
    rows[0].cell.n = 2;
    for (size_t i = 0; i < COUNT(phones); i++) {
        struct cell c = usual(phones[i].mtu, 128, phones[i].pool);
        c.reply_events = phones[i].reply_events;
        c.phone_queue = phones[i].phone_queue;
        rows[1 + i] = (struct row){.cell = c, .runs = 1};
    }
    return 1 + COUNT(phones);
}

/* Cell number `i` of the grid; false: there are no more. */
static bool grid(size_t i, struct cell *c)
{
    *c = (struct cell){.reply_events = 2};
    c->pool = pools[i % COUNT(pools)];
    i /= COUNT(pools);
    c->chunk = chunks[i % COUNT(chunks)];
    i /= COUNT(chunks);
    c->loss_ppm = losses[i % COUNT(losses)];
    i /= COUNT(losses);
    c->n = per_events[i % COUNT(per_events)];
    i /= COUNT(per_events);
    c->ci_ms = intervals[i % COUNT(intervals)];
    i /= COUNT(intervals);
    c->mtu = mtus[i % COUNT(mtus)];
    return i < COUNT(mtus);
}

size_t table_make(struct row *rows, unsigned seeds, bool brief)
{
    size_t n = add_wanted(rows, seeds);
    struct cell c;

    n += add_phones(rows + n);
    for (size_t i = 0; !brief && grid(i, &c); i++) {
        rows[n++] = (struct row){.cell = c, .runs = c.loss_ppm > 0 ? seeds : 1};
    }
    return n;
}

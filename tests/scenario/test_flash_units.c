/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests every kind of flash that hal.h allows with the whole journey, from the factory to
 * the confirm, and the supply going on the way; and counts how often the parts that limit
 * it program a word or a block. */
#include "boots_life.h"

static struct world_options options;
static struct cargo even;

/* ---- geometries ------------------------------------------------------------------ */

static void geometry(uint32_t erase_unit, uint8_t write_unit, uint8_t erased)
{
    boots_options(&options);
    boots_cargo(&even, 1, 0x01010000, 5, 0);
    options.erase_unit = erase_unit;
    options.write_unit = write_unit;
    options.erased = erased;
    options.header_len = erase_unit > 1024 ? erase_unit : 1024;
    options.bank_len = options.header_len + (erase_unit > 4096 ? erase_unit : 4096);
}

/* The journey, cut so often: anywhere, and most times in the start after it, too. */
static void cut_lives(unsigned lives, uint64_t seed)
{
    struct life_kind kind = {&journey_update, &options, &first, &even, 1, 1};
    uint64_t rng = seed * 0x9E3779B97F4A7C15ULL + 1;
    uint32_t ops = life_prepare(&kind);

    for (unsigned i = 0; i < lives; i++) {
        struct life_cut cut = {
            rng_below(&rng, ops), (enum sim_cut)rng_below(&rng, SIM_CUTS),
            (int)rng_below(&rng, 8) - 3, (enum sim_cut)rng_below(&rng, SIM_CUTS), i};
        life_live(&cut);
    }
}

static void every_write_and_erase_unit_survives_cuts(uint8_t erased)
{
    static const uint32_t erase_units[] = {512, 1024, 2048, 4096, 16384, 65536, 131072};
    static const uint8_t write_units[] = {1, 2, 4, 8, 16, 32};

    for (size_t e = 0; e < COUNT(erase_units); e++) {
        for (size_t u = 0; u < COUNT(write_units); u++) {
            geometry(erase_units[e], write_units[u], erased);
            cut_lives(erase_units[e] > 4096 ? 6 : 25, e * 10 + u);
        }
    }
}

static void units_of_1_to_32_and_512_to_128_kib_survive_cuts_on_erased_ff(void **state)
{
    (void)state;
    every_write_and_erase_unit_survives_cuts(0xFF);
}

static void units_of_1_to_32_and_512_to_128_kib_survive_cuts_on_erased_00(void **state)
{
    (void)state;
    every_write_and_erase_unit_survives_cuts(0x00);
}

/* ---- an nRF52832 ----------------------------------------------------------------- */

static struct world *chip;
static uint16_t most; /* programs that any block has seen between two erases */

static void note(void *ctx, const struct sim_op *op)
{
    (void)ctx;
    (void)op;
    for (uint32_t b = 0; b < chip->flash.size / chip->flash.block_len; b++) {
        uint16_t n = chip->flash.block_writes[b];
        most = n > most ? n : most;
    }
}

/* Real sizes: pages of 4096 bytes, words of 4, an image of 180 KiB, both journals. The
 * flash ends this test at the second program of a word, or the 182nd of a block. */
static void an_update_keeps_to_181_programs_of_a_block_and_one_of_a_word(void **state)
{
    static struct cargo large;
    struct release r;

    (void)state;
    boots_options(&options);
    options.erase_unit = 4096;
    options.header_len = 4096;
    options.bank_len = 200U * 1024U;
    for (uint16_t chunk = 128; chunk <= 256; chunk = (uint16_t)(chunk * 2)) {
        options.chunk = chunk;
        chip = device_of(&options);
        chip->flash.writes_per_word = 1;
        chip->flash.writes_per_block = 181;
        boots_release(&r, 1, 0x01010000, 7);
        cargo_make(&large, &r, 180U * 1024U, 171);
        reset(chip, FERRY_RESET_POWER);
        chip->flash.before = note;
        most = 0;
        send_courier(chip, &large);
        assert_true(world_finish(chip, HOUR));
        world_disconnect(chip);
        board_planned_reset(chip);
        expect_runs(chip, &large, true);
        confirm(chip);
        expect_runs(chip, &large, false);
        note(NULL, NULL);
        chip->flash.before = NULL;
        print_message("chunks of %u: at most %u programs of a block of 512 bytes, of "
                      "181\n",
                      (unsigned)chunk, (unsigned)most);
        assert_in_range(most, 128, 181);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_of_1_to_32_and_512_to_128_kib_survive_cuts_on_erased_ff),
        cmocka_unit_test(units_of_1_to_32_and_512_to_128_kib_survive_cuts_on_erased_00),
        cmocka_unit_test(an_update_keeps_to_181_programs_of_a_block_and_one_of_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

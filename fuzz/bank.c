/* SPDX-License-Identifier: Apache-2.0
 *
 * The block table and the bank it is the truth about: chunks in any order, right and
 * wrong, tables that lie, units that must be written anew. Nothing is programmed that is
 * not erased, nor outside the bank (the flash asserts it); no block counts that does not
 * hash to its entry; credit is for chunks that would be taken; erases are bounded. */
#include <string.h>

#include "bank.h"
#include "chip.h"
#include "crypto_sodium.h"
#include "verify.h"

#define BANK_AT 8192U
#define HEADER 4096U
#define IMAGE_MAX (4U * FERRY_BLOCK_LEN)
#define BANK_LEN (HEADER + IMAGE_MAX)
#define TABLE_MAX (4U * FERRY_BLOCK_HASH_LEN)
#define STEPS 400U

struct bench {
    struct sim_flash flash;
    struct ferry_flash hal;
    struct ferry_sodium sodium;
    struct ferry_crypto crypto;
    struct ferry_bank bank;
    struct ferry_window window;
    uint8_t table[TABLE_MAX], image[IMAGE_MAX];
    uint8_t table_hash[FERRY_HASH_LEN];
    uint32_t rewinds;
};

static struct bench b;
static const uint32_t no_clock;

/* ---- what is to be received ------------------------------------------------------ */

static void make_image(struct fuzz_input *in, uint32_t len)
{
    uint8_t seed = fuzz_byte(in);

    for (uint32_t i = 0; i < len; i++) {
        b.image[i] = (uint8_t)(seed + i * 7U + i / 256U);
    }
}

/* The table is signed as it is, whether its entries are true or lies. */
static void make_table(struct fuzz_input *in, uint32_t len)
{
    uint8_t hash[FERRY_HASH_LEN], lies = fuzz_byte(in);
    uint32_t blocks = ferry_table_len(len) / FERRY_BLOCK_HASH_LEN;

    for (uint32_t k = 0; k < blocks; k++) {
        uint32_t off = k * FERRY_BLOCK_LEN;
        crypto_hash_sha256(hash, b.image + off,
                           len - off < FERRY_BLOCK_LEN ? len - off : FERRY_BLOCK_LEN);
        hash[FERRY_BLOCK_HASH_LEN - 1] ^= (uint8_t)(lies >> k & 1U);
        memcpy(b.table + k * FERRY_BLOCK_HASH_LEN, hash, FERRY_BLOCK_HASH_LEN);
    }
    crypto_hash_sha256(b.table_hash, b.table, ferry_table_len(len));
}

static void set_up(struct fuzz_input *in)
{
    static const uint32_t units[] = {512, 1024, 2048, 4096};
    uint32_t unit = units[fuzz_below(in, 4)];
    uint16_t chunk = (fuzz_byte(in) & 1U) != 0 ? 256 : 128;
    uint32_t len = 4U + fuzz_number(in, 2) % (IMAGE_MAX - 3U) / 4U * 4U;
    struct ferry_shape shape = {chunk, (uint16_t)ferry_table_len(len), len};
    struct ferry_map map = {.bank = {{0, 0}, {BANK_AT, BANK_LEN}},
                            .header_len = HEADER};

    sim_flash_init(&b.flash, BANK_AT + BANK_LEN + 4096, unit, 4, 0xFF);
    sim_flash_grant(&b.flash, 0, BANK_AT, BANK_LEN);
    b.hal = sim_flash_hal(&b.flash, &no_clock);
    b.crypto = ferry_sodium_crypto(&b.sodium);
    make_image(in, len);
    make_table(in, len);
    ferry_bank_init(&b.bank, &b.hal, &map, 1);
    ferry_window_init(&b.window, &shape, 0);
    b.rewinds = 0;
}

/* ---- the judges ------------------------------------------------------------------ */

static uint32_t image_len(void)
{
    return b.window.shape.payload_len;
}

static uint32_t block_at(uint32_t block)
{
    return BANK_AT +
           (block == 0 ? FERRY_TABLE_OFF : HEADER + (block - 1) * FERRY_BLOCK_LEN);
}

static uint32_t block_len(uint32_t block)
{
    uint32_t before = (block - 1) * FERRY_BLOCK_LEN;

    if (block == 0) {
        return ferry_table_len(image_len());
    }
    return image_len() - before < FERRY_BLOCK_LEN ? image_len() - before
                                                  : FERRY_BLOCK_LEN;
}

/* Does flash hold this block, as the signed table, or the manifest of it, has it? */
static bool true_block(uint32_t block)
{
    uint8_t hash[FERRY_HASH_LEN];

    crypto_hash_sha256(hash, b.flash.bytes + block_at(block), block_len(block));
    return block == 0 ? memcmp(hash, b.table_hash, sizeof hash) == 0
                      : memcmp(hash, b.table + (block - 1) * FERRY_BLOCK_HASH_LEN,
                               FERRY_BLOCK_HASH_LEN) == 0;
}

/* How many chunks would be taken now, one by one. */
static unsigned wanted(void)
{
    unsigned n = 0;

    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
        uint32_t addr, index = ferry_window_index(&b.window, row);
        bool other = ferry_shape_block(&b.window.shape, index) !=
                     b.window.base + row / FERRY_WINDOW_ROWS;
        n += !other && ferry_bank_wants(&b.bank, &b.window, index, &addr) > 0;
    }
    return n;
}

static void credit(uint8_t slots)
{
    unsigned most = wanted(), n = ferry_bank_credit(&b.bank, &b.window, slots);

    expect(n == (most < slots ? most : slots),
           "credit is for chunks that would be taken, and not for more than fit");
}

/* ---- what a device does ---------------------------------------------------------- */

static void erase(void)
{
    uint32_t at = b.bank.erased;

    expect(b.window.base > 0, "no image page is erased before the table holds");
    expect(at >= HEADER && at < HEADER + image_len(), "none but the image's is erased");
    expect(b.hal.erase(b.hal.ctx, BANK_AT + at) == 0, "flash erases");
    b.bank.erased += b.hal.erase_unit;
}

static void clear(void)
{
    for (b.bank.erased = 0; b.bank.erased < HEADER;) {
        expect(b.hal.erase(b.hal.ctx, BANK_AT + b.bank.erased) == 0, "flash erases");
        b.bank.erased += b.hal.erase_unit;
    }
}

/* `block` is not as it should be. */
static void rewind_to(uint16_t block)
{
    uint32_t erased = b.bank.erased;
    uint16_t from = ferry_bank_rewind(&b.bank, block);

    b.rewinds++;
    expect(from <= block, "a rewind takes back the block that is wrong");
    expect(b.bank.erased <= erased, "and calls nothing erased that was not");
    expect(from == 0 || b.bank.erased <= block_at(from) - BANK_AT,
           "everything from there on is erased again");
    expect(from == 0 || (block_at(from) - BANK_AT) % b.hal.erase_unit == 0,
           "from the beginning of a unit");
    ferry_window_rewind(&b.window, from);
    if (from == 0) {
        clear();
    }
}

static void check(void)
{
    uint16_t base = b.window.base;
    struct ferry_verify v;

    ferry_verify_init(&v, &b.hal, &b.crypto);
    int err = ferry_bank_check(&b.bank, &b.window, &v, b.table_hash);
    expect((err == 0) == true_block(base),
           "a block counts if flash holds what the signed table says, and only then");
    if (ferry_window_base_full(&b.window)) {
        if (err == 0) {
            ferry_window_advance(&b.window);
        } else {
            rewind_to(base);
        }
    }
}

static const uint8_t *payload_of(uint32_t index)
{
    uint32_t block = ferry_shape_block(&b.window.shape, index);
    uint32_t off = ferry_shape_off(&b.window.shape, index);

    return block == 0 ? b.table + off : b.image + (block - 1) * FERRY_BLOCK_LEN + off;
}

static void chunk(uint32_t index, uint8_t damage)
{
    uint32_t words[FERRY_CHUNK_MAX / 4], addr;
    unsigned len = ferry_bank_wants(&b.bank, &b.window, index, &addr);

    if (len == 0) {
        return;
    }
    uint32_t block = ferry_shape_block(&b.window.shape, index);
    expect(addr >= block_at(block) && addr + len <= block_at(block) + block_len(block),
           "a chunk is for its own block, and inside of it");
    memcpy(words, payload_of(index), len);
    ((uint8_t *)words)[index % len] ^= damage;
    expect(b.hal.write(b.hal.ctx, addr, words, len) == 0, "flash takes it");
    ferry_window_mark(&b.window, index);
    expect(ferry_bank_wants(&b.bank, &b.window, index, &addr) == 0,
           "what is here is not wanted again");
}

/* All that is missing of the window, but for the last `but`. */
static void chunks(unsigned but)
{
    unsigned n = wanted();

    for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS && n > but; row++) {
        uint32_t addr, index = ferry_window_index(&b.window, row);
        if (ferry_bank_wants(&b.bank, &b.window, index, &addr) > 0) {
            chunk(index, 0);
            n--;
        }
    }
}

static void step(struct fuzz_input *in)
{
    uint8_t what = fuzz_byte(in);

    switch (what % 8) {
    case 0: /* near the window */
        chunk(ferry_window_index(&b.window, fuzz_byte(in) % 96U), 0);
        break;
    case 1: /* with one wrong bit, and a good CRC */
        chunk(ferry_window_index(&b.window, fuzz_byte(in) % 64U),
              (uint8_t)(1U << what / 32));
        break;
    case 2: /* anywhere */
        chunk(fuzz_number(in, 3), 0);
        break;
    case 3:
        chunks(what / 8U);
        break;
    case 4:
        if (ferry_bank_wants_erase(&b.bank, &b.window)) {
            erase();
        }
        break;
    case 5:
        if (!ferry_window_complete(&b.window)) {
            check();
        }
        break;
    case 6:
        credit(fuzz_byte(in));
        break;
    default: /* a program failed in the window */
        rewind_to((uint16_t)(b.window.base + what / 8U % 2U));
        break;
    }
}

static void look_back(void)
{
    uint32_t erases = (b.rewinds + 1) * BANK_LEN / b.hal.erase_unit;

    for (uint32_t block = 0; block < b.window.base; block++) {
        expect(true_block(block), "a block that counted holds");
    }
    expect(b.flash.erases <= erases, "erases are bounded by what had to be done anew");
    expect(ferry_window_cursor(&b.window) <=
               (image_len() + b.window.shape.chunk - 1) / b.window.shape.chunk,
           "the cursor stays inside the image");
    for (uint32_t at = BANK_AT; b.flash.erases > 0 && at < BANK_AT + FERRY_TABLE_OFF;
         at++) {
        expect(b.flash.bytes[at] == 0xFF, "no chunk lands on the envelope");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};

    set_up(&in);
    clear();
    for (unsigned n = 0; n < STEPS && in.left > 0; n++) {
        step(&in);
    }
    look_back();
    return 0;
}

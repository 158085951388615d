/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests each rule of policy.c by a row of its own, and that of several broken rules the
 * first is named. Every row begins with the sample, which the sample device wants. */
#include "policy.h"

#include "check.h"
#include "sample.h"

#define CAPACITY 0x64000U /* 400 KiB: room for twice the sample */
#define TABLE_CAP 1600U   /* just its block table */
#define OTHER_LINK 0x00080000U

/* All that policy looks at, and how a row bends it. */
struct facts {
    struct ferry_identity identity;
    struct ferry_boot_state now;
    uint32_t capacity, table_cap;
    struct ferry_manifest m;
    uint8_t slot;
    uint8_t digest[FERRY_HASH_LEN];
    uint8_t other[FERRY_HASH_LEN]; /* what no device has */
};

static void good(struct facts *f)
{
    sample_identity(&f->identity);
    sample_running(&f->now);
    sample_manifest(&f->m);
    f->capacity = CAPACITY;
    f->table_cap = TABLE_CAP;
    f->slot = SAMPLE_SLOT;
    memset(f->digest, 0xD1, sizeof f->digest);
    memset(f->other, 0x0E, sizeof f->other);
}

/* The active bank has room for four bytes: mistaking one for the other shows. */
static int judge(const struct facts *f)
{
    struct ferry_map map = {.link = {OTHER_LINK, SAMPLE_LINK}};
    const struct ferry_policy policy = {&f->identity, &f->now, &map};

    map.header_len = FERRY_TABLE_OFF + f->table_cap;
    map.bank[0].len = map.header_len + 4;
    map.bank[1].len = map.header_len + f->capacity;
    return ferry_policy_judge(&policy, &f->m, f->slot, f->digest);
}

enum fact {
    NOTHING,
    CLASS_BYTE, /* this byte of the manifest's class differs */
    DEVICE_BYTE,
    DEVICE_OURS,
    HW_REV,
    HW_MIN,
    HW_MAX,
    SLOT,
    VERSION,
    SEC_CTR,
    MIN_FROM,
    LENGTH,
    TABLE,
    ROOM,
    ACTIVE,
    LINK,
    BOOT_CAPS,
    ENCODING,
    T_LEN,
    T_SHA256,
    BASE_OURS,
    BASE_BYTE,
    SAME_DIGEST,
    DIGEST_BYTE, /* the running digest but for this byte */
    NOW_SLOT,
    NOW_VERSION,
    FLOOR,
    GRAVE_SLOT,
    GRAVE_VERSION
};

static const uint8_t *unlike(struct facts *f, const uint8_t *ours, uint32_t at)
{
    memcpy(f->other, ours, 16);
    f->other[at] ^= 1;
    return f->other;
}

static void bend_manifest(struct facts *f, enum fact fact, uint32_t v)
{
    struct ferry_manifest *m = &f->m;

    if (fact == CLASS_BYTE) {
        m->class_id = unlike(f, f->identity.class_id, v);
    } else if (fact == DEVICE_BYTE || fact == DEVICE_OURS) {
        m->has |= 1UL << FERRY_KEY_DEVICE;
        m->device = fact == DEVICE_OURS ? f->identity.device_id
                                        : unlike(f, f->identity.device_id, v);
    } else if (fact == BASE_BYTE || fact == BASE_OURS) {
        m->has |= 1UL << FERRY_KEY_BASE;
        m->base =
            fact == BASE_OURS ? f->now.image_hash : unlike(f, f->now.image_hash, v);
    } else if (fact == HW_MIN) {
        m->hw_min = v;
    } else if (fact == HW_MAX) {
        m->hw_max = v;
    } else if (fact == VERSION) {
        m->version = v;
    } else if (fact == SEC_CTR) {
        m->sec_ctr = v;
    } else if (fact == MIN_FROM) {
        m->has |= 1UL << FERRY_KEY_MIN_FROM;
        m->min_from = v;
    } else if (fact == LENGTH) {
        m->length = v;
    } else if (fact == LINK) {
        m->link = v;
    } else if (fact == ENCODING) {
        m->has |= 1UL << FERRY_KEY_ENCODING;
        m->encoding = v;
    } else if (fact == T_LEN) {
        m->has |= 1UL << FERRY_KEY_T_LEN;
        m->t_len = v;
    } else if (fact == T_SHA256) {
        m->has |= 1UL << FERRY_KEY_T_SHA256;
        m->t_sha256 = f->other;
    } else {
        assert_int_equal(fact, NOTHING);
    }
}

static void bend(struct facts *f, enum fact fact, uint32_t v)
{
    if (fact == HW_REV) {
        f->identity.hw_rev = v;
    } else if (fact == SLOT) {
        f->slot = (uint8_t)v;
    } else if (fact == TABLE) {
        f->table_cap = v;
    } else if (fact == ROOM) {
        f->capacity = v;
    } else if (fact == ACTIVE) {
        f->now.active_bank = (uint8_t)v;
    } else if (fact == BOOT_CAPS) {
        f->identity.boot_caps = v;
    } else if (fact == SAME_DIGEST || fact == DIGEST_BYTE) {
        memcpy(f->digest, f->now.digest, sizeof f->digest);
        f->digest[v] ^= fact == DIGEST_BYTE;
    } else if (fact == NOW_SLOT) {
        f->now.slot = (uint8_t)v;
    } else if (fact == NOW_VERSION) {
        f->now.version = v;
    } else if (fact == FLOOR) {
        f->now.floor = v;
    } else if (fact == GRAVE_SLOT) {
        f->now.tombstone = true;
        f->now.tombstone_slot = (uint8_t)v;
    } else if (fact == GRAVE_VERSION) {
        f->now.tombstone_version = v;
    } else {
        bend_manifest(f, fact, v);
    }
}

struct row {
    const char *name;
    struct {
        enum fact fact;
        uint32_t value;
    } set[4];
    int code;
};

#define V SAMPLE_VERSION
#define CTR SAMPLE_SEC_CTR
#define MOST UINT32_MAX
#define AT(slot, ctr) ((uint32_t)(slot) << 24 | (ctr))

static const struct row rows[] = {
    {"the sample", {{NOTHING, 0}}, 0},

    {"another product", {{CLASS_BYTE, 0}}, FERRY_E_CLASS},
    {"another product, last byte", {{CLASS_BYTE, 15}}, FERRY_E_CLASS},
    {"revision below", {{HW_REV, 0}}, FERRY_E_HW},
    {"lowest revision", {{HW_REV, 1}}, 0},
    {"highest revision", {{HW_REV, 4}}, 0},
    {"revision above", {{HW_REV, 5}}, FERRY_E_HW},
    {"only this revision", {{HW_MIN, 2}, {HW_MAX, 2}}, 0},
    {"only the next revision", {{HW_MIN, 3}, {HW_MAX, 3}}, FERRY_E_HW},
    {"every revision there can be", {{HW_REV, MOST}, {HW_MIN, 0}, {HW_MAX, MOST}}, 0},
    {"bound to this device", {{DEVICE_OURS, 0}}, 0},
    {"bound to another", {{DEVICE_BYTE, 0}}, FERRY_E_DEVICE},
    {"bound to another, last byte", {{DEVICE_BYTE, 15}}, FERRY_E_DEVICE},

    {"the running image", {{SAME_DIGEST, 0}}, FERRY_E_SAME},
    {"another with the first bytes alike", {{DIGEST_BYTE, 31}}, 0},
    {"the same, below the floor", {{SAME_DIGEST, 0}, {FLOOR, AT(2, 0)}}, FERRY_E_SAME},

    {"at the floor", {{FLOOR, AT(1, CTR)}}, 0},
    {"one below the floor", {{FLOOR, AT(1, CTR + 1)}}, FERRY_E_FLOOR},
    {"slot revoked, same counter", {{FLOOR, AT(2, CTR)}}, FERRY_E_FLOOR},
    {"slot revoked by a floor of 0", {{FLOOR, AT(2, 0)}}, FERRY_E_FLOOR},
    {"slot revoked, counter at its maximum",
     {{FLOOR, AT(2, 0)}, {SEC_CTR, FERRY_SEC_CTR_MAX}},
     FERRY_E_FLOOR},
    {"next slot, counter 0", {{SLOT, 2}, {SEC_CTR, 0}}, 0},
    {"slot 6 over slot 1", {{SLOT, 6}, {SEC_CTR, 0}}, 0},
    {"floor 0", {{FLOOR, 0}, {SEC_CTR, 0}}, 0},
    {"slot 0 under slot 1's floor", {{SLOT, 0}}, FERRY_E_FLOOR},

    {"recovery at the counter", {{SLOT, 7}, {FLOOR, AT(5, CTR)}}, 0},
    {"recovery below the counter", {{SLOT, 7}, {FLOOR, AT(5, CTR + 1)}}, FERRY_E_FLOOR},
    {"recovery, slot 0 floor", {{SLOT, 7}, {FLOOR, AT(0, CTR + 1)}}, FERRY_E_FLOOR},
    {"recovery, older version", {{SLOT, 7}, {VERSION, 0}}, 0},
    {"production after recovery ran", {{NOW_SLOT, 7}, {NOW_VERSION, MOST}}, 0},
    {"recovery over recovery",
     {{SLOT, 7}, {NOW_SLOT, 7}, {NOW_VERSION, V}},
     FERRY_E_VERSION},

    {"same version, same slot", {{NOW_VERSION, V}}, FERRY_E_VERSION},
    {"older version, same slot", {{NOW_VERSION, V + 1}}, FERRY_E_VERSION},
    {"0xFFFFFFFF runs, same slot", {{NOW_VERSION, MOST}}, FERRY_E_VERSION},
    {"0xFFFFFFFF twice", {{NOW_VERSION, MOST}, {VERSION, MOST}}, FERRY_E_VERSION},
    {"one newer", {{NOW_VERSION, V - 1}}, 0},
    {"newer as unsigned", {{NOW_VERSION, 0x7FFFFFFF}, {VERSION, 0x80000000}}, 0},
    {"0xFFFFFFFF runs under an older slot", {{SLOT, 2}, {NOW_VERSION, MOST}}, 0},
    {"0xFFFFFFFF, older slot",
     {{SLOT, 0}, {VERSION, MOST}, {FLOOR, AT(1, 0)}},
     FERRY_E_FLOOR},

    {"running image just old enough", {{MIN_FROM, V - 1}}, 0},
    {"running image too old", {{MIN_FROM, V}}, FERRY_E_MINFROM},
    {"running image too old, other slot", {{SLOT, 2}, {MIN_FROM, V}}, FERRY_E_MINFROM},
    {"min_from 0", {{MIN_FROM, 0}, {NOW_VERSION, 0}}, 0},
    {"min_from 2^32 - 1", {{MIN_FROM, MOST}}, FERRY_E_MINFROM},

    {"length 0", {{LENGTH, 0}}, FERRY_E_SIZE},
    {"length 1", {{LENGTH, 1}}, FERRY_E_SIZE},
    {"length 3", {{LENGTH, 3}}, FERRY_E_SIZE},
    {"length 4", {{LENGTH, 4}}, 0},
    {"length 6", {{LENGTH, 6}}, FERRY_E_SIZE},
    {"length unaligned near the end", {{LENGTH, CAPACITY - 1}}, FERRY_E_SIZE},
    {"length the capacity", {{LENGTH, CAPACITY}}, 0},
    {"capacity + 4", {{LENGTH, CAPACITY + 4}, {TABLE, 3584}}, FERRY_E_SIZE},
    {"length 2^32 - 1", {{LENGTH, MOST}}, FERRY_E_SIZE},
    {"length 2^32 - 4", {{LENGTH, MOST - 3}, {TABLE, UINT32_C(1) << 24}}, FERRY_E_SIZE},
    {"4 GiB and room for it", {{LENGTH, 0xFFE00000}, {ROOM, 0xFFF00000}}, FERRY_E_SIZE},
    {"table of one block",
     {{LENGTH, UINT32_C(1) << 20}, {ROOM, UINT32_C(1) << 21}, {TABLE, 0x1FE00}},
     0},
    {"a table of more than a block, and room for it",
     {{LENGTH, (UINT32_C(1) << 20) + 4}, {ROOM, UINT32_C(1) << 21}, {TABLE, 0x1FE00}},
     FERRY_E_SIZE},
    {"length 2^31", {{LENGTH, UINT32_C(1) << 31}}, FERRY_E_SIZE},
    {"table just fits", {{TABLE, 800}}, 0},
    {"table over the header", {{TABLE, 799}}, FERRY_E_SIZE},
    {"no room for any table", {{LENGTH, 4}, {TABLE, 15}}, FERRY_E_SIZE},
    {"one block more than the table holds",
     {{TABLE, 800}, {LENGTH, SAMPLE_LENGTH + 4}},
     FERRY_E_SIZE},
    {"no room for any image", {{LENGTH, 4}, {ROOM, 0}}, FERRY_E_SIZE},

    {"linked for the active bank", {{LINK, OTHER_LINK}}, FERRY_E_LINK},
    {"linked a page on", {{LINK, SAMPLE_LINK + 0x1000}}, FERRY_E_LINK},
    {"bank 1 is active", {{ACTIVE, 1}, {LENGTH, 4}}, FERRY_E_LINK},
    {"bank 1 active, right link", {{ACTIVE, 1}, {LENGTH, 4}, {LINK, OTHER_LINK}}, 0},
    {"bank 1 is active, too much for bank 0",
     {{ACTIVE, 1}, {LENGTH, 8}, {LINK, OTHER_LINK}},
     FERRY_E_SIZE},
    {"linked for 0", {{LINK, 0}}, FERRY_E_LINK},

    {"a bootloader without Ed25519",
     {{BOOT_CAPS, FERRY_CAP_ES256 | FERRY_CAP_KEY_DEVICE}},
     FERRY_E_BOOT},
    {"a bootloader that knows nothing", {{BOOT_CAPS, 0}}, FERRY_E_BOOT},
    {"a bootloader without key 15, not needed", {{BOOT_CAPS, FERRY_CAP_EDDSA}}, 0},
    {"a bootloader without key 15",
     {{BOOT_CAPS, FERRY_CAP_EDDSA}, {DEVICE_OURS, 0}},
     FERRY_E_BOOT},

    {"raw, spelled out", {{ENCODING, 0}}, 0},
    {"encoding 1", {{ENCODING, 1}}, FERRY_E_ENC},
    {"encoding 2^32 - 1", {{ENCODING, MOST}}, FERRY_E_ENC},
    {"encoding 1 with all that belongs to it",
     {{ENCODING, 1}, {T_LEN, 4096}, {T_SHA256, 0}, {BASE_OURS, 0}},
     FERRY_E_ENC},
    {"raw with t_len", {{T_LEN, SAMPLE_LENGTH}}, FERRY_E_ENC},
    {"raw with a t_len of 0", {{T_LEN, 0}}, FERRY_E_ENC},
    {"raw with t_sha256", {{T_SHA256, 0}}, FERRY_E_ENC},
    {"raw with the right base", {{BASE_OURS, 0}}, FERRY_E_ENC},
    {"delta from another image", {{ENCODING, 1}, {BASE_BYTE, 0}}, FERRY_E_BASE},
    {"delta from another, last byte", {{ENCODING, 1}, {BASE_BYTE, 15}}, FERRY_E_BASE},

    {"rolled back from", {{GRAVE_SLOT, 1}, {GRAVE_VERSION, V}}, FERRY_E_TOMBSTONE},
    {"older than the grave",
     {{GRAVE_SLOT, 1}, {GRAVE_VERSION, V + 1}},
     FERRY_E_TOMBSTONE},
    {"newer than the grave", {{GRAVE_SLOT, 1}, {GRAVE_VERSION, V - 1}}, 0},
    {"no grave, whatever the fields say", {{GRAVE_VERSION, MOST}}, 0},
    {"grave in an older slot", {{SLOT, 2}, {GRAVE_SLOT, 1}, {GRAVE_VERSION, MOST}}, 0},
    {"grave in a newer slot", {{GRAVE_SLOT, 2}, {GRAVE_VERSION, 0}}, FERRY_E_TOMBSTONE},
    {"recovery, production grave",
     {{SLOT, 7}, {GRAVE_SLOT, 6}, {GRAVE_VERSION, MOST}},
     0},
    {"production, recovery grave", {{GRAVE_SLOT, 7}, {GRAVE_VERSION, MOST}}, 0},
    {"recovery rolled back from",
     {{SLOT, 7}, {GRAVE_SLOT, 7}, {GRAVE_VERSION, V}},
     FERRY_E_TOMBSTONE},
    {"newer recovery than rolled back from",
     {{SLOT, 7}, {GRAVE_SLOT, 7}, {GRAVE_VERSION, V - 1}},
     0},
    {"0xFFFFFFFF rolled back from",
     {{VERSION, MOST}, {GRAVE_SLOT, 1}, {GRAVE_VERSION, MOST}},
     FERRY_E_TOMBSTONE},
};

static void each_broken_rule_yields_its_own_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct facts f;
        good(&f);
        for (size_t k = 0; k < COUNT(rows[i].set); k++) {
            bend(&f, rows[i].set[k].fact, rows[i].set[k].value);
        }
        expect_code(rows[i].name, judge(&f), rows[i].code);
    }
}

/* One breach of each rule, in the order in which they are asked. */
static const struct {
    enum fact fact;
    uint32_t value;
    int code;
} order[] = {
    {CLASS_BYTE, 3, FERRY_E_CLASS},
    {HW_REV, 9, FERRY_E_HW},
    {DEVICE_BYTE, 3, FERRY_E_DEVICE},
    {SAME_DIGEST, 0, FERRY_E_SAME},
    {SEC_CTR, 0, FERRY_E_FLOOR},
    {VERSION, 1, FERRY_E_VERSION},
    {MIN_FROM, V, FERRY_E_MINFROM},
    {LENGTH, 3, FERRY_E_SIZE},
    {LINK, 4, FERRY_E_LINK},
    {BOOT_CAPS, 0, FERRY_E_BOOT},
    {BASE_BYTE, 3, FERRY_E_BASE},
    {ENCODING, 1, FERRY_E_ENC},
    {GRAVE_SLOT, 2, FERRY_E_TOMBSTONE},
};

static void of_several_broken_rules_the_first_is_named(void **state)
{
    (void)state;
    for (size_t first = 0; first < COUNT(order); first++) {
        for (size_t then = first; then < COUNT(order); then++) {
            struct facts f;
            good(&f);
            bend(&f, order[then].fact, order[then].value);
            expect_code("alone", judge(&f), order[then].code);
            bend(&f, order[first].fact, order[first].value);
            expect_code("with a later one", judge(&f), order[first].code);
        }
    }
}

/* Bootable by the rules at any floor: nothing but slot and counter decides. */
static void no_old_slot_passes_the_floor_whatever_its_counter(void **state)
{
    struct facts f;

    (void)state;
    good(&f);
    f.now.slot = 6;
    for (uint8_t slot = 0; slot < FERRY_SLOT_RECOVERY; slot++) {
        for (uint8_t at = 0; at < FERRY_SLOT_RECOVERY; at++) {
            f.slot = slot;
            f.now.floor = AT(at, 100);
            for (f.m.sec_ctr = 99; f.m.sec_ctr <= 101; f.m.sec_ctr++) {
                bool fits = slot > at || (slot == at && f.m.sec_ctr >= 100);
                f.m.version = MOST;
                assert_int_equal(judge(&f), fits ? 0 : FERRY_E_FLOOR);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_broken_rule_yields_its_own_code),
        cmocka_unit_test(of_several_broken_rules_the_first_is_named),
        cmocka_unit_test(no_old_slot_passes_the_floor_whatever_its_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

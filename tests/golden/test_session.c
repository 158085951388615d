/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that device and courier of today say, byte for byte, what they said in the
 * session that version 0.1.0 recorded: statement, offer, a whole image, DONE. Each end is
 * replayed alone, against the recorded other one. */
#include <stdlib.h>

#include "files.h"
#include "places.h"

#define STEPS_MAX 400U

static struct rig_step recorded[STEPS_MAX];
static unsigned steps;
static struct rig rig;
static struct rig_file factory, update, statement;
static unsigned statements;

static size_t unhex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;

    for (; hex[0] != '\n' && hex[0] != '\0'; hex += 2) {
        char two[3] = {hex[0], hex[1], 0}, *end;
        want(n < cap, "a value fits");
        out[n++] = (uint8_t)strtoul(two, &end, 16);
        want(end == two + 2, "two digits");
    }
    return n;
}

/* "12 > 0004..." */
static void read_session(void)
{
    char line[2 * RIG_VALUE + 40];
    FILE *f = fopen(GOLDEN "/session.txt", "r");

    want(f != NULL, "session.txt");
    memset(recorded, 0, sizeof recorded);
    while (fgets(line, sizeof line, f) != NULL) {
        char *end;
        unsigned long step = strtoul(line, &end, 10);
        want(step < STEPS_MAX && end[0] == ' ' && end[2] == ' ', line);
        struct rig_step *s = &recorded[step];
        if (end[1] == '>') {
            s->to_device_len = unhex(end + 3, s->to_device, sizeof s->to_device);
        } else {
            want(end[1] == '<', line);
            s->to_courier_len = unhex(end + 3, s->to_courier, sizeof s->to_courier);
        }
        steps = (unsigned)step + 1;
    }
    fclose(f);
    want(steps > 20, "a session");
}

static void values_are(unsigned step, const uint8_t *got, size_t got_len,
                       const uint8_t *wanted, size_t wanted_len)
{
    if (got_len != wanted_len || memcmp(got, wanted, got_len) != 0) {
        fail_msg("step %u: another value than the recorded one", step);
    }
}

static void the_device_says_what_it_said(void **state)
{
    struct ferry_app_record app;
    struct ferry_journal j;
    const uint8_t *bank;

    (void)state;
    read_session();
    file_device(&rig, doc_vector("factory"));
    file_load("factory.ferry", &factory);
    file_load("update.ferry", &update);
    rig_install(&rig, 0, &factory);
    assert_int_equal(rig_boot(&rig, FERRY_RESET_POWER), 0);
    ferry_device_link(&rig.device, true, rig.now);
    for (unsigned i = 0; i < steps; i++) {
        struct rig_step s = recorded[i];
        rig_device_step(&rig, &s);
        values_are(i, s.to_courier, s.to_courier_len, recorded[i].to_courier,
                   recorded[i].to_courier_len);
        rig_pass(&rig);
    }
    assert_int_equal(ferry_device_state(&rig.device), FERRY_DEVICE_COMMITTED);
    assert_null(rig.broken);
    bank = rig.flash + rig.map.bank[1].addr;
    size_t env_len = ferry_envelope_len(update.bytes);
    uint32_t image_len = doc_number(doc_vector("update.ferry"), "length");
    assert_memory_equal(bank, update.bytes, env_len);
    assert_memory_equal(bank + rig.map.header_len,
                        update.bytes + update.len - image_len, image_len);
    assert_int_equal(rig_read_app(&rig, true, &j, &app), 0);
    places_expect(places_app, PLACES_APP, &app, doc_vector("asked.app"));
}

static void take_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    (void)ctx;
    statements++;
    want(len == statement.len, "the statement");
    assert_memory_equal(envelope, statement.bytes, len);
}

static void the_courier_says_what_it_said(void **state)
{
    static struct ferry_courier c;
    uint32_t now = 0;

    (void)state;
    read_session();
    file_load("update.ferry", &update);
    file_load("statement.bin", &statement);
    rig_courier(&c, &update, take_statement);
    ferry_courier_link(&c, true, now);
    for (unsigned i = 0; i < steps; i++, now += RIG_STEP_MS) {
        struct rig_step s = recorded[i];
        rig_courier_says(&c, now, &s);
        values_are(i, s.to_device, s.to_device_len, recorded[i].to_device,
                   recorded[i].to_device_len);
        rig_courier_hears(&c, now, &s);
    }
    assert_int_equal(ferry_courier_state(&c), FERRY_COURIER_DONE);
    assert_int_equal(ferry_courier_error(&c), 0);
    assert_int_equal(statements, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_says_what_it_said),
        cmocka_unit_test(the_courier_says_what_it_said),
    };

    return cmocka_run_group_tests(tests, files_open, NULL);
}

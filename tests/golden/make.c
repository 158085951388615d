/* SPDX-License-Identifier: Apache-2.0
 *
 * Made the golden files, once, with version 0.1.0. Kept so that everybody can see how.
 * Run by hand and never by a test: a file that today's engine makes anew proves nothing
 * about yesterday's.
 *
 * usage: golden_make --make-them-all-anew FOLDER */
#include <stdlib.h>

#include "life.h"
#include "places.h"

static const char *folder;
static FILE *manifest, *session;
static unsigned values;

/* ---- files ----------------------------------------------------------------------- */

static FILE *create(const char *name)
{
    char path[400];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    return f;
}

static void save(const char *name, const void *bytes, size_t len)
{
    FILE *f = create(name);

    if (fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
        perror(name);
        exit(1);
    }
}

/* `wrap`: bytes on a line. */
static void say_hex(FILE *f, const uint8_t *bytes, size_t len, size_t wrap)
{
    for (size_t i = 0; i < len; i++) {
        fprintf(f, i > 0 && i % wrap == 0 ? "\n  %02X" : "%02X", bytes[i]);
    }
    fputc('\n', f);
}

static void say_bytes(const char *name, const uint8_t *bytes, size_t len)
{
    fprintf(manifest, "%s: ", name);
    say_hex(manifest, bytes, len, 32);
}

static void say(const char *name, uint32_t n)
{
    fprintf(manifest, n > 0xFFFFU ? "%s = 0x%08X\n" : "%s = %u\n", name, n);
}

static void say_places(const struct place *place, size_t places, const void *of)
{
    for (size_t i = 0; i < places; i++) {
        if (place[i].size <= 4) {
            say(place[i].name, place_number(&place[i], of));
        } else {
            say_bytes(place[i].name, place_bytes(&place[i], of), place[i].size);
        }
    }
}

/* ---- what a file says ------------------------------------------------------------ */

static void say_artifact(const uint8_t *bytes, size_t len)
{
    uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX], hash[32];
    size_t env_len = ferry_envelope_len(bytes);
    struct ferry_envelope e;
    struct ferry_manifest m;

    (void)!ferry_envelope_open(&e, bytes, env_len);
    (void)!ferry_manifest_parse(&m, e.payload, e.payload_len, FERRY_READER_DEVICE);
    say("file_len", (uint32_t)len);
    say("envelope_len", (uint32_t)env_len);
    say("slot", e.kid);
    memcpy(room + FERRY_TBS_SPARE, bytes, env_len);
    crypto_hash_sha256(hash, room, ferry_tbs_make(room + FERRY_TBS_SPARE));
    say_bytes("digest", hash, sizeof hash);
    say_places(places_manifest, PLACES_MANIFEST, &m);
}

static void say_identity(const uint8_t *bytes)
{
    struct ferry_identity id;
    struct ferry_map map;

    (void)!ferry_identity_open(&id, &map, bytes);
    say_places(places_identity, PLACES_IDENTITY, &id);
    say_places(places_map, PLACES_MAP, &map);
    say_bytes("keys", (const uint8_t *)id.keys, FERRY_KEY_SLOTS * sizeof *id.keys);
}

static void file(const char *name, const void *bytes, size_t len)
{
    save(name, bytes, len);
    fprintf(manifest, "\n[%s]\n", name);
    if (strstr(name, ".ferry") != NULL) {
        say_artifact(bytes, len);
    } else if (strcmp(name, "identity.bin") == 0) {
        say_identity(bytes);
    } else {
        say_places(places_handoff, PLACES_HANDOFF, bytes);
    }
}

/* ---- what a state is ------------------------------------------------------------- */

static void say_journal(const char *name, const char *which,
                        const struct ferry_journal *j)
{
    fprintf(manifest, "[%s.%s]\n", name, which);
    say("found", j->found);
    if (j->found) {
        say("sequence", j->sequence);
        say("page", j->holder);
        say("tail", j->tail);
    }
    say("doubt", j->doubt);
}

/* What the next start, after this reset, makes of it. */
static void say_next(const char *name, const struct rig *from, enum ferry_reset reset)
{
    static struct rig r;
    struct ferry_boot_record rec;
    struct ferry_journal j;

    rig_copy(&r, from);
    fprintf(manifest, "[%s.next]\n", name);
    say("reset", reset);
    say("boots", (uint32_t)rig_boot(&r, reset));
    say("attempts", r.handoff.attempts);
    say("handoff_flags", r.handoff.flags);
    say("version", r.app.state.version);
    say("committed", r.app.state.committed);
    say("settled", r.app.state.settled);
    (void)!rig_read_boot(&r, &j, &rec);
    say("flags", rec.flags);
    say("faults", rec.faults);
    say("outcome", rec.outcome);
    say("floor", rec.floor);
    say("updates", rec.updates);
    say("rollbacks", rec.rollbacks);
    say("doubt", j.doubt);
}

static void state(const char *name, struct rig *r, enum ferry_reset reset, bool newer)
{
    struct ferry_boot_record boot;
    struct ferry_app_record app;
    struct ferry_journal j;
    struct rig_file pages;
    char file[60];

    if (r->broken != NULL) {
        fprintf(stderr, "%s: %s\n", name, r->broken);
        exit(1);
    }
    rig_pages(r, &pages);
    snprintf(file, sizeof file, "journals-%s.bin", name);
    save(file, pages.bytes, pages.len);
    fprintf(manifest, "\n[%s]\n", name);
    say("erase_unit", r->hal.erase_unit);
    say("write_unit", r->hal.write_unit);
    say("erased", r->hal.erased);
    say("newer", newer);
    (void)!rig_read_boot(r, &j, &boot);
    say_journal(name, "boot", &j);
    say_places(places_boot, PLACES_BOOT, &boot);
    (void)!rig_read_app(r, false, &j, &app);
    say_journal(name, "app", &j);
    say_places(places_app, PLACES_APP, &app);
    (void)!rig_read_app(r, true, &j, &app);
    say_journal(name, "asks", &j);
    say_places(places_app, PLACES_APP, &app);
    say_next(name, r, reset);
}

/* ---- the session ----------------------------------------------------------------- */

static void step(const struct rig *r, const struct rig_step *s)
{
    if (s->to_device_len > 0) {
        fprintf(session, "%u > ", r->step);
        say_hex(session, s->to_device, s->to_device_len, SIZE_MAX);
        values++;
    }
    if (s->to_courier_len > 0) {
        fprintf(session, "%u < ", r->step);
        say_hex(session, s->to_courier, s->to_courier_len, SIZE_MAX);
        values++;
    }
}

/* The first one is the recorded session's. */
static void statement(const uint8_t *envelope, size_t len)
{
    static bool done;
    struct ferry_envelope e;
    struct ferry_statement s;

    if (!done) {
        save("statement.bin", envelope, len);
        (void)!ferry_envelope_open(&e, envelope, len);
        (void)!ferry_statement_parse(&s, e.payload, e.payload_len);
        fprintf(manifest, "\n[statement.bin]\n");
        say_places(places_statement, PLACES_STATEMENT, &s);
    }
    done = true;
}

static const char intro[] =
    "# Golden files\n\n"
    "What a device, a courier or a bootloader of version 0.1.0 wrote, and what it "
    "meant.\n"
    "Every later version must read these files, and find this in them. `make.c` made\n"
    "them, once; they are never made anew. `life.c` tells the life of the device that "
    "the\n"
    "journals are of; `session.txt` is its first session: step of 30 ms, direction "
    "(`>` to\n"
    "the device), the value. Names and numbers are docs/PROTOCOL.md's; NAME.boot is "
    "how\n"
    "the bootloader's journal reads, NAME.app the application's, NAME.asks the latter "
    "as\n"
    "the bootloader reads it, and NAME.next what a start after that reset makes of "
    "both.\n"
    "`page` is where the newest record stands, `tail` the first free slot of the page\n"
    "that is appended to; the next number is one above `sequence`.\n"
    "\n```vectors";

int main(int argc, char **argv)
{
    static const struct life_witness witness = {state, file, step, statement};

    if (argc != 3 || strcmp(argv[1], "--make-them-all-anew") != 0) {
        fprintf(stderr, "usage: %s --make-them-all-anew FOLDER\n", argv[0]);
        return 2;
    }
    folder = argv[2];
    manifest = create("golden.md");
    session = create("session.txt");
    fprintf(manifest, "%s", intro);
    bool good = sodium_init() >= 0 && life(&witness);
    fprintf(manifest, "```\n");
    printf("%u values\n", values);
    return fclose(manifest) == 0 && fclose(session) == 0 && good ? 0 : 1;
}

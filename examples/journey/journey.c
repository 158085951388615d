/* SPDX-License-Identifier: Apache-2.0
 *
 * The demo: one image, one device, three phones, one week. Both ends are the real
 * engine, the signature is a real one; link, flash and time are simulated. Everything
 * that the received design fears happens once, and the device ends with exactly the
 * image that was signed, or the demo fails. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diary.h"
#include "frame.h"
#include "msg.h"
#include "world.h"

#define IMAGE_MIN (64U * 1024U)
#define IMAGE_MAX (700U * 1024U)
#define IMAGE_OWN (300U * 1024U) /* of this program, where no image is given */
#define DAY_MS 86400000U
#define AIR_LOSS_PPM 10000U

static struct world world;
static struct diary diary;

static struct {
    uint8_t *image, *artifact;
    uint32_t len;
    size_t artifact_len;
} release;

/* ---- the image ------------------------------------------------------------------- */

static uint8_t *room(size_t len)
{
    uint8_t *bytes = malloc(len);

    if (bytes == NULL) {
        fprintf(stderr, "journey: no memory for %zu bytes\n", len);
        exit(1);
    }
    return bytes;
}

/* At most `most` bytes of it: more is an error, unless the file is only this program. */
static int load(const char *path, uint32_t most, bool cut)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        fprintf(stderr, "journey: %s: cannot be opened\n", path);
        return -1;
    }
    release.image = room(IMAGE_MAX + 4);
    release.len = (uint32_t)fread(release.image, 1, most + !cut, f);
    fclose(f);
    if (release.len < IMAGE_MIN || release.len > IMAGE_MAX) {
        fprintf(stderr,
                "journey: %s: has %s bytes; the story wants %u to %u (a smaller image "
                "arrives before anything can go wrong)\n",
                path, release.len < IMAGE_MIN ? "too few" : "too many",
                (unsigned)IMAGE_MIN, (unsigned)IMAGE_MAX);
        return -1;
    }
    while (release.len % 4 != 0) {
        release.image[release.len++] = 0xFF;
    }
    return 0;
}

static void sign(const struct release *r, uint8_t *artifact, size_t *len)
{
    *len = release_make(r, release.image, release.len, artifact);
}

/* ---- the hostile middle ---------------------------------------------------------- */

/* Reads along. When a chunk of the wanted block is complete, it damages the value that
 * ended it and sends the whole frame again instead, with another payload and a CRC that
 * fits it: the device sees a forged chunk as the phone itself might have sent it. */
struct forger {
    bool armed, struck;
    uint32_t block;
    struct ferry_frame_in in;
    uint8_t ctl[64], chunk[FERRY_CHUNK_MAX + FERRY_CHUNK_OVER];
};
static struct forger forger;

static void forge(struct world *w, unsigned direction, struct sim_value *v)
{
    struct forger *f = w->middle_ctx;
    const uint8_t *p = v->bytes;
    size_t len = v->len;

    if (direction != 0) {
        return;
    }
    while (ferry_frame_in(&f->in, &p, &len) == FERRY_FRAME_WHOLE) {
        uint32_t index =
            (uint32_t)f->in.to[1] << 16 | (uint32_t)f->in.to[2] << 8 | f->in.to[3];
        size_t end = (size_t)(p - v->bytes);
        bool chunk = f->in.to == f->chunk &&
                     ferry_frame_sealed(f->chunk, f->in.len, w->device.tag);
        if (!f->armed || f->struck || !chunk || index / 32 != f->block) {
            continue;
        }
        /* The whole frame again, forged, in place of the value that ended it. */
        uint8_t frame[sizeof f->chunk + FERRY_FRAME_OVER];
        uint8_t *body = frame + FERRY_FRAME_HEAD;
        struct ferry_frame_out out;
        memcpy(body, f->in.to, f->in.len);
        body[4] ^= 0x5A;
        ferry_frame_seal(body, f->in.len - 2U, w->device.tag);
        ferry_frame_out_start(&out, frame, f->in.len,
                              true); /* the original is cut off */
        uint8_t rest[SIM_VALUE_MAX];
        size_t tail = v->len - end;
        memcpy(rest, v->bytes + end, tail);
        size_t n = ferry_frame_out(&out, v->bytes, sizeof v->bytes - tail);
        memcpy(v->bytes + n, rest, tail);
        v->len = (uint16_t)(n + tail);
        f->struck = true;
        return;
    }
}

static void arm_forger(uint32_t block)
{
    memset(&forger, 0, sizeof forger);
    forger.armed = true;
    forger.block = block;
    forger.in.ctl = forger.ctl;
    forger.in.ctl_cap = sizeof forger.ctl;
    forger.in.chunk = forger.chunk;
    forger.in.chunk_cap = sizeof forger.chunk;
    world.middle = forge;
    world.middle_ctx = &forger;
}

/* ---- scenes ---------------------------------------------------------------------- */

static void phone(const uint8_t *artifact, size_t len, uint16_t mtu, uint32_t loss)
{
    struct artifact_bytes a = {artifact, len};

    world.link.mtu = mtu;
    world.link.loss_ppm = loss;
    world_courier(&world, &a, 1);
}

/* A hostile or mistaken phone offers this; the device must refuse with `want`. */
static bool offer_is_refused(const char *what, const uint8_t *artifact, size_t len,
                             int want)
{
    uint32_t operations = world.flash.erases + world.flash.writes;

    phone(artifact, len, 247, 0);
    world_connect(&world);
    diary.sessions++;
    world_finish(&world, 60000);
    int err = ferry_courier_error(&world.courier);
    diary_refused(&diary, err);
    operations = world.flash.erases + world.flash.writes - operations;
    diary_say(&diary, &world, "%-44s %-9s %u flash operations", what,
              ferry_errname(err), (unsigned)operations);
    world_disconnect(&world);
    world_run(&world, 2000);
    return err == want && operations == 0 &&
           ferry_courier_state(&world.courier) == FERRY_COURIER_REFUSED;
}

static bool hostile_offers(void)
{
    uint8_t *artifact = room(release_room(release.len));
    struct release r;
    size_t len;
    bool right = true;

    memcpy(artifact, release.artifact, release.artifact_len);
    artifact[40] ^= 0x01;
    right &= offer_is_refused("an envelope with one bit changed", artifact,
                              release.artifact_len, FERRY_E_SIG);
    release_default(&r);
    r.signer = 1;
    sign(&r, artifact, &len);
    right &= offer_is_refused("an image signed with another key", artifact, len,
                              FERRY_E_SIG);
    release_default(&r);
    r.version = 0x00090000;
    sign(&r, artifact, &len);
    right &= offer_is_refused("a genuine image, version 0.9.0", artifact, len,
                              FERRY_E_VERSION);
    release_default(&r);
    r.hw_min = r.hw_max = 9;
    sign(&r, artifact, &len);
    right &= offer_is_refused("a genuine image for hardware revision 9", artifact, len,
                              FERRY_E_HW);
    free(artifact);
    return right;
}

static uint32_t acked(void)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(&world.courier, &p);
    return p.acked;
}

/* Let time pass until so many image bytes are acked, the courier stops, or time is up. */
static void carry_until(struct diary_window *v, uint32_t bytes, uint32_t most_ms)
{
    uint32_t until = world.now + most_ms;
    uint32_t before = world.now;

    while (world.now != until && acked() < bytes &&
           ferry_courier_state(&world.courier) < FERRY_COURIER_DONE) {
        world_step(&world, until);
        if (!v->began && ferry_courier_state(&world.courier) == FERRY_COURIER_SEND) {
            v->began = true;
            v->from = acked();
        }
        v->connected_ms += world.link.up ? world.now - before : 0;
        before = world.now;
        diary_progress(&diary, &world, "sending");
    }
}

static void connect(const char *how)
{
    world_connect(&world);
    diary.sessions++;
    diary_say(&diary, &world, "%s", how);
}

static void lose_link(const char *why, uint32_t pause_ms)
{
    world_disconnect(&world);
    diary.links_lost++;
    diary_say(&diary, &world, "%s", why);
    world_run(&world, pause_ms);
}

static void battery_dies(uint32_t pause_ms)
{
    diary_say(&diary, &world, "the device's battery dies: RAM is gone");
    world_power_cut(&world);
    diary.batteries++;
    world_run(&world, pause_ms);
}

static void monday(void)
{
    phone(release.artifact, release.artifact_len, 23, AIR_LOSS_PPM);
    struct diary_window *v = diary_arrive(&diary, "Monday", "phone A", &world);

    arm_forger(1);
    connect("Monday: phone A, MTU 23, 1 % of packets lost");
    carry_until(v, release.len / 8, DAY_MS);
    if (forger.struck) {
        diary_say(&diary, &world,
                  "somebody in the middle forged a chunk (CRC right) in "
                  "block %u",
                  (unsigned)forger.block);
    }
    carry_until(v, release.len / 6, DAY_MS);
    lose_link("out of range for 20 s", 20000);
    connect("back in range: nothing acked is sent again");
    carry_until(v, release.len * 3 / 10, DAY_MS);
    diary_leave(v, &world);
    lose_link("the app is closed", DAY_MS);
}

static void wednesday(void)
{
    battery_dies(DAY_MS);
    phone(release.artifact, release.artifact_len, 23, AIR_LOSS_PPM);
    struct diary_window *v = diary_arrive(&diary, "Wednesday", "phone A", &world);

    connect("Wednesday: the device hashes what its flash holds, and goes on there");
    carry_until(v, release.len * 65 / 100, DAY_MS);
    diary_leave(v, &world);
    lose_link("the phone's battery dies", 2 * DAY_MS);
}

static void friday(void)
{
    phone(release.artifact, release.artifact_len, 247, AIR_LOSS_PPM);
    struct diary_window *v = diary_arrive(&diary, "Friday", "phone B", &world);

    connect("Friday: another phone, MTU 247");
    carry_until(v, release.len * 8 / 10, DAY_MS);
    diary_leave(v, &world);
    battery_dies(60000);
    phone(release.artifact, release.artifact_len, 247, AIR_LOSS_PPM);
    v = diary_arrive(&diary, "Friday", "phone B", &world);
    connect("charged again");
    carry_until(v, UINT32_MAX, DAY_MS);
    diary_leave(v, &world);
}

/* ---- the end --------------------------------------------------------------------- */

static bool expect(bool holds, const char *what)
{
    if (!holds) {
        printf("  FAILED: %s\n", what);
    }
    return holds;
}

static bool offered_again(void)
{
    world_disconnect(&world);
    world_reboot(&world);
    phone(release.artifact, release.artifact_len, 247, 0);
    connect("the device has rebooted; phone B offers the same image again");
    bool done = world_finish(&world, 60000);
    diary_say(&diary, &world, "device: %s",
              ferry_strerror(ferry_courier_error(&world.courier)));
    return done && ferry_courier_error(&world.courier) == FERRY_E_SAME;
}

static bool journey(void)
{
    struct sim_events *e = &world.events;
    bool right = true;

    printf("\nHostile phones first. Nothing may touch the flash.\n\n");
    right &=
        expect(hostile_offers(), "a hostile offer was not refused as it should be");
    printf("\nThe week.\n\n");
    monday();
    wednesday();
    friday();
    right &= expect(ferry_courier_state(&world.courier) == FERRY_COURIER_DONE &&
                        ferry_courier_error(&world.courier) == 0,
                    "the transfer did not end in a commit");
    right &= expect(world_bank_holds(&world, 1, release.image, release.len),
                    "the staging bank differs from the image");
    right &=
        expect(forger.struck && e->transfer > 0, "the forged chunk was not caught");
    diary_say(&diary, &world, "hash, then signature: both hold; bank 1 boots next");
    right &= expect(offered_again(), "the running image was not recognised");
    diary.resumes = e->resume;
    diary_table(&diary, &world, release.len, e->security, e->transfer,
                world.flash.erases, world.flash.writes);
    diary_week(&diary, release.len);
    return right;
}

static int usage(FILE *to)
{
    fprintf(to,
            "usage: journey [IMAGE.bin]\n"
            "Signs an image and carries it to a simulated device through everything\n"
            "that can go wrong. Default: the first 300 KB of this program. Exit code: "
            "0 all is as\n"
            "it should be, 1 it is not, 2 usage.\n");
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    struct world_options o;
    struct release r;

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        return usage(stdout);
    }
    if (argc > 2) {
        return usage(stderr);
    }
    const char *path = argc > 1 ? argv[1] : argv[0];
    uint32_t most = argc > 1 ? IMAGE_MAX : IMAGE_OWN;
    if (sodium_init() < 0 || load(path, most, argc == 1) != 0) {
        return 1;
    }
    release_default(&r);
    release.artifact = room(release_room(release.len));
    sign(&r, release.artifact, &release.artifact_len);
    world_defaults(&o);
    o.bank_len = 704U * 1024U;
    o.pool_chunks = 16;
    world_init(&world, &o);
    diary_open(&diary);
    printf("Ferry: %s, %u bytes, signed as version 1.1.0 (Ed25519, key slot 0).\n"
           "The device runs 1.0.0, hardware revision 3, two banks, chunk 128, "
           "16 chunk buffers (2.2 KB).\n",
           path, (unsigned)release.len);
    bool right = journey();
    printf("%s\n", right ? "The device holds exactly the image that was signed."
                         : "This is not as it should be.");
    free(release.image);
    free(release.artifact);
    return right ? 0 : 1;
}

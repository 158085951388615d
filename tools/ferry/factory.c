/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry factory: what the production line programs into one device, checked as its
 * bootloader would before anything is written; and the same, read back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "factory.h"
#include "say.h"
#include "text.h"
#include "verbs.h"

static const struct option_row options[] = {
    [MAP] = {"map", 'm', REQUIRED, "FILE", "where things lie in flash; see below"},
    [CLASS] = {"class", 0, OPTIONAL, "UUID", "device class: vendor and product"},
    [DEVICE] = {"device", 0, OPTIONAL, "UUID", "this device's id"},
    [HW] = {"hw", 0, OPTIONAL, "N", "this device's hardware revision"},
    [KEY] = {"key", 'k', REPEATED, "SLOT=FILE", "public key of a slot, 0..7, PEM"},
    [OUT] = {"output", 'o', OPTIONAL, "FILE.hex", "write Intel HEX"},
    [BIN] = {"bin", 'b', OPTIONAL, "FILE.bin", "write a flat image of the whole flash"},
    [ARTIFACT] = {"artifact", 'a', OPTIONAL, "FILE", "the image of bank0; else empty"},
    [FLOOR] = {"floor", 0, OPTIONAL, "N",
               "refuse an artifact below it, SLOT << 24 | N"},
    [DEVICE_KEY] = {"device-key", 0, OPTIONAL, "FILE",
                    "private key for statements; made, with FILE.pub, if missing"},
    [BOOT_CAPS] = {"boot-caps", 0, OPTIONAL, "N",
                   "what its bootloader can check; else all that this one can"},
    [TEST_KEY] = {"insecure-test-key", 0, OPTIONAL, NULL,
                  "allow the published key of RFC 8032, test 1"},
    [CHECK] = {"check", 'c', OPTIONAL, "FILE.bin", "make nothing: check a flat image"},
    [JSON] = {"json", 'j', OPTIONAL, NULL, "say what was made, or found, as JSON"},
    {0},
};

static const char notes[] =
    "--class, --device, --hw, a --key and --output or --bin are required, except with\n"
    "--check, which takes --map and --json alone.\n"
    "\n"
    "The map is a text file, one for a product; # begins a comment, numbers are "
    "decimal\n"
    "or 0x...:\n"
    "  flash        = ADDRESS+LENGTH    all of it; --bin begins at this address\n"
    "  erase_unit   = BYTES             everything below is made of whole ones\n"
    "  write_unit   = BYTES\n"
    "  erased       = 0xFF              what an erased byte reads as (default 0xFF)\n"
    "  identity     = ADDRESS           of the identity block\n"
    "  bank0        = ADDRESS+LENGTH    bank1 likewise\n"
    "  link0        = ADDRESS           what images in bank0 are linked for, link1\n"
    "                                   likewise (default: bank plus header_len)\n"
    "  header_len   = BYTES             (default 4096, or one erase unit if larger)\n"
    "  boot_journal = ADDRESS, ADDRESS  an erase unit each; app_journal likewise\n"
    "  reserved     = ADDRESS+LENGTH    bootloader, radio stack; may be repeated\n"
    "\n"
    "Program the result into an erased device. Its key for statements is not in it:\n"
    "where that is kept is the port's affair.\n";

/* ---- the command line ------------------------------------------------------------ */

static int check_given(const struct args *a)
{
    static const unsigned wanted[] = {CLASS, DEVICE, HW, KEY};

    for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (a->value[wanted[i]] == NULL) {
            return misuse("factory: --%s is missing; see ferry factory --help",
                          options[wanted[i]].name);
        }
    }
    if (a->value[OUT] == NULL && a->value[BIN] == NULL) {
        return misuse("factory: --output or --bin is missing; see ferry factory "
                      "--help");
    }
    if (a->value[FLOOR] != NULL && a->value[ARTIFACT] == NULL) {
        return misuse("factory: --floor is about --artifact, which is missing");
    }
    return DONE;
}

static int check_alone(const struct args *a)
{
    for (unsigned row = 0; options[row].name != NULL; row++) {
        bool goes_along = row == MAP || row == CHECK || row == JSON;
        if (a->value[row] != NULL && !goes_along) {
            return misuse("factory: --%s does not go with --check", options[row].name);
        }
    }
    return DONE;
}

/* A bit that this tree's bootloader does not know would be an empty promise; without
 * Ed25519 no update could ever come. */
static int read_caps(const struct args *a, uint32_t *caps)
{
    *caps = UNIT_CAPS;
    if (a->value[BOOT_CAPS] == NULL) {
        return DONE;
    }
    if (!text_number(a->value[BOOT_CAPS], UINT32_MAX, caps)) {
        return args_bad(a, BOOT_CAPS, "not a 32-bit number, decimal or 0x...");
    }
    if ((*caps & ~(uint32_t)UNIT_CAPS) != 0) {
        return args_bad(a, BOOT_CAPS, "has bits that no bootloader of this tree knows");
    }
    if ((*caps & FERRY_CAP_EDDSA) == 0) {
        return args_bad(a, BOOT_CAPS,
                        "lacks 0x100, Ed25519: no update could ever come");
    }
    return DONE;
}

static int read_numbers(const struct args *a, struct unit *u, uint32_t *floor)
{
    if (!text_id(a->value[CLASS], u->identity.class_id)) {
        return args_bad(a, CLASS, "not a UUID, nor 32 hexadecimal digits");
    }
    if (!text_id(a->value[DEVICE], u->identity.device_id)) {
        return args_bad(a, DEVICE, "not a UUID, nor 32 hexadecimal digits");
    }
    if (!text_number(a->value[HW], UINT32_MAX, &u->identity.hw_rev)) {
        return args_bad(a, HW, "not a number 0..4294967295");
    }
    if (a->value[FLOOR] != NULL && !text_number(a->value[FLOOR], UINT32_MAX, floor)) {
        return args_bad(a, FLOOR, "not a 32-bit number, decimal or 0x...");
    }
    return read_caps(a, &u->identity.boot_caps);
}

/* ---- the artifact ---------------------------------------------------------------- */

static int load_artifact(const struct args *a, struct unit *u, uint32_t floor)
{
    const char *path = a->value[ARTIFACT];

    if (path == NULL) {
        return DONE;
    }
    int code = artifact_read(&u->file, path);
    if (code == DONE) {
        code = artifact_open(&u->a, path, &u->file);
    }
    if (code == DONE) {
        u->has_image = true;
        code = unit_judge(u, floor);
    }
    return code;
}

/* ---- the two things it does ------------------------------------------------------ */

static int make(const struct args *a, const struct board *board)
{
    struct unit u;
    struct factory_key k = {0};
    uint32_t floor = 0;

    unit_init(&u, board);
    int code = read_numbers(a, &u, &floor);
    if (code == DONE) {
        code = factory_names(a);
    }
    if (code == DONE) {
        code = factory_slots(a, &u);
    }
    if (code == DONE) {
        code = load_artifact(a, &u, floor);
    }
    if (code == DONE) {
        code = factory_key_prepare(a, &u, &k);
    }
    if (code == DONE) {
        code = factory_write(a, &u, &k);
    }
    if (code == DONE) {
        factory_report(a, &u, &k);
    }
    factory_key_wipe(&k);
    unit_free(&u);
    return code;
}

static int check(const struct args *a, const struct board *board)
{
    const char *path = a->value[CHECK];
    struct view v = {.as_json = a->value[JSON] != NULL};
    struct bytes flash;
    struct unit u;
    char *bank = file_name(path, ": bank0");
    int code = bank != NULL ? DONE : refuse("no memory for a name");

    unit_init(&u, board);
    memset(&flash, 0, sizeof flash);
    if (code == DONE) {
        code = file_read(&flash, path, "the map's flash", 0, board->flash.len);
    }
    if (code == DONE) {
        code = unit_find(&u, &flash, path, bank);
    }
    if (code == DONE) {
        view_begin(&v, path);
        unit_show(&v, &u);
        view_bool(&v, "boot_journal_blank", u.boot_journal_blank);
        view_bool(&v, "app_journal_blank", u.app_journal_blank);
        view_bool(&v, "bank1_blank", u.bank1_blank);
        view_end(&v);
    }
    bytes_free(&flash);
    unit_free(&u);
    free(bank);
    return code;
}

static int run(const struct args *a)
{
    struct board board;
    bool to_check = a->value[CHECK] != NULL;
    int code = to_check ? check_alone(a) : check_given(a);

    if (code == DONE) {
        code = map_load(&board, a->value[MAP]);
    }
    if (code != DONE) {
        return code;
    }
    return to_check ? check(a, &board) : make(a, &board);
}

const struct verb verb_factory = {
    .name = "factory",
    .summary = "Make, or check, what a device leaves the factory with",
    .options = options,
    .notes = notes,
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry keytable: the eight keys of a product, for its firmware's source and for its
 * factory; and whether a table that exists is one to build devices with. */
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "say.h"
#include "slots.h"
#include "verbs.h"
#include "view.h"

#define SOURCE_MAX 8192U

enum { KEY, OUT, SOURCE, TEST_KEY, CHECK, JSON };

static const struct option_row options[] = {
    [KEY] = {"key", 'k', REPEATED, "SLOT=FILE", "public key of slot 0..7"},
    [OUT] = {"output", 'o', OPTIONAL, "FILE", "write the table as 520 bytes"},
    [SOURCE] = {"c", 0, OPTIONAL, "FILE", "write it as a C array"},
    [TEST_KEY] = {"insecure-test-key", 0, OPTIONAL, NULL,
                  "allow the published test key"},
    [CHECK] = {"check", 0, OPTIONAL, "FILE", "look at a table of 520 bytes"},
    [JSON] = {"json", 'j', OPTIONAL, NULL, "report as JSON"},
    {0},
};

static const char notes[] =
    "Refused: a key that is in two slots, one of small order, the published test key,\n"
    "a private key, a table without any key. 0 to 6 are generations of the production\n"
    "key, 7 is the recovery key. The 520 bytes are those of the identity block.\n";

/* ---- as C ------------------------------------------------------------------------ */

struct source {
    char text[SOURCE_MAX];
    size_t len;
};

static void add(struct source *s, const char *text)
{
    s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "%s", text);
}

static void add_slot(struct source *s, unsigned slot, const struct ferry_key *k)
{
    char text[64];

    snprintf(text, sizeof text, "    [%u] = {FERRY_ALG_ED25519,\n           {", slot);
    add(s, text);
    for (unsigned i = 0; i < crypto_sign_PUBLICKEYBYTES; i++) {
        const char *gap = i == 0 ? "" : i % 8 == 0 ? ",\n            " : ", ";
        snprintf(text, sizeof text, "%s0x%02X", gap, k->key[i]);
        add(s, text);
    }
    add(s, "}},\n");
}

static void make_source(struct source *s, const struct ferry_key keys[FERRY_KEY_SLOTS])
{
    s->len = 0;
    add(s, "/* The keys that sign for this product, made by ferry keytable. A slot "
           "that is\n"
           " * not here is empty, and refuses. */\n"
           "#include \"ferry/hal.h\"\n\n"
           "extern const struct ferry_key ferry_slots[FERRY_KEY_SLOTS];\n\n"
           "const struct ferry_key ferry_slots[FERRY_KEY_SLOTS] = {\n");
    for (unsigned i = 0; i < FERRY_KEY_SLOTS; i++) {
        if (keys[i].alg != FERRY_ALG_NONE) {
            add_slot(s, i, &keys[i]);
        }
    }
    add(s, "};\n");
}

/* ---- the results ----------------------------------------------------------------- */

/* Both files, or none. */
static int write_files(const struct args *a, const struct ferry_key *keys)
{
    struct pending files[2] = {{0}, {0}};
    uint8_t page[SLOTS_LEN];
    struct source s;
    int code = DONE;

    slots_page(keys, page);
    make_source(&s, keys);
    if (a->value[OUT] != NULL) {
        code = file_begin(&files[0], a->value[OUT], 0644, page, sizeof page);
    }
    if (code == DONE && a->value[SOURCE] != NULL) {
        code = file_begin(&files[1], a->value[SOURCE], 0644, s.text, s.len);
    }
    return file_settle(files, 2, code);
}

static void show(const struct args *a, const char *name, const struct ferry_key *keys)
{
    struct view v = {.as_json = a->value[JSON] != NULL};
    char slot[16];

    view_begin(&v, name);
    for (unsigned i = 0; i < FERRY_KEY_SLOTS; i++) {
        snprintf(slot, sizeof slot, "slot%u", i);
        if (keys[i].alg == FERRY_ALG_NONE) {
            view_absent(&v, slot);
        } else {
            view_hex(&v, slot, keys[i].key, crypto_sign_PUBLICKEYBYTES);
        }
        if (keys[i].alg == FERRY_ALG_NONE && !v.as_json) {
            view_text(&v, slot, "empty: refuses");
        }
    }
    view_end(&v);
}

/* ---- the two things it does ------------------------------------------------------ */

static int check_names(const struct args *a)
{
    const char *outs[] = {a->value[OUT], a->value[SOURCE]};

    if (outs[0] == NULL && outs[1] == NULL) {
        return misuse(
            "keytable: --output or --c is missing; see ferry keytable --help");
    }
    if (outs[0] != NULL && outs[1] != NULL &&
        (strcmp(outs[0], outs[1]) == 0 || file_same(outs[0], outs[1]))) {
        return refuse("cannot write %s twice", outs[0]);
    }
    for (unsigned i = 0; i < a->again_len; i++) {
        const char *file = strchr(a->again[i], '=');
        for (unsigned o = 0; file != NULL && o < 2; o++) {
            if (outs[o] != NULL && file_same(outs[o], file + 1)) {
                return refuse("cannot write %s: it is one of the inputs", outs[o]);
            }
        }
    }
    return DONE;
}

static int make(const struct args *a, struct ferry_key *keys)
{
    if (a->again_len == 0) {
        return misuse("keytable: --key is missing: a table without a key takes no "
                      "update");
    }
    int code = check_names(a);
    if (code == DONE) {
        code = slots_read(keys, a, a->value[TEST_KEY] != NULL);
    }
    return code == DONE ? write_files(a, keys) : code;
}

static int check(const struct args *a, struct ferry_key *keys)
{
    if (a->again_len > 0 || a->value[OUT] != NULL || a->value[SOURCE] != NULL) {
        return misuse(
            "keytable: --check looks at a table; --key, --output and --c make "
            "one");
    }
    return slots_load(keys, a->value[CHECK], a->value[TEST_KEY] != NULL);
}

static int run(const struct args *a)
{
    struct ferry_key keys[FERRY_KEY_SLOTS];
    const char *name = a->value[CHECK];

    memset(keys, 0, sizeof keys);
    int code = name != NULL ? check(a, keys) : make(a, keys);
    if (code == DONE) {
        name = name != NULL            ? name
               : a->value[OUT] != NULL ? a->value[OUT]
                                       : a->value[SOURCE];
        show(a, name, keys);
    }
    return code;
}

const struct verb verb_keytable = {
    .name = "keytable",
    .summary = "Make, or check, the table of a product's eight keys",
    .options = options,
    .notes = notes,
    .run = run,
};

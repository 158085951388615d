/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry release: signed artifacts in a store. Knows how a store and a release are named
 * on the command line; withdraws. */
#include "store_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "text.h"
#include "verbs.h"

#define ATTEMPTS 4U /* 1 s, 2 s and 4 s apart */

int release_open(const struct args *a, struct store **s)
{
    char why[512];
    uint32_t seconds = 30;
    const char *where =
        a->value[STORE] != NULL ? a->value[STORE] : getenv("FERRY_STORE");
    struct store_settings settings = {.endpoint = a->value[ENDPOINT],
                                      .ca_file = a->value[CA_FILE],
                                      .attempts = ATTEMPTS,
                                      .sole_writer = a->value[SOLE] != NULL};

    if (where == NULL || *where == '\0') {
        return misuse("%s: --store is missing, and FERRY_STORE is not set",
                      a->verb->name);
    }
    if (a->value[TIMEOUT] != NULL &&
        (!text_number(a->value[TIMEOUT], 3600, &seconds) || seconds == 0)) {
        return args_bad(a, TIMEOUT, "not 1 to 3600 seconds");
    }
    if (settings.endpoint == NULL) {
        settings.endpoint = getenv("AWS_ENDPOINT_URL");
    }
    settings.timeout_s = seconds;
    *s = store_open(where, &settings, why, sizeof why);
    return *s != NULL ? DONE : refuse("%s", why);
}

/* The one class of a store. */
struct classes {
    uint8_t id[ID_LEN];
    unsigned len; /* 2: more than one */
};

static bool note_class(void *ctx, const struct release *r)
{
    struct classes *c = ctx;

    if (c->len == 0 || memcmp(c->id, r->class_id, ID_LEN) != 0) {
        memcpy(c->id, r->class_id, ID_LEN);
        c->len++;
    }
    return c->len < 2;
}

static int only_class(const struct args *a, struct store *s, uint8_t id[ID_LEN])
{
    struct classes c = {.len = 0};

    if (release_list(s, note_class, &c) != STORE_DONE) {
        return refuse("%s", store_why(s));
    }
    if (c.len > 1) {
        return misuse("%s: the store holds releases of several classes: say which by "
                      "--class",
                      a->verb->name);
    }
    memcpy(id, c.id, ID_LEN); /* of an empty store: none is found then */
    return DONE;
}

int release_find(const struct args *a, unsigned class_row, struct store *s,
                 struct release *r)
{
    uint8_t id[ID_LEN];
    uint32_t version;
    const char *operand = a->operands[0];

    if (!text_version(operand, &version)) {
        return misuse("%s: '%s' is no version X.Y.Z", a->verb->name, operand);
    }
    if (a->value[class_row] != NULL && !text_id(a->value[class_row], id)) {
        return args_bad(a, class_row, "not 32 hexadecimal digits");
    }
    if (a->value[class_row] == NULL) {
        int code = only_class(a, s, id);
        if (code != DONE) {
            return code;
        }
    }
    switch (release_get(s, id, version, r)) {
    case STORE_DONE:
        return DONE;
    case STORE_ABSENT:
        return refuse("%s: no such release in the store", operand);
    case STORE_EXISTS:
    case STORE_FAILED:
        break;
    }
    return refuse("%s", store_why(s));
}

/* ---- withdraw -------------------------------------------------------------------- */

enum { REASON = STORE_ROWS, CLASS };

static const struct option_row options[] = {
    STORE_OPTIONS,
    [REASON] = {"reason", 'r', REQUIRED, "TEXT", "why; whoever lists it reads it"},
    [CLASS] = {"class", 'c', OPTIONAL, "ID", "the device class, if there are several"},
    {0},
};

static bool is_reason(const char *text)
{
    size_t len = strlen(text);
    uint32_t character;

    for (size_t at = 0, n; at < len; at += n) {
        n = text_utf8((const uint8_t *)text + at, len - at, &character);
        if (n == 0 || character < 0x20 || character == 0x7F) {
            return false;
        }
    }
    return len > 0 && len <= RELEASE_REASON_MAX;
}

static int withdraw(const struct args *a, struct store *s)
{
    struct release r;
    int code = release_find(a, CLASS, s, &r);

    if (code != DONE) {
        return code;
    }
    switch (release_withdraw(s, &r, a->value[REASON])) {
    case STORE_DONE:
        printf("%s: withdrawn\n", a->operands[0]);
        return DONE;
    case STORE_EXISTS:
        return refuse("%s: withdrawn already, %s: %s", a->operands[0], r.withdrawn_at,
                      r.reason);
    case STORE_ABSENT:
    case STORE_FAILED:
        break;
    }
    return refuse("%s", store_why(s));
}

static int run(const struct args *a)
{
    struct store *s = NULL;

    if (!is_reason(a->value[REASON])) {
        return args_bad(a, REASON, "not a line of 1 to 200 bytes of text");
    }
    int code = release_open(a, &s);
    if (code == DONE) {
        code = withdraw(a, s);
        store_close(s);
    }
    return code;
}

const struct verb verb_release_withdraw = {
    .name = "release withdraw",
    .operand = "VERSION",
    .summary = "Mark a release as withdrawn; it stays listed, as withdrawn",
    .options = options,
    .notes = STORE_NOTES,
    .run = run,
};

static const struct verb *const verbs[] = {
    &verb_release_publish,
    &verb_release_list,
    &verb_release_show,
    &verb_release_withdraw,
    NULL,
};

const struct verb verb_release = {
    .name = "release",
    .summary = "Signed artifacts in a store: publish, list, show, withdraw",
    .verbs = verbs,
};

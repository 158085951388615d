/* SPDX-License-Identifier: Apache-2.0
 *
 * The stream's kinds in words, its rows, and the event for what the server saw itself:
 *
 *   {"kind": "forged", "claimed": hex, "times": 3, ...}
 *
 * "claimed": the device id that it claimed, if any. Members more are kept as they are. */
#include "security.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"

#define TIMES_MAX 1000000000

/* Without a default, so that the compiler names the forgotten one. */
const char *security_name(enum security_kind k)
{
    switch (k) {
    case SECURITY_MALFORMED:
        return "malformed";
    case SECURITY_UNKNOWN_DEVICE:
        return "unknown_device";
    case SECURITY_FORGED:
        return "forged";
    case SECURITY_OTHER_CLASS:
        return "other_class";
    case SECURITY_FOREIGN_NONCE:
        return "foreign_nonce";
    case SECURITY_COUNTER_TWICE:
        return "counter_twice";
    case SECURITY_COUNTER_BACK:
        return "counter_back";
    case SECURITY_UNOFFERED:
        return "unoffered";
    case SECURITY_UNKNOWN_CODE:
        return "unknown_code";
    case SECURITY_REFUSED_CODE:
        return "refused_code";
    case SECURITY_REFUSED_POLICY:
        return "refused_policy";
    case SECURITY_BAD_TOKEN:
        return "bad_token";
    case SECURITY_NOTHING:
    case SECURITY_KINDS:
        break;
    }
    return "nothing";
}

const char *security_means(enum security_kind k)
{
    switch (k) {
    case SECURITY_MALFORMED:
        return "Bytes came that are no statement.";
    case SECURITY_UNKNOWN_DEVICE:
        return "A statement names a device that the factory never listed.";
    case SECURITY_FORGED:
        return "A statement's signature is not that of the device it names.";
    case SECURITY_OTHER_CLASS:
        return "A device says it is of another class or revision than was burned into "
               "it.";
    case SECURITY_FOREIGN_NONCE:
        return "A device signed a nonce that this server never gave.";
    case SECURITY_COUNTER_TWICE:
        return "A device signed two statements with one counter: its key may be "
               "copied.";
    case SECURITY_COUNTER_BACK:
        return "A device began to count again: its journal is lost, or its key copied.";
    case SECURITY_UNOFFERED:
        return "A device runs a genuine release that it was not offered.";
    case SECURITY_UNKNOWN_CODE:
        return "A device runs code that is no release of ours.";
    case SECURITY_REFUSED_CODE:
        return "A device refused an update with a forged signature.";
    case SECURITY_REFUSED_POLICY:
        return "A device refused a genuine release that its rules forbid, an old one "
               "say.";
    case SECURITY_BAD_TOKEN:
        return "Somebody asked an operator's route without a token that holds.";
    case SECURITY_NOTHING:
    case SECURITY_KINDS:
        break;
    }
    return "Nothing happened.";
}

static int64_t next_seq(struct db *db)
{
    struct db_query *q =
        db_ask(db, "SELECT seq FROM security ORDER BY seq DESC LIMIT 1");
    int64_t seq = db_next(q) ? db_get_int(q, 0) : 0;

    db_done(q);
    return seq + 1;
}

void security_note(struct db *db, int64_t at, enum security_kind kind, int64_t device,
                   const uint8_t claimed[16], const char *relay, int64_t times,
                   const char *body)
{
    int64_t seq = next_seq(db);
    struct db_query *q = db_ask(
        db, "INSERT INTO security (seq, at, kind, device, claimed, relay, times, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

    db_int(q, 0, seq);
    db_int(q, 1, at);
    db_int(q, 2, kind);
    db_int(q, 3, device);
    if (claimed != NULL && !sodium_is_zero(claimed, 16)) {
        db_blob(q, 4, claimed, 16);
    }
    db_text(q, 5, relay);
    db_int(q, 6, times);
    db_text(q, 7, body);
    db_do(q);
}

static enum security_kind named(const char *name)
{
    for (int k = SECURITY_NOTHING + 1; k < SECURITY_KINDS; k++) {
        if (strcmp(name, security_name((enum security_kind)k)) == 0) {
            return (enum security_kind)k;
        }
    }
    return SECURITY_NOTHING;
}

static void note_seen(struct db *db, const struct event *e, struct body *b)
{
    uint8_t claimed[16] = {0};
    int64_t times = 1;
    enum security_kind kind = named(body_text(b, "kind", 0, 32));

    if (body_has(b, "claimed")) {
        body_id(b, "claimed", claimed);
    }
    if (body_has(b, "times")) {
        times = body_number(b, "times", 1, TIMES_MAX);
    }
    if (kind == SECURITY_NOTHING) {
        body_wrong(b, "kind", "it is no kind of security event");
    }
    char *text = body_good(b) ? body_again(b) : NULL;
    if (text != NULL) {
        security_note(db, e->at, kind, e->device, claimed, e->relay, times, text);
        outcome_say(b->o, 200, "", "%s", "");
    }
    free(text);
}

void security_apply(struct db *db, const struct event *e, int64_t seq,
                    struct outcome *o)
{
    struct body b;
    (void)seq;

    if (body_open(&b, e->body, e->len, o)) {
        note_seen(db, e, &b);
    }
    body_close(&b);
}

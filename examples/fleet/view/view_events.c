/* SPDX-License-Identifier: Apache-2.0
 *
 * The log, to be read: the names of events, and what is in them. Believes the bodies'
 * form, since events were checked before they were written; a body that is odd is null.
 * */
#include <string.h>

#include "../model/event.h"
#include "ferry/manifest.h"
#include "ferry/statement.h"
#include "view_in.h"

const char *view_event_name(int64_t kind)
{
    static const char *const name[] = {"?",       "devices",  "release", "withdraw",
                                       "rollout", "act",      "waive",   "statement",
                                       "report",  "security", "tick",    "token"};

    size_t at = kind > 0 ? (size_t)kind : 0;
    return name[at < sizeof name / sizeof *name ? at : 0];
}

const char *view_outcome_name(int64_t outcome)
{
    static const char *const name[] = {"none",       "trial",   "confirmed",
                                       "faults",     "power",   "expired",
                                       "crash-loop", "damaged", "refused"};

    return outcome >= 0 && (size_t)outcome < sizeof name / sizeof *name ? name[outcome]
                                                                        : "?";
}

/* Everything that changes from one statement to the next. */
static json_t *says(const struct ferry_statement *s)
{
    return json_pack(
        "{so sI sI sI sI ss so sI sI sI}", "version", as_version(s->version), "counter",
        (json_int_t)s->counter, "starts", (json_int_t)s->starts, "resets",
        (json_int_t)s->resets, "attempts", (json_int_t)s->attempts, "outcome",
        view_outcome_name(s->outcome), "outcome_version",
        s->outcome_version > 0 ? as_version(s->outcome_version) : json_null(),
        "updates", (json_int_t)s->updates, "rollbacks", (json_int_t)s->rollbacks,
        "bad_signatures", (json_int_t)s->bad_signatures);
}

static json_t *statement(const uint8_t *body, size_t len)
{
    struct ferry_envelope e;
    struct ferry_statement s;

    if (ferry_envelope_open(&e, body, len) != 0 ||
        ferry_statement_parse(&s, e.payload, e.payload_len) != 0) {
        return json_null();
    }
    return says(&s);
}

static json_t *lines(const uint8_t *body, size_t len)
{
    json_int_t n = 0;

    for (size_t i = 0; i < len; i++) {
        n += body[i] == '\n' || i + 1 == len;
    }
    return json_pack("{sI}", "lines", n);
}

json_t *view_event_body(int64_t kind, const uint8_t *body, size_t len)
{
    if (kind == EVENT_STATEMENT) {
        return statement(body, len);
    }
    if (kind == EVENT_DEVICES) {
        return lines(body, len);
    }
    json_t *value = json_loadb((const char *)body, len, JSON_DECODE_ANY, NULL);
    return value != NULL ? value : json_null();
}

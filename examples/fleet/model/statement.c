/* SPDX-License-Identifier: Apache-2.0
 *
 * A verified statement as an event. Knows which statements are new, which of them is a
 * device's newest word, and in which order its word is taken in: what it tells of attacks,
 * its life, its state, its exposure, and only then whether it is offered something. */
#include <string.h>

#include "checkin.h"
#include "exposure_in.h"
#include "offer.h"
#include "state.h"
#include "suspect.h"

#define LOOK_BACK 256 /* events of a device among which a statement is looked for */

struct word {
    struct ferry_statement says;
    int32_t hour; /* its nonce was issued in; -1: it has none, and shows no life */
    const uint8_t *bytes;
    size_t len;
};

enum news {
    NEWS_NEWEST, /* its last word so far */
    NEWS_MISSED, /* overtaken by a newer one: it shows life, and nothing else */
    NEWS_BACK,   /* its counter began again */
    NEWS_TWICE,  /* a counter that was heard with other bytes */
    NEWS_KNOWN,
    NEWS_LATE
};

static bool read(const uint8_t *bytes, size_t len, struct word *w)
{
    struct ferry_envelope e;

    if (ferry_envelope_open(&e, bytes, len) != 0 ||
        ferry_statement_parse(&w->says, e.payload, e.payload_len) != 0) {
        return false;
    }
    w->hour = w->says.nonce != NULL ? nonce_claims(w->says.nonce) : -1;
    w->bytes = bytes;
    w->len = len;
    return true;
}

/* ---- what is new ----------------------------------------------------------------- */

/* One event of the device's chain: is it this statement? *no becomes the one before. */
static bool is_logged_as(struct db *db, int64_t *no, const struct word *w)
{
    struct db_query *q = db_ask(db, "SELECT before, kind, body FROM log WHERE seq = ?");
    size_t len;

    db_int(q, 0, *no);
    if (!db_next(q)) {
        *no = 0;
        return false;
    }
    const uint8_t *body = db_get_blob(q, 2, &len);
    bool same = db_get_int(q, 1) == EVENT_STATEMENT && len == w->len &&
                memcmp(body, w->bytes, len) == 0;
    *no = db_get_int(q, 0);
    db_done(q);
    return same;
}

/* Were these bytes heard before the event `seq`, among the device's last ones? Where the
 * search ends early, nobody is accused. */
static bool is_known(struct db *db, const struct state *s, int64_t seq,
                     const struct word *w)
{
    int64_t no = s->newest;

    for (int i = 0; i < LOOK_BACK && no > 0; i++) {
        bool mine = no == seq; /* this very event, in the log already */
        if (is_logged_as(db, &no, w) && !mine) {
            return true;
        }
    }
    return no > 0;
}

static enum news news_of(struct db *db, const struct state *s, int64_t seq,
                         const struct word *w)
{
    enum counter counter = counter_is(&s->counters, w->says.counter);

    if (s->again > 0 && w->hour < s->again) {
        return NEWS_LATE; /* of the journal that is lost */
    }
    if (counter == COUNTER_NEWEST || counter == COUNTER_MISSED) {
        return counter == COUNTER_NEWEST ? NEWS_NEWEST : NEWS_MISSED;
    }
    if (w->hour > s->life.seen) {
        return NEWS_BACK;
    }
    if (counter == COUNTER_OUTSIDE) {
        return NEWS_LATE;
    }
    return is_known(db, s, seq, w) ? NEWS_KNOWN : NEWS_TWICE;
}

const char *checkin_news(struct db *db, const struct heard *h)
{
    struct state s;
    struct word w;

    if (!read(h->envelope + FERRY_TBS_SPARE, h->len, &w) ||
        !state_load(db, h->device, &s)) {
        return "late";
    }
    switch (news_of(db, &s, 0, &w)) {
    case NEWS_KNOWN:
        return "known";
    case NEWS_LATE:
        return "late";
    case NEWS_NEWEST:
    case NEWS_MISSED:
    case NEWS_BACK:
    case NEWS_TWICE:
        break;
    }
    return "new";
}

/* ---- taking it in ---------------------------------------------------------------- */

/* Rolled back for what the code did, not for the power or for nobody having come by: the
 * device will not have it again. */
static bool is_buried(uint32_t outcome)
{
    return outcome == FERRY_OUTCOME_FAULTS || outcome == FERRY_OUTCOME_CRASH_LOOP;
}

static void take_state(struct state *s, const struct ferry_statement *says)
{
    s->is.version = says->version;
    s->is.floor = says->floor;
    if (is_buried(says->outcome) && says->outcome_version > s->is.grave) {
        s->is.grave = says->outcome_version;
    }
    memcpy(s->digest, says->digest, sizeof s->digest);
    s->resets = says->resets;
    s->outcome = says->outcome;
    s->outcome_version = says->outcome_version;
    s->attempts = says->attempts;
    s->updates = says->updates;
    s->rollbacks = says->rollbacks;
    s->bad_signatures = says->bad_signatures;
    s->transfers_bad = says->hash_errors + says->block_errors;
    memcpy(s->refusals, says->refusals, sizeof s->refusals);
    s->heard = true;
}

static void take(struct db *db, struct state *s, const struct word *w, enum news news,
                 const struct event *e)
{
    struct state before = *s;
    int32_t now_h = (int32_t)(e->at / 3600);
    bool newest = news != NEWS_MISSED;

    if (news == NEWS_BACK) {
        suspect_note(db, s, SECURITY_COUNTER_BACK, 1, "", e->at);
        s->counters.heard = 0;
        s->again = w->hour;
    }
    counter_note(&s->counters, w->says.counter);
    if (w->hour >= 0) {
        life_note(&s->life, w->hour);
    }
    if (newest) {
        take_state(s, &w->says);
        suspect_look(db, &before, s, &w->says, e->at);
    }
    if (s->rollout != 0) {
        exposure_hear(db, s, w->hour, newest ? now_h : -1);
    }
    if (w->hour >= 0 && w->hour >= now_h - CHECKIN_FRESH_H) {
        offer_consider(db, s, e->actor, e->at);
    }
    state_save(db, s, e->actor, e->at);
}

void statement_apply(struct db *db, const struct event *e, int64_t seq,
                     struct outcome *o)
{
    struct state s;
    struct word w;

    if (!read(e->body, e->len, &w)) {
        outcome_say(o, 400, "", "this is no statement");
        return;
    }
    if (!state_load(db, e->device, &s)) {
        outcome_say(o, 404, "", "there is no device number %lld", (long long)e->device);
        return;
    }
    if (memcmp(w.says.device_id, s.is.id, sizeof s.is.id) != 0 ||
        w.hour > e->at / 3600) {
        outcome_say(o, 422, "",
                    "this statement is another device's, or of an hour to"
                    " come");
        return;
    }
    enum news news = news_of(db, &s, seq, &w);
    if (news == NEWS_KNOWN || news == NEWS_LATE) {
        outcome_say(o, 409, "", "this statement was heard before, or comes too late");
        return;
    }
    if (news == NEWS_TWICE) {
        suspect_note(db, &s, SECURITY_COUNTER_TWICE, 1, "", e->at);
    } else {
        take(db, &s, &w, news, e);
    }
    outcome_say(o, 200, "", "%s", "");
}

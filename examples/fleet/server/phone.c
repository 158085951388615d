/* SPDX-License-Identifier: Apache-2.0
 *
 * What phones ask for beside checking in: a nonce of this hour, and to be heard about
 * transfers. Their words about those are unsigned, and believed by nobody. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "../view/view.h"
#include "post.h"
#include "routes.h"

#define HOUR 3600

/* The same for everybody until the hour is over: caches on the way may keep it. */
void phone_nonce(struct request *r)
{
    struct server *s = r->server;
    int64_t now = fleet_clock_now(&s->clock), until = now - now % HOUR + HOUR;
    int64_t again_s = fleet_clock_until(&s->clock, until);
    uint8_t nonce[FERRY_NONCE_LEN];
    char hex[2 * FERRY_NONCE_LEN + 1], time[21], cache[60];

    nonce_make(nonce, s->secret, (int32_t)(now / HOUR));
    sodium_bin2hex(hex, sizeof hex, nonce, sizeof nonce);
    view_time(until, time);
    answer_json(r, 200,
                json_pack("{s:s, s:s, s:I}", "nonce", hex, "until", time, "again_s",
                          (json_int_t)again_s));
    snprintf(cache, sizeof cache, "public, max-age=%" PRId64, again_s);
    answer_header(r, "Cache-Control", s->set.hour_s == 0 ? "no-store" : cache);
}

void phone_report(struct request *r)
{
    json_t *body = request_json(r);

    if (body != NULL) {
        post_json(r, EVENT_REPORT, body);
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A little of everything that needs no signatures, told to an empty database. */
#ifndef FERRY_TEST_FLEET_LIVE_H
#define FERRY_TEST_FLEET_LIVE_H

#include "tell.h"

#define REPORT                                                                         \
    "{\"app\": \"3.1.0\", \"device\": \"0000000000000000000000000000000%d\","          \
    " \"rollout\": 0, \"outcome\": \"done\", \"code\": 0, \"bytes\": 4096,"            \
    " \"resumes\": 1, \"seconds\": 7}"
#define SEEN "{\"kind\": \"forged\", \"times\": 3}"

static inline void report(struct db *db, int device)
{
    char body[300];

    snprintf(body, sizeof body, REPORT, device);
    struct outcome o = tell_about(db, EVENT_REPORT, device, body);
    assert_int_equal(o.status, 201);
}

/* 21 events: 9 devices, of which the third is reported about ten times. */
static inline void live(struct db *db)
{
    tell_devices(db, 9);
    for (int i = 1; i <= 9; i++) {
        report(db, i);
        report(db, 3);
    }
    tell(db, EVENT_SECURITY, SEEN);
    tell(db, EVENT_TOKEN,
         "{\"name\": \"anna\", \"scopes\": \"read\", \"revoked\": false}");
}

#endif

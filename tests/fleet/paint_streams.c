/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what of releases, acts, security events and transfers is worth seeing. */
#include <string.h>

#include "paint_in.h"
#include "security.h"

#define CLASS "7cd12f5a0b5e5a779e3b504c16e10f42"

static void put_release(struct db *db, int64_t no, uint32_t v)
{
    struct db_query *q = db_ask(
        db,
        "INSERT INTO releases (no, class, version, sec_ctr, slot, min_from, hw_min,"
        " hw_max, pass, withdrawn_at, body) VALUES (?, ?, ?, 3, 0, ?, 1, 4, 0, ?, ?)");

    db_int(q, 0, no);
    db_blob(q, 1, paint_class, sizeof paint_class);
    db_int(q, 2, v);
    db_int(q, 3, no == 2 ? paint_version(1, 9, 0) : 0);
    if (no == 1) {
        db_int(q, 4, PAINT_NOW - 86400);
    }
    db_text(q, 5, "{\"published\": \"2025-11-20T08:00:00Z\", \"artifacts\": [{}, {}]}");
    db_do(q);
}

static void put_log(struct db *db, int64_t seq, int64_t kind, int64_t device,
                    int64_t before, const char *body)
{
    static const uint8_t hash[32] = {0x5e, 0x11};
    struct db_query *q = db_ask(
        db, "INSERT INTO log (seq, at, kind, actor, relay, device, before, body, hash)"
            " VALUES (?, ?, ?, ?, '', ?, ?, ?, ?)");

    db_int(q, 0, seq);
    db_int(q, 1, PAINT_NOW - 86400 + seq * 3600);
    db_int(q, 2, kind);
    db_text(q, 3, seq == 4 ? PAINT_HOSTILE : "alice");
    db_int(q, 4, device);
    db_int(q, 5, before);
    db_blob(q, 6, body, strlen(body));
    db_blob(q, 7, hash, sizeof hash);
    db_do(q);
}

static void paint_log(struct db *db)
{
    put_log(db, 1, 1, 0, 0, "id,class,key,hw_rev\n1,2,3,4\n");
    put_log(db, 2, 4, 0, 0, "{\"class\": \"" CLASS "\", \"version\": \"2.1.0\"}");
    put_log(db, 3, 5, 0, 0,
            "{\"rollout\": 2, \"act\": \"open\", \"reason\": \"the canary\"}");
    put_log(db, 4, 6, 0, 0,
            "{\"rollout\": 4, \"hw_rev\": 3, \"reason\": \"<img src=x onerror=x>\"}");
    put_log(db, 8, 8, 3, 0, "{\"outcome\": \"failed\", \"code\": 62, \"bytes\": 8192}");
    put_log(db, 9, 7, 3, 8, "no envelope");
}

static void paint_reports_and_security(struct db *db)
{
    static const uint8_t claimed[16] = {0xde, 0xad};

    security_note(db, PAINT_NOW - 900, SECURITY_FORGED, 3, claimed, "203.0.113.9", 14,
                  "{\"why\": \""
                  "<script>alert(1)</script>"
                  "\"}");
    security_note(db, PAINT_NOW - 600, SECURITY_UNKNOWN_DEVICE, 0, claimed,
                  PAINT_HOSTILE, 1, "{}");
    for (int64_t i = 1; i <= 120; i++) {
        struct db_query *q = db_ask(
            db,
            "INSERT INTO reports (seq, at, device, rollout, relay, outcome, code,"
            " bytes, resumes, seconds, app) VALUES (?, ?, ?, ?, '198.51.100.7', ?, ?,"
            " 412000, 2, 341, ?)");
        db_int(q, 0, 100 + i);
        db_int(q, 1, PAINT_NOW - 7200 + i * 30);
        db_int(q, 2, i);
        db_int(q, 3, PAINT_FROZEN);
        db_text(q, 4, i % 9 == 0 ? "failed" : "done");
        db_int(q, 5, i % 9 == 0 ? 62 : 0);
        db_text(q, 6, i == 120 ? PAINT_HOSTILE : "3.1.0");
        db_do(q);
    }
}

static void paint_offer(struct db *db)
{
    struct db_query *q = db_ask(
        db, "INSERT INTO offers (device, rollout, release, first_at, at, expires)"
            " VALUES (3, ?, 2, ?, ?, ?)");

    db_int(q, 0, PAINT_FROZEN);
    db_int(q, 1, PAINT_NOW - 300000);
    db_int(q, 2, PAINT_NOW - 100000);
    db_int(q, 3, PAINT_NOW + 100000);
    db_do(q);
}

void paint_streams(struct db *db)
{
    put_release(db, 1, paint_version(2, 0, 0));
    put_release(db, 2, paint_version(2, 1, 0));
    paint_log(db);
    paint_reports_and_security(db);
    paint_offer(db);
}

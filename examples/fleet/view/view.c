/* SPDX-License-Identifier: Apache-2.0
 *
 * Spells times, versions, bytes and lists. */
#include "view_in.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

#define HEX_BYTES_MAX 84U /* the longest there are: the hours of a device */

void view_time(int64_t at, char to[21])
{
    time_t t = (time_t)at;
    struct tm utc;

    if (gmtime_r(&t, &utc) == NULL ||
        strftime(to, 21, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        snprintf(to, 21, "?");
    }
}

void view_version(uint32_t version, char to[14])
{
    text_of_version(version, to);
}

const char *view_number(int64_t n, char to[VIEW_NUMBER])
{
    char digits[24];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRId64, n), at = 0;

    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-') {
            to[at++] = ',';
        }
        to[at++] = digits[i];
    }
    to[at] = '\0';
    return to;
}

json_t *as_text(const char *text)
{
    json_t *whole = json_string(text);

    if (whole != NULL) {
        return whole;
    }
    size_t len = strlen(text);
    char *clean = malloc(len + 1);
    for (size_t i = 0; clean != NULL && i <= len; i++) {
        clean[i] = (char)((unsigned char)text[i] < 0x80 ? text[i] : '?');
    }
    whole = json_string(clean != NULL ? clean : "?");
    free(clean);
    return whole;
}

json_t *as_hex(const uint8_t *bytes, size_t len)
{
    char text[2 * HEX_BYTES_MAX + 1];

    if (bytes == NULL || len == 0 || len > HEX_BYTES_MAX) {
        return json_null();
    }
    sodium_bin2hex(text, sizeof text, bytes, len);
    return json_string(text);
}

json_t *as_hex_column(const struct db_query *q, unsigned column)
{
    size_t len = 0;
    const uint8_t *bytes = db_get_null(q, column) ? NULL : db_get_blob(q, column, &len);

    return as_hex(bytes, len);
}

json_t *as_time(int64_t at)
{
    char text[21];

    if (at < 1) {
        return json_null();
    }
    view_time(at, text);
    return json_string(text);
}

json_t *as_hour(int64_t hour)
{
    return as_time(hour < 1 ? 0 : hour * 3600);
}

json_t *as_version(int64_t version)
{
    char text[VIEW_VERSION_TEXT];

    view_version((uint32_t)version, text);
    return json_string(text);
}

json_t *as_json(const char *text)
{
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    return value != NULL ? value : json_null();
}

json_t *view_list(const char *name, json_t *rows)
{
    json_int_t next = 0;

    if (json_array_size(rows) > VIEW_PAGE) {
        json_array_remove(rows, VIEW_PAGE);
        const json_t *last = json_array_get(rows, VIEW_PAGE - 1);
        next = json_integer_value(json_object_get(last, "seq"));
    }
    return json_pack("{so sI}", name, rows, "next", next);
}

int64_t view_count(struct db_query *q)
{
    int64_t n = db_next(q) ? db_get_int(q, 0) : 0;

    db_done(q);
    return n;
}

json_t *view_counts(struct db_query *q)
{
    json_t *counts = json_object();

    while (db_next(q)) {
        json_object_set_new(counts, db_get_text(q, 0), json_integer(db_get_int(q, 1)));
    }
    return counts;
}

json_t *view_end(const struct db *db, json_t *answer)
{
    if (answer != NULL && db_failed(db)) {
        json_decref(answer);
        return NULL;
    }
    return answer;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how each field is spelled, which ones must be there, and which key of the
 * manifest each becomes. */
#include "request.h"

#include <string.h>

#include "artifact.h"
#include "bytes.h"
#include "cbor.h"
#include "say.h"

#define NO_VERSION "not X.Y.Z with X, Y <= 255 and Z <= 65535"
#define NO_ID "not a UUID, nor 32 hexadecimal digits"

static const char *text_of(const struct request *r, enum field f)
{
    return r->fields->of[f].text;
}

static int bad(const struct request *r, enum field f, const char *why)
{
    return field_bad(r->fields, f, why);
}

/* ---- what must be there ---------------------------------------------------------- */

static int check_complete(const struct request *r)
{
    static const enum field wanted[] = {FIELD_SLOT,    FIELD_CLASS,   FIELD_HW,
                                        FIELD_VERSION, FIELD_SEC_CTR, FIELD_IMAGE};

    for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (text_of(r, wanted[i]) == NULL) {
            return field_missing(r->fields, wanted[i]);
        }
    }
    return DONE;
}

static int read_required(struct request *r)
{
    if (!text_number(text_of(r, FIELD_SLOT), FERRY_KEY_SLOTS - 1, &r->slot)) {
        return bad(r, FIELD_SLOT, "not a key slot, 0..7");
    }
    if (!text_id(text_of(r, FIELD_CLASS), r->class_id)) {
        return bad(r, FIELD_CLASS, NO_ID);
    }
    if (!text_range(text_of(r, FIELD_HW), &r->m.hw_min, &r->m.hw_max)) {
        return bad(r, FIELD_HW, "not N, nor MIN-MAX with MIN <= MAX");
    }
    if (!text_version(text_of(r, FIELD_VERSION), &r->m.version)) {
        return bad(r, FIELD_VERSION, NO_VERSION);
    }
    if (!text_number(text_of(r, FIELD_SEC_CTR), FERRY_SEC_CTR_MAX, &r->m.sec_ctr)) {
        return bad(r, FIELD_SEC_CTR, "not a number 0..16777215");
    }
    r->m.type = FERRY_TYPE_IMAGE;
    r->m.class_id = r->class_id;
    r->m.sha256 = r->sha256;
    r->m.blocks = r->blocks;
    r->m.has = 1UL << FERRY_KEY_TYPE | 1UL << FERRY_KEY_CLASS |
               1UL << FERRY_KEY_HW_MIN | 1UL << FERRY_KEY_HW_MAX |
               1UL << FERRY_KEY_VERSION | 1UL << FERRY_KEY_SEC_CTR |
               1UL << FERRY_KEY_LENGTH | 1UL << FERRY_KEY_SHA256 |
               1UL << FERRY_KEY_LINK | 1UL << FERRY_KEY_BLOCKS;
    return DONE;
}

/* ---- what may be there ----------------------------------------------------------- */

static int read_optional(struct request *r)
{
    r->linked = text_of(r, FIELD_LINK) != NULL;
    if (r->linked && !text_number(text_of(r, FIELD_LINK), UINT32_MAX, &r->m.link)) {
        return bad(r, FIELD_LINK, "not a 32-bit address, decimal or 0x...");
    }
    if (text_of(r, FIELD_MIN_FROM) != NULL) {
        if (!text_version(text_of(r, FIELD_MIN_FROM), &r->m.min_from)) {
            return bad(r, FIELD_MIN_FROM, NO_VERSION);
        }
        r->m.has |= 1UL << FERRY_KEY_MIN_FROM;
    }
    if (text_of(r, FIELD_DEVICE) != NULL) {
        if (!text_id(text_of(r, FIELD_DEVICE), r->device)) {
            return bad(r, FIELD_DEVICE, NO_ID);
        }
        r->m.device = r->device;
        r->m.has |= 1UL << FERRY_KEY_DEVICE;
    }
    return DONE;
}

static bool is_utf8(const char *text)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t left = strlen(text);
    size_t n = 1;
    uint32_t character;

    while (left > 0 && (n = text_utf8(p, left, &character)) > 0) {
        p += n;
        left -= n;
    }
    return n > 0;
}

static void info_key(struct request *r, struct ferry_writer *w, uint32_t key)
{
    ferry_cbor_head(w, FERRY_CBOR_NINT, key - 1);
    r->m.info_count++;
}

static void info_text(struct request *r, struct ferry_writer *w, uint32_t key,
                      const char *text)
{
    info_key(r, w, key);
    ferry_cbor_head(w, FERRY_CBOR_TSTR, (uint32_t)strlen(text));
    ferry_put(w, text, strlen(text));
}

static int read_info(struct request *r)
{
    struct ferry_writer w = ferry_writer(r->info, sizeof r->info);
    const char *id = text_of(r, FIELD_BUILD_ID), *time = text_of(r, FIELD_BUILD_TIME);
    uint32_t seconds;

    info_text(r, &w, INFO_VERSION, text_of(r, FIELD_VERSION));
    if (id != NULL) {
        if (!is_utf8(id)) {
            return bad(r, FIELD_BUILD_ID, "not UTF-8");
        }
        info_text(r, &w, INFO_BUILD_ID, id);
    }
    if (time != NULL) {
        if (!text_number(time, UINT32_MAX, &seconds)) {
            return bad(r, FIELD_BUILD_TIME, "not seconds since 1970, below 2^32");
        }
        info_key(r, &w, INFO_BUILD_TIME);
        ferry_cbor_head(&w, FERRY_CBOR_UINT, seconds);
    }
    if (w.bad) { /* nothing else here has a length of its own */
        return bad(r, FIELD_BUILD_ID, REQUEST_TOO_LONG);
    }
    r->m.info = r->info;
    r->m.info_len = (uint16_t)w.len;
    return DONE;
}

int request_read(struct request *r, const struct fields *fields)
{
    memset(r, 0, sizeof *r);
    r->fields = fields;
    int code = check_complete(r);
    if (code == DONE) {
        code = read_required(r);
    }
    if (code == DONE) {
        code = read_optional(r);
    }
    return code == DONE ? read_info(r) : code;
}

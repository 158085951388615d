/* SPDX-License-Identifier: Apache-2.0
 *
 * A courier, its configuration and what it borrows, behind one pointer. Knows how numbers
 * and bytes stand for the structs of ferry/courier.h; decides nothing. Not part of
 * ferry-courier. */
#include "ferry/courier_ffi.h"

#include <string.h>

#include "ferry/courier.h"
#include "ferry/statement.h"

_Static_assert(FERRY_FFI_STATEMENT_MAX == FERRY_ENVELOPE_MAX,
               "a statement is an envelope");

struct artifact {
    const uint8_t *bytes;
    size_t len;
};

struct ferry_ffi {
    struct ferry_courier courier;
    struct ferry_courier_config cfg; /* its ctx is this struct */
    struct artifact artifact[FERRY_FFI_ARTIFACTS];
    uint8_t question[FERRY_NONCE_LEN];
    uint8_t statement[FERRY_FFI_STATEMENT_MAX];
    uint16_t statement_len;
    bool started;
};

/* ---- what the courier asks of it ------------------------------------------------- */

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    const struct ferry_ffi *f = ctx;
    const struct artifact *a = &f->artifact[which];

    if (off > a->len || len > a->len - off) {
        return FERRY_E_READ;
    }
    memcpy(buf, a->bytes + off, (size_t)len);
    return 0;
}

/* `len` is at most FERRY_ENVELOPE_MAX: the courier put it together in so many bytes. */
static void keep_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    struct ferry_ffi *f = ctx;

    memcpy(f->statement, envelope, len);
    f->statement_len = (uint16_t)len;
}

/* ---- its life -------------------------------------------------------------------- */

size_t ferry_ffi_size(void)
{
    return sizeof(struct ferry_ffi);
}

size_t ferry_ffi_align(void)
{
    return _Alignof(struct ferry_ffi);
}

struct ferry_ffi *ferry_ffi_make(void *memory, size_t len)
{
    struct ferry_ffi *f = memory;

    if (len < sizeof *f || (uintptr_t)memory % _Alignof(struct ferry_ffi) != 0) {
        return NULL;
    }
    memset(f, 0, sizeof *f);
    f->cfg.ctx = f;
    f->cfg.read = read_artifact;
    f->cfg.statement = keep_statement;
    return f;
}

int ferry_ffi_artifact(struct ferry_ffi *f, const uint8_t *bytes, size_t len)
{
    if (f->started) {
        return FERRY_E_STATE;
    }
    if (bytes == NULL || len == 0 || f->cfg.artifacts == FERRY_FFI_ARTIFACTS) {
        return FERRY_E_ARG;
    }
    f->artifact[f->cfg.artifacts] = (struct artifact){bytes, len};
    return f->cfg.artifacts++;
}

int ferry_ffi_ask(struct ferry_ffi *f, const uint8_t question[16])
{
    if (f->started) {
        return FERRY_E_STATE;
    }
    memcpy(f->question, question, sizeof f->question);
    f->cfg.report_nonce = f->question;
    return 0;
}

int ferry_ffi_start(struct ferry_ffi *f, const uint8_t nonce[4], uint16_t value_max,
                    uint32_t now_ms)
{
    if (f->started) {
        return FERRY_E_STATE;
    }
    memcpy(f->cfg.nonce, nonce, sizeof f->cfg.nonce);
    f->cfg.value_max = value_max;
    int err = ferry_courier_init(&f->courier, &f->cfg, now_ms);
    f->started = err == 0;
    return err;
}

/* ---- the verbs ------------------------------------------------------------------- */

void ferry_ffi_link(struct ferry_ffi *f, int up, uint32_t now_ms)
{
    if (f->started) {
        ferry_courier_link(&f->courier, up != 0, now_ms);
    }
}

void ferry_ffi_input(struct ferry_ffi *f, const uint8_t *bytes, size_t len,
                     uint32_t now_ms)
{
    if (f->started) {
        ferry_courier_input(&f->courier, bytes, len, now_ms);
    }
}

size_t ferry_ffi_output(struct ferry_ffi *f, uint8_t *buf, size_t cap, uint32_t now_ms)
{
    return f->started ? ferry_courier_output(&f->courier, buf, cap, now_ms) : 0;
}

void ferry_ffi_tick(struct ferry_ffi *f, uint32_t now_ms)
{
    if (f->started) {
        ferry_courier_tick(&f->courier, now_ms);
    }
}

uint32_t ferry_ffi_deadline(const struct ferry_ffi *f, uint32_t now_ms)
{
    return f->started ? ferry_courier_deadline(&f->courier, now_ms) : UINT32_MAX;
}

void ferry_ffi_abort(struct ferry_ffi *f, uint32_t now_ms)
{
    if (f->started) {
        ferry_courier_abort(&f->courier, now_ms);
    }
}

/* ---- how it stands --------------------------------------------------------------- */

/* No device has a window of 0. */
static bool peer_known(const struct ferry_courier *c)
{
    return c->peer.window != 0;
}

static void look_at_progress(const struct ferry_courier *c, uint32_t *all)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(c, &p);
    all[FERRY_FFI_ERROR] = (uint32_t)-p.error;
    all[FERRY_FFI_WAIT] = (uint32_t)p.wait;
    all[FERRY_FFI_IMAGE_LEN] = p.image_len;
    all[FERRY_FFI_ACKED] = p.acked;
    all[FERRY_FFI_VERIFIED] = p.verified;
    all[FERRY_FFI_VERSION] = p.version;
    all[FERRY_FFI_RATE] = p.rate;
    all[FERRY_FFI_LEFT_MS] = p.left_ms;
    all[FERRY_FFI_LATER_SECONDS] = p.later.seconds;
    all[FERRY_FFI_LATER_WHY] = p.later.why;
    all[FERRY_FFI_LATER_DETAIL] = p.later.detail;
}

size_t ferry_ffi_look(const struct ferry_ffi *f, uint32_t *out, size_t room)
{
    const struct ferry_courier *c = &f->courier;
    uint32_t all[FERRY_FFI_PLACES];
    size_t n = room < FERRY_FFI_PLACES ? room : FERRY_FFI_PLACES;

    look_at_progress(c, all);
    all[FERRY_FFI_STATE] = (uint32_t)c->state;
    all[FERRY_FFI_WHICH] = c->which;
    all[FERRY_FFI_PEER] = peer_known(c);
    all[FERRY_FFI_WITHHELD] = c->peer.withheld;
    all[FERRY_FFI_PEER_VERSION] = c->peer.version;
    all[FERRY_FFI_PEER_HW_REV] = c->peer.hw_rev;
    all[FERRY_FFI_STATEMENT_LEN] = f->statement_len;
    all[FERRY_FFI_IMAGE_BYTES_SENT] = c->counts.image_bytes_sent;
    all[FERRY_FFI_BYTES_REPEATED] = c->counts.bytes_repeated;
    all[FERRY_FFI_FRAMES_BAD] = c->counts.frames_bad;
    all[FERRY_FFI_HELLOS] = c->counts.hellos;
    memcpy(out, all, n * sizeof *out);
    return n;
}

void ferry_ffi_class(const struct ferry_ffi *f, uint8_t id[16])
{
    memcpy(id, f->courier.peer.class_id, sizeof f->courier.peer.class_id);
}

size_t ferry_ffi_statement(const struct ferry_ffi *f, uint8_t *buf, size_t cap)
{
    if (f->statement_len <= cap) {
        memcpy(buf, f->statement, f->statement_len);
    }
    return f->statement_len;
}

const char *ferry_ffi_wait_name(uint32_t wait)
{
    return ferry_courier_wait_name((enum ferry_wait)wait);
}

const char *ferry_ffi_later_name(uint32_t why)
{
    return why <= UINT8_MAX ? ferry_courier_later_name((uint8_t)why) : "";
}

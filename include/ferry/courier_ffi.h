/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier for callers that see no C struct: JNI, Swift, WebAssembly. What crosses is
 * numbers, bytes and one opaque pointer; artifacts lie in memory, so nothing is called
 * back. The same courier, in a library of its own (ferry-courier-ffi): who uses
 * ferry/courier.h pays nothing for it. */
#ifndef FERRY_COURIER_FFI_H
#define FERRY_COURIER_FFI_H

#include <stddef.h>
#include <stdint.h>

#include "ferry/err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FERRY_FFI_ARTIFACTS 8U
#define FERRY_FFI_STATEMENT_MAX 333U /* bytes */

struct ferry_ffi; /* one session */

/* ---- its life -------------------------------------------------------------------- */

/* Bytes that a session takes, and what its address is a multiple of. */
FERRY_MUST_USE size_t ferry_ffi_size(void);
FERRY_MUST_USE size_t ferry_ffi_align(void);

/* A session in `memory`, which stays there, untouched, for as long as the session is
 * used; it owns nothing else, so there is nothing to close. NULL: too few bytes, or not
 * aligned. */
FERRY_MUST_USE struct ferry_ffi *ferry_ffi_make(void *memory, size_t len);

/* One artifact more to choose from, before start. The bytes stay where they are and as
 * they are for the session's life. Its number, from 0; or FERRY_E_ARG (empty, or one too
 * many), FERRY_E_STATE (started). */
FERRY_MUST_USE int ferry_ffi_artifact(struct ferry_ffi *f, const uint8_t *bytes,
                                      size_t len);

/* Ask for the device's statement about this question of a server (16 bytes, copied)
 * before anything is offered. 0, or FERRY_E_STATE (started). */
FERRY_MUST_USE int ferry_ffi_ask(struct ferry_ffi *f, const uint8_t question[16]);

/* `nonce`: 4 random bytes, new for each session. `value_max`: the largest value that
 * this end can receive. 0, or FERRY_E_ARG (nothing to carry and nothing to ask; no
 * value_max), FERRY_E_STATE (started). */
FERRY_MUST_USE int ferry_ffi_start(struct ferry_ffi *f, const uint8_t nonce[4],
                                   uint16_t value_max, uint32_t now_ms);

/* ---- the verbs of ferry/courier.h ------------------------------------------------ */

/* Before start they do nothing: no output, no deadline. */
void ferry_ffi_link(struct ferry_ffi *f, int up, uint32_t now_ms);
void ferry_ffi_input(struct ferry_ffi *f, const uint8_t *bytes, size_t len,
                     uint32_t now_ms);
FERRY_MUST_USE size_t ferry_ffi_output(struct ferry_ffi *f, uint8_t *buf, size_t cap,
                                       uint32_t now_ms);
void ferry_ffi_tick(struct ferry_ffi *f, uint32_t now_ms);
FERRY_MUST_USE uint32_t ferry_ffi_deadline(const struct ferry_ffi *f, uint32_t now_ms);
void ferry_ffi_abort(struct ferry_ffi *f, uint32_t now_ms);

/* ---- how it stands --------------------------------------------------------------- */

/* Places in what ferry_ffi_look() gives. A place never changes its meaning; new ones
 * come at the end. Units and meanings are those of ferry_courier_progress, _peer and
 * _counts. */
enum ferry_ffi_place {
    FERRY_FFI_STATE, /* enum ferry_courier_state */
    FERRY_FFI_ERROR, /* enum ferry_err, negated: 0 or positive */
    FERRY_FFI_WAIT,  /* enum ferry_wait */
    FERRY_FFI_IMAGE_LEN,
    FERRY_FFI_ACKED,
    FERRY_FFI_VERIFIED,
    FERRY_FFI_VERSION,
    FERRY_FFI_RATE,
    FERRY_FFI_LEFT_MS, /* 0xFFFFFFFF: not known */
    FERRY_FFI_LATER_SECONDS,
    FERRY_FFI_LATER_WHY,
    FERRY_FFI_LATER_DETAIL,
    FERRY_FFI_WHICH,    /* artifact; means something once there is an image_len */
    FERRY_FFI_PEER,     /* 1: the device has said what it is, below */
    FERRY_FFI_WITHHELD, /* 1: but not its version */
    FERRY_FFI_PEER_VERSION,
    FERRY_FFI_PEER_HW_REV,
    FERRY_FFI_STATEMENT_LEN, /* bytes; 0: none has come */
    FERRY_FFI_IMAGE_BYTES_SENT,
    FERRY_FFI_BYTES_REPEATED,
    FERRY_FFI_FRAMES_BAD,
    FERRY_FFI_HELLOS
};
#define FERRY_FFI_PLACES 22U

/* The first `room` of these numbers, of one moment. How many were written. */
size_t ferry_ffi_look(const struct ferry_ffi *f, uint32_t *out, size_t room);

/* The device's class, 16 bytes; zeros before FERRY_FFI_PEER is 1. */
void ferry_ffi_class(const struct ferry_ffi *f, uint8_t id[16]);

/* The device's statement, unverified. Its length; nothing is written if that is more
 * than `cap`. 0: none has come. */
size_t ferry_ffi_statement(const struct ferry_ffi *f, uint8_t *buf, size_t cap);

/* ferry_courier_wait_name() and ferry_courier_later_name() by number; "" for what is
 * none. Errors: ferry_errname() and ferry_strerror(), which take the number negated. */
FERRY_MUST_USE const char *ferry_ffi_wait_name(uint32_t wait);
FERRY_MUST_USE const char *ferry_ffi_later_name(uint32_t why);

#ifdef __cplusplus
}
#endif
#endif

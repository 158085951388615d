/* SPDX-License-Identifier: Apache-2.0
 *
 * Every error Ferry can report. The decade says who is to blame: -1..-9 the
 * calling code, -1x the link, -2x the hardware, -3x the envelope's form, -4x and
 * -5x policy, -6x the image's content. The numbers of -2x to -6x also travel on the
 * wire, negated (docs/PROTOCOL.md, "Codes"), so a number never changes its meaning. */
#ifndef FERRY_ERR_H
#define FERRY_ERR_H

#ifdef __cplusplus
extern "C" {
#endif

/* OUT_OF_LINE: a call is smaller than what gcc would write in its place (-Os, measured). */
#if defined(__GNUC__)
#define FERRY_MUST_USE __attribute__((warn_unused_result))
#define FERRY_OUT_OF_LINE __attribute__((noinline))
#else
#define FERRY_MUST_USE
#define FERRY_OUT_OF_LINE
#endif

enum ferry_err {
    FERRY_OK = 0,
    FERRY_E_ARG = -1,   /* a configuration or argument that cannot work */
    FERRY_E_STATE = -2, /* the call does not fit the session's state */

    FERRY_E_SILENCE = -10, /* nothing heard for 30 s */
    FERRY_E_RETRY = -11,   /* three failed retransmissions without progress */
    FERRY_E_PROTO = -12,   /* the peer says what the protocol does not allow */
    FERRY_E_ABORT = -13,   /* the peer, or the application, ended the session */
    FERRY_E_BUSY = -14,    /* the device serves another courier */
    FERRY_E_STALL = -15,   /* the device answers, but nothing moves for two minutes */

    FERRY_E_FLASH = -20,  /* flash failed, or never completed a call */
    FERRY_E_POWER = -21,  /* the supply is too low to write */
    FERRY_E_CRYPTO = -22, /* the crypto backend never completed a call */
    FERRY_E_READ = -23,   /* the courier could not read its artifact */
    FERRY_E_COMMIT = -24, /* the commit record could not be written */

    FERRY_E_LEN = -30,     /* envelope truncated, too long, or length byte off */
    FERRY_E_FRAME = -31,   /* a constant byte of the envelope differs */
    FERRY_E_KID = -32,     /* key slot out of range or empty */
    FERRY_E_SIG = -33,     /* the signature does not hold */
    FERRY_E_CBOR = -34,    /* not the one permitted CBOR shape */
    FERRY_E_ORDER = -35,   /* keys not strictly ascending */
    FERRY_E_CRIT = -36,    /* a critical key this reader does not know */
    FERRY_E_TYPE = -37,    /* a value of the wrong type, length or range */
    FERRY_E_MISSING = -38, /* a required key is absent */
    FERRY_E_TRAIL = -39,   /* bytes after the manifest */

    FERRY_E_CLASS = -40,     /* made for another product */
    FERRY_E_HW = -41,        /* not for this hardware revision */
    FERRY_E_DEVICE = -42,    /* bound to another device */
    FERRY_E_FLOOR = -43,     /* below the floor, or its key slot is revoked */
    FERRY_E_SAME = -44,      /* this very image is already running */
    FERRY_E_VERSION = -45,   /* not newer than the running image */
    FERRY_E_MINFROM = -46,   /* the running image is too old for this one */
    FERRY_E_SIZE = -47,      /* empty, unaligned, or larger than the bank */
    FERRY_E_LINK = -48,      /* linked for another address than the staging bank */
    FERRY_E_BOOT = -49,      /* this device's bootloader would refuse it */
    FERRY_E_ENC = -50,       /* encoding not built in, or its fields inconsistent */
    FERRY_E_BASE = -51,      /* delta against another image than the running one */
    FERRY_E_TOMBSTONE = -52, /* rolled back from on this device; nothing newer */

    FERRY_E_BLOCKS = -60,   /* block table does not match the manifest */
    FERRY_E_BLOCK = -61,    /* a block stayed wrong after three refills */
    FERRY_E_HASH = -62,     /* the whole image does not match the manifest */
    FERRY_E_SIG_FINAL = -63 /* the stored envelope fails at the gate */
};

/* The name as docs/PROTOCOL.md spells it ("E_HW"), "ok" for 0, "E_?" for a number
 * that is no error. A static string. */
const char *ferry_errname(int err);

/* One sentence for a person, without a full stop. A static string. */
const char *ferry_strerror(int err);

#ifdef __cplusplus
}
#endif
#endif

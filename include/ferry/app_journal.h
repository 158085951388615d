/* SPDX-License-Identifier: Apache-2.0
 *
 * The application's side of ferry/boot.h: says what boots, asks the bootloader for what
 * it wants (try this bank; I am confirmed; I am healthy), and keeps what statements
 * count. It only ever asks: the bootloader believes none of it unverified.
 *
 * It stands behind the session's commit seam and never touches flash itself: the
 * session carries out its writes between its own. So all of these run in the session's
 * context, and ferry_device_deadline() is to be asked again after any of them. */
#ifndef FERRY_APP_JOURNAL_H
#define FERRY_APP_JOURNAL_H

#include "ferry/boot.h"
#include "ferry/parts.h"
#include "ferry/statement.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a new image must have shown before it is confirmed. */
enum ferry_confirm {
    /* Self-test passed, and a courier completed HELLO with this image: the proof that
     * the next update can get in. */
    FERRY_CONFIRM_LINK = 0,
    FERRY_CONFIRM_SELFTEST = 1,  /* the self-test alone: trusts the radio blindly */
    FERRY_CONFIRM_DELIVERED = 2, /* self-test, and a statement handed to a courier */
};

struct ferry_app_journal_config {
    const struct ferry_identity *identity;
    const struct ferry_map *map;
    const struct ferry_flash *flash;     /* read; the session writes */
    const struct ferry_crypto *crypto;   /* SHA-256 only */
    const struct ferry_handoff *handoff; /* as the bootloader left it: what runs */
    enum ferry_confirm confirm;
    uint32_t trial_max_s; /* a trial's longest uptime; 0: 72 h; at most 24 days */
    /* Only in a bootloader that receives by itself because nothing boots: whatever
     * stands in the banks is no obstacle. `active_bank` is then the one not to write. */
    bool recovery;
};

struct ferry_app_journal {
    /* Internals below: for the debugger. */
    const struct ferry_app_journal_config *cfg;
    struct ferry_journal journal;
    struct ferry_boot_state state;
    uint32_t opened_at, healthy_at;
    uint32_t counter;         /* of the last statement; at most the record's lease */
    bool leased;              /* counters were reserved since the start */
    bool known;               /* `state` means something */
    bool selftest, met, told; /* what has been shown since the start */
    bool writing;             /* an append is under way */
    bool again;               /* and the record has changed since it began */
    bool broken;              /* the journal cannot be written */
    struct ferry_app_record record;
    struct ferry_boot_record boot; /* the bootloader's, as it stood at open */
    uint32_t room[32];
};

/* Read both journals and the running image's manifest. 0; or why what boots is unknown
 * (then the session refuses offers): FERRY_E_COMMIT, without a boot record or
 * where another bank runs than it says; FERRY_E_FLASH; or what is wrong with the running
 * bank's envelope. `cfg` must outlive
 * it. `room`: FERRY_BOOT_ROOM bytes, 4-aligned, free again on return. */
FERRY_MUST_USE int ferry_app_journal_open(struct ferry_app_journal *j,
                                          const struct ferry_app_journal_config *cfg,
                                          uint8_t *room, uint32_t now_ms);

/* What goes into ferry_device_config.commit; `j` must outlive it. */
struct ferry_commit ferry_app_journal_commit(struct ferry_app_journal *j);
/* The same for a `recovery`, which makes no statements and counts nothing for them: a
 * bootloader's code is smaller by what it leaves out. */
struct ferry_commit ferry_app_journal_recovery(struct ferry_app_journal *j);

/* The product's own test of the running image passed. Harmless when confirmed. */
void ferry_app_journal_selftest_passed(struct ferry_app_journal *j);

/* All is well, and has been for a while: forgives one fault of the confirmed image, at
 * most once in 7 days of uptime. Writes only if there is one to forgive. */
void ferry_app_journal_healthy(struct ferry_app_journal *j, uint32_t now_ms);

/* Has the trial lasted too long? Then ferry_handoff_expired(), and reset. To be asked
 * now and then: once an hour will do. */
FERRY_MUST_USE bool ferry_app_journal_expired(const struct ferry_app_journal *j,
                                              uint32_t now_ms);

#ifdef __cplusplus
}
#endif
#endif

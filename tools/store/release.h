/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases in a store. A release is one version of one device class: an artifact for each
 * bank and range of hardware revisions. Objects of the store:
 *
 *   artifacts/SHA256.ferry      an artifact, named by its content
 *   releases/CLASS/VERSION.json which artifacts make up a release: written last, so that a
 *                               release is there whole or not at all; never altered
 *   withdrawn/CLASS/VERSION.json when and why it was withdrawn
 *
 * Knows these, and that a version is published once. Does not check signatures: who
 * publishes does, and who downloads. */
#ifndef FERRY_RELEASE_H
#define FERRY_RELEASE_H

#include "store.h"

#define RELEASE_VARIANTS_MAX 32U
#define RELEASE_REASON_MAX 200U
#define RELEASE_TIME 21U /* "2026-11-26T12:00:00Z", with its end */
#define RELEASE_NAME_MAX 96U

struct release_variant {
    uint32_t hw_min, hw_max; /* hardware revisions */
    uint32_t link;           /* the bank's address */
    uint32_t image_len, artifact_len;
    uint8_t artifact[32]; /* SHA-256 of the artifact's bytes */
    uint8_t digest[32];   /* of what was signed: how devices name it */
    uint8_t image[32];    /* SHA-256 of the image */
};

struct release {
    uint8_t class_id[16];
    uint32_t version, sec_ctr, min_from; /* min_from 0: from any version */
    uint8_t slot;
    char published[RELEASE_TIME];
    unsigned variants_len;
    struct release_variant variants[RELEASE_VARIANTS_MAX];
    bool withdrawn;
    char withdrawn_at[RELEASE_TIME];
    char reason[RELEASE_REASON_MAX + 1];
};

/* By hardware range, then bank. */
void release_sort(struct release *r);

/* Two variants that one device could not choose between; NULL: there are none. */
const struct release_variant *release_clash(const struct release *r);

void release_artifact_name(const uint8_t artifact[32], char name[RELEASE_NAME_MAX]);

/* Puts one artifact. STORE_EXISTS: it is there already, and is the same. */
enum store_answer release_put_artifact(struct store *s, const uint8_t artifact[32],
                                       const void *bytes, size_t len);

/* Puts the release's own record, its artifacts being there. STORE_EXISTS: this version is
 * published; `r` then is what is published, and *same says whether that is the same. */
enum store_answer release_publish(struct store *s, struct release *r, bool *same);

/* STORE_ABSENT: there is no such release. */
enum store_answer release_get(struct store *s, const uint8_t class_id[16],
                              uint32_t version, struct release *r);

/* STORE_EXISTS: it is withdrawn already, as `r` says. */
enum store_answer release_withdraw(struct store *s, struct release *r,
                                   const char *reason);

/* Each release, class by class, lower versions first. `each` returns false to stop. */
enum store_answer release_list(struct store *s,
                               bool (*each)(void *ctx, const struct release *r),
                               void *ctx);

/* Now, in UTC. */
void release_time(char to[RELEASE_TIME]);

#endif

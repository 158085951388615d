/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of `ferry factory` share: factory.c has the verb, factory_keys.c reads
 * and makes keys, factory_write.c writes the results. Functions that return int return
 * an exit code and have said why. */
#ifndef FERRY_TOOL_FACTORY_H
#define FERRY_TOOL_FACTORY_H

#include "args.h"
#include "keyfile.h"
#include "unit.h"

/* The rows of its options. */
enum {
    MAP,
    CLASS,
    DEVICE,
    HW,
    KEY,
    OUT,
    BIN,
    ARTIFACT,
    FLOOR,
    DEVICE_KEY,
    BOOT_CAPS,
    TEST_KEY,
    CHECK,
    JSON
};

/* The device's own key, in a pair of files. */
struct factory_key {
    struct key key;
    bool made;         /* just now: both files are to be written */
    char *public_path; /* FILE.pub; NULL: no device key was asked for */
};

/* Do the results leave the inputs, and each other, alone? */
int factory_names(const struct args *a);

/* --key, each of them, into the unit's slots. */
int factory_slots(const struct args *a, struct unit *u);

/* --device-key: read it, or make it. Nothing is written yet. */
int factory_key_prepare(const struct args *a, const struct unit *u,
                        struct factory_key *k);
void factory_key_wipe(struct factory_key *k);

/* All files, or none. */
int factory_write(const struct args *a, struct unit *u, const struct factory_key *k);
void factory_report(const struct args *a, struct unit *u, const struct factory_key *k);

#endif

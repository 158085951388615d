/* SPDX-License-Identifier: Apache-2.0
 *
 * What the phone is told on its command line, and the releases in its cache. */
#ifndef FERRY_BOARD_PHONE_H
#define FERRY_BOARD_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PHONE_ARTIFACTS 8U

struct artifact {
    uint8_t *bytes;
    size_t len;
};

struct phone_options {
    const char *air;   /* the device's radio: a socket */
    const char *cache; /* folder of *.ferry; NULL: nothing to offer */
    const char *save;  /* where the statement goes, or NULL */
    bool report;       /* ask for the device's statement first */
    bool know_device;  /* device_key means something */
    bool tap;          /* stop once the device has accepted */
    uint8_t device_key[32], nonce[16];
    uint32_t speed, mtu, loss_ppm, seed;
    uint32_t away_percent, away_s; /* leave there, for so long; 0: never */
    uint32_t patience_s;           /* real */
};

/* 0: go on; else exit with this minus 1. */
int phone_parse(struct phone_options *o, int argc, char **argv);

/* All artifacts in `folder`, in the order of their names. How many; -1 with errno. */
int phone_load(const char *folder, struct artifact artifacts[PHONE_ARTIFACTS]);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A version of the application: its name and what is wrong with it. Each version is one
 * small file more (version.c, with -D); the rest is the same.
 * Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_APP_H
#define FERRY_NRF52_APP_H

#include <stdint.h>

enum app_flaw {
    APP_SOUND,
    APP_CRASHES,     /* at its start: a fault */
    APP_HANGS,       /* at its start, feeding nothing */
    APP_DEAF,        /* never listens to its link; is otherwise well */
    APP_CRASHES_LATE /* once it has run confirmed for app_late_ms, each start */
};

extern const uint32_t app_version; /* X << 16 | Y << 8 | Z */
extern const enum app_flaw app_flaw;
extern const uint32_t app_late_ms;
extern const uint32_t app_trial_max_s; /* 0: 72 h */

#endif

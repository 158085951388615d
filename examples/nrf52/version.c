/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which version this is; meson.build says it with -D.
 * Ran on QEMU's nRF51 model only. */
#include "app.h"

const uint32_t app_version = VERSION;
const enum app_flaw app_flaw = FLAW;
const uint32_t app_late_ms = LATE_S * 1000U;
const uint32_t app_trial_max_s = TRIAL_S;

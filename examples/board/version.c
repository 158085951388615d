/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which version this is; meson.build says it with -D. */
#include "image.h"

const char image_version[] = VERSION;
const enum image_flaw image_flaw = FLAW;

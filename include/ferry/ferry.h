/* SPDX-License-Identifier: Apache-2.0
 *
 * Ferry: signed firmware across a phone you do not trust. This header includes
 * everything; firmware usually wants ferry/device.h alone, an app ferry/courier.h. */
#ifndef FERRY_FERRY_H
#define FERRY_FERRY_H

#define FERRY_VERSION "0.1.0"

#include "ferry/courier.h"
#include "ferry/device.h"
#include "ferry/err.h"
#include "ferry/hal.h"
#include "ferry/manifest.h"

#endif

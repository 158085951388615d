/* Ran on no hardware; never compiled: no package carries NimBLE's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * NimBLE's own headers. Put this folder into the include path instead of ../seam. */
#ifndef FERRY_NIMBLE_API_H
#define FERRY_NIMBLE_API_H

#include "host/ble_hs.h"
#include "nimble/nimble_npl.h"

#endif

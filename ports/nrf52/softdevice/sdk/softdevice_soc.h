/* Ran on no hardware; compiled against the headers of S130 1.0.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The SoftDevice's SoC interface, from Nordic's headers: put the SDK's
 * components/softdevice/.../headers and this folder into the include path. */
#ifndef FERRY_SOFTDEVICE_SOC_H
#define FERRY_SOFTDEVICE_SOC_H

#include <stdbool.h>
#include <stdint.h>

#include "nrf_error.h"
#include "nrf_soc.h"

#endif

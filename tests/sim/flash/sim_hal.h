/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated flash behind Ferry's HAL. */
#ifndef SIM_HAL_H
#define SIM_HAL_H

#include "ferry/hal.h"
#include "sim_flash.h"

/* `now` is read at each asynchronous call. */
struct ferry_flash sim_flash_hal(struct sim_flash *f, const uint32_t *now);
/* The areas of a map are the HAL's. */
static inline struct sim_area sim_area_of(struct ferry_area area)
{
    return (struct sim_area){area.addr, area.len};
}
static inline void sim_flash_grant_area(struct sim_flash *f, unsigned i,
                                        struct ferry_area area)
{
    f->granted[i] = sim_area_of(area);
}

#endif

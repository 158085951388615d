/* SPDX-License-Identifier: Apache-2.0
 *
 * What all parts of the server share. */
#ifndef FERRY_FLEET_SERVER_H
#define FERRY_FLEET_SERVER_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "../model/checkin.h"
#include "fleet_clock.h"
#include "limit.h"
#include "metrics.h"
#include "readers.h"
#include "settings.h"
#include "sightings.h"
#include "writer.h"

struct server {
    struct settings set;
    struct fleet_clock clock;
    struct readers readers;
    struct limit limit;
    struct metrics metrics;
    struct sightings sightings;
    struct writer *writer;
    struct MHD_Daemon *http;
    uint8_t secret[NONCE_SECRET_LEN];
    char folder[PATH_MAX];    /* --demo's own, removed at the end; "" */
    atomic_bool closing;      /* new requests are sent away */
    atomic_size_t body_bytes; /* of bodies that are being read */
    atomic_uint under_way;    /* requests */
};

#endif

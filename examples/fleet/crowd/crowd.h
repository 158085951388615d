/* SPDX-License-Identifier: Apache-2.0
 *
 * A crowd: a thousand devices with the real engine and bootloader, over simulated flash
 * and radio, behind hundreds of phones that are examples/phone itself, but for the radio.
 * Some walk away in mid-transfer, some phones lie, some devices die, and one revision may
 * crash of a version some days after it was installed.
 *
 * device.c has a device's life, near.c how a phone meets it, crowd.c threads and time,
 * args.c the command line, tell.c what is told in the end. */
#ifndef FERRY_FLEET_CROWD_H
#define FERRY_FLEET_CROWD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "phone.h"
#include "world.h"

#define CROWD_REVISIONS_MAX 8U
#define CROWD_VERSIONS_MAX 8U

struct crowd_options {
    const char *server, *ca_file, *state, *csv, *factory, *key, *log, *class_id;
    uint32_t devices, phones, threads, seed, hours, mtu;
    double hour_s;   /* real seconds of an hour */
    double contacts; /* a day, median of a log-normal */
    double walk;     /* of visits with a transfer: ends in the middle */
    double liars;    /* of phones */
    double die;      /* of devices, in these hours */
    uint32_t revision[CROWD_REVISIONS_MAX];
    unsigned revisions;
    struct {
        uint32_t version, hw_rev; /* 0: none */
        double after_h, every_h;  /* since it was installed; between two crashes */
    } crash;
    bool json;
};

/* Exit code + 1, or 0. */
int crowd_parse(struct crowd_options *o, int argc, char **argv);

/* ---- a device -------------------------------------------------------------------- */

struct crowd_device {
    struct world *world;
    uint64_t random;
    uint8_t id[16], public_key[32];
    uint32_t hw_rev;
    double lived_h;                  /* so far */
    double dies_h;                   /* never: HUGE_VAL */
    uint32_t ran;                    /* version */
    double next_crash_h;             /* HUGE_VAL: none is due */
    uint8_t old[FERRY_ENVELOPE_MAX]; /* a statement of before, for liars */
    size_t old_len;
    uint8_t
        last[FERRY_ENVELOPE_MAX]; /* the one before: within an hour it is the same */
    size_t last_len;

    /* what came of it */
    uint32_t statements; /* different ones that an honest phone took */
    uint32_t visits, updates, back_by_trial, back_by_net, healed, refused, crashes;
    bool was_bad; /* it runs, or was taken back from, what crashes it */
    uint64_t bytes;
};

/* False: no memory, or the factory's image does not boot. */
bool device_make(struct crowd_device *d, const struct crowd_options *o, uint32_t number,
                 const uint8_t *factory, size_t len);
void device_free(struct crowd_device *d);
/* Its id and key alone, which follow from seed and number. */
void device_name(struct crowd_device *d, const struct crowd_options *o,
                 uint32_t number);

/* Live up to this hour: crash, if it is time for that. */
void device_live(struct crowd_device *d, const struct crowd_options *o, double hour);
bool device_is_dead(const struct crowd_device *d);
/* Does anything boot? */
bool device_boots(const struct crowd_device *d);
uint32_t device_version(const struct crowd_device *d);
/* Behind a visit: restart, if the update or the confirm wants it, and note what runs. */
void device_settle(struct crowd_device *d, const struct crowd_options *o);

/* ---- the crowd ------------------------------------------------------------------- */

struct crowd_phone {
    struct phone phone;
    uint64_t random;
    char state[600];
    char path[PHONE_PEERS_MAX][24]; /* "crowd:17" */
    double contact_d, next_h;
    bool liar;
};

struct crowd {
    struct crowd_options o;
    struct crowd_device *device;
    struct crowd_phone *phone;
    uint8_t *factory;
    size_t factory_len;
    int64_t began_us;
    FILE *log;
    _Atomic uint64_t rounds, lies[3], walks; /* lies: forged, replayed, tampered */
    _Atomic uint64_t late; /* rounds that began an hour late or more */
};
extern struct crowd crowd;

/* Hours since it began. */
double crowd_hour(void);
/* Whose round this thread is in. */
extern _Thread_local struct crowd_phone *crowd_turn;

void crowd_tell(void);

#endif

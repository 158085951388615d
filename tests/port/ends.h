/* SPDX-License-Identifier: Apache-2.0
 *
 * Both ends of a journey as real programs have them: a device in a process of its own,
 * on a flash file, and a phone in this one, each with a pump, a clock and a shaper. The
 * commit is a flag; there is no bootloader. */
#ifndef FERRY_TEST_ENDS_H
#define FERRY_TEST_ENDS_H

#include "bench.h"
#include "clock.h"
#include "ferry/courier.h"
#include "ferry/device.h"
#include "link.h"
#include "pump.h"
#include "shaper.h"

#define ENDS_IMAGE (64U * 1024U)
#define ENDS_FACTOR 20U
#define ENDS_STAGING 0x18000U /* address of bank 1 */
#define ENDS_HEADER 4096U

/* How the link is, seen from both ends. */
struct ends_weather {
    uint16_t mtu;
    uint8_t per_event;
    uint32_t interval_ms;
    uint32_t loss_ppm;
    uint64_t seed;
};

/* ---- the device ------------------------------------------------------------------ */

/* What is known of it outside its process, also after its death. */
struct device_story {
    volatile uint32_t said, heard, lost; /* values */
    volatile uint32_t events;            /* of its shaper */
    volatile uint32_t erases, writes;
    volatile uint32_t begins, resumes, committed, bad;
    volatile int32_t error;
    bool rebooted; /* into bank 1; what it commits, and boots from then on: */
    uint32_t version;
    uint8_t digest[32];
};

struct device_end {
    const char *flash; /* path */
    struct ferry_link *link;
    struct ferry_link *other; /* the phone's end: this process must not keep it open */
    struct ends_weather weather;
    bool forever; /* the link may come back: a pty */
    struct device_story *story;
};

extern const struct ferry_flash_geometry ends_geometry;

/* For port_child(): ends with 0 after the reboot it asked for, otherwise with 1 where
 * the flash cannot be used, 2 where the link went down, 3 after 10 virtual minutes. */
int device_end_run(void *device_end);

/* The same device in this process, for a test that drives it itself. */
struct ferry_device *device_end_here(const char *flash, struct ferry_clock *clock);
void device_end_close(void);

/* ---- the phone ------------------------------------------------------------------- */

struct phone_end {
    struct ferry_clock clock;
    struct ferry_shaper shaper;
    struct ferry_pump pump;
    struct ferry_courier_config cfg;
    struct ferry_courier courier;
    uint8_t image[ENDS_IMAGE];
    uint8_t artifact[ENDS_IMAGE + 8192];
    size_t artifact_len, head_len; /* envelope and table */
    uint32_t began, ended;         /* virtual ms */
};

/* An artifact around ENDS_IMAGE random bytes, and a courier that carries it. */
void phone_end_init(struct phone_end *p, struct ferry_link *link,
                    const struct ends_weather *weather);

/* Until the courier is done or has nothing to hope for, `more` (may be NULL) says no, or
 * `ms` virtual milliseconds have passed. True: it is done. */
bool phone_end_run(struct phone_end *p, uint32_t ms, bool (*more)(void *ctx),
                   void *ctx);

/* The device's flash file holds the artifact's image, envelope and table in bank 1. */
void ends_expect_arrived(const struct phone_end *p, const char *flash);

#endif

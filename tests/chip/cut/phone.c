/* SPDX-License-Identifier: Apache-2.0
 *
 * A phone on a wire: the courier, one artifact, a connected socket that it was given.
 * Asks for a statement first, as a real one would. Says at its end how it went, in one
 * line. Knows no key and no chip.
 *
 * usage: cut-phone SOCKET-NUMBER SECONDS ARTIFACT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/courier.h"
#include "file.h"
#include "pump.h"

#define LOOK_MS 20U
#define ARTIFACT_MAX 8192U

static uint8_t artifact[ARTIFACT_MAX];
static size_t artifact_len;
static unsigned statements;

static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    (void)ctx;
    if (which != 0 || off > artifact_len || len > artifact_len - off) {
        return -1;
    }
    memcpy(buf, artifact + off, len);
    return 0;
}

static void on_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    (void)ctx;
    (void)envelope;
    statements += len > 0;
}

static bool over(const struct ferry_courier *c)
{
    enum ferry_courier_state state = ferry_courier_state(c);

    return state == FERRY_COURIER_DONE || state == FERRY_COURIER_REFUSED ||
           state == FERRY_COURIER_LATER;
}

static const char *outcome(const struct ferry_courier *c)
{
    int err = ferry_courier_error(c);

    switch (ferry_courier_state(c)) {
    case FERRY_COURIER_DONE:
        return err == FERRY_E_SAME ? "runs" : "committed";
    case FERRY_COURIER_REFUSED:
        return "refused";
    case FERRY_COURIER_LATER:
        return "later";
    case FERRY_COURIER_DOWN:
    case FERRY_COURIER_HELLO:
    case FERRY_COURIER_REPORT:
    case FERRY_COURIER_OFFER:
    case FERRY_COURIER_SEND:
    case FERRY_COURIER_PARKED:
        break;
    }
    return "lost";
}

/* 0, or what is wrong with the configuration. */
static int carry(struct ferry_courier *c, struct ferry_link *link, uint32_t most_ms)
{
    static const uint8_t question[16] = {0xC7};
    static struct ferry_courier_config cfg = {
        .read = read_artifact,
        .artifacts = 1,
        .value_max = 244,
        .report_nonce = question,
        .statement = on_statement,
    };
    struct ferry_clock clock;
    struct ferry_pump pump;

    ferry_clock_init(&clock, 1);
    uint32_t began = ferry_clock_now(&clock);
    memcpy(cfg.nonce, &began, sizeof cfg.nonce); /* differs from the last phone's */
    int err = ferry_courier_init(c, &cfg, began);
    ferry_pump_init(&pump, &clock, link, NULL);
    while (err == 0 && !over(c) && ferry_link_up(link) &&
           ferry_clock_now(&clock) - began < most_ms) {
        ferry_pump_courier(&pump, c, LOOK_MS);
    }
    return err;
}

int main(int argc, char **argv)
{
    static struct ferry_courier courier;
    struct ferry_link link;

    if (argc != 4 ||
        ferry_file_load(argv[3], artifact, sizeof artifact, &artifact_len) != 0 ||
        ferry_link_open_bytes(&link, atoi(argv[1])) != 0 ||
        carry(&courier, &link, (uint32_t)strtoul(argv[2], NULL, 10) * 1000U) != 0) {
        fprintf(stderr, "usage: cut-phone SOCKET-NUMBER SECONDS ARTIFACT\n");
        return 2;
    }
    printf("%s %s %u\n", outcome(&courier),
           ferry_errname(ferry_courier_error(&courier)), statements);
    return 0;
}

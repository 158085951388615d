/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's word on manifests, for a stranger who has his own: a payload a line in hex
 * comes in, its code goes out, or what it says and how the engine would write it. */
#include <stdio.h>
#include <string.h>

#include "ferry/manifest.h"

#define LINE 1200

static void put_hex(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        printf("%02x", p[i]);
    }
}

static void say(const char *name, const uint8_t *p, size_t len)
{
    if (p != NULL) {
        printf(" %s=", name);
        put_hex(p, len);
    }
}

static void say_all(const struct ferry_manifest *m)
{
    uint8_t again[FERRY_PAYLOAD_MAX];
    const uint32_t numbers[] = {m->type,     m->hw_min, m->hw_max, m->version,
                                m->sec_ctr,  m->length, m->link,   m->min_from,
                                m->encoding, m->t_len};
    static const char *const names[] = {"type",     "hw_min", "hw_max", "version",
                                        "sec_ctr",  "length", "link",   "min_from",
                                        "encoding", "t_len"};

    printf("ok");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        printf(" %s=%u", names[i], (unsigned)numbers[i]);
    }
    say("class", m->class_id, 16);
    say("sha256", m->sha256, 32);
    say("t_sha256", m->t_sha256, 32);
    say("base", m->base, 16);
    say("blocks", m->blocks, 32);
    say("device", m->device, 16);
    say("bytes", again, ferry_manifest_encode(m, again, sizeof again));
    printf("\n");
}

static size_t unhex(const char *line, uint8_t *out, size_t cap)
{
    size_t n = 0;
    unsigned byte;

    while (n < cap && sscanf(line + 2 * n, "%2x", &byte) == 1) {
        out[n++] = (uint8_t)byte;
    }
    return n;
}

int main(void)
{
    static char line[LINE];
    uint8_t payload[LINE / 2];

    while (fgets(line, sizeof line, stdin) != NULL) {
        struct ferry_manifest m;
        size_t len = unhex(line, payload, sizeof payload);
        int err = ferry_manifest_parse(&m, payload, len, FERRY_READER_DEVICE);
        if (err == 0) {
            ferry_manifest_info(&m, payload, len);
            say_all(&m);
        } else {
            printf("%s\n", ferry_errname(err));
        }
    }
    return 0;
}

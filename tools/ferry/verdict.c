/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what to show of an artifact and of a device for each rule that is broken. The
 * rules are the engine's. */
#include "verdict.h"

#include <stdio.h>

#include "check.h"
#include "say.h"
#include "text.h"

/* All that a line may speak about. */
struct matter {
    const struct artifact *a;
    const struct ferry_policy *device;
    const struct board *board;
    int err;
    unsigned bank; /* that it would go into */
};

/* "app.ferry: E_HW: " and then what `fmt` says. */
#define LINE "%s: %s: "
#define OF(m) (m)->a->path, ferry_errname((m)->err)

static int refuse_ids(const struct matter *m, const char *what, const uint8_t *made,
                      const uint8_t *is)
{
    char made_text[ID_TEXT], is_text[ID_TEXT];

    text_of_id(made, made_text);
    text_of_id(is, is_text);
    return refuse(LINE "made for %s %s; the device's is %s", OF(m), what, made_text,
                  is_text);
}

static int refuse_versions(const struct matter *m, const char *fmt_middle,
                           uint32_t first, uint32_t second)
{
    char a[VERSION_TEXT], b[VERSION_TEXT];

    text_of_version(first, a);
    text_of_version(second, b);
    return refuse(LINE "%s %s %s", OF(m), a, fmt_middle, b);
}

static int refuse_link(const struct matter *m)
{
    const struct ferry_map *map = &m->board->map;
    uint32_t link = m->a->m.link;
    unsigned other = m->bank ^ 1U;

    if (link == map->link[other]) {
        return refuse(LINE "linked for 0x%08x; images in bank%u are linked for 0x%08x: "
                           "this is the one for bank%u",
                      OF(m), (unsigned)link, m->bank, (unsigned)map->link[m->bank],
                      other);
    }
    return refuse(LINE "linked for 0x%08x; images in bank%u are linked for 0x%08x",
                  OF(m), (unsigned)link, m->bank, (unsigned)map->link[m->bank]);
}

static int refuse_floor(const struct matter *m)
{
    uint32_t floor = m->device->now->floor;
    uint32_t rank = ferry_policy_rank(floor, m->a->e.kid, m->a->m.sec_ctr);

    return refuse(LINE "slot %u with security counter %u is 0x%08x, below the floor "
                       "0x%08x",
                  OF(m), m->a->e.kid, (unsigned)m->a->m.sec_ctr, (unsigned)rank,
                  (unsigned)floor);
}

static int in_words(const struct matter *m)
{
    const struct ferry_identity *is = m->device->identity;
    const struct ferry_boot_state *now = m->device->now;
    const struct ferry_manifest *made = &m->a->m;

    switch (m->err) {
    case FERRY_E_CLASS:
        return refuse_ids(m, "class", made->class_id, is->class_id);
    case FERRY_E_DEVICE:
        return refuse_ids(m, "device", made->device, is->device_id);
    case FERRY_E_HW:
        return refuse(LINE "runs on hardware revisions %u to %u; the device's is %u",
                      OF(m), (unsigned)made->hw_min, (unsigned)made->hw_max,
                      (unsigned)is->hw_rev);
    case FERRY_E_FLOOR:
        return refuse_floor(m);
    case FERRY_E_VERSION:
        return refuse_versions(m, "is not newer than what runs,", made->version,
                               now->version);
    case FERRY_E_MINFROM:
        return refuse_versions(m, "or newer must run before it; the device runs",
                               made->min_from, now->version);
    case FERRY_E_TOMBSTONE:
        return refuse_versions(m, "is not newer than what was rolled back,",
                               made->version, now->tombstone_version);
    case FERRY_E_SIZE:
        return refuse(LINE "%u image bytes; bank%u holds %u", OF(m),
                      (unsigned)made->length, m->bank,
                      (unsigned)map_image_room(m->board, m->bank));
    case FERRY_E_LINK:
        return refuse_link(m);
    case FERRY_E_BOOT:
        return refuse(LINE "with boot capabilities 0x%08x the bootloader refuses it",
                      OF(m), (unsigned)is->boot_caps);
    default:
        return refuse(LINE "%s", OF(m), ferry_strerror(m->err));
    }
}

int verdict(struct artifact *a, const struct ferry_policy *device,
            const struct board *board)
{
    struct matter m = {.a = a,
                       .device = device,
                       .board = board,
                       .bank = device->now->active_bank ^ 1U};
    uint8_t digest[FERRY_HASH_LEN];

    check_digest(a, digest);
    m.err = ferry_policy_judge(device, &a->m, a->e.kid, digest);
    return m.err == 0 ? DONE : in_words(&m);
}

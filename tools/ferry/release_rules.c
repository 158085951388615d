/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the rules of a release. What a device compares, it asks the engine's policy. */
#include "release_rules.h"

#include <stdio.h>
#include <string.h>

#include "policy.h"
#include "say.h"

/* ---- apart ----------------------------------------------------------------------- */

static bool same_device(const struct ferry_manifest *a, const struct ferry_manifest *b)
{
    return a->device == NULL || b->device == NULL ||
           memcmp(a->device, b->device, ID_LEN) == 0;
}

static bool overlap(const struct ferry_manifest *a, const struct ferry_manifest *b)
{
    return a->link == b->link && a->hw_min <= b->hw_max && b->hw_min <= a->hw_max &&
           same_device(a, b);
}

int release_check_apart(const struct job *jobs, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (overlap(&jobs[i].request.m, &jobs[k].request.m)) {
                return refuse("%s: [%s] and [%s] are for the same bank and hardware",
                              jobs[i].fields.file, jobs[k].fields.section,
                              jobs[i].fields.section);
            }
        }
    }
    return DONE;
}

/* ---- against the previous one ---------------------------------------------------- */

static int check_build(const struct job *j)
{
    const char *id = j->fields.of[FIELD_BUILD_ID].text;

    if (id == NULL) {
        return refuse("%s: --release wants a build-id: which sources is it of?",
                      j->out);
    }
    if (strstr(id, "dirty") != NULL) {
        return refuse("%s: build-id '%s': --release refuses sources that are in no "
                      "commit",
                      j->out, id);
    }
    if (!j->has_previous && !j->first) {
        return refuse("%s: --release wants the previous artifact; if there is none, "
                      "previous = none",
                      j->out);
    }
    return DONE;
}

static int check_version(const struct job *j, const char *old_path, bool forced)
{
    const struct ferry_manifest *old = &j->previous.m, *new = &j->request.m;
    char was[VERSION_TEXT];

    text_of_version(old->version, was);
    if (new->version <= old->version) {
        return refuse("%s: version %s is not newer than %s of %s", j->out,
                      j->fields.of[FIELD_VERSION].text, was, old_path);
    }
    if ((new->version >> 24) > (old->version >> 24) + 1 && !forced) {
        return refuse("%s: version %s jumps from %s of %s; --force allows it", j->out,
                      j->fields.of[FIELD_VERSION].text, was, old_path);
    }
    return DONE;
}

static uint32_t rank(uint32_t floor, uint32_t slot, uint32_t sec_ctr)
{
    return ferry_policy_rank(floor, (uint8_t)slot, sec_ctr);
}

/* The floor of a device that confirmed the previous release. */
static uint32_t floor_now(const struct job *j)
{
    return rank(0, j->previous.e.kid, j->previous.m.sec_ctr);
}

static int check_previous(const struct job *j, bool forced)
{
    const struct ferry_manifest *old = &j->previous.m, *new = &j->request.m;
    const char *path = j->previous.path;

    if (memcmp(old->class_id, new->class_id, ID_LEN) != 0) {
        return refuse("%s: %s is of another class", j->out, path);
    }
    if (rank(floor_now(j), j->request.slot, new->sec_ctr) < floor_now(j)) {
        return refuse("%s: slot %u with security counter %u is below the floor 0x%08x "
                      "that %s leaves",
                      j->out, (unsigned)j->request.slot, (unsigned)new->sec_ctr,
                      (unsigned)floor_now(j), path);
    }
    return check_version(j, path, forced);
}

int release_check(struct job *j, bool forced)
{
    int code = check_build(j);

    return code == DONE && j->has_previous ? check_previous(j, forced) : code;
}

/* ---- the crash-loop net ---------------------------------------------------------- */

bool release_removes_net(const struct job *j)
{
    uint32_t now = floor_now(j);
    uint32_t then = rank(now, j->request.slot, j->request.m.sec_ctr);

    return j->has_previous &&
           ferry_policy_below(then, j->previous.e.kid, j->previous.m.sec_ctr);
}

void release_report_net(const struct job *j)
{
    char was[VERSION_TEXT];

    if (release_removes_net(j)) {
        text_of_version(j->previous.m.version, was);
        printf("  removes the crash-loop net: once this one is confirmed, %s (slot %u, "
               "security counter %u) is below the floor\n",
               was, j->previous.e.kid, (unsigned)j->previous.m.sec_ctr);
    }
}

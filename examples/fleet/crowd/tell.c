/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of a crowd: a table, or one JSON object. */
#include <jansson.h>

#include "crowd.h"
#include "text.h"

struct totals {
    uint64_t statements, visits, bytes;
    unsigned updated, back_by_trial, back_by_net, healed, refused, dead, bricked,
        crashes;
    struct {
        uint32_t version;
        unsigned devices;
    } runs[CROWD_VERSIONS_MAX];
    unsigned versions;
};

static void count_version(struct totals *t, uint32_t version)
{
    unsigned i = 0;

    while (i < t->versions && t->runs[i].version != version) {
        i++;
    }
    if (i < CROWD_VERSIONS_MAX) {
        t->versions += i == t->versions;
        t->runs[i].version = version;
        t->runs[i].devices++;
    }
}

static void count(struct totals *t, const struct crowd_device *d)
{
    t->statements += d->statements;
    t->visits += d->visits;
    t->bytes += d->bytes;
    t->updated += d->updates > 0;
    t->back_by_trial += d->back_by_trial > 0;
    t->back_by_net += d->back_by_net > 0;
    t->healed += d->healed > 0;
    t->refused += d->refused;
    t->crashes += d->crashes;
    t->dead += device_is_dead(d);
    t->bricked += !device_boots(d);
    count_version(t, d->ran);
}

static json_t *versions_of(const struct totals *t)
{
    json_t *versions = json_object();
    char text[VERSION_TEXT];

    for (unsigned i = 0; i < t->versions; i++) {
        text_of_version(t->runs[i].version, text);
        json_object_set_new(versions, text, json_integer(t->runs[i].devices));
    }
    return versions;
}

static json_t *as_json(const struct totals *t)
{
    return json_pack(
        "{s:i, s:i, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, "
        "s:I, "
        "s:I, s:I, s:I, s:I}",
        "devices", (int)crowd.o.devices, "phones", (int)crowd.o.phones, "runs",
        versions_of(t), "updated", (int)t->updated, "back_by_trial",
        (int)t->back_by_trial, "back_by_net", (int)t->back_by_net, "healed",
        (int)t->healed, "refused", (int)t->refused, "crashes", (int)t->crashes, "dead",
        (int)t->dead, "bricked", (int)t->bricked, "statements",
        (json_int_t)t->statements, "visits", (json_int_t)t->visits, "image_bytes",
        (json_int_t)t->bytes, "rounds", (json_int_t)crowd.rounds, "late_rounds",
        (json_int_t)crowd.late, "walks", (json_int_t)crowd.walks, "forged",
        (json_int_t)crowd.lies[0], "replayed", (json_int_t)crowd.lies[1], "tampered",
        (json_int_t)crowd.lies[2]);
}

static void as_table(const json_t *all)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)all, key, value)
    {
        if (json_is_integer(value)) {
            printf("%-14s %12" JSON_INTEGER_FORMAT "\n", key,
                   json_integer_value(value));
        }
    }
    json_object_foreach(json_object_get(all, "runs"), key, value)
    {
        printf("runs %-9s %12" JSON_INTEGER_FORMAT "\n", key,
               json_integer_value(value));
    }
}

void crowd_tell(void)
{
    struct totals t = {0};

    for (uint32_t i = 0; i < crowd.o.devices; i++) {
        count(&t, &crowd.device[i]);
    }
    json_t *all = as_json(&t);
    if (crowd.o.json) {
        json_dumpf(all, stdout, JSON_INDENT(1));
        putchar('\n');
    } else {
        as_table(all);
    }
    json_decref(all);
}

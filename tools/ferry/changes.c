/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which facts of two artifacts to lay side by side. Does not know which of them
 * matter: release_rules.c does. */
#include "changes.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define FACT_MAX 72U

/* A fact of an artifact, as text; "none" where it is absent. */
typedef void fact(const struct artifact *a, char text[FACT_MAX]);

static void put_number(char text[FACT_MAX], uint32_t n)
{
    snprintf(text, FACT_MAX, "%u", (unsigned)n);
}

static void put_id(char text[FACT_MAX], const uint8_t *id)
{
    snprintf(text, FACT_MAX, "none");
    if (id != NULL) {
        text_of_id(id, text);
    }
}

static void fact_class(const struct artifact *a, char text[FACT_MAX])
{
    put_id(text, a->m.class_id);
}

static void fact_device(const struct artifact *a, char text[FACT_MAX])
{
    put_id(text, a->m.device);
}

static void fact_hw_min(const struct artifact *a, char text[FACT_MAX])
{
    put_number(text, a->m.hw_min);
}

static void fact_hw_max(const struct artifact *a, char text[FACT_MAX])
{
    put_number(text, a->m.hw_max);
}

static void fact_version(const struct artifact *a, char text[FACT_MAX])
{
    text_of_version(a->m.version, text);
}

static void fact_min_from(const struct artifact *a, char text[FACT_MAX])
{
    snprintf(text, FACT_MAX, "none");
    if ((a->m.has & 1UL << FERRY_KEY_MIN_FROM) != 0) {
        text_of_version(a->m.min_from, text);
    }
}

static void fact_slot(const struct artifact *a, char text[FACT_MAX])
{
    put_number(text, a->e.kid);
}

static void fact_sec_ctr(const struct artifact *a, char text[FACT_MAX])
{
    put_number(text, a->m.sec_ctr);
}

static void fact_length(const struct artifact *a, char text[FACT_MAX])
{
    put_number(text, a->m.length);
}

static void fact_link(const struct artifact *a, char text[FACT_MAX])
{
    snprintf(text, FACT_MAX, "0x%08x", (unsigned)a->m.link);
}

static void fact_image(const struct artifact *a, char text[FACT_MAX])
{
    sodium_bin2hex(text, FACT_MAX, a->m.sha256, FERRY_HASH_LEN);
}

static const struct {
    const char *name;
    fact *tell;
} facts[] = {
    {"class", fact_class},     {"hw_min", fact_hw_min},     {"hw_max", fact_hw_max},
    {"version", fact_version}, {"min_from", fact_min_from}, {"slot", fact_slot},
    {"sec_ctr", fact_sec_ctr}, {"length", fact_length},     {"link", fact_link},
    {"device", fact_device},   {"sha256", fact_image},
};

static void show_change(struct view *v, const char *name, const char *was,
                        const char *is)
{
    char both[2 * FACT_MAX + 8];

    if (v->as_json) {
        json_open(&v->json, name, '{');
        view_text(v, "was", was);
        view_text(v, "is", is);
        json_close(&v->json, '}');
    } else {
        snprintf(both, sizeof both, "%s -> %s", was, is);
        view_text(v, name, both);
    }
}

/* How many blocks of the new image stand elsewhere, or nowhere, in the old one. */
static uint32_t new_blocks(const struct artifact *old, const struct artifact *new)
{
    uint32_t n = artifact_blocks(new), kept = 0;

    for (uint32_t b = 0; b < n && b < artifact_blocks(old); b++) {
        const uint8_t *was = old->env + old->table_at + b * FERRY_BLOCK_HASH_LEN;
        const uint8_t *is = new->env + new->table_at + b *FERRY_BLOCK_HASH_LEN;
        kept += memcmp(was, is, FERRY_BLOCK_HASH_LEN) == 0;
    }
    return n - kept;
}

void changes_show(struct view *v, const struct artifact *old,
                  const struct artifact *new)
{
    view_part(v, "changes");
    for (unsigned i = 0; i < sizeof facts / sizeof *facts; i++) {
        char was[FACT_MAX], is[FACT_MAX];
        facts[i].tell(old, was);
        facts[i].tell(new, is);
        if (strcmp(was, is) != 0) {
            show_change(v, facts[i].name, was, is);
        }
    }
    view_number(v, "changed_blocks", new_blocks(old, new));
    view_number(v, "blocks", artifact_blocks(new));
    view_part_end(v);
}

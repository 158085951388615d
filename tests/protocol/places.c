/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the frozen structs field by field. Does not know what they mean. */
#include "places.h"

#include "ferry/boot.h"
#include "ferry/parts.h"
#include "ferry/statement.h"

#define PLACE(type, name, field)                                                       \
    {                                                                                  \
        name, offsetof(struct type, field), sizeof((struct type *)NULL)->field, false  \
    }
#define BOOT(field) PLACE(ferry_boot_record, #field, field)
#define APP(field) PLACE(ferry_app_record, #field, field)
#define HANDOFF(field) PLACE(ferry_handoff, #field, field)

const struct place places_boot[PLACES_BOOT] = {
    BOOT(flags),           BOOT(faults),         BOOT(powers),  BOOT(expiries),
    BOOT(resets),          BOOT(healthy),        BOOT(outcome), BOOT(tomb_slot),
    BOOT(floor),           BOOT(tomb_version),   BOOT(seen),    BOOT(trial),
    BOOT(outcome_version), BOOT(outcome_digest), BOOT(updates), BOOT(rollbacks),
    BOOT(active),          BOOT(previous),       BOOT(returns), BOOT(spare),
};

const struct place places_app[PLACES_APP] = {
    APP(commit),   APP(bank),        APP(healthy),      APP(begins),
    APP(spare),    APP(digest),      APP(confirm),      APP(lease),
    APP(starts),   APP(hash_errors), APP(block_errors), APP(bad_signatures),
    APP(offender), APP(refusals),    APP(spare_end),
};

const struct place places_handoff[PLACES_HANDOFF] = {
    HANDOFF(magic),     HANDOFF(version), HANDOFF(reset), HANDOFF(bank),
    HANDOFF(attempts),  HANDOFF(flags),   HANDOFF(halt),  HANDOFF(spare),
    HANDOFF(raw_cause), HANDOFF(wish),
};

const struct place places_identity[PLACES_IDENTITY] = {
    PLACE(ferry_identity, "class", class_id),
    PLACE(ferry_identity, "device", device_id),
    PLACE(ferry_identity, "hw_rev", hw_rev),
    PLACE(ferry_identity, "boot_caps", boot_caps),
};

const struct place places_map[PLACES_MAP] = {
    PLACE(ferry_map, "bank0_addr", bank[0].addr),
    PLACE(ferry_map, "bank0_len", bank[0].len),
    PLACE(ferry_map, "bank1_addr", bank[1].addr),
    PLACE(ferry_map, "bank1_len", bank[1].len),
    PLACE(ferry_map, "link0", link[0]),
    PLACE(ferry_map, "link1", link[1]),
    PLACE(ferry_map, "header_len", header_len),
    PLACE(ferry_map, "boot_journal0", boot_journal[0]),
    PLACE(ferry_map, "boot_journal1", boot_journal[1]),
    PLACE(ferry_map, "app_journal0", app_journal[0]),
    PLACE(ferry_map, "app_journal1", app_journal[1]),
};

#define POINTER(type, name, field, size)                                               \
    {                                                                                  \
        name, offsetof(struct type, field), size, true                                 \
    }
#define MANIFEST(field) PLACE(ferry_manifest, #field, field)
#define SAYS(field) PLACE(ferry_statement, #field, field)

const struct place places_manifest[PLACES_MANIFEST] = {
    MANIFEST(type),    POINTER(ferry_manifest, "class", class_id, 16),
    MANIFEST(hw_min),  MANIFEST(hw_max),
    MANIFEST(version), MANIFEST(sec_ctr),
    MANIFEST(length),  POINTER(ferry_manifest, "sha256", sha256, 32),
    MANIFEST(link),    POINTER(ferry_manifest, "blocks", blocks, 32),
};

const struct place places_statement[PLACES_STATEMENT] = {
    SAYS(type),
    POINTER(ferry_statement, "class", class_id, 16),
    POINTER(ferry_statement, "device", device_id, 16),
    SAYS(hw_rev),
    SAYS(version),
    SAYS(counter),
    POINTER(ferry_statement, "nonce", nonce, 16),
    POINTER(ferry_statement, "digest", digest, 16),
    SAYS(link),
    SAYS(attempts),
    SAYS(starts),
    SAYS(resets),
    SAYS(outcome),
    SAYS(outcome_version),
    POINTER(ferry_statement, "outcome_digest", outcome_digest, 8),
    SAYS(updates),
    SAYS(rollbacks),
    SAYS(hash_errors),
    SAYS(block_errors),
    SAYS(bad_signatures),
    POINTER(ferry_statement, "offender", offender, FERRY_OFFENDER_LEN),
    POINTER(ferry_statement, "refusals", refusals, FERRY_REFUSALS_LEN),
    SAYS(floor),
};

const uint8_t *place_bytes(const struct place *p, const void *of)
{
    const uint8_t *at = (const uint8_t *)of + p->at;
    const uint8_t *there;

    if (!p->elsewhere) {
        return at;
    }
    memcpy(&there, at, sizeof there);
    return there;
}

uint32_t place_number(const struct place *p, const void *of)
{
    uint32_t n = 0;

    want(p->size <= sizeof n, p->name);
    memcpy(&n, place_bytes(p, of), p->size);
    return n;
}

void places_expect(const struct place *place, size_t places, const void *of,
                   const struct doc_vector *v)
{
    for (size_t i = 0; i < places; i++) {
        const struct doc_field *f = doc_field(v, place[i].name);
        if (f->is_number) {
            want(place_number(&place[i], of) == f->number, f->name);
        } else {
            want(f->len == place[i].size, f->name);
            want(memcmp(place_bytes(&place[i], of), f->bytes, f->len) == 0, f->name);
        }
    }
}

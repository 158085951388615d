/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which artifact of a release suits the device that answered. Reads manifests to
 * learn lengths and addresses; believes none of them: the device judges. */
#include <string.h>

#include "courier_in.h"

/* How well an artifact fits: 0, or why not. What is worth telling the device apart from
 * is told by the device; here only what another artifact of the release might do
 * better. */
static int fits(const struct ferry_courier_peer *peer, const struct ferry_manifest *m)
{
    if (memcmp(m->class_id, peer->class_id, sizeof peer->class_id) != 0) {
        return FERRY_E_CLASS;
    }
    if (peer->hw_rev < m->hw_min || peer->hw_rev > m->hw_max) {
        return FERRY_E_HW;
    }
    return m->link == peer->link ? 0 : FERRY_E_LINK;
}

/* Read artifact `which`'s envelope. 0, E_READ, or how it is malformed. */
static int read_manifest(const struct ferry_courier *c, unsigned which, uint8_t *env,
                         size_t *len, struct ferry_manifest *m)
{
    const struct ferry_courier_config *cfg = c->cfg;
    struct ferry_envelope e;

    if (cfg->read(cfg->ctx, which, 0, env, FERRY_ENVELOPE_HEAD) != 0) {
        return FERRY_E_READ;
    }
    *len = ferry_envelope_len(env);
    if (*len == 0) {
        return FERRY_E_FRAME;
    }
    if (cfg->read(cfg->ctx, which, 0, env, (uint32_t)*len) != 0) {
        return FERRY_E_READ;
    }
    int err = ferry_envelope_open(&e, env, *len);
    if (err == 0) {
        err = ferry_manifest_parse(m, e.payload, e.payload_len, FERRY_READER_BOOT);
    }
    if (err == 0 && (m->length == 0 || ferry_table_len(m->length) > FERRY_BLOCK_LEN)) {
        err = FERRY_E_SIZE;
    }
    return err;
}

/* Take the first artifact that fits this device; else the first that can be read, so
 * that the device can say in its own words what is wrong with it. */
int ferry_courier_choose(struct ferry_courier *c)
{
    uint8_t env[FERRY_ENVELOPE_MAX];
    struct ferry_manifest m;
    size_t len;
    int first_err = FERRY_E_READ;
    bool any = false;

    for (unsigned i = 0; i < c->cfg->artifacts; i++) {
        int err = read_manifest(c, i, env, &len, &m);
        if (err != 0) {
            first_err = i == 0 ? err : first_err;
            continue;
        }
        bool fit = fits(&c->peer, &m) == 0;
        if (!any || fit) {
            any = true;
            c->which = (uint8_t)i;
            c->env_len = (uint16_t)len;
            c->image_len = m.length;
            c->version = m.version;
        }
        if (fit) {
            break;
        }
    }
    return any ? 0 : first_err;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry release publish: the artifacts of one release into the store. Nothing gets in
 * that a device with the given key would refuse, and the release is there whole or not at
 * all: its record is written last. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "keyfile.h"
#include "say.h"
#include "store_args.h"
#include "text.h"

enum { KEY = STORE_ROWS };

static const struct option_row options[] = {
    STORE_OPTIONS,
    [KEY] = {"key", 'k', REQUIRED, "FILE", "the public key that devices will ask, PEM"},
    {0},
};

/* An artifact of the release, as long as it is published. */
struct input {
    struct bytes b;
    struct artifact a;
};

struct inputs {
    struct input at[OPERANDS_MAX];
    unsigned len;
};

static void inputs_free(struct inputs *all)
{
    for (unsigned i = 0; i < all->len; i++) {
        bytes_free(&all->at[i].b);
    }
}

static int check(struct input *in, const char *path, const struct ferry_key *keys)
{
    int code = artifact_read(&in->b, path);

    if (code == DONE) {
        code = artifact_open(&in->a, path, &in->b);
    }
    if (code == DONE) {
        code = artifact_no_statement(&in->a);
    }
    return code == DONE ? check_artifact(&in->a, keys) : code;
}

static int check_all(struct inputs *all, const struct args *args)
{
    struct ferry_key keys[FERRY_KEY_SLOTS];
    struct key k;
    int code = key_load(&k, args->value[KEY], false);

    if (code == DONE) {
        check_keys(keys, k.public, ANY_SLOT);
        key_wipe(&k);
    }
    while (code == DONE && all->len < args->operands_len) {
        code = check(&all->at[all->len], args->operands[all->len], keys);
        all->len++;
    }
    return code;
}

/* ---- the record ------------------------------------------------------------------ */

/* Of one release are artifacts that agree on all but bank and hardware. */
static int agree(const struct artifact *a, const struct artifact *first)
{
    const struct ferry_manifest *m = &a->m, *f = &first->m;
    const char *what = memcmp(m->class_id, f->class_id, ID_LEN) != 0 ? "class"
                       : m->version != f->version                    ? "version"
                       : a->e.kid != first->e.kid                    ? "key slot"
                       : m->sec_ctr != f->sec_ctr   ? "security counter"
                       : m->min_from != f->min_from ? "min_from"
                                                    : NULL;

    return what == NULL ? DONE
                        : refuse("%s: not of one release with %s: another %s", a->path,
                                 first->path, what);
}

static void describe(struct input *in, struct release_variant *v)
{
    struct artifact *a = &in->a;

    v->hw_min = a->m.hw_min;
    v->hw_max = a->m.hw_max;
    v->link = a->m.link;
    v->image_len = a->m.length;
    v->artifact_len = (uint32_t)a->len;
    memcpy(v->image, a->m.sha256, sizeof v->image);
    check_digest(a, v->digest);
    crypto_hash_sha256(v->artifact, a->env, a->len);
}

static int clash(const struct release *r)
{
    const struct release_variant *v = release_clash(r);

    return v == NULL
               ? DONE
               : refuse("two artifacts are for hardware revision %u and the bank at "
                        "0x%X: a device could not choose",
                        (unsigned)v->hw_min, (unsigned)v->link);
}

static int record(struct inputs *all, struct release *r)
{
    const struct artifact *first = &all->at[0].a;
    int code = DONE;

    memset(r, 0, sizeof *r);
    memcpy(r->class_id, first->m.class_id, ID_LEN);
    r->version = first->m.version;
    r->slot = first->e.kid;
    r->sec_ctr = first->m.sec_ctr;
    r->min_from = first->m.min_from;
    for (unsigned i = 0; i < all->len && code == DONE; i++) {
        code = agree(&all->at[i].a, first);
        if (code == DONE && all->at[i].a.m.device != NULL) {
            code = refuse("%s: bound to one device: no release for a fleet",
                          all->at[i].a.path);
        }
        describe(&all->at[i], &r->variants[r->variants_len++]);
    }
    return code == DONE ? clash(r) : code;
}

/* ---- the store ------------------------------------------------------------------- */

static int put_artifacts(struct store *s, struct inputs *all, const struct release *r)
{
    for (unsigned i = 0; i < all->len; i++) {
        const struct artifact *a = &all->at[i].a;
        const struct release_variant *v = &r->variants[i];
        char name[RELEASE_NAME_MAX];

        fprintf(stderr, "%s: %zu bytes\n", a->path, a->len);
        if (release_put_artifact(s, v->artifact, a->env, a->len) == STORE_FAILED) {
            return refuse("%s", store_why(s));
        }
        release_artifact_name(v->artifact, name);
        if (i == 0 && !store_keeps_first(s, name, a->env, a->len)) {
            return refuse("this server writes over what is there (it ignores "
                          "If-None-Match): two at once would not be safe; "
                          "--sole-writer if nobody else writes");
        }
    }
    return DONE;
}

static int publish(struct store *s, struct inputs *all)
{
    struct release r, there;
    char version[VERSION_TEXT];
    bool same = false;
    int code = record(all, &r);

    if (code != DONE) {
        return code;
    }
    text_of_version(r.version, version);
    /* what is published already costs no upload, whatever the outcome */
    enum store_answer known = release_get(s, r.class_id, r.version, &there);
    if (known == STORE_FAILED) {
        return refuse("%s", store_why(s));
    }
    if (known == STORE_ABSENT && (code = put_artifacts(s, all, &r)) != DONE) {
        return code;
    }
    switch (release_publish(s, &r, &same)) {
    case STORE_DONE:
        printf("%s: published, %u artifact%s\n", version, r.variants_len,
               r.variants_len == 1 ? "" : "s");
        return DONE;
    case STORE_EXISTS:
        if (!same) {
            return refuse("%s: published already (%s), with other bytes: a version is "
                          "published once",
                          version, r.published);
        }
        printf("%s: published already (%s)%s%s\n", version, r.published,
               r.withdrawn ? ", and withdrawn: " : "", r.reason);
        return DONE;
    case STORE_ABSENT:
    case STORE_FAILED:
        break;
    }
    return refuse("%s", store_why(s));
}

static int run(const struct args *args)
{
    static struct inputs all; /* images of a megabyte each are behind it */
    struct store *s = NULL;

    if (args->operands_len == 0) {
        return misuse("%s: no artifact given", args->verb->name);
    }
    int code = check_all(&all, args);
    if (code == DONE) {
        code = release_open(args, &s);
    }
    if (code == DONE) {
        code = publish(s, &all);
        store_close(s);
    }
    inputs_free(&all);
    return code;
}

const struct verb verb_release_publish = {
    .name = "release publish",
    .operand = "FILE",
    .many = true,
    .summary = "Put the artifacts of one release into a store",
    .options = options,
    .notes = "All artifacts of one version at once: one for each bank and range of\n"
             "hardware revisions. A version is published once; the same again is no "
             "error.\n" STORE_NOTES,
    .run = run,
};

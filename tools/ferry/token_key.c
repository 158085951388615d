/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how an Ed25519 key looks on a token and how it signs there. Takes a key only if
 * it is the only one that fits: which of two would sign is not left to chance. */
#include <stdio.h>
#include <string.h>

#include "say.h"
#include "token.h"

#define FOUND_MAX 16U /* keys that a message could still name */
#define POINT_LEN crypto_sign_PUBLICKEYBYTES

/* How keys are looked for: each part may be missing. */
struct wanted {
    p11_ulong class_of;
    const char *label, *id;
    size_t label_len, id_len;
};

struct found {
    p11_ulong key[FOUND_MAX];
    p11_ulong len;
};

/* ---- finding --------------------------------------------------------------------- */

static int find(const struct token *t, const struct wanted *w, struct found *found)
{
    p11_ulong class_of = w->class_of, type = P11_EC_EDWARDS, n = 2;
    struct p11_attribute_value a[4] = {
        {P11_CLASS, &class_of, sizeof class_of},
        {P11_KEY_TYPE, &type, sizeof type},
    };
    if (w->label != NULL) {
        a[n++] = (struct p11_attribute_value){P11_LABEL, (void *)(uintptr_t)w->label,
                                              (p11_ulong)w->label_len};
    }
    if (w->id != NULL) {
        a[n++] = (struct p11_attribute_value){P11_KEY_ID, (void *)(uintptr_t)w->id,
                                              (p11_ulong)w->id_len};
    }
    p11_ulong answer = t->f->find_begin(t->session, a, n);
    if (answer != 0) {
        return token_failed(t, "C_FindObjectsInit", answer);
    }
    answer = t->f->find(t->session, found->key, FOUND_MAX, &found->len);
    t->f->find_end(t->session);
    return answer == 0 ? DONE : token_failed(t, "C_FindObjects", answer);
}

/* Up to `cap` bytes of an attribute; 0 if it is missing, longer, or not to be shown. */
static size_t get(const struct token *t, p11_ulong key, p11_ulong type, void *at,
                  size_t cap)
{
    struct p11_attribute_value a = {type, at, (p11_ulong)cap};

    return t->f->get(t->session, key, &a, 1) == 0 && a.len != P11_ALL ? a.len : 0;
}

static void add_key(const struct token *t, p11_ulong key, char *text, size_t cap)
{
    char label[65] = "";
    uint8_t id[32];
    char hex[2 * sizeof id + 1];
    size_t used = strlen(text);

    label[get(t, key, P11_LABEL, label, sizeof label - 1)] = '\0';
    sodium_bin2hex(hex, sizeof hex, id, get(t, key, P11_KEY_ID, id, sizeof id));
    snprintf(text + used, cap - used, "%sobject=%s id=%s", used > 0 ? ", " : "", label,
             hex);
}

/* Lists what was found, or, if nothing was, what there would have been. */
static int refuse_keys(const struct token *t, const struct wanted *w,
                       const struct found *found)
{
    const struct wanted any = {.class_of = w->class_of};
    const char *half = w->class_of == P11_PRIVATE_KEY ? "private" : "public";
    struct found there = *found;
    char text[500] = "";

    if (found->len == 0 && find(t, &any, &there) != DONE) {
        return REFUSED;
    }
    for (p11_ulong i = 0; i < there.len; i++) {
        add_key(t, there.key[i], text, sizeof text);
    }
    if (found->len > 0) {
        return refuse("%s: names %lu %s Ed25519 keys: %s", t->uri.text, found->len,
                      half, text);
    }
    return refuse("%s: no such %s Ed25519 key; token %s has %s", t->uri.text, half,
                  t->label, there.len > 0 ? text : "none");
}

static int find_one(const struct token *t, p11_ulong class_of, p11_ulong *key)
{
    const struct uri_value *object = &t->uri.of[URI_OBJECT], *id = &t->uri.of[URI_ID];
    const struct wanted w = {
        .class_of = class_of,
        .label = object->given ? object->at : NULL,
        .label_len = object->len,
        .id = id->given ? id->at : NULL,
        .id_len = id->len,
    };
    struct found found = {.len = 0};
    int code = find(t, &w, &found);

    if (code == DONE && found.len != 1) {
        code = refuse_keys(t, &w, &found);
    }
    *key = found.key[0];
    return code;
}

/* ---- the public half ------------------------------------------------------------- */

/* 32 bytes, or these as a DER octet string: both are in use. */
static bool get_point(const struct token *t, p11_ulong key, uint8_t public[POINT_LEN])
{
    uint8_t point[POINT_LEN + 2];
    size_t len = get(t, key, P11_EC_POINT, point, sizeof point);

    if (len == POINT_LEN + 2 && point[0] == 0x04 && point[1] == POINT_LEN) {
        memcpy(public, point + 2, POINT_LEN);
        return true;
    }
    if (len == POINT_LEN) {
        memcpy(public, point, POINT_LEN);
        return true;
    }
    return false;
}

static int refuse_point(const struct token *t)
{
    return refuse("%s: the key's public half is not there, or is no point of Ed25519 "
                  "(32 bytes, or 34 as an octet string)",
                  t->uri.text);
}

int token_public(struct token *t, uint8_t public[POINT_LEN])
{
    p11_ulong key;
    int code = find_one(t, P11_PUBLIC_KEY, &key);

    if (code == DONE && !get_point(t, key, public)) {
        code = refuse_point(t);
    }
    return code;
}

/* The public key with the private one's id; a few tokens keep it in the private key. */
static int public_of(struct token *t, uint8_t public[POINT_LEN])
{
    char id[URI_VALUE_MAX];
    struct found found = {.len = 0};
    const struct wanted w = {.class_of = P11_PUBLIC_KEY,
                             .id = id,
                             .id_len = get(t, t->key, P11_KEY_ID, id, sizeof id)};
    int code = find(t, &w, &found);

    if (code != DONE) {
        return code;
    }
    bool right = (found.len == 1 && get_point(t, found.key[0], public)) ||
                 get_point(t, t->key, public);
    return right ? DONE : refuse_point(t);
}

/* ---- the key that signs ---------------------------------------------------------- */

int token_find(struct token *t, uint8_t public[POINT_LEN])
{
    int code = token_login(t, P11_USER);

    if (code == DONE) {
        code = find_one(t, P11_PRIVATE_KEY, &t->key);
    }
    return code == DONE ? public_of(t, public) : code;
}

int token_sign(struct token *t, uint8_t *bytes, size_t len,
               uint8_t sig[crypto_sign_BYTES])
{
    struct p11_mechanism pure = {P11_EDDSA, NULL, 0};
    p11_ulong sig_len = crypto_sign_BYTES;
    unsigned char each_time = 0;
    p11_ulong answer = t->f->sign_begin(t->session, &pure, t->key);

    if (answer != 0) {
        return token_failed(t, "C_SignInit", answer);
    }
    get(t, t->key, P11_ALWAYS_AUTHENTICATE, &each_time, sizeof each_time);
    if (each_time != 0) {
        int code = token_login(t, P11_THIS_OPERATION);
        if (code != DONE) {
            return code;
        }
    }
    answer = t->f->sign(t->session, bytes, (p11_ulong)len, sig, &sig_len);
    if (answer != 0) {
        return token_failed(t, "C_Sign", answer);
    }
    return sig_len == crypto_sign_BYTES
               ? DONE
               : refuse("%s: C_Sign: %lu bytes; an Ed25519 signature has %u",
                        t->uri.text, sig_len, crypto_sign_BYTES);
}

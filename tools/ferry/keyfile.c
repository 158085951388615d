/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows PEM and the two DER shapes an Ed25519 key has, byte by byte: both have one
 * length, so no DER parser is needed. What is locked is keylock.h's to open. Does not
 * know what is signed. */
#include "keyfile.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "keylock.h"
#include "say.h"

#define SEED_LEN crypto_sign_SEEDBYTES
#define KEYFILE_MAX 16384U
#define DER_MAX 48U /* of an Ed25519 key */

/* What stands before the 32 bytes of a seed, and of a public key. */
static const uint8_t private_head[] = {
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
    0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
};
static const uint8_t public_head[] = {
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
};

/* Known to everybody: for tests and examples, never for a product. */
static const uint8_t published_seed[SEED_LEN] = {
    0x9D, 0x61, 0xB1, 0x9D, 0xEF, 0xFD, 0x5A, 0x60, 0xBA, 0x84, 0x4A,
    0xF4, 0x92, 0xEC, 0x2C, 0xC4, 0x44, 0x49, 0xC5, 0x69, 0x7B, 0x32,
    0x69, 0x19, 0x70, 0x3B, 0xAC, 0x03, 0x1C, 0xAE, 0x7F, 0x60,
};

/* ---- keys ------------------------------------------------------------------------ */

static void from_seed(struct key *k, const uint8_t *seed)
{
    crypto_sign_seed_keypair(k->public, k->secret, seed);
    k->secret_known = true;
}

void key_make(struct key *k)
{
    crypto_sign_keypair(k->public, k->secret);
    k->secret_known = true;
}

void key_make_published(struct key *k)
{
    from_seed(k, published_seed);
}

bool key_is_published(const struct key *k)
{
    struct key published;

    key_make_published(&published);
    return memcmp(k->public, published.public, sizeof k->public) == 0;
}

void key_wipe(struct key *k)
{
    sodium_memzero(k, sizeof *k);
}

/* ---- reading --------------------------------------------------------------------- */

struct pem {
    const char *label, *body;
    int label_len;
    size_t body_len;
};

/* Find the first PEM block of a text. */
static bool find_pem(const char *text, struct pem *p)
{
    const char *begin = strstr(text, "-----BEGIN ");

    if (begin == NULL) {
        return false;
    }
    p->label = begin + strlen("-----BEGIN ");
    const char *label_end = strstr(p->label, "-----");
    if (label_end == NULL || label_end - p->label > 60) {
        return false;
    }
    p->label_len = (int)(label_end - p->label);
    p->body = label_end + strlen("-----");
    const char *end = strstr(p->body, "-----END ");
    if (end == NULL) {
        return false;
    }
    p->body_len = (size_t)(end - p->body);
    return true;
}

static bool labelled(const struct pem *p, const char *label)
{
    return (size_t)p->label_len == strlen(label) &&
           memcmp(p->label, label, strlen(label)) == 0;
}

/* What the block holds, whatever kind of key it is. */
static int decode(const char *path, const struct pem *p, struct bytes *der)
{
    int code = bytes_new(der, 0, p->body_len);

    if (code == DONE &&
        sodium_base642bin(der->at, p->body_len, p->body, p->body_len, " \t\r\n",
                          &der->len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        code = refuse("%s: the base64 of its PEM block is damaged", path);
    }
    return code;
}

/* The 32 bytes behind `head`, if that is all. */
static int unpack(const char *path, const struct bytes *der, const uint8_t *head,
                  size_t head_len, uint8_t out[SEED_LEN])
{
    if (der->len != head_len + SEED_LEN || memcmp(der->at, head, head_len) != 0) {
        return refuse("%s: holds a key of another kind; Ferry wants Ed25519", path);
    }
    memcpy(out, der->at + head_len, SEED_LEN);
    return DONE;
}

struct secret_from key_passphrase(const char *path, const char *pass_file,
                                  char what[KEY_WHAT_MAX])
{
    snprintf(what, KEY_WHAT_MAX, "passphrase of %s", path);
    return (struct secret_from){
        .what = what, .file = pass_file, .env = "FERRY_PASSPHRASE"};
}

static int unlock(const char *path, const char *pass_file, const struct bytes *der,
                  uint8_t seed[SEED_LEN])
{
    char what[KEY_WHAT_MAX];
    struct secret pass;
    const struct secret_from from = key_passphrase(path, pass_file, what);
    int code = keylock_ready();

    if (code == DONE) {
        code = secret_get(&pass, &from);
    }
    if (code == DONE) {
        code = keylock_open(der->at, der->len, path, &pass, seed);
        secret_wipe(&pass);
    }
    return code;
}

/* Which file, how much of it is wanted, and what opens it. */
struct order {
    const char *path, *pass_file;
    bool want_secret;
};

static int load_der(struct key *k, const struct order *o, const struct pem *p,
                    const struct bytes *der)
{
    uint8_t seed[SEED_LEN];
    int code;

    if (labelled(p, "PUBLIC KEY")) {
        return unpack(o->path, der, public_head, sizeof public_head, k->public);
    }
    if (labelled(p, "PRIVATE KEY")) {
        code = unpack(o->path, der, private_head, sizeof private_head, seed);
    } else {
        code = unlock(o->path, o->pass_file, der, seed);
    }
    if (code == DONE) {
        from_seed(k, seed);
    }
    sodium_memzero(seed, sizeof seed);
    return code;
}

static int check_label(const struct order *o, const char *text, const struct pem *p)
{
    bool public = labelled(p, "PUBLIC KEY");

    if (!public && !labelled(p, "PRIVATE KEY") &&
        !labelled(p, "ENCRYPTED PRIVATE KEY")) {
        return refuse("%s: byte %td: holds \"%.*s\"; Ferry wants a PKCS#8 private or a "
                      "public Ed25519 key",
                      o->path, p->label - text, p->label_len, p->label);
    }
    if (public && o->want_secret) {
        return refuse("%s: is a public key; signing needs the private key", o->path);
    }
    return DONE;
}

static int load(struct key *k, const struct order *o, const char *text)
{
    struct pem p;
    struct bytes der = {0};

    if (!find_pem(text, &p)) {
        return refuse("%s: has no complete PEM block (\"-----BEGIN ...\")", o->path);
    }
    int code = check_label(o, text, &p);
    if (code == DONE) {
        code = decode(o->path, &p, &der);
    }
    if (code == DONE) {
        code = load_der(k, o, &p, &der);
    }
    bytes_free(&der);
    return code;
}

static int load_file(struct key *k, const struct order *o)
{
    struct bytes file;
    int code = file_read(&file, o->path, "a key file", 0, KEYFILE_MAX);

    memset(k, 0, sizeof *k);
    if (code == DONE) {
        code = load(k, o, (const char *)file.at);
    }
    bytes_free(&file);
    if (code != DONE) {
        key_wipe(k);
    }
    return code;
}

int key_load(struct key *k, const char *path, bool want_secret)
{
    const struct order o = {.path = path, .want_secret = want_secret};

    return load_file(k, &o);
}

int key_load_secret(struct key *k, const char *path, const char *pass_file)
{
    const struct order o = {path, pass_file, true};

    return load_file(k, &o);
}

/* ---- writing --------------------------------------------------------------------- */

static void pack(const char *label, const uint8_t *head, size_t head_len,
                 const uint8_t *bytes, char pem[KEY_PEM_MAX])
{
    uint8_t der[DER_MAX];
    char body[sodium_base64_ENCODED_LEN(DER_MAX, sodium_base64_VARIANT_ORIGINAL)];

    memcpy(der, head, head_len);
    memcpy(der + head_len, bytes, SEED_LEN);
    sodium_bin2base64(body, sizeof body, der, head_len + SEED_LEN,
                      sodium_base64_VARIANT_ORIGINAL);
    snprintf(pem, KEY_PEM_MAX, "-----BEGIN %s-----\n%s\n-----END %s-----\n", label,
             body, label);
    sodium_memzero(der, sizeof der);
    sodium_memzero(body, sizeof body);
}

void key_private_pem(const struct key *k, char pem[KEY_PEM_MAX])
{
    pack("PRIVATE KEY", private_head, sizeof private_head, k->secret, pem);
}

void key_public_pem(const struct key *k, char pem[KEY_PEM_MAX])
{
    pack("PUBLIC KEY", public_head, sizeof public_head, k->public, pem);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical request is hashed piece by piece as it is put together: it never stands
 * anywhere as a whole, so nothing in it has a greatest length. */
#include "sigv4.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DATE_LEN 8 /* of the time, its day */

struct text {
    char *at;
    size_t len, cap; /* len goes on past cap, so that who looks sees that it did */
};

static void put(struct text *t, const char *more, size_t n)
{
    if (t->len < t->cap) {
        size_t room = t->cap - t->len - 1;
        size_t fits = n < room ? n : room;
        memcpy(t->at + t->len, more, fits);
        t->at[t->len + fits] = '\0';
    }
    t->len += n;
}

static void add(struct text *t, const char *more)
{
    put(t, more, strlen(more));
}

/* Each of these takes pieces of text: a hash, or a buffer. */
typedef void (*piece)(void *to, const char *more, size_t n);

static void to_hash(void *to, const char *more, size_t n)
{
    crypto_hash_sha256_update(to, (const unsigned char *)more, n);
}

static void to_text(void *to, const char *more, size_t n)
{
    put(to, more, n);
}

static void say(piece out, void *to, const char *more)
{
    out(to, more, strlen(more));
}

static void escape(piece out, void *to, const char *text, bool slash)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";

    for (; *text != '\0'; text++) {
        char code[4];
        if (strchr(plain, *text) != NULL || (slash && *text == '/')) {
            out(to, text, 1);
        } else {
            snprintf(code, sizeof code, "%%%02X", (unsigned char)*text);
            out(to, code, 3);
        }
    }
}

size_t sigv4_escape(const char *text, bool slash, char *to, size_t cap)
{
    struct text t = {to, 0, cap};

    if (cap > 0) {
        *to = '\0';
    }
    escape(to_text, &t, text, slash);
    return t.len;
}

static void to_hex(const uint8_t hash[crypto_hash_sha256_BYTES], char hex[SIGV4_HEX])
{
    sodium_bin2hex(hex, SIGV4_HEX, hash, crypto_hash_sha256_BYTES);
}

void sigv4_hash(const void *bytes, size_t len, char hex[SIGV4_HEX])
{
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, bytes, len);
    to_hex(hash, hex);
}

static void say_query(piece out, void *to, const struct sigv4_request *r)
{
    for (size_t i = 0; i < r->query_len; i++) {
        say(out, to, i > 0 ? "&" : "");
        escape(out, to, r->query[i].name, false);
        say(out, to, "=");
        escape(out, to, r->query[i].value, false);
    }
}

static void say_names(piece out, void *to, const struct sigv4_request *r)
{
    for (size_t i = 0; i < r->headers_len; i++) {
        say(out, to, i > 0 ? ";" : "");
        say(out, to, r->headers[i].name);
    }
}

static void hash_request(const struct sigv4_request *r, char hex[SIGV4_HEX])
{
    crypto_hash_sha256_state h;
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256_init(&h);
    say(to_hash, &h, r->method);
    say(to_hash, &h, "\n");
    escape(to_hash, &h, r->path, true);
    say(to_hash, &h, "\n");
    say_query(to_hash, &h, r);
    say(to_hash, &h, "\n");
    for (size_t i = 0; i < r->headers_len; i++) {
        say(to_hash, &h, r->headers[i].name);
        say(to_hash, &h, ":");
        say(to_hash, &h, r->headers[i].value);
        say(to_hash, &h, "\n");
    }
    say(to_hash, &h, "\n");
    say_names(to_hash, &h, r);
    say(to_hash, &h, "\n");
    say(to_hash, &h, r->payload);
    crypto_hash_sha256_final(&h, hash);
    to_hex(hash, hex);
}

static void hmac(const void *key, size_t key_len, const void *message, size_t len,
                 uint8_t mac[crypto_auth_hmacsha256_BYTES])
{
    crypto_auth_hmacsha256_state h;

    crypto_auth_hmacsha256_init(&h, key, key_len);
    crypto_auth_hmacsha256_update(&h, message, len);
    crypto_auth_hmacsha256_final(&h, mac);
}

/* The key of one day, region and service, from the secret. */
static void day_key(const struct sigv4_key *key, const char *time,
                    uint8_t mac[crypto_auth_hmacsha256_BYTES])
{
    char first[4 + SIGV4_SECRET_MAX + 1];
    int len = snprintf(first, sizeof first, "AWS4%s", key->secret);

    hmac(first, len < (int)sizeof first ? (size_t)len : sizeof first - 1, time,
         DATE_LEN, mac);
    sodium_memzero(first, sizeof first);
    hmac(mac, crypto_auth_hmacsha256_BYTES, key->region, strlen(key->region), mac);
    hmac(mac, crypto_auth_hmacsha256_BYTES, key->service, strlen(key->service), mac);
    hmac(mac, crypto_auth_hmacsha256_BYTES, "aws4_request", 12, mac);
}

/* "20130524/us-east-1/s3/aws4_request" */
static void say_scope(struct text *t, const struct sigv4_key *key, const char *time)
{
    put(t, time, DATE_LEN);
    add(t, "/");
    add(t, key->region);
    add(t, "/");
    add(t, key->service);
    add(t, "/aws4_request");
}

void sigv4_sign(const struct sigv4_key *key, const struct sigv4_request *r,
                char signature[SIGV4_HEX])
{
    char to_sign[512], hash[SIGV4_HEX];
    struct text t = {to_sign, 0, sizeof to_sign};
    uint8_t mac[crypto_auth_hmacsha256_BYTES];

    add(&t, "AWS4-HMAC-SHA256\n");
    add(&t, r->time);
    add(&t, "\n");
    say_scope(&t, key, r->time);
    add(&t, "\n");
    hash_request(r, hash);
    add(&t, hash);
    day_key(key, r->time, mac);
    hmac(mac, sizeof mac, to_sign, strlen(to_sign), mac);
    to_hex(mac, signature);
    sodium_memzero(mac, sizeof mac);
}

bool sigv4_authorization(const struct sigv4_key *key, const struct sigv4_request *r,
                         char *to, size_t cap)
{
    struct text t = {to, 0, cap};
    char signature[SIGV4_HEX];

    add(&t, "AWS4-HMAC-SHA256 Credential=");
    add(&t, key->access);
    add(&t, "/");
    say_scope(&t, key, r->time);
    add(&t, ",SignedHeaders=");
    say_names(to_text, &t, r);
    add(&t, ",Signature=");
    sigv4_sign(key, r, signature);
    add(&t, signature);
    return t.len < cap;
}

bool sigv4_presign(const struct sigv4_key *key, const char *host, const char *path,
                   const char *time, unsigned seconds, char *to, size_t cap)
{
    char credential[256], expires[16], signature[SIGV4_HEX];
    struct text c = {credential, 0, sizeof credential};
    struct text t = {to, 0, cap};
    const struct sigv4_pair headers[] = {{"host", host}};
    const struct sigv4_pair query[] = {
        {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
        {"X-Amz-Credential", credential},
        {"X-Amz-Date", time},
        {"X-Amz-Expires", expires},
        {"X-Amz-SignedHeaders", "host"},
        {"X-Amz-Security-Token", key->token != NULL ? key->token : ""},
    };
    /* In ascending order: the token stands before the names of the headers. */
    const struct sigv4_pair with_token[] = {query[0], query[1], query[2],
                                            query[3], query[5], query[4]};
    struct sigv4_request r = {
        .method = "GET",
        .path = path,
        .query = key->token != NULL ? with_token : query,
        .query_len = key->token != NULL ? 6 : 5,
        .headers = headers,
        .headers_len = 1,
        .payload = SIGV4_UNSIGNED,
        .time = time,
    };

    add(&c, key->access);
    add(&c, "/");
    say_scope(&c, key, time);
    snprintf(expires, sizeof expires, "%u", seconds);
    sigv4_sign(key, &r, signature);
    say_query(to_text, &t, &r);
    add(&t, "&X-Amz-Signature=");
    add(&t, signature);
    return t.len < cap && c.len < sizeof credential;
}

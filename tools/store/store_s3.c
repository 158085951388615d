/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in a bucket of an S3 server. Knows which request each act is, and what its
 * answers mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3.h"
#include "s3_xml.h"

#define LISTING_MAX (4U << 20) /* a page has at most 1000 keys of 1024 bytes */

/* What the server said is not what was hoped for. */
static enum store_answer unexpected(struct store *s, const char *name,
                                    const struct s3_answer *a)
{
    const struct s3 *own = s->own;
    char text[340];

    s3_error_read((const char *)a->body, a->len, text, sizeof text);
    return store_failed(s, "%s%s%s%s: status %ld%s%s", own->scheme, own->host,
                        own->base, name, a->status, text[0] != '\0' ? ", " : "", text);
}

static bool path_of(struct store *s, const char *name, char *path, size_t cap)
{
    const struct s3 *own = s->own;
    int len = snprintf(path, cap, "%s%s", own->base, name);

    if (len < 0 || (size_t)len >= cap) {
        store_failed(s, "%s%.40s: too long a name", own->base, name);
        return false;
    }
    return true;
}

/* Is there something under this path? STORE_DONE: no. */
static enum store_answer look(struct store *s, const char *path, const char *name)
{
    struct s3_answer a;
    const struct s3_request r = {.method = "GET", .path = path, .answer_max = 0};

    if (!s3_ask(s, &r, &a)) {
        return STORE_FAILED;
    }
    enum store_answer answer = a.status == 200   ? STORE_EXISTS
                               : a.status == 404 ? STORE_DONE
                                                 : unexpected(s, name, &a);
    free(a.body);
    return answer;
}

static enum store_answer put_new(struct store *s, const char *name, const void *bytes,
                                 size_t len)
{
    const struct s3 *own = s->own;
    char path[1024];
    struct s3_answer a;
    const struct s3_request r = {.method = "PUT",
                                 .path = path,
                                 .body = bytes,
                                 .body_len = len,
                                 .only_new = !own->sole_writer,
                                 .answer_max = LISTING_MAX};

    if (!path_of(s, name, path, sizeof path)) {
        return STORE_FAILED;
    }
    enum store_answer answer = own->sole_writer ? look(s, path, name) : STORE_DONE;
    if (answer != STORE_DONE) {
        return answer;
    }
    if (!s3_ask(s, &r, &a)) {
        return STORE_FAILED;
    }
    if (a.status == 501 && r.only_new) {
        answer = store_failed(s,
                              "%s%s cannot put only what is new (501): two at once "
                              "would not be safe; --sole-writer if nobody else "
                              "writes",
                              own->scheme, own->host);
    } else if (a.status / 100 != 2) {
        answer = a.status == 412 ? STORE_EXISTS : unexpected(s, name, &a);
    }
    free(a.body);
    return answer;
}

static enum store_answer get(struct store *s, const char *name, size_t max,
                             uint8_t **bytes, size_t *len)
{
    char path[1024];
    struct s3_answer a;
    const struct s3_request r = {.method = "GET", .path = path, .answer_max = max};

    if (!path_of(s, name, path, sizeof path) || !s3_ask(s, &r, &a)) {
        return STORE_FAILED;
    }
    if (a.status == 200 && !a.too_long) {
        *bytes = a.body != NULL ? a.body : calloc(1, 1);
        *len = a.len;
        return *bytes != NULL ? STORE_DONE : store_failed(s, "no memory");
    }
    enum store_answer answer =
        a.status == 404 ? STORE_ABSENT
        : a.too_long    ? store_failed(s, "%s: longer than %zu bytes", path, max)
                        : unexpected(s, name, &a);
    free(a.body);
    return answer;
}

/* What a listing gives out: names without the prefix of all. */
struct names {
    size_t skip;
    bool (*each)(void *ctx, const char *name);
    void *ctx;
};

static bool each_key(void *ctx, const char *key)
{
    const struct names *n = ctx;

    return strlen(key) <= n->skip || n->each(n->ctx, key + n->skip);
}

/* One page, from `page->next` on. */
static enum store_answer list_page(struct store *s, const char *prefix,
                                   struct s3_page *page)
{
    const struct s3 *own = s->own;
    bool first = page->next[0] == '\0';
    char token[sizeof page->next];
    const struct sigv4_pair query[] = {
        {"continuation-token", token}, {"list-type", "2"}, {"prefix", prefix}};
    const struct s3_request r = {.method = "GET",
                                 .path = own->bucket_path,
                                 .query = first ? query + 1 : query,
                                 .query_len = first ? 2 : 3,
                                 .answer_max = LISTING_MAX};
    struct s3_answer a;

    memcpy(token, page->next, sizeof token);
    if (!s3_ask(s, &r, &a)) {
        return STORE_FAILED;
    }
    enum store_answer answer = STORE_DONE;
    if (a.status != 200 || a.too_long) {
        answer = unexpected(s, "", &a);
    } else if (!s3_page_read(page, (const char *)a.body, a.len)) {
        answer =
            store_failed(s, "%s%s: no S3 server answers so", own->scheme, own->host);
    }
    free(a.body);
    return answer;
}

static enum store_answer list(struct store *s, const char *prefix,
                              bool (*each)(void *ctx, const char *name), void *ctx)
{
    const struct s3 *own = s->own;
    struct names n = {strlen(own->prefix), each, ctx};
    struct s3_page page = {.each = each_key, .ctx = &n};
    char whole[1024];
    enum store_answer answer;

    if (snprintf(whole, sizeof whole, "%s%s", own->prefix, prefix) >=
        (int)sizeof whole) {
        return store_failed(s, "%.40s: too long a name", prefix);
    }
    do {
        answer = list_page(s, whole, &page);
    } while (answer == STORE_DONE && page.next[0] != '\0' && !page.stopped);
    return answer;
}

static enum store_answer url(struct store *s, const char *name, unsigned seconds,
                             char to[STORE_URL_MAX])
{
    const struct s3 *own = s->own;
    char path[1024], now[SIGV4_TIME];

    if (seconds < 1 || seconds > 604800) {
        return store_failed(s, "a URL is good for 1 to 604800 seconds");
    }
    if (!path_of(s, name, path, sizeof path)) {
        return STORE_FAILED;
    }
    size_t len = (size_t)snprintf(to, STORE_URL_MAX, "%s%s", own->scheme, own->host);
    len += sigv4_escape(path, true, to + len, STORE_URL_MAX - len);
    s3_time(now);
    if (len + 2 > STORE_URL_MAX) {
        return store_failed(s, "%s: too long a name", path);
    }
    to[len++] = '?';
    return sigv4_presign(&own->key, own->host, path, now, seconds, to + len,
                         STORE_URL_MAX - len)
               ? STORE_DONE
               : store_failed(s, "%s: too long a name", path);
}

static void close_s3(struct store *s)
{
    struct s3 *own = s->own;

    curl_easy_cleanup(own->curl);
    free(own);
}

/* ---- opening --------------------------------------------------------------------- */

static bool keys_from_environment(struct store *s, struct sigv4_key *key)
{
    key->access = getenv("AWS_ACCESS_KEY_ID");
    key->secret = getenv("AWS_SECRET_ACCESS_KEY");
    key->token = getenv("AWS_SESSION_TOKEN");
    key->region = getenv("AWS_REGION");
    if (key->region == NULL) {
        key->region = getenv("AWS_DEFAULT_REGION");
    }
    if (key->region == NULL || *key->region == '\0') {
        key->region = "us-east-1";
    }
    if (key->token != NULL && *key->token == '\0') {
        key->token = NULL;
    }
    key->service = "s3";
    if (key->access == NULL || key->secret == NULL || *key->access == '\0') {
        store_failed(s, "s3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set "
                        "in the environment");
        return false;
    }
    if (strlen(key->secret) > SIGV4_SECRET_MAX || strlen(key->access) > 128 ||
        strlen(key->region) > 64) {
        store_failed(s, "s3: a key or region of that length cannot be right");
        return false;
    }
    return true;
}

/* S3's own rule for a bucket's name, as far as a URL depends on it. */
static bool is_bucket(const char *name, size_t len)
{
    return len >= 3 && len <= 63 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") >= len;
}

/* "https://host[:port]", nothing behind it; of a custom server the bucket is in the path,
 * of AWS's in the host. */
static bool place(struct store *s, struct s3 *own, const char *endpoint,
                  const char *bucket, int bucket_len, const char *prefix)
{
    const char *host = endpoint;
    int len;

    strcpy(own->scheme, "https://");
    if (endpoint == NULL) {
        len = snprintf(own->host, sizeof own->host, "%.*s.s3.%s.amazonaws.com",
                       bucket_len, bucket, own->key.region);
        strcpy(own->bucket_path, "/");
        snprintf(own->base, sizeof own->base, "/%s", prefix);
        return len < (int)sizeof own->host;
    }
    if (strncmp(endpoint, "https://", 8) == 0) {
        host = endpoint + 8;
    } else if (strncmp(endpoint, "http://", 7) == 0) {
        host = endpoint + 7;
        strcpy(own->scheme, "http://");
    }
    size_t host_len = strcspn(host, "/?#");
    if (host == endpoint || host_len == 0 || host_len >= sizeof own->host ||
        host[host_len + (host[host_len] == '/')] != '\0') {
        store_failed(s, "'%.80s' is no endpoint; one looks like https://s3.example.org",
                     endpoint);
        return false;
    }
    snprintf(own->host, sizeof own->host, "%.*s", (int)host_len, host);
    snprintf(own->bucket_path, sizeof own->bucket_path, "/%.*s", bucket_len, bucket);
    snprintf(own->base, sizeof own->base, "%s/%s", own->bucket_path, prefix);
    return true;
}

static bool open_at(struct store *s, struct s3 *own, const char *rest,
                    const struct store_settings *settings)
{
    size_t bucket_len = strcspn(rest, "/");
    const char *prefix = rest[bucket_len] == '/' ? rest + bucket_len + 1 : "";
    size_t prefix_len = strlen(prefix);
    char whole[256];

    if (!is_bucket(rest, bucket_len) || prefix_len > 200) {
        store_failed(s, "'s3://%.80s' is no store; one looks like s3://bucket/prefix",
                     rest);
        return false;
    }
    while (prefix_len > 0 && prefix[prefix_len - 1] == '/') {
        prefix_len--;
    }
    snprintf(whole, sizeof whole, "%.*s%s", (int)prefix_len, prefix,
             prefix_len > 0 ? "/" : "");
    if (!keys_from_environment(s, &own->key) ||
        !place(s, own, settings->endpoint, rest, (int)bucket_len, whole)) {
        return false;
    }
    own->prefix = own->base + strlen(own->base) - strlen(whole);
    own->ca_file = settings->ca_file;
    own->timeout_s = settings->timeout_s;
    own->attempts = settings->attempts;
    own->sole_writer = settings->sole_writer;
    own->curl = curl_easy_init();
    if (own->curl == NULL) {
        store_failed(s, "libcurl does not start");
    }
    return own->curl != NULL;
}

bool store_s3_open(struct store *s, const char *rest,
                   const struct store_settings *settings)
{
    static const struct store_kind kind = {put_new, get, list, url, close_s3};
    struct s3 *own = calloc(1, sizeof *own);

    if (own == NULL) {
        store_failed(s, "no memory");
        return false;
    }
    s->kind = &kind;
    s->own = own;
    if (!open_at(s, own, rest, settings)) {
        free(own);
        return false;
    }
    return true;
}

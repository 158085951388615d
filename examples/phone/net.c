/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how requests are put to libcurl, and what its results mean to a phone. */
#include "net.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX (512U * 1024)
#define URL_MAX 2048
#define CONNECT_S 10L

const char *net_answer_name(enum net_answer a)
{
    static const char *const names[] = {"done",    "offline",   "busy", "gone",
                                        "refused", "untrusted", "disk"};
    return names[a];
}

static enum net_answer says(struct net *n, enum net_answer a, const char *why)
{
    snprintf(n->why, sizeof n->why, "%s", why);
    return a;
}

/* ---- opening --------------------------------------------------------------------- */

static bool is_here(const char *host)
{
    static const char *const here[] = {"127.0.0.1", "localhost", "[::1]"};

    for (unsigned i = 0; i < sizeof here / sizeof *here; i++) {
        size_t len = strlen(here[i]);
        if (strncmp(host, here[i], len) == 0 && strchr(":/", host[len]) != NULL) {
            return true; /* strchr finds the end, too */
        }
    }
    return false;
}

bool net_open(struct net *n, const char *base, const char *ca_file)
{
    memset(n, 0, sizeof *n);
    n->base = base;
    n->ca_file = ca_file;
    n->timeout_s = 30;
    if (strncmp(base, "https://", 8) != 0 &&
        !(strncmp(base, "http://", 7) == 0 && is_here(base + 7))) {
        says(n, NET_REFUSED, "the server must be https://, or on this machine");
        return false;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        n->curl = curl_easy_init();
    }
    if (n->curl == NULL) {
        says(n, NET_REFUSED, "libcurl does not start");
    }
    return n->curl != NULL;
}

void net_close(struct net *n)
{
    curl_easy_cleanup(n->curl);
    curl_global_cleanup();
}

/* ---- one exchange ---------------------------------------------------------------- */

struct taken {
    struct net *n;
    char *text; /* a JSON answer, */
    size_t len;
    int fd; /* or a file's bytes: -1 if it is an answer */
    size_t *have;
    size_t size;
    bool begun; /* its first bytes came */
    bool disk;  /* the disk would not take it */
};

static size_t take_text(struct taken *t, const char *data, size_t len)
{
    if (t->len + len > ANSWER_MAX) {
        return 0;
    }
    char *more = realloc(t->text, t->len + len + 1);
    if (more == NULL) {
        return 0;
    }
    memcpy(more + t->len, data, len);
    t->text = more;
    t->len += len;
    t->text[t->len] = '\0';
    return len;
}

/* 200 where a part was asked for: it begins at the front, and so do we. */
static bool begin_anew(struct taken *t, long status)
{
    if (status == 200 && *t->have > 0 && !t->begun) {
        t->disk = ftruncate(t->fd, 0) != 0;
        *t->have = 0;
    }
    t->begun = true;
    return !t->disk;
}

static size_t take_file(struct taken *t, const char *data, size_t len)
{
    size_t at = 0;

    if (len > t->size - *t->have) {
        return 0; /* more than there can be */
    }
    while (at < len) {
        ssize_t n = write(t->fd, data + at, len - at);
        if (n < 0 && errno != EINTR) {
            t->disk = true;
            return 0;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    *t->have += len;
    return len;
}

static size_t take(char *data, size_t one, size_t len, void *ctx)
{
    struct taken *t = ctx;
    long status = 0;

    curl_easy_getinfo(t->n->curl, CURLINFO_RESPONSE_CODE, &status);
    if (t->fd < 0 || (status != 200 && status != 206)) {
        return take_text(t, data, one * len);
    }
    return begin_anew(t, status) ? take_file(t, data, one * len) : 0;
}

static bool url_of(const struct net *n, const char *path, char url[URL_MAX])
{
    bool whole = strncmp(path, "https://", 8) == 0 || strncmp(path, "http://", 7) == 0;

    return snprintf(url, URL_MAX, "%s%s", whole ? "" : n->base, path) < URL_MAX;
}

static void only_web(CURL *c, bool tls)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, tls ? "https" : "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, tls ? "https" : "http,https");
#else
    long web = tls ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS;
    curl_easy_setopt(c, CURLOPT_PROTOCOLS, web);
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS, web);
#endif
}

/* Redirects are followed (a store's presigned URL), but never away from TLS. */
static bool set_up(struct net *n, const char *path, struct taken *t)
{
    CURL *c = n->curl;
    char url[URL_MAX];

    curl_easy_reset(c);
    if (!url_of(n, path, url)) {
        return false;
    }
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)n->timeout_s);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, 3L);
    only_web(c, strncmp(url, "https", 5) == 0);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    if (n->ca_file != NULL) {
        curl_easy_setopt(c, CURLOPT_CAINFO, n->ca_file);
    }
    return true;
}

/* ---- what came of it ------------------------------------------------------------- */

static enum net_answer of_failure(struct net *n, CURLcode code, const struct taken *t)
{
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return says(n, NET_UNTRUSTED, curl_easy_strerror(code));
    case CURLE_WRITE_ERROR:
        return says(n, t->disk ? NET_DISK : NET_REFUSED,
                    t->disk ? strerror(errno) : "it sends more than was announced");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
        return says(n, NET_REFUSED, curl_easy_strerror(code));
    default:
        return says(n, NET_OFFLINE, curl_easy_strerror(code));
    }
}

/* problem+json (RFC 9457), or whatever stands there. */
static void explain(struct net *n, long status, const struct taken *t)
{
    json_t *problem = t->text != NULL ? json_loads(t->text, 0, NULL) : NULL;
    const char *detail = json_string_value(json_object_get(problem, "detail"));

    snprintf(n->why, sizeof n->why, "status %ld%s%s", status, detail ? ": " : "",
             detail ? detail : "");
    json_decref(problem);
}

static enum net_answer of_status(struct net *n, const struct taken *t)
{
    curl_off_t again = 0;
    long status = 0;

    curl_easy_getinfo(n->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) {
        return NET_DONE;
    }
    explain(n, status, t);
    if (status == 503 || status == 429) {
        curl_easy_getinfo(n->curl, CURLINFO_RETRY_AFTER, &again);
        n->wait_s = again > 0 && again < 86400 ? (unsigned)again : 0;
        return NET_BUSY;
    }
    if (status >= 500 || status == 408) {
        return NET_OFFLINE;
    }
    return status == 404 || status == 410 ? NET_GONE : NET_REFUSED;
}

static enum net_answer perform(struct net *n, const struct taken *t)
{
    n->why[0] = '\0';
    n->wait_s = 0;
    CURLcode code = curl_easy_perform(n->curl);
    return code == CURLE_OK ? of_status(n, t) : of_failure(n, code, t);
}

/* ---- the three requests ---------------------------------------------------------- */

static enum net_answer ask(struct net *n, const char *path, const char *body,
                           json_t **answer)
{
    struct taken t = {.n = n, .fd = -1};
    struct curl_slist *json = curl_slist_append(NULL, "Content-Type: application/json");
    enum net_answer a = NET_REFUSED;

    if (set_up(n, path, &t)) {
        if (body != NULL) {
            curl_easy_setopt(n->curl, CURLOPT_POSTFIELDS, body);
            curl_easy_setopt(n->curl, CURLOPT_HTTPHEADER, json);
        }
        a = perform(n, &t);
    }
    if (a == NET_DONE) {
        *answer =
            t.text != NULL ? json_loads(t.text, JSON_REJECT_DUPLICATES, NULL) : NULL;
        if (*answer == NULL) {
            a = says(n, NET_REFUSED, "its answer is no JSON");
        }
    }
    free(t.text);
    curl_slist_free_all(json);
    return a;
}

enum net_answer net_get(struct net *n, const char *path, json_t **answer)
{
    return ask(n, path, NULL, answer);
}

enum net_answer net_post(struct net *n, const char *path, const json_t *body,
                         json_t **answer)
{
    char *text = json_dumps(body, JSON_COMPACT);
    enum net_answer a =
        text != NULL ? ask(n, path, text, answer) : says(n, NET_DISK, "no memory");

    free(text);
    return a;
}

enum net_answer net_fetch(struct net *n, const char *url, int fd, size_t *have,
                          size_t size)
{
    struct taken t = {.n = n, .fd = fd, .have = have, .size = size};
    char range[40];

    if (*have == size) {
        return NET_DONE;
    }
    if (!set_up(n, url, &t)) {
        return says(n, NET_REFUSED, "a URL too long");
    }
    if (*have > 0) {
        snprintf(range, sizeof range, "%zu-", *have);
        curl_easy_setopt(n->curl, CURLOPT_RANGE, range);
    }
    enum net_answer a = perform(n, &t);
    free(t.text);
    if (a == NET_DONE && *have != size) {
        return says(n, NET_OFFLINE, "it ended before the end");
    }
    return a;
}

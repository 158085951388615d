/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a request is put to libcurl and how long to be patient. */
#include "s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "s3_xml.h"

#define CONNECT_S 10L

/* A request on its way. */
struct flight {
    const struct s3_request *r;
    struct s3_answer *a;
    size_t sent;
};

void s3_time(char to[SIGV4_TIME])
{
    time_t now = time(NULL);
    struct tm utc;

    strftime(to, SIGV4_TIME, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
}

static size_t receive(char *data, size_t one, size_t len, void *ctx)
{
    struct flight *f = ctx;
    struct s3_answer *a = f->a;

    if (a->len + len > f->r->answer_max) {
        a->too_long = true;
        return 0;
    }
    uint8_t *more = realloc(a->body, a->len + len + 1);
    if (more == NULL) {
        return 0;
    }
    memcpy(more + a->len, data, len);
    a->body = more;
    a->len += len;
    a->body[a->len] = '\0';
    return one * len;
}

static size_t send_body(char *to, size_t one, size_t room, void *ctx)
{
    struct flight *f = ctx;
    size_t left = f->r->body_len - f->sent;
    size_t n = left < one * room ? left : one * room;

    memcpy(to, (const uint8_t *)f->r->body + f->sent, n);
    f->sent += n;
    return n;
}

/* An attempt on a connection that was shut meanwhile is made again from the start. */
static int seek_body(void *ctx, curl_off_t at, int whence)
{
    struct flight *f = ctx;

    if (whence != SEEK_SET || at < 0 || (uint64_t)at > f->r->body_len) {
        return CURL_SEEKFUNC_FAIL;
    }
    f->sent = (size_t)at;
    return CURL_SEEKFUNC_OK;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[2600];

    int len = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer =
        len < (int)sizeof line ? curl_slist_append(*list, line) : NULL;
    *list = longer != NULL ? longer : *list;
    return longer != NULL;
}

/* What is signed is what is sent. */
static bool sign(const struct s3 *own, const struct s3_request *r,
                 struct curl_slist **list)
{
    char payload[SIGV4_HEX], now[SIGV4_TIME], authorization[1024];
    struct sigv4_pair headers[5];
    size_t n = 0;

    sigv4_hash(r->body, r->body_len, payload);
    s3_time(now);
    headers[n++] = (struct sigv4_pair){"host", own->host};
    if (r->only_new) {
        headers[n++] = (struct sigv4_pair){"if-none-match", "*"};
    }
    headers[n++] = (struct sigv4_pair){"x-amz-content-sha256", payload};
    headers[n++] = (struct sigv4_pair){"x-amz-date", now};
    if (own->key.token != NULL) {
        headers[n++] = (struct sigv4_pair){"x-amz-security-token", own->key.token};
    }
    struct sigv4_request q = {.method = r->method,
                              .path = r->path,
                              .query = r->query,
                              .query_len = r->query_len,
                              .headers = headers,
                              .headers_len = n,
                              .payload = payload,
                              .time = now};
    bool good = sigv4_authorization(&own->key, &q, authorization, sizeof authorization);
    for (size_t i = 0; i < n; i++) {
        good = good && add_header(list, headers[i].name, headers[i].value);
    }
    /* no wait for "100 Continue", no form's type */
    return good && add_header(list, "Authorization", authorization) &&
           add_header(list, "Expect", "") && add_header(list, "Content-Type", "");
}

static bool url_of(const struct s3 *own, const struct s3_request *r, char *to,
                   size_t cap)
{
    size_t len = (size_t)snprintf(to, cap, "%s%s", own->scheme, own->host);

    len += sigv4_escape(r->path, true, to + len, cap - len);
    for (size_t i = 0; i < r->query_len && len + 1 < cap; i++) {
        to[len++] = i == 0 ? '?' : '&';
        len += sigv4_escape(r->query[i].name, false, to + len, cap - len);
        if (len + 1 < cap) {
            to[len++] = '=';
            len += sigv4_escape(r->query[i].value, false, to + len, cap - len);
        }
    }
    return len + 1 < cap;
}

static void set_options(const struct s3 *own, struct flight *f, const char *url,
                        struct curl_slist *headers)
{
    CURL *c = own->curl;

    curl_easy_reset(c);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)own->timeout_s);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
    if (own->ca_file != NULL) {
        curl_easy_setopt(c, CURLOPT_CAINFO, own->ca_file);
    }
    if (strcmp(f->r->method, "PUT") == 0) {
        curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(c, CURLOPT_READFUNCTION, send_body);
        curl_easy_setopt(c, CURLOPT_READDATA, f);
        curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, seek_body);
        curl_easy_setopt(c, CURLOPT_SEEKDATA, f);
        curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)f->r->body_len);
    }
}

/* One attempt; what libcurl says of it. */
static CURLcode attempt(struct store *s, const struct s3_request *r,
                        struct s3_answer *a)
{
    const struct s3 *own = s->own;
    struct flight f = {.r = r, .a = a};
    struct curl_slist *headers = NULL;
    char url[4096];
    CURLcode code = CURLE_URL_MALFORMAT;

    memset(a, 0, sizeof *a);
    if (sign(own, r, &headers) && url_of(own, r, url, sizeof url)) {
        set_options(own, &f, url, headers);
        code = curl_easy_perform(own->curl);
        curl_easy_getinfo(own->curl, CURLINFO_RESPONSE_CODE, &a->status);
    }
    curl_slist_free_all(headers);
    return code;
}

static bool may_pass(CURLcode code, const struct s3_answer *a)
{
    switch ((int)code) {
    case CURLE_OK:
        return a->status == 429 || a->status >= 500;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return true;
    default:
        return false; /* a certificate, an address: will be as wrong again */
    }
}

bool s3_ask(struct store *s, const struct s3_request *r, struct s3_answer *a)
{
    const struct s3 *own = s->own;
    unsigned n = 1;
    CURLcode code = attempt(s, r, a);

    for (; n < own->attempts && may_pass(code, a); n++) {
        free(a->body);
        sleep(1U << (n - 1 < 5 ? n - 1 : 5));
        code = attempt(s, r, a);
    }
    if (code == CURLE_OK || a->too_long) {
        return true;
    }
    free(a->body);
    store_failed(s, "%s%s: %s (%u attempt%s)", own->scheme, own->host,
                 curl_easy_strerror(code), n, n == 1 ? "" : "s");
    return false;
}

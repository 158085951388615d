/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/artifacts/{sha256}: an artifact never changes, so it may be kept for ever, asked
 * for in parts, and continued after days. Those of withdrawn releases are gone. From a
 * bucket the phone fetches it itself, by a URL that holds for a while. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../model/release_find.h"
#include "release.h"
#include "request.h"
#include "routes.h"

#define TYPE "application/octet-stream"
#define FOR_EVER "public, max-age=31536000, immutable"
#define URL_S 900

struct part {
    uint64_t from, len;
};

/* ---- parts ----------------------------------------------------------------------- */

static bool digits(const char **at, uint64_t *n)
{
    char *end;

    if (**at < '0' || **at > '9') {
        return false;
    }
    errno = 0;
    *n = strtoull(*at, &end, 10);
    *at = end;
    return errno == 0;
}

/* What a range asks for: "5-", "5-9", or "-4", the last four. */
struct range {
    uint64_t first, last; /* of "-4": last is 4 */
    bool suffix;
};

static bool range_read(const char *text, struct range *r)
{
    if (text == NULL || strncmp(text, "bytes=", 6) != 0) {
        return false;
    }
    text += 6;
    *r = (struct range){.last = UINT64_MAX, .suffix = *text == '-'};
    if (r->suffix) {
        text++;
        return digits(&text, &r->last) && *text == '\0';
    }
    if (!digits(&text, &r->first) || *text++ != '-') {
        return false;
    }
    return (*text == '\0' || digits(&text, &r->last)) && *text == '\0' &&
           r->first <= r->last;
}

/* RFC 9110, 14.1.2. 200: it is none that we know, or several: all of it is the answer
 * then; 206; 416. */
static unsigned part_of(const char *text, uint64_t size, struct part *p)
{
    struct range r;

    *p = (struct part){0, size};
    if (!range_read(text, &r)) {
        return 200;
    }
    if (r.suffix) {
        p->len = r.last < size ? r.last : size;
        p->from = size - p->len;
        return p->len > 0 ? 206 : 416;
    }
    if (r.first >= size) {
        return 416;
    }
    uint64_t last = r.last < size ? r.last : size - 1;
    *p = (struct part){r.first, last - r.first + 1};
    return 206;
}

static const char *header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* Is ours among the tags of this list? */
static bool tagged(const char *list, const char *tag)
{
    return list != NULL && (strcmp(list, "*") == 0 || strstr(list, tag) != NULL);
}

/* ---- answers --------------------------------------------------------------------- */

static void answer_part(struct request *r, int fd, uint64_t size, const char *tag)
{
    const char *if_range = header(r, "If-Range");
    struct part p = {0, size};
    unsigned status = if_range == NULL || strcmp(if_range, tag) == 0
                          ? part_of(header(r, "Range"), size, &p)
                          : 200;
    char range[80];

    if (status == 416) {
        close(fd);
        answer_problem(r, 416, NULL, "the artifact has %" PRIu64 " bytes", size);
        snprintf(range, sizeof range, "bytes */%" PRIu64, size);
        answer_header(r, "Content-Range", range);
        return;
    }
    answer_file(r, status, TYPE, fd, p.from, p.len);
    if (status == 206) {
        snprintf(range, sizeof range, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, p.from,
                 p.from + p.len - 1, size);
        answer_header(r, "Content-Range", range);
    }
    answer_header(r, "Accept-Ranges", "bytes");
    answer_header(r, "ETag", tag);
    answer_header(r, "Cache-Control", FOR_EVER);
}

static void answer_from_folder(struct request *r, const char *name, const char *tag)
{
    char path[PATH_MAX];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", r->server->set.store, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
        answer_problem(r, 404, NULL, "the artifact is not in the store: %s",
                       strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    answer_part(r, fd, (uint64_t)st.st_size, tag);
}

static void answer_from_bucket(struct request *r, struct store *store, const char *name)
{
    char url[STORE_URL_MAX];

    if (store_url(store, name, URL_S, url) != STORE_DONE) {
        answer_problem(r, 503, NULL, "%s", store_why(store));
        return;
    }
    answer_empty(r, 302);
    answer_header(r, "Location", url);
    answer_header(r, "Cache-Control", "private, max-age=300");
}

static void answer_known(struct request *r, struct store *store,
                         const uint8_t sha256[32])
{
    char name[RELEASE_NAME_MAX], hex[65], tag[70];

    sodium_bin2hex(hex, sizeof hex, sha256, 32);
    snprintf(tag, sizeof tag, "\"%s\"", hex);
    release_artifact_name(sha256, name);
    if (tagged(header(r, "If-None-Match"), tag)) {
        answer_empty(r, 304);
        answer_header(r, "ETag", tag);
        answer_header(r, "Cache-Control", FOR_EVER);
    } else if (strncmp(r->server->set.store, "s3://", 5) == 0) {
        answer_from_bucket(r, store, name);
    } else {
        answer_from_folder(r, name, tag);
    }
}

void phone_artifact(struct request *r)
{
    uint8_t sha256[32];
    size_t len = 0;
    bool named = sodium_hex2bin(sha256, sizeof sha256, r->argument, strlen(r->argument),
                                NULL, &len, NULL) == 0 &&
                 len == sizeof sha256;
    struct reader *reader = named ? request_reader(r) : NULL;

    if (!named) {
        answer_problem(r, 404, NULL, "an artifact is named by 64 hexadecimal digits");
    } else if (reader != NULL) {
        switch (release_of_artifact(reader->db, sha256)) {
        case RELEASE_NONE:
            answer_problem(r, 404, NULL, "no release has this artifact");
            break;
        case RELEASE_WITHDRAWN:
            answer_problem(r, 410, NULL, "its release was withdrawn");
            break;
        case RELEASE_THERE:
            answer_known(r, reader->store, sha256);
            break;
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a program's streams and files become memory, and what JSON is. Does not
 * know the tool. */
#define _GNU_SOURCE /* memfd_create */

#include "captured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEPTH_MAX 8U

/* ---- files and streams ----------------------------------------------------------- */

const char *captured_file(const void *bytes, size_t len)
{
    static int file = -1;
    static char path[32];

    if (file < 0) {
        file = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    bool written =
        ftruncate(file, 0) == 0 && pwrite(file, bytes, len, 0) == (ssize_t)len;
    expect(written, "memory takes a file");
    return path;
}

static FILE *real_out, *real_err;

void captured_begin(struct captured *c)
{
    free(c->out);
    free(c->err);
    real_out = stdout;
    real_err = stderr;
    stdout = open_memstream(&c->out, &c->out_len);
    stderr = open_memstream(&c->err, &c->err_len);
}

void captured_end(struct captured *c)
{
    bool whole = fclose(stdout) == 0 && fclose(stderr) == 0;

    stdout = real_out;
    stderr = real_err;
    expect(whole && c->out != NULL && c->err != NULL, "memory takes what is said");
}

/* ---- manners --------------------------------------------------------------------- */

void captured_manners(const struct captured *c, int code, unsigned most)
{
    static const char name[] = "ferry: ";
    unsigned lines = 0;
    bool begins = true, named = true, plain = true;

    for (size_t i = 0; i < c->err_len; i++) {
        unsigned char byte = (unsigned char)c->err[i];
        named = named && (!begins || strncmp(c->err + i, name, strlen(name)) == 0);
        begins = byte == '\n';
        lines += begins;
        plain = plain && (begins || (byte >= ' ' && byte != 0x7F));
    }
    expect(code != 0 || lines == 0, "who succeeds says nothing of errors");
    expect(code == 0 || (lines >= 1 && lines <= most),
           "who refuses says why, in a line");
    expect(begins && named, "each line is whole, and says who speaks");
    expect(plain, "no line drives a terminal");
}

/* ---- JSON ------------------------------------------------------------------------ */

static bool value(const char **at, unsigned depth);

static bool take(const char **at, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(*at, word, len) != 0) {
        return false;
    }
    *at += len;
    return true;
}

static void space(const char **at)
{
    *at += strspn(*at, " \n");
}

static bool hex4(const char **at)
{
    bool four = strspn(*at, "0123456789abcdef") >= 4;

    *at += four ? 4 : 0;
    return four;
}

static bool text(const char **at)
{
    if (!take(at, "\"")) {
        return false;
    }
    while (**at != '"') {
        if (take(at, "\\u")) {
            if (!hex4(at)) {
                return false;
            }
        } else if (take(at, "\\")) {
            if (!take(at, "\"") && !take(at, "\\")) {
                return false;
            }
        } else if (**at < ' ' || **at > '~') {
            return false; /* the end of it all is one, too */
        } else {
            (*at)++;
        }
    }
    return take(at, "\"");
}

static bool number(const char **at)
{
    const char *began = *at;

    (void)take(at, "-");
    size_t digits = strspn(*at, "0123456789");
    bool plain = digits == 1 || (digits > 1 && **at != '0');
    *at += digits;
    return plain && *at > began;
}

/* What stands between brackets, behind the first of them. */
static bool members(const char **at, const char *close, unsigned depth)
{
    space(at);
    if (take(at, close)) {
        return true;
    }
    do {
        space(at);
        if (*close == '}' && !(text(at) && take(at, ": "))) {
            return false;
        }
        if (!value(at, depth)) {
            return false;
        }
        space(at);
    } while (take(at, ","));
    return take(at, close);
}

static bool value(const char **at, unsigned depth)
{
    if (depth == DEPTH_MAX) {
        return false;
    }
    if (take(at, "{")) {
        return members(at, "}", depth + 1);
    }
    if (take(at, "[")) {
        return members(at, "]", depth + 1);
    }
    return **at == '"' ? text(at)
                       : take(at, "true") || take(at, "false") || take(at, "null") ||
                             number(at);
}

void captured_json(const struct captured *c)
{
    const char *at = c->out;
    bool good = value(&at, 0);

    space(&at);
    expect(good && at == c->out + c->out_len, "what is shown as JSON is JSON");
}

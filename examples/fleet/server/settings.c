/* SPDX-License-Identifier: Apache-2.0
 *
 * One table of settings for flags (--name VALUE) and lines of the file (name = value):
 * what it is called, where it goes and what it may be. */
#include "settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LEN 4096

enum kind { TEXT, NUMBER, SWITCH, LOG };

struct setting {
    const char *name;
    enum kind kind;
    size_t offset, room;
    uint32_t min, max;
    const char *value, *help;
};

#define AT(field)                                                                      \
    offsetof(struct settings, field), sizeof(((struct settings *)0)->field)

static const struct setting table[] = {
    {"listen", TEXT, AT(listen), 0, 0, "ADDRESS:PORT",
     "where to listen; port 0: any that is free (127.0.0.1:8470)"},
    {"db", TEXT, AT(db), 0, 0, "DATABASE",
     "sqlite:PATH or postgresql://... (sqlite:ferryd.db)"},
    {"store", TEXT, AT(store), 0, 0, "STORE",
     "artifacts: a folder, or s3://BUCKET[/PREFIX] (store)"},
    {"tls-cert", TEXT, AT(tls_cert), 0, 0, "FILE", "certificates, PEM, ours first"},
    {"tls-key", TEXT, AT(tls_key), 0, 0, "FILE", "the key of the first one, PEM"},
    {"threads", NUMBER, AT(threads), 1, 64, "N",
     "threads that talk HTTP (as many as processors)"},
    {"queue", NUMBER, AT(queue), 1, 1000000, "N",
     "requests that may wait to be stored; more are answered 503 (4096)"},
    {"relay-rate", NUMBER, AT(relay_rate), 0, 1000000, "N",
     "statements a second of one address; 0: no limit (50)"},
    {"relay-burst", NUMBER, AT(relay_burst), 1, 1000000, "N",
     "so many at once, after a pause (500)"},
    {"forwarded", SWITCH, AT(forwarded), 0, 0, NULL,
     "a proxy is before us: the last X-Forwarded-For is the address"},
    {"demo", SWITCH, AT(demo), 0, 0, NULL,
     "an empty fleet in a temporary folder, and POST /v1/demo/clock"},
    {"hour-seconds", NUMBER, AT(hour_s), 0, 3600, "N",
     "seconds of an hour; 0, with --demo: moved by hand alone (3600)"},
    {"log", LOG, AT(log), 0, 0, "WHAT",
     "events, or requests: those, too, one line each on stderr (events)"},
};
#define SETTINGS (sizeof table / sizeof table[0])

static void usual(struct settings *s)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    *s = (struct settings){.listen = "127.0.0.1:8470",
                           .hour_s = 3600,
                           .queue = 4096,
                           .relay_rate = 50,
                           .relay_burst = 500};
    s->threads = processors < 2 ? 2 : processors > 64 ? 64 : (uint32_t)processors;
}

struct store *settings_store(const char *where, unsigned timeout_s, unsigned attempts,
                             char *why, size_t cap)
{
    const struct store_settings how = {.endpoint = getenv("AWS_ENDPOINT_URL"),
                                       .ca_file = getenv("AWS_CA_BUNDLE"),
                                       .timeout_s = timeout_s,
                                       .attempts = attempts};

    return store_open(where, &how, why, cap);
}

bool settings_tls(const struct settings *s)
{
    return s->tls_cert[0] != '\0';
}

static void help(void)
{
    printf(
        "usage: ferryd [serve] [--config FILE] [options]\n\n"
        "Serves phones and operators over HTTP. Prints where it listens, then says on "
        "stderr\nwhat happens, one line each. SIGTERM: what was accepted is finished "
        "first. SIGHUP:\ntls-cert and tls-key are read again.\n\n");
    for (const struct setting *t = table; t < table + SETTINGS; t++) {
        char name[40];
        snprintf(name, sizeof name, "%s%s%s", t->name, t->value != NULL ? " " : "",
                 t->value != NULL ? t->value : "");
        printf("  --%-21s %s\n", name, t->help);
    }
    printf("  --%-21s %s\n  --%-21s %s\n", "config FILE",
           "the same, as lines `name = value`; flags win", "help", "print this");
    printf(
        "\nWithout TLS it listens on loopback addresses only. Keys of S3 come from the "
        "environment.\nExit codes: 0 done, 1 failed, 2 the settings are wrong.\n");
}

/* NULL, or what it may be. */
static const char *take(struct settings *s, const struct setting *t, const char *text)
{
    static char range[60];
    void *to = (char *)s + t->offset;
    char *end;

    switch (t->kind) {
    case TEXT:
        if (text[0] == '\0' || strlen(text) >= t->room) {
            snprintf(range, sizeof range, "1 to %zu characters", t->room - 1);
            return range;
        }
        memcpy(to, text, strlen(text) + 1);
        return NULL;
    case NUMBER:
        errno = 0;
        unsigned long n = strtoul(text, &end, 10);
        if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
            n < t->min || n > t->max) {
            snprintf(range, sizeof range, "a number from %u to %u", t->min, t->max);
            return range;
        }
        *(uint32_t *)to = (uint32_t)n;
        return NULL;
    case SWITCH:
        *(bool *)to = strcmp(text, "yes") == 0;
        return *(bool *)to || strcmp(text, "no") == 0 ? NULL : "yes or no";
    case LOG:
        *(enum settings_log *)to =
            strcmp(text, "requests") == 0 ? LOG_REQUESTS : LOG_EVENTS;
        return strcmp(text, "requests") == 0 || strcmp(text, "events") == 0
                   ? NULL
                   : "events or requests";
    }
    return "something else";
}

static const struct setting *find(const char *name)
{
    for (const struct setting *t = table; t < table + SETTINGS; t++) {
        if (strcmp(t->name, name) == 0) {
            return t;
        }
    }
    return NULL;
}

static char *trimmed(char *text)
{
    char *end;

    text += strspn(text, " \t\r\n");
    for (end = text + strlen(text); end > text && strchr(" \t\r\n", end[-1]); end--) {
        end[-1] = '\0';
    }
    return text;
}

static bool take_line(struct settings *s, const char *path, unsigned at, char *line)
{
    char *name = trimmed(line), *equals = strchr(name, '=');

    if (name[0] == '\0' || name[0] == '#') {
        return true;
    }
    if (equals == NULL) {
        fprintf(stderr, "ferryd: %s: line %u: not `name = value`\n", path, at);
        return false;
    }
    *equals = '\0';
    const struct setting *t = find(trimmed(name));
    if (t == NULL) {
        fprintf(stderr, "ferryd: %s: line %u: there is no setting %s\n", path, at,
                name);
        return false;
    }
    const char *value = trimmed(equals + 1), *wanted = take(s, t, value);
    if (wanted != NULL) {
        fprintf(stderr, "ferryd: %s: line %u: %s = %s: it must be %s\n", path, at,
                t->name, value, wanted);
    }
    return wanted == NULL;
}

static bool take_file(struct settings *s, const char *path)
{
    char line[LINE_MAX_LEN];
    unsigned at = 0;
    bool good = true;
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        fprintf(stderr, "ferryd: %s: %s\n", path, strerror(errno));
        return false;
    }
    while (good && fgets(line, sizeof line, file) != NULL) {
        good = take_line(s, path, ++at, line);
    }
    fclose(file);
    return good;
}

/* One flag. Returns how many arguments it took, 0 if it is wrong. */
static int take_flag(struct settings *s, int left, char **argv)
{
    const struct setting *t = strncmp(argv[0], "--", 2) == 0 ? find(argv[0] + 2) : NULL;

    if (t == NULL) {
        fprintf(stderr, "ferryd: there is no option %s; see --help\n", argv[0]);
        return 0;
    }
    if (t->kind == SWITCH) {
        take(s, t, "yes");
        return 1;
    }
    if (left < 2) {
        fprintf(stderr, "ferryd: %s wants a value: %s\n", argv[0], t->value);
        return 0;
    }
    const char *wanted = take(s, t, argv[1]);
    if (wanted != NULL) {
        fprintf(stderr, "ferryd: %s %s: it must be %s\n", argv[0], argv[1], wanted);
        return 0;
    }
    return 2;
}

/* A demonstration makes its own, where none is named. */
static void fill_in(struct settings *s)
{
    if (!s->demo && s->db[0] == '\0') {
        strcpy(s->db, "sqlite:ferryd.db");
    }
    if (!s->demo && s->store[0] == '\0') {
        strcpy(s->store, "store");
    }
}

/* What goes only together. NULL, or what is wrong. */
static const char *clash(const struct settings *s)
{
    if ((s->tls_cert[0] == '\0') != (s->tls_key[0] == '\0')) {
        return "tls-cert and tls-key go together";
    }
    if (s->hour_s == 0 && !s->demo) {
        return "hour-seconds 0 wants demo: nothing else moves its clock";
    }
    return NULL;
}

int settings_read(struct settings *s, int argc, char **argv)
{
    usual(s);
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            help();
            return 0;
        }
        if (strcmp(argv[i], "--config") == 0 &&
            (i + 1 == argc || !take_file(s, argv[i + 1]))) {
            return 2;
        }
    }
    for (int i = 0; i < argc;) {
        int took =
            strcmp(argv[i], "--config") == 0 ? 2 : take_flag(s, argc - i, argv + i);
        if (took == 0) {
            return 2;
        }
        i += took;
    }
    if (clash(s) != NULL) {
        fprintf(stderr, "ferryd: %s\n", clash(s));
        return 2;
    }
    fill_in(s);
    return -1;
}

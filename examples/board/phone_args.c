/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the phone's options and where its releases lie. Does not know devices. */
#include "phone.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"

#define ARTIFACT_MAX (2U << 20)

enum {
    AIR = 1,
    CACHE,
    SAVE,
    REPORT,
    NONCE,
    KEY,
    TAP,
    SPEED,
    MTU,
    LOSS,
    SEED,
    AWAY,
    PATIENCE,
    HELP
};

static const struct option options[] = {
    {"air", required_argument, NULL, AIR},
    {"cache", required_argument, NULL, CACHE},
    {"report", no_argument, NULL, REPORT},
    {"nonce", required_argument, NULL, NONCE},
    {"device-key", required_argument, NULL, KEY},
    {"save", required_argument, NULL, SAVE},
    {"tap", no_argument, NULL, TAP},
    {"away", required_argument, NULL, AWAY},
    {"mtu", required_argument, NULL, MTU},
    {"loss", required_argument, NULL, LOSS},
    {"seed", required_argument, NULL, SEED},
    {"speed", required_argument, NULL, SPEED},
    {"patience", required_argument, NULL, PATIENCE},
    {"help", no_argument, NULL, HELP},
    {0},
};

static void usage(FILE *to)
{
    fprintf(to,
            "usage: phone --air SOCKET [options]\n"
            "\n"
            "Carries a release to the device behind SOCKET and says how it goes.\n"
            "  --cache FOLDER      offer the artifacts (*.ferry) in it\n"
            "  --report            ask for the device's statement first\n"
            "  --nonce HEX         of the one who asks, 16 bytes (default: random)\n"
            "  --device-key HEX    verify the statement with this public key\n"
            "  --save FILE         keep the statement\n"
            "  --tap               stop as soon as the device has accepted\n"
            "  --away PERCENT:S    out of range there, for S virtual seconds\n"
            "  --mtu N             23..515 (default 247)\n"
            "  --loss PPM          of the values sent (default 0)\n"
            "  --seed N            of the losses\n"
            "  --speed N           virtual milliseconds in a real one (default 20)\n"
            "  --patience S        give up after S real seconds (default 60)\n"
            "Exit codes: 0 done, 1 refused, 2 the command line is wrong, 3 given up, 4 "
            "the\n"
            "statement is not the device's.\n");
}

static bool number(const char *text, uint32_t least, uint32_t most, uint32_t *n)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || value < least || value > most) {
        return false;
    }
    *n = (uint32_t)value;
    return true;
}

static bool bytes(const char *text, uint8_t *to, size_t want)
{
    size_t len;

    return sodium_hex2bin(to, want, text, strlen(text), NULL, &len, NULL) == 0 &&
           len == want;
}

static bool take(struct phone_options *o, int option, const char *value)
{
    switch (option) {
    case AIR:
        o->air = value;
        return true;
    case CACHE:
        o->cache = value;
        return true;
    case SAVE:
        o->save = value;
        return true;
    case REPORT:
        o->report = true;
        return true;
    case NONCE:
        return bytes(value, o->nonce, sizeof o->nonce);
    case KEY:
        o->know_device = true;
        return bytes(value, o->device_key, sizeof o->device_key);
    case TAP:
        o->tap = true;
        return true;
    case SPEED:
        return number(value, 1, 1000, &o->speed);
    case MTU:
        return number(value, 23, 515, &o->mtu);
    case LOSS:
        return number(value, 0, 1000000, &o->loss_ppm);
    case SEED:
        return number(value, 0, UINT32_MAX, &o->seed);
    case PATIENCE:
        return number(value, 1, 3600, &o->patience_s);
    case AWAY:
        return sscanf(value, "%9u:%9u", &o->away_percent, &o->away_s) == 2;
    default:
        return false;
    }
}

int phone_parse(struct phone_options *o, int argc, char **argv)
{
    int option;

    *o = (struct phone_options){.speed = 20, .mtu = 247, .patience_s = 60};
    o->seed = randombytes_random();
    randombytes_buf(o->nonce, sizeof o->nonce);
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == HELP) {
            usage(stdout);
            return 1;
        }
        if (!take(o, option, optarg)) {
            usage(stderr);
            return 3;
        }
    }
    if (o->air == NULL || optind != argc) {
        usage(stderr);
        return 3;
    }
    return 0;
}

/* ---- the cache ------------------------------------------------------------------- */

static int is_artifact(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 6 && strcmp(entry->d_name + len - 6, ".ferry") == 0;
}

static int load_one(const char *folder, const char *name, struct artifact *a)
{
    char path[4096];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &st) != 0) {
        return -1;
    }
    if (st.st_size <= 0 || st.st_size > (off_t)ARTIFACT_MAX) {
        errno = EFBIG;
        return -1;
    }
    a->bytes = malloc((size_t)st.st_size);
    return a->bytes == NULL
               ? -1
               : ferry_file_load(path, a->bytes, (size_t)st.st_size, &a->len);
}

int phone_load(const char *folder, struct artifact artifacts[PHONE_ARTIFACTS])
{
    struct dirent **names;
    int n = scandir(folder, &names, is_artifact, alphasort);
    int loaded = 0;

    for (int i = 0; i < n; i++) {
        if (loaded >= 0 && (unsigned)loaded < PHONE_ARTIFACTS) {
            int err = load_one(folder, names[i]->d_name, &artifacts[loaded]);
            loaded = err == 0 ? loaded + 1 : -1;
        }
        free(names[i]);
    }
    if (n >= 0) {
        free(names);
    }
    return n < 0 ? -1 : loaded;
}

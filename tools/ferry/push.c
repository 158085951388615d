/* SPDX-License-Identifier: Apache-2.0
 *
 * ferry push: carries a release to one device, as a phone would. Meets the device
 * first, shows what it is and asks; nothing is offered before the user agreed. The
 * session is the engine's courier; what it may do is the device's to decide. */
#include "push.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "say.h"
#include "text.h"
#include "verbs.h"

#define MTU_DEFAULT 247U
#define MTU_OVER 3U /* ATT's head: a value is this much shorter */
#define PATIENCE_DEFAULT_S 60U

static const struct option_row options[] = {
    [TO] = {"to", 't', REQUIRED, "PATH", "the device: a Unix socket, or a terminal"},
    [YES] = {"yes", 'y', OPTIONAL, NULL, "install without asking"},
    [WAIT] = {"wait", 'w', OPTIONAL, NULL, "if the device says later, wait that long"},
    [PATIENCE] = {"patience", 0, OPTIONAL, "S",
                  "give up after S seconds without an answer; else 60"},
    [MTU] = {"mtu", 0, OPTIONAL, "N", "largest ATT packet, 23..515; else 247"},
    [REPORT] = {"report", 'r', OPTIONAL, NULL, "first fetch the device's statement"},
    [NONCE] = {"nonce", 0, OPTIONAL, "HEX",
               "the statement answers these 16 bytes; else random ones"},
    [STATEMENT] = {"statement", 0, OPTIONAL, "FILE", "keep the statement in FILE"},
    [DEVICE_KEY] = {"device-key", 0, OPTIONAL, "FILE",
                    "the device's public key: stop unless its statement is good"},
    [CLOCK] = {"clock", 0, OPTIONAL, "N",
               "of a simulated device: it runs N times as fast, 1..1000"},
    [JSON] = {"json", 'j', OPTIONAL, NULL,
              "end with a JSON object; progress as one a line, to stderr"},
    {0},
};

static const char notes[] =
    "Give all artifacts of a release: the one that fits the device is carried. "
    "Without\n"
    "any, --report alone fetches the statement. --nonce, --statement and --device-key\n"
    "imply --report. Interrupted or cut off, the device keeps what it has; the same\n"
    "command goes on from there. A terminal's speed is what stty made it.\n"
    "\n"
    "Exit codes: 0 it is installed, or was already; 1 it is not; 2 the command line.\n";

/* ---- the command line ------------------------------------------------------------ */

static bool read_nonce(const char *text, uint8_t nonce[FERRY_NONCE_LEN])
{
    size_t len;

    return strlen(text) == 2 * FERRY_NONCE_LEN &&
           sodium_hex2bin(nonce, FERRY_NONCE_LEN, text, strlen(text), NULL, &len,
                          NULL) == 0 &&
           len == FERRY_NONCE_LEN;
}

static int read_numbers(struct push *p, const struct args *a)
{
    uint32_t clock = 1, seconds = PATIENCE_DEFAULT_S;

    p->mtu = MTU_DEFAULT;
    if (a->value[MTU] != NULL &&
        (!text_number(a->value[MTU], 515, &p->mtu) || p->mtu < 23)) {
        return args_bad(a, MTU, "not a number 23..515");
    }
    if (a->value[PATIENCE] != NULL &&
        (!text_number(a->value[PATIENCE], 86400, &seconds) || seconds == 0)) {
        return args_bad(a, PATIENCE, "not seconds, 1..86400");
    }
    if (a->value[CLOCK] != NULL &&
        (!text_number(a->value[CLOCK], 1000, &clock) || clock == 0)) {
        return args_bad(a, CLOCK, "not a number 1..1000");
    }
    randombytes_buf(p->nonce, sizeof p->nonce);
    if (a->value[NONCE] != NULL && !read_nonce(a->value[NONCE], p->nonce)) {
        return args_bad(a, NONCE, "not 32 hexadecimal digits");
    }
    p->patience_ms = seconds * 1000U;
    ferry_clock_init(&p->clock, clock);
    ferry_clock_init(&p->wall, 1);
    return DONE;
}

static int read_options(struct push *p, const struct args *a)
{
    p->args = a;
    p->json = a->value[JSON] != NULL;
    p->wait = a->value[WAIT] != NULL;
    p->report = a->value[REPORT] != NULL || a->value[NONCE] != NULL ||
                a->value[STATEMENT] != NULL || a->value[DEVICE_KEY] != NULL;
    if (a->operands_len == 0 && !p->report) {
        return misuse("push: ARTIFACT is missing; see ferry push --help");
    }
    if (a->operands_len > 0 && a->value[YES] == NULL && !isatty(STDIN_FILENO)) {
        return misuse("push: standard input is no terminal, so nobody can be asked; "
                      "--yes installs without asking");
    }
    return read_numbers(p, a);
}

/* ---- the release ----------------------------------------------------------------- */

/* The signature is the device's to check: this end holds no key. */
static int load_package(struct package *k, const char *path)
{
    int code = artifact_read(&k->file, path);

    if (code == DONE) {
        code = artifact_open(&k->a, path, &k->file);
    }
    if (code == DONE) {
        code = artifact_parse(&k->a);
    }
    if (code == DONE) {
        code = check_content(&k->a);
    }
    if (code == DONE) {
        check_digest(&k->a, k->digest);
    }
    return code;
}

static int load_packages(struct push *p)
{
    int code = DONE;

    for (unsigned i = 0; code == DONE && i < p->args->operands_len; i++) {
        code = load_package(&p->packages[i], p->args->operands[i]);
        p->packages_len = i + 1;
    }
    return code;
}

/* ---- the journey ----------------------------------------------------------------- */

/* Before the user agreed there is nothing to read: the courier learns who the device
 * is, and then waits. */
static int read_artifact(void *ctx, unsigned which, uint32_t off, void *buf,
                         uint32_t len)
{
    const struct push *p = ctx;

    (void)which;
    if (p->chosen == NULL || off > p->chosen->a.len || len > p->chosen->a.len - off) {
        return -1;
    }
    memcpy(buf, p->chosen->a.env + off, len);
    return 0;
}

static void prepare(struct push *p)
{
    p->cfg.ctx = p;
    p->cfg.read = read_artifact;
    p->cfg.value_max = (uint16_t)(p->mtu - MTU_OVER);
    p->cfg.statement = push_take_statement;
    ferry_pump_init(&p->pump, &p->clock, &p->link, NULL);
    p->pump.value_max = p->cfg.value_max;
    randombytes_buf(p->cfg.nonce, sizeof p->cfg.nonce);
    push_progress_init(&p->progress);
}

/* Two sessions: the question, and the transfer. To the device they are one, by their
 * nonce: another courier might have to wait until it has given up on the first. */
static int start(struct push *p, bool report)
{
    p->cfg.artifacts = report ? 0 : 1;
    p->cfg.report_nonce = report ? p->nonce : NULL;
    if (ferry_courier_init(&p->courier, &p->cfg, ferry_clock_now(&p->clock)) != 0) {
        return refuse("the courier does not start");
    }
    ferry_pump_link(&p->pump, &p->link);
    return DONE;
}

static bool over(const struct push *p)
{
    enum ferry_courier_state state = ferry_courier_state(&p->courier);
    struct ferry_courier_progress at;

    ferry_courier_progress(&p->courier, &at);
    return state == FERRY_COURIER_DONE || state == FERRY_COURIER_REFUSED ||
           (state == FERRY_COURIER_LATER && !p->wait && !push_is_short(&at.later)) ||
           (push_is_parked(p) && ferry_courier_error(&p->courier) != FERRY_E_BUSY);
}

/* It knows the device, and looks in vain for something to offer. */
static bool unread(const struct push *p)
{
    return ferry_courier_state(&p->courier) == FERRY_COURIER_PARKED &&
           ferry_courier_error(&p->courier) == FERRY_E_READ;
}

static bool has_met(const struct push *p)
{
    return unread(p) || over(p);
}

/* A device that has no statement, or none now, has said who it is all the same. */
static bool knows_device(const struct push *p)
{
    enum ferry_courier_state state = ferry_courier_state(&p->courier);
    bool none = state == FERRY_COURIER_REFUSED &&
                ferry_courier_error(&p->courier) == FERRY_E_STATE;

    return unread(p) || none || state == FERRY_COURIER_DONE ||
           state == FERRY_COURIER_LATER;
}

/* Who is it, and, if that was asked for, what does it say about itself? */
static bool meet(struct push *p)
{
    if (!push_drive(p, has_met)) {
        return false;
    }
    p->met = knows_device(p);
    if (!p->met) {
        push_ends_as(p);
        return false;
    }
    p->peer = p->courier.peer;
    if (!p->json) {
        struct view v = {.as_json = false};
        push_progress_clear(p);
        view_begin(&v, p->args->value[TO]);
        push_show_device(&v, p);
    }
    return !p->report || push_judge_statement(p);
}

static int carry(struct push *p)
{
    int code = start(p, false);

    if (code != DONE) {
        return code;
    }
    p->began_at = ferry_clock_now(&p->clock);
    p->alive_at = p->began_at; /* the user may have thought for long */
    if (push_drive(p, over)) {
        push_ends_as(p);
    }
    return DONE;
}

static int journey(struct push *p)
{
    if (!meet(p)) {
        return DONE;
    }
    if (p->packages_len == 0) {
        push_ends(p, PUSH_REPORTED, 0, "the device said what it is");
        return DONE;
    }
    const struct package *k = push_choose(p);
    if (k == NULL || !push_consent(p, k)) {
        return DONE;
    }
    p->chosen = k;
    return carry(p);
}

static int push(struct push *p)
{
    const char *key = p->args->value[DEVICE_KEY];
    int code = load_packages(p);

    if (code == DONE && key != NULL) {
        code = key_load(&p->device_key, key, false);
    }
    if (code != DONE) {
        return code;
    }
    prepare(p);
    code = start(p, p->report);
    if (code == DONE) {
        code = push_connect(p);
    }
    if (code == DONE) {
        code = journey(p);
        push_hang_up(p);
        push_progress_clear(p);
    }
    return code == DONE ? push_finish(p) : code;
}

static int run(const struct args *a)
{
    static struct push p; /* large */
    int code = read_options(&p, a);

    if (code == DONE) {
        code = push(&p);
    }
    for (unsigned i = 0; i < p.packages_len; i++) {
        bytes_free(&p.packages[i].file);
    }
    bytes_free(&p.statement);
    key_wipe(&p.device_key);
    return code;
}

const struct verb verb_push = {
    .name = "push",
    .operand = "ARTIFACT",
    .many = true,
    .summary = "Carry a release to a device, or fetch its statement",
    .options = options,
    .notes = notes,
    .run = run,
};

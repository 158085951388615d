/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what to do with the statement a device gave: whether it answers our question,
 * whether it is that device's, where it is kept. */
#include <string.h>

#include "push.h"
#include "say.h"

void push_take_statement(void *ctx, const uint8_t *envelope, size_t len)
{
    struct push *p = ctx;

    bytes_free(&p->statement);
    if (bytes_new(&p->statement, FERRY_TBS_SPARE, len) == DONE) {
        memcpy(p->statement.at, envelope, len);
    }
}

/* Whose it is, if a key was given. */
static int check_signature(struct push *p)
{
    if (p->args->value[DEVICE_KEY] == NULL) {
        return DONE;
    }
    int code = statement_check(&p->said, p->device_key.public);
    p->checked = code == DONE;
    return code;
}

static int read_statement(struct push *p)
{
    int code = artifact_open(&p->said, "the device's statement", &p->statement);

    if (code == DONE && !statement_is(&p->said)) {
        code = refuse("the device's statement: is none: its key id is %02X",
                      p->said.e.kid);
    }
    if (code == DONE) {
        code = check_signature(p);
    }
    if (code == DONE) {
        code = statement_parse(&p->said, &p->says);
    }
    if (code == DONE && (p->says.nonce == NULL ||
                         memcmp(p->says.nonce, p->nonce, sizeof p->nonce) != 0)) {
        code = refuse("the device's statement: answers another nonce");
    }
    return code;
}

static int keep(const struct push *p)
{
    const char *path = p->args->value[STATEMENT];

    return path == NULL ? DONE
                        : file_write(path, 0644, p->statement.at, p->statement.len);
}

/* A wish among others, or a condition? */
static bool no_statement(struct push *p)
{
    if (p->packages_len > 0 && p->args->value[DEVICE_KEY] == NULL &&
        p->args->value[STATEMENT] == NULL) {
        return true;
    }
    push_ends_as(p);
    return false;
}

bool push_judge_statement(struct push *p)
{
    if (p->statement.len == 0) {
        return no_statement(p);
    }
    push_progress_clear(p);
    if (read_statement(p) != DONE) {
        return push_ends(p, PUSH_REFUSED, FERRY_E_SIG,
                         "its statement is not to be trusted");
    }
    if (keep(p) != DONE) {
        return push_ends(p, PUSH_REFUSED, 0, "its statement could not be kept");
    }
    p->reported = true;
    if (!p->json) {
        struct view v = {.as_json = false};
        view_begin(&v, "the device's statement");
        statement_show(&v, &p->says);
        statement_show_signature(&v, &p->said, p->checked);
    }
    return true;
}

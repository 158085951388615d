/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to load a PKCS#11 module, which of its tokens is meant, and how to log in.
 * Shows a PIN to one token at most: each try elsewhere could lock a stranger's card. */
#include "token.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

#define SLOTS_MAX 64U
#define ALREADY_INITIALIZED 0x191UL

/* ---- what modules answer --------------------------------------------------------- */

static const struct {
    p11_ulong code;
    const char *name;
} answers[] = {
    {0x002, "CKR_HOST_MEMORY"},
    {0x003, "CKR_SLOT_ID_INVALID"},
    {0x005, "CKR_GENERAL_ERROR"},
    {0x006, "CKR_FUNCTION_FAILED"},
    {0x007, "CKR_ARGUMENTS_BAD"},
    {0x030, "CKR_DEVICE_ERROR"},
    {0x031, "CKR_DEVICE_MEMORY"},
    {0x032, "CKR_DEVICE_REMOVED"},
    {0x050, "CKR_FUNCTION_CANCELED"},
    {0x054, "CKR_FUNCTION_NOT_SUPPORTED"},
    {0x068, "CKR_KEY_FUNCTION_NOT_PERMITTED"},
    {0x070, "CKR_MECHANISM_INVALID"},
    {0x0A0, "CKR_PIN_INCORRECT"},
    {0x0A1, "CKR_PIN_INVALID"},
    {0x0A2, "CKR_PIN_LEN_RANGE"},
    {0x0A3, "CKR_PIN_EXPIRED"},
    {0x0A4, "CKR_PIN_LOCKED"},
    {0x0B1, "CKR_SESSION_COUNT"},
    {0x0B3, "CKR_SESSION_HANDLE_INVALID"},
    {0x0E0, "CKR_TOKEN_NOT_PRESENT"},
    {0x101, "CKR_USER_NOT_LOGGED_IN"},
    {0x102, "CKR_USER_PIN_NOT_INITIALIZED"},
    {0x150, "CKR_BUFFER_TOO_SMALL"},
};

int token_failed(const struct token *t, const char *call, p11_ulong code)
{
    char number[40];
    const char *name = number;

    snprintf(number, sizeof number, "answer 0x%lx", code);
    for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++) {
        name = answers[i].code == code ? answers[i].name : name;
    }
    return refuse("%s: %s: %s", t->uri.text, call, name);
}

/* ---- the module ------------------------------------------------------------------ */

/* It stays loaded to the end: some start threads that would outlive their code. */
static int load(struct token *t)
{
    const struct uri_value *path = &t->uri.of[URI_MODULE_PATH];
    const struct p11_functions *f = NULL;
    p11_ulong (*functions)(const struct p11_functions **f) = NULL;

    if (!path->given) {
        return misuse("%s: which module? ?module-path= is missing", t->uri.text);
    }
    void *module = dlopen(path->at, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL) {
        return refuse("cannot load the module: %s", dlerror());
    }
    void *symbol = dlsym(module, "C_GetFunctionList");
    if (symbol == NULL) {
        return refuse("%s: is no PKCS#11 module: it has no C_GetFunctionList",
                      path->at);
    }
    memcpy(&functions, &symbol, sizeof functions);
    if (functions(&f) != 0 || f == NULL || f->version[0] != 2) {
        return refuse("%s: has no functions of PKCS#11 version 2", path->at);
    }
    p11_ulong code = f->initialize(NULL);
    if (code != 0 && code != ALREADY_INITIALIZED) {
        return token_failed(t, "C_Initialize", code);
    }
    t->f = f;
    return DONE;
}

/* ---- the token ------------------------------------------------------------------- */

/* Without the spaces that fill the field. */
static void unpad(char *text, const unsigned char *field, size_t len)
{
    while (len > 0 && (field[len - 1] == ' ' || field[len - 1] == '\0')) {
        len--;
    }
    memcpy(text, field, len);
    text[len] = '\0';
}

static bool is(const struct uri_value *wanted, const unsigned char *field, size_t len)
{
    char text[33];

    unpad(text, field, len);
    return !wanted->given || strcmp(wanted->at, text) == 0;
}

static bool matches(const struct p11_uri *u, p11_ulong slot,
                    const struct p11_token_info *info)
{
    return (info->flags & P11_INITIALIZED) != 0 &&
           (!u->of[URI_SLOT_ID].given || u->slot_id == slot) &&
           is(&u->of[URI_TOKEN], info->label, sizeof info->label) &&
           is(&u->of[URI_MANUFACTURER], info->manufacturer,
              sizeof info->manufacturer) &&
           is(&u->of[URI_MODEL], info->model, sizeof info->model) &&
           is(&u->of[URI_SERIAL], info->serial, sizeof info->serial);
}

/* Names of tokens, for a message; what does not fit is left out. */
struct names {
    char text[400];
    unsigned count;
};

static void add_name(struct names *n, const struct p11_token_info *info)
{
    char label[33], serial[17];
    size_t used = strlen(n->text);

    unpad(label, info->label, sizeof info->label);
    unpad(serial, info->serial, sizeof info->serial);
    snprintf(n->text + used, sizeof n->text - used, "%stoken=%s;serial=%s",
             n->count > 0 ? ", " : "", label, serial);
    n->count++;
}

static int refuse_tokens(const struct token *t, const struct names *matching,
                         const struct names *there)
{
    if (matching->count > 1) {
        return refuse("%s: names %u tokens: %s", t->uri.text, matching->count,
                      matching->text);
    }
    return refuse("%s: no such token; the module has %s", t->uri.text,
                  there->count > 0 ? there->text : "none");
}

static int find_token(struct token *t)
{
    p11_ulong slots[SLOTS_MAX], len = SLOTS_MAX;
    struct names matching = {.count = 0}, there = {.count = 0};
    p11_ulong code = t->f->slots(1, slots, &len);

    if (code != 0) {
        return token_failed(t, "C_GetSlotList", code);
    }
    for (p11_ulong i = 0; i < len; i++) {
        struct p11_token_info info;
        if (t->f->token_info(slots[i], &info) != 0) {
            continue; /* pulled out since, or broken: not one to sign with */
        }
        if ((info.flags & P11_INITIALIZED) != 0) {
            add_name(&there, &info);
        }
        if (matches(&t->uri, slots[i], &info)) {
            add_name(&matching, &info);
            t->slot = slots[i];
            t->flags = info.flags;
            unpad(t->label, info.label, sizeof info.label);
        }
    }
    return matching.count == 1 ? DONE : refuse_tokens(t, &matching, &there);
}

int token_open(struct token *t, const char *uri)
{
    memset(t, 0, sizeof *t);
    int code = p11_uri_read(&t->uri, uri);
    if (code == DONE) {
        code = load(t);
    }
    if (code == DONE) {
        code = find_token(t);
    }
    if (code == DONE) {
        p11_ulong answer =
            t->f->open_session(t->slot, P11_SERIAL_SESSION, NULL, NULL, &t->session);
        code = answer == 0 ? DONE : token_failed(t, "C_OpenSession", answer);
    }
    return code;
}

/* ---- the PIN --------------------------------------------------------------------- */

static int get_pin(struct token *t)
{
    const struct uri_value *file = &t->uri.of[URI_PIN_SOURCE];
    char what[64];

    snprintf(what, sizeof what, "PIN of token %s", t->label);
    const struct secret_from from = {
        .what = what, .file = file->given ? file->at : NULL, .env = "FERRY_PIN"};
    return secret_get(&t->pin, &from);
}

int token_login(struct token *t, enum p11_user user)
{
    bool pad = (t->flags & P11_OWN_PIN_PAD) != 0;

    if (user == P11_USER && (t->flags & P11_LOGIN_REQUIRED) == 0) {
        return DONE;
    }
    if (!pad && t->pin.len == 0) {
        int code = get_pin(t);
        if (code != DONE) {
            return code;
        }
    }
    p11_ulong answer =
        t->f->login(t->session, user, pad ? NULL : (unsigned char *)t->pin.text,
                    (p11_ulong)t->pin.len);
    return answer == 0 ? DONE : token_failed(t, "C_Login", answer);
}

void token_close(struct token *t)
{
    if (t->f != NULL) {
        t->f->close_session(t->session);
        t->f->finalize(NULL);
    }
    secret_wipe(&t->pin);
    memset(t, 0, sizeof *t);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A PKCS#11 module in front of a real one (FERRY_TEST_MODULE) that has one fault, or
 * one habit of other modules, at a time: FERRY_TEST_FAULT says which. */
#include "pkcs11.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_REMOVED 0x32UL
#define POINT_LEN 32U

p11_ulong C_GetFunctionList(const struct p11_functions **f);

static struct p11_functions real, ours;

/* Somebody pulls the token out while it signs. */
static p11_ulong no_sign(p11_ulong session, unsigned char *bytes, p11_ulong len,
                         unsigned char *sig, p11_ulong *sig_len)
{
    (void)session, (void)bytes, (void)len, (void)sig, (void)sig_len;
    return DEVICE_REMOVED;
}

static p11_ulong wrong_sign(p11_ulong session, unsigned char *bytes, p11_ulong len,
                            unsigned char *sig, p11_ulong *sig_len)
{
    p11_ulong answer = real.sign(session, bytes, len, sig, sig_len);

    sig[7] ^= 1;
    return answer;
}

static p11_ulong short_sign(p11_ulong session, unsigned char *bytes, p11_ulong len,
                            unsigned char *sig, p11_ulong *sig_len)
{
    p11_ulong answer = real.sign(session, bytes, len, sig, sig_len);

    *sig_len = 63;
    return answer;
}

/* The point without the octet string around it, as some modules give it. */
static p11_ulong bare_point(p11_ulong session, p11_ulong object,
                            struct p11_attribute_value *a, p11_ulong len)
{
    p11_ulong answer = real.get(session, object, a, len);

    if (answer == 0 && len == 1 && a->type == P11_EC_POINT && a->len == POINT_LEN + 2) {
        memmove(a->at, (unsigned char *)a->at + 2, POINT_LEN);
        a->len = POINT_LEN;
    }
    return answer;
}

static p11_ulong cut_point(p11_ulong session, p11_ulong object,
                           struct p11_attribute_value *a, p11_ulong len)
{
    p11_ulong answer = bare_point(session, object, a, len);

    if (len == 1 && a->type == P11_EC_POINT && a->len == POINT_LEN) {
        a->len--;
    }
    return answer;
}

static p11_ulong no_start(void *args)
{
    (void)args;
    return DEVICE_REMOVED;
}

static void choose(const char *fault)
{
    if (fault == NULL) {
        abort();
    } else if (strcmp(fault, "gone") == 0) {
        ours.sign = no_sign;
    } else if (strcmp(fault, "wrong") == 0) {
        ours.sign = wrong_sign;
    } else if (strcmp(fault, "short") == 0) {
        ours.sign = short_sign;
    } else if (strcmp(fault, "bare point") == 0) {
        ours.get = bare_point;
    } else if (strcmp(fault, "cut point") == 0) {
        ours.get = cut_point;
    } else if (strcmp(fault, "start") == 0) {
        ours.initialize = no_start;
    } else if (strcmp(fault, "version") == 0) {
        ours.version[0] = 3;
    } else {
        abort();
    }
}

p11_ulong C_GetFunctionList(const struct p11_functions **f)
{
    const struct p11_functions *theirs = NULL;
    p11_ulong (*functions)(const struct p11_functions **list) = NULL;
    void *module = dlopen(getenv("FERRY_TEST_MODULE"), RTLD_NOW | RTLD_LOCAL);
    void *symbol = module != NULL ? dlsym(module, "C_GetFunctionList") : NULL;

    if (symbol == NULL) {
        return DEVICE_REMOVED;
    }
    memcpy(&functions, &symbol, sizeof functions);
    if (functions(&theirs) != 0) {
        return DEVICE_REMOVED;
    }
    real = ours = *theirs;
    choose(getenv("FERRY_TEST_FAULT"));
    *f = &ours;
    return 0;
}

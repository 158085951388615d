/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairs of certificates and key, the newest first. One that was shown is kept to the end,
 * since a handshake may still hold it: a few kilobytes for each renewal. The list is this
 * file's own, because libmicrohttpd's callback has no place for ours. */
#include "tls.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "say.h"
#include "settings.h"

#define PEM_MAX (256 * 1024)
#define CERTS_MAX 16U /* of a chain */
#define ID_LEN 32U    /* of a public key: SHA-256 */

struct pair {
    gnutls_pcert_st certs[CERTS_MAX];
    unsigned len;
    gnutls_privkey_t key;
    struct pair *before;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pair *newest; /* under the lock */

/* ---- one pair -------------------------------------------------------------------- */

static void drop(struct pair *p)
{
    for (unsigned i = 0; i < p->len; i++) {
        gnutls_pcert_deinit(&p->certs[i]);
    }
    if (p->key != NULL) {
        gnutls_privkey_deinit(p->key);
    }
    free(p);
}

/* False: what is wrong with this file is in `why`. */
static bool read_text(const char *path, gnutls_datum_t *text, char *why, size_t cap)
{
    FILE *file = fopen(path, "rb");

    text->data = file != NULL ? calloc(1, PEM_MAX + 1) : NULL;
    if (text->data == NULL) {
        snprintf(why, cap, "%s: %s", path, strerror(errno));
    } else {
        text->size = (unsigned)fread(text->data, 1, PEM_MAX, file);
        if (ferror(file) || !feof(file)) {
            snprintf(why, cap, "%s: it cannot be read, or is no PEM file", path);
            free(text->data);
            text->data = NULL;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return text->data != NULL;
}

static bool read_certs(struct pair *p, const char *path, char *why, size_t cap)
{
    gnutls_datum_t text;
    unsigned len = CERTS_MAX;

    if (!read_text(path, &text, why, cap)) {
        return false;
    }
    int bad = gnutls_pcert_list_import_x509_raw(p->certs, &len, &text,
                                                GNUTLS_X509_FMT_PEM, 0);
    free(text.data);
    if (bad < 0 || len == 0) {
        snprintf(why, cap, "%s: no certificate: %s", path, gnutls_strerror(bad));
        return false;
    }
    p->len = len;
    return true;
}

static bool read_key(struct pair *p, const char *path, char *why, size_t cap)
{
    gnutls_datum_t text;

    if (!read_text(path, &text, why, cap)) {
        return false;
    }
    int bad = gnutls_privkey_init(&p->key);
    bad = bad < 0 ? bad
                  : gnutls_privkey_import_x509_raw(p->key, &text, GNUTLS_X509_FMT_PEM,
                                                   NULL, 0);
    explicit_bzero(text.data, text.size);
    free(text.data);
    if (bad < 0) {
        snprintf(why, cap, "%s: no key: %s", path, gnutls_strerror(bad));
    }
    return bad >= 0;
}

static bool id_of(gnutls_pubkey_t key, unsigned char id[ID_LEN])
{
    size_t len = ID_LEN;

    return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id, &len) >= 0;
}

/* Is the key that of the first certificate? */
static bool belong_together(const struct pair *p)
{
    unsigned char of_cert[ID_LEN], of_key[ID_LEN];
    gnutls_pubkey_t public = NULL;
    bool same = gnutls_pubkey_init(&public) >= 0 &&
                gnutls_pubkey_import_privkey(public, p->key, 0, 0) >= 0 &&
                id_of(public, of_key) && id_of(p->certs[0].pubkey, of_cert) &&
                memcmp(of_key, of_cert, ID_LEN) == 0;

    if (public != NULL) {
        gnutls_pubkey_deinit(public);
    }
    return same;
}

static void say_until(const struct pair *p, const char *path)
{
    gnutls_x509_crt_t cert;
    struct tm utc;
    char day[11] = "?";

    if (gnutls_x509_crt_init(&cert) < 0) {
        return;
    }
    if (gnutls_x509_crt_import(cert, &p->certs[0].cert, GNUTLS_X509_FMT_DER) >= 0) {
        time_t until = gnutls_x509_crt_get_expiration_time(cert);
        if (gmtime_r(&until, &utc) != NULL) {
            strftime(day, sizeof day, "%Y-%m-%d", &utc);
        }
        say(until < time(NULL) ? "warning" : "info", "%s is shown, valid until %s",
            path, day);
    }
    gnutls_x509_crt_deinit(cert);
}

/* ---- all of them ----------------------------------------------------------------- */

bool tls_read(const struct settings *set, char *why, size_t cap)
{
    struct pair *p = calloc(1, sizeof *p);

    if (p == NULL) {
        snprintf(why, cap, "no memory");
        return false;
    }
    if (!read_certs(p, set->tls_cert, why, cap) ||
        !read_key(p, set->tls_key, why, cap)) {
        drop(p);
        return false;
    }
    if (!belong_together(p)) {
        snprintf(why, cap, "%s: it is not the key of the certificate in %s",
                 set->tls_key, set->tls_cert);
        drop(p);
        return false;
    }
    say_until(p, set->tls_cert);
    pthread_mutex_lock(&lock);
    p->before = newest;
    newest = p;
    pthread_mutex_unlock(&lock);
    return true;
}

int tls_show(gnutls_session_t session, const gnutls_datum_t *authorities, int len,
             const gnutls_pk_algorithm_t *algorithms, int algorithms_len,
             gnutls_pcert_st **certs, unsigned *certs_len, gnutls_privkey_t *key)
{
    (void)session;
    (void)authorities;
    (void)len;
    (void)algorithms;
    (void)algorithms_len;

    pthread_mutex_lock(&lock);
    struct pair *p = newest;
    pthread_mutex_unlock(&lock);
    *certs = p->certs;
    *certs_len = p->len;
    *key = p->key;
    return 0;
}

void tls_forget(void)
{
    while (newest != NULL) {
        struct pair *p = newest;
        newest = p->before;
        drop(p);
    }
}

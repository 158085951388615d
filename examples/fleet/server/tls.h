/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate that is shown, and its key: read from their files at the start, and again
 * when they were renewed. Knows GnuTLS as far as libmicrohttpd asks for them; connections
 * that are open, and handshakes that have begun, keep what they had. */
#ifndef FERRY_FLEET_TLS_H
#define FERRY_FLEET_TLS_H

#include <gnutls/abstract.h>
#include <stdbool.h>
#include <stddef.h>

struct settings;

/* From now on what stands in the files is shown. False: they will not do, `why` says why,
 * and what was shown before still is. */
bool tls_read(const struct settings *set, char *why, size_t cap);

/* MHD_OPTION_HTTPS_CERT_CALLBACK: called in each handshake, in any thread. */
int tls_show(gnutls_session_t session, const gnutls_datum_t *authorities, int len,
             const gnutls_pk_algorithm_t *algorithms, int algorithms_len,
             gnutls_pcert_st **certs, unsigned *certs_len, gnutls_privkey_t *key);

/* Once nobody shakes hands any more. */
void tls_forget(void);

#endif

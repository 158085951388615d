/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which of libcrypto's locks to ask for: scrypt, because a passphrase is short and
 * guessing must be dear, and AES-256-CBC, because every OpenSSL since 1.1 reads the two.
 * Opens whatever else it reads. Does not know where passphrases come from. */
#include "keylock.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

#include "say.h"

/* scrypt's costs: 16 MiB, five times. All OpenSSLs stop at 32 MiB. */
enum { SALT_LEN = 16, SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 5 };

int keylock_ready(void)
{
    return DONE;
}

/* ---- closing --------------------------------------------------------------------- */

/* Whoever has the result owns what went into it. */
static X509_SIG *lock(const struct key *k, const struct secret *pass)
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, k->secret,
                                                  crypto_sign_SEEDBYTES);
    PKCS8_PRIV_KEY_INFO *open = pkey != NULL ? EVP_PKEY2PKCS8(pkey) : NULL;
    X509_ALGOR *how = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, SALT_LEN, NULL,
                                            SCRYPT_N, SCRYPT_R, SCRYPT_P);
    X509_SIG *locked = NULL;

    if (open != NULL && how != NULL) {
        locked = PKCS8_set0_pbe(pass->text, (int)pass->len, open, how);
    }
    if (locked == NULL) {
        X509_ALGOR_free(how);
    }
    PKCS8_PRIV_KEY_INFO_free(open);
    EVP_PKEY_free(pkey);
    return locked;
}

/* What lies in a memory BIO, as text. */
static bool take_text(BIO *bio, char pem[KEY_PEM_MAX])
{
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);

    if (len <= 0 || (size_t)len >= KEY_PEM_MAX) {
        return false;
    }
    memcpy(pem, text, (size_t)len);
    pem[len] = '\0';
    return true;
}

int keylock_close(const struct key *k, const struct secret *pass, char pem[KEY_PEM_MAX])
{
    X509_SIG *locked = lock(k, pass);
    BIO *bio = BIO_new(BIO_s_mem());
    bool right = locked != NULL && bio != NULL &&
                 PEM_write_bio_PKCS8(bio, locked) == 1 && take_text(bio, pem);

    BIO_free(bio);
    X509_SIG_free(locked);
    return right ? DONE : refuse("libcrypto cannot lock a key with a passphrase");
}

/* ---- opening --------------------------------------------------------------------- */

static int refuse_kind(const char *path)
{
    return refuse("%s: holds a key of another kind; Ferry wants Ed25519", path);
}

static int take_seed(const PKCS8_PRIV_KEY_INFO *open, const char *path,
                     uint8_t seed[crypto_sign_SEEDBYTES])
{
    EVP_PKEY *pkey = EVP_PKCS82PKEY(open);
    size_t len = crypto_sign_SEEDBYTES;
    bool right = pkey != NULL && EVP_PKEY_base_id(pkey) == EVP_PKEY_ED25519 &&
                 EVP_PKEY_get_raw_private_key(pkey, seed, &len) == 1 &&
                 len == crypto_sign_SEEDBYTES;

    EVP_PKEY_free(pkey);
    return right ? DONE : refuse_kind(path);
}

int keylock_open(const uint8_t *der, size_t len, const char *path,
                 const struct secret *pass, uint8_t seed[crypto_sign_SEEDBYTES])
{
    const unsigned char *at = der;
    X509_SIG *locked = d2i_X509_SIG(NULL, &at, (long)len);

    if (locked == NULL || at != der + len) {
        X509_SIG_free(locked);
        return refuse("%s: is no encrypted PKCS#8 key", path);
    }
    PKCS8_PRIV_KEY_INFO *open = PKCS8_decrypt(locked, pass->text, (int)pass->len);
    int code = open != NULL
                   ? take_seed(open, path, seed)
                   : refuse("%s: the passphrase does not open it, or its lock is one "
                            "that libcrypto does not know",
                            path);
    PKCS8_PRIV_KEY_INFO_free(open);
    X509_SIG_free(locked);
    return code;
}

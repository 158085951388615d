/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how Linux keeps bytes from being changed and executes them by descriptor. Does
 * not know banks, trials, or why this image. */
#include "sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 4096U
#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3; an older one refuses it and needs no telling */
#endif

extern char **environ;

/* ---- the copy -------------------------------------------------------------------- */

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool copy(int fd, const struct ferry_flash *flash, uint32_t addr, uint32_t len)
{
    uint8_t piece[PIECE];

    for (uint32_t off = 0; off < len; off += PIECE) {
        uint32_t n = len - off < PIECE ? len - off : PIECE;
        if (flash->read(flash->ctx, addr + off, piece, n) != 0) {
            errno = EIO;
            return false;
        }
        if (!write_all(fd, piece, n)) {
            return false;
        }
    }
    return true;
}

static int in_memory(const struct ferry_flash *flash, uint32_t addr, uint32_t len)
{
    unsigned flags = MFD_ALLOW_SEALING | MFD_CLOEXEC;
    int fd = memfd_create("image", flags | MFD_EXEC);

    if (fd < 0 && errno == EINVAL) {
        fd = memfd_create("image", flags);
    }
    if (fd >= 0 && (!copy(fd, flash, addr, len) || fchmod(fd, 0500) != 0 ||
                    fcntl(fd, F_ADD_SEALS, SEALS) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* A file that is open for writing is not executed, so it is opened twice; and once it
 * has no name, nobody else can open it. */
static int in_file(const struct ferry_flash *flash, uint32_t addr, uint32_t len)
{
    char path[] = "image-XXXXXX";
    int out = mkostemp(path, O_CLOEXEC);
    int fd = -1;

    if (out < 0) {
        return -1;
    }
    if (copy(out, flash, addr, len) && fchmod(out, 0700) == 0) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    int why = errno;
    unlink(path);
    close(out);
    errno = why;
    return fd;
}

int sealed_copy(const struct ferry_flash *flash, uint32_t addr, uint32_t len,
                bool on_disk)
{
    int fd = on_disk ? -1 : in_memory(flash, addr, len);

    return fd >= 0 ? fd : in_file(flash, addr, len);
}

/* ---- the last look --------------------------------------------------------------- */

int sealed_envelope(const struct ferry_identity *id, const struct ferry_crypto *crypto,
                    uint8_t *env, struct ferry_manifest *m)
{
    struct ferry_envelope e;

    int err = ferry_envelope_open(&e, env, ferry_envelope_len(env));
    if (err != 0) {
        return err;
    }
    if (e.kid >= FERRY_KEY_SLOTS || id->keys[e.kid].alg != e.alg) {
        return FERRY_E_KID;
    }
    size_t len = ferry_tbs_make(env);
    int answer = crypto->verify(crypto->ctx, e.kid, &id->keys[e.kid],
                                env - FERRY_TBS_SPARE, len, e.sig);
    ferry_tbs_undo(env);
    if (answer != FERRY_VALID) {
        return FERRY_E_SIG_FINAL;
    }
    err = ferry_manifest_parse(m, e.payload, e.payload_len, FERRY_READER_BOOT);
    if (err != 0) {
        return err;
    }
    return memcmp(m->class_id, id->class_id, sizeof id->class_id) == 0 ? 0
                                                                       : FERRY_E_CLASS;
}

int sealed_holds(int fd, const struct ferry_crypto *crypto,
                 const struct ferry_manifest *m)
{
    uint8_t piece[PIECE], hash[FERRY_HASH_LEN];
    off_t off = 0;
    ssize_t n;

    crypto->sha256_init(crypto->ctx);
    while ((n = pread(fd, piece, sizeof piece, off)) > 0) {
        crypto->sha256_update(crypto->ctx, piece, (size_t)n);
        off += n;
    }
    crypto->sha256_final(crypto->ctx, hash);
    return n == 0 && off == (off_t)m->length &&
                   memcmp(hash, m->sha256, sizeof hash) == 0
               ? 0
               : FERRY_E_HASH;
}

void sealed_run(int fd, char *const argv[])
{
    fexecve(fd, argv, environ);
}

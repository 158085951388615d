/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite's online backup: one moment's state, while others read and write. The copy has
 * another name until it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db_in.h"

#define PART ".part"

/* All pages in one step: in between a writer could begin it anew. NULL, or what failed. */
static const char *copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");

    if (b == NULL) {
        return sqlite3_errmsg(to);
    }
    int code = sqlite3_backup_step(b, -1);
    int end = sqlite3_backup_finish(b);
    return code == SQLITE_DONE && end == SQLITE_OK ? NULL : sqlite3_errmsg(to);
}

static bool copy_file(struct db *db, const char *part, char *why, size_t cap)
{
    sqlite3 *to = NULL;
    int code =
        sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    const char *wrong = code != SQLITE_OK ? sqlite3_errmsg(to) : copy(db->own, to);

    if (wrong != NULL) {
        snprintf(why, cap, "%s: %s", part, wrong);
    }
    sqlite3_close(to);
    return wrong == NULL;
}

/* A file that nobody else may read, and that nobody had. */
static bool begin_file(const char *part, const char *path, char *why, size_t cap)
{
    int fd = access(path, F_OK) == 0
                 ? -1
                 : open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

    if (fd < 0) {
        bool there = access(path, F_OK) == 0;
        snprintf(why, cap, "cannot write %s: %s", there ? path : part,
                 strerror(there ? EEXIST : errno));
        return false;
    }
    close(fd);
    return true;
}

static bool give_name(const char *part, const char *path, char *why, size_t cap)
{
    if (link(part, path) != 0) {
        snprintf(why, cap, "cannot write %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

bool sqlite_backup(struct db *db, const char *path, char *why, size_t cap)
{
    char part[1100];

    if (snprintf(part, sizeof part, "%s" PART, path) >= (int)sizeof part) {
        snprintf(why, cap, "too long a path");
        return false;
    }
    if (!begin_file(part, path, why, cap)) {
        return false;
    }
    bool good = copy_file(db, part, why, cap) && give_name(part, path, why, cap);
    unlink(part);
    return good;
}

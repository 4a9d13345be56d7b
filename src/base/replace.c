/* SPDX-License-Identifier: Apache-2.0 */
#include "replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK ".bench_mmap-"
enum { LETTERS = 6, TRIES = 100, FD_PATH = 32 };

/* A new file gets what the shell says, another what the old one had. A file system without modes
 * refuses, and that is no reason to lose the text. */
static void give_mode(int fd, const struct stat *old)
{
    mode_t mask = umask(0);

    umask(mask);
    (void)fchmod(fd, old != NULL ? old->st_mode & 0777 : 0666 & ~mask);
}

/* "." for a path without a slash. NULL: no memory. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Whose process is dead: it is ours, and nobody holds its lock. */
static bool is_abandoned(int directory, const char *name)
{
    struct stat status;
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool is = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
              status.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0;

    if (fd >= 0)
        close(fd);
    return is;
}

static void remove_abandoned(const char *folder, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    size_t length = strlen(base), mark = sizeof MARK - 1;
    DIR *directory = opendir(folder);
    const struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (strncmp(entry->d_name, base, length) == 0 &&
            strncmp(entry->d_name + length, MARK, mark) == 0 &&
            strlen(entry->d_name + length + mark) == LETTERS &&
            is_abandoned(dirfd(directory), entry->d_name))
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory != NULL)
        closedir(directory);
}

static void drop_name(struct replacement *replacement)
{
    free(replacement->temporary);
    replacement->temporary = NULL;
}

/* Before it is locked, another process may take it for abandoned. */
static int make_named(struct replacement *replacement)
{
    struct stat status = {0};

    for (int tries = 0; status.st_nlink == 0 && tries < TRIES; tries++) {
        drop_name(replacement);
        if (replacement->fd >= 0)
            close(replacement->fd);
        if (asprintf(&replacement->temporary, "%s" MARK "XXXXXX", replacement->path) < 0) {
            replacement->temporary = NULL;
            return -ENOMEM;
        }
        replacement->fd = mkostemp(replacement->temporary, O_CLOEXEC);
        if (replacement->fd < 0) {
            int error = -errno;
            drop_name(replacement);
            return error;
        }
        (void)flock(replacement->fd, LOCK_EX);
        if (fstat(replacement->fd, &status) < 0)
            return -errno;
    }
    return status.st_nlink > 0 ? 0 : -EBUSY;
}

/* Without /proc it could not be given a name later. */
static int make_new(struct replacement *replacement, const struct stat *old)
{
    char *folder = directory_of(replacement->path);
    int error = folder == NULL ? -ENOMEM : 0;

    if (error == 0) {
        remove_abandoned(folder, replacement->path);
        replacement->fd = access("/proc/self/fd", X_OK) == 0
                              ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)
                              : -1;
        if (replacement->fd < 0)
            error = make_named(replacement);
    }
    free(folder);
    if (error == 0)
        give_mode(replacement->fd, old);
    return error;
}

bool is_link_of_another(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid != geteuid() &&
           status.st_uid != 0;
}

/* What is at the path, or where a link leads; one of somebody else is no file, and is replaced. */
static bool look_at(const char *path, struct stat *old, bool *is_link)
{
    bool is_there = !is_link_of_another(path) && lstat(path, old) == 0;

    *is_link = is_there && S_ISLNK(old->st_mode);
    return is_there && (!*is_link || stat(path, old) == 0);
}

int open_at_once(const char *path, int flags)
{
    struct stat status;
    bool is_own_link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode) &&
                       (status.st_uid == geteuid() || status.st_uid == 0);

    flags |= is_own_link ? 0 : O_NOFOLLOW; /* somebody may plant one meanwhile */
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, 0666);
    int set = fd >= 0 ? fcntl(fd, F_GETFL) : -1;

    if (set >= 0 && fcntl(fd, F_SETFL, set & ~O_NONBLOCK) == 0)
        return fd;
    int error = -errno;
    if (fd >= 0)
        close(fd);
    return error;
}

/* What is there now: somebody may have put a file in the place of a pipe. */
static int open_in_place(struct replacement *replacement)
{
    struct stat status;
    int fd = open_at_once(replacement->path, 0);

    if (fd < 0)
        return fd;
    replacement->fd = fd;
    if (fstat(fd, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) ? -ESTALE : 0;
}

int replace_open(struct replacement *replacement, const char *path)
{
    struct stat old;
    bool is_link;

    *replacement = (struct replacement){.fd = -1, .existed = look_at(path, &old, &is_link)};
    if (replacement->existed && S_ISDIR(old.st_mode))
        return -EISDIR;
    replacement->in_place = replacement->existed && !S_ISREG(old.st_mode);
    /* Such a link stays one: what it leads to is replaced. */
    replacement->path = replacement->existed && is_link && !replacement->in_place
                            ? realpath(path, NULL)
                            : strdup(path);
    if (replacement->path == NULL)
        return -errno;
    return replacement->in_place ? open_in_place(replacement)
                                 : make_new(replacement, replacement->existed ? &old : NULL);
}

int replace_write(const struct replacement *replacement, const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t wrote = TEMP_FAILURE_RETRY(write(replacement->fd, text, bytes));
        if (wrote <= 0)
            return wrote < 0 ? -errno : -EIO;
        text += wrote;
        bytes -= (size_t)wrote;
    }
    return 0;
}

/* -EEXIST: there is a file of that name. */
static int give_name(const struct replacement *replacement, const char *name)
{
    char own[FD_PATH];

    snprintf(own, sizeof own, "/proc/self/fd/%d", replacement->fd);
    return linkat(AT_FDCWD, own, AT_FDCWD, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* A name beside the old file, for the moment before that is replaced. */
static int give_temporary_name(struct replacement *replacement)
{
    int error = -EEXIST;
    uint64_t random;

    (void)flock(replacement->fd, LOCK_EX);
    for (int tries = 0; error == -EEXIST && tries < TRIES; tries++) {
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            return -EIO;
        if (asprintf(&replacement->temporary, "%s" MARK "%06x", replacement->path,
                     (unsigned)(random & 0xffffff)) < 0) {
            replacement->temporary = NULL;
            return -ENOMEM;
        }
        error = give_name(replacement, replacement->temporary);
        if (error != 0)
            drop_name(replacement);
    }
    return error;
}

int replace_commit(struct replacement *replacement, const char *path)
{
    if (replacement->path == NULL || replacement->fd < 0)
        return 0;
    int error = !replacement->in_place && fsync(replacement->fd) < 0 ? -errno : 0;
    if (error == 0 && replacement->temporary == NULL && !replacement->in_place)
        error = give_name(replacement, path);
    if (error == -EEXIST)
        error = give_temporary_name(replacement);
    if (error == 0 && replacement->temporary != NULL && rename(replacement->temporary, path) < 0)
        error = -errno;
    if (error == 0) {
        drop_name(replacement);
        if (close(replacement->fd) < 0 && replacement->in_place)
            error = -errno;
        replacement->fd = -1;
    }
    return error;
}

void replace_close(struct replacement *replacement)
{
    if (replacement->temporary != NULL)
        unlink(replacement->temporary);
    free(replacement->temporary);
    if (replacement->path != NULL && replacement->fd >= 0)
        close(replacement->fd);
    free(replacement->path);
    *replacement = (struct replacement){.fd = -1};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "workdir.h"

#include "progress.h"
#include "signals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Nobody can tell whether the process of a directory without a lock is alive: its name has another
 * form, which is never cleared away. */
#define PREFIX ".bench_mmap-"
#define UNLOCKED_PREFIX ".bench_mmap-nolock-"
enum { RANDOM_DIGITS = 12, TRIES = 100 };

/* Every name that the program ever gives a file: the only ones that it removes. */
#define FILES ((size_t)WORKDIR_MAX_THREADS + 1)
#define READ_FILES ((size_t)BM_FILE_STATES * WORKDIR_MAX_THREADS)
static char file_names[FILES][16];
static char source_names[FILES][24]; /* CopyFileRange's, which live for a moment only, */
static char beside_names[FILES][24]; /* and Replace's */
static char read_names[READ_FILES][24];
static const char *names[3 * FILES + READ_FILES + 1];

static void make_names(void)
{
    for (size_t i = 0; i < FILES; i++) {
        if (i < WORKDIR_MAX_THREADS)
            snprintf(file_names[i], sizeof file_names[i], "sample.%zu", i);
        else
            snprintf(file_names[i], sizeof file_names[i], "probe");
        snprintf(source_names[i], sizeof source_names[i], "%.15s.source", file_names[i]);
        snprintf(beside_names[i], sizeof beside_names[i], "%.15s.new", file_names[i]);
        names[3 * i] = file_names[i];
        names[3 * i + 1] = source_names[i];
        names[3 * i + 2] = beside_names[i];
    }
    for (size_t i = 0; i < READ_FILES; i++) {
        snprintf(read_names[i], sizeof read_names[i], "read.%zu", i);
        names[3 * FILES + i] = read_names[i];
    }
}

const char *workdir_sample_name(int thread) { return file_names[thread]; }
const char *workdir_read_name(enum bm_file_state state, int thread)
{
    return read_names[(int)state * WORKDIR_MAX_THREADS + thread];
}
const char *workdir_probe_name(void) { return file_names[WORKDIR_MAX_THREADS]; }

static int remove_directory(int parent_fd, const char *name, int fd)
{
    for (size_t i = 0; names[i] != NULL; i++)
        unlinkat(fd, names[i], 0);
    return unlinkat(parent_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

/* A directory is abandoned when name, owner and mode are ours and nobody holds its lock: then its
 * process is dead. */
static void remove_if_abandoned(int parent_fd, const char *path, const char *name)
{
    struct stat status;
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 07777) == 0700 &&
        flock(fd, LOCK_EX | LOCK_NB) == 0) {
        int error = remove_directory(parent_fd, name, fd);
        if (error == 0)
            message("removed %s/%s, which a run that was killed had left", path, name);
        else
            message(
                "%s/%s was left by a run that was killed and holds files of others (%s): "
                "please look at it",
                path, name, strerror(-error));
    }
    close(fd);
}

static bool has_our_form(const char *name)
{
    return strncmp(name, PREFIX, sizeof PREFIX - 1) == 0 &&
           strlen(name) == sizeof PREFIX - 1 + RANDOM_DIGITS &&
           strspn(name + sizeof PREFIX - 1, "0123456789abcdef") == RANDOM_DIGITS;
}

static void remove_abandoned(int parent_fd, const char *path)
{
    int fd = openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (directory == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (has_our_form(entry->d_name))
            remove_if_abandoned(parent_fd, path, entry->d_name);
    }
    closedir(directory);
}

/* Whether it is ours: somebody may have put another in its place before it was opened. Where the
 * file system or its server says who owns what, all that this process makes has the same owner. */
static int check_owner(const struct workdir *workdir, uid_t owner)
{
    struct stat made;
    int fd = owner == geteuid()
                 ? -1
                 : openat(workdir->fd, workdir_probe_name(),
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return owner == geteuid() ? 0 : -EPERM;
    int error = fstat(fd, &made) < 0 ? -errno : made.st_uid == owner ? 0 : -EPERM;
    close(fd);
    unlinkat(workdir->fd, workdir_probe_name(), 0);
    return error;
}

/* -ENOENT: a run that starts now took ours for abandoned before it was locked. */
static int open_and_lock(struct workdir *workdir, bool with_lock)
{
    struct stat status;

    workdir->fd =
        openat(workdir->parent_fd, workdir->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (workdir->fd < 0 || (with_lock && TEMP_FAILURE_RETRY(flock(workdir->fd, LOCK_EX)) < 0) ||
        fstat(workdir->fd, &status) < 0)
        return -errno;
    return status.st_nlink == 0 ? -ENOENT : check_owner(workdir, status.st_uid);
}

/* What fails leaves nothing. -EEXIST: another name is to be tried, for this one was taken, or its
 * directory is gone; as long as it can still be removed it is not. */
static int create(struct workdir *workdir, bool with_lock)
{
    uint64_t number;

    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return -EIO;
    snprintf(workdir->name, sizeof workdir->name, "%s%0*llx", with_lock ? PREFIX : UNLOCKED_PREFIX,
             RANDOM_DIGITS, (unsigned long long)(number >> 16));
    if (mkdirat(workdir->parent_fd, workdir->name, 0700) < 0)
        return -errno;
    int error = open_and_lock(workdir, with_lock);
    if (error == 0)
        return 0;
    if (workdir->fd >= 0)
        close(workdir->fd);
    workdir->fd = -1;
    return unlinkat(workdir->parent_fd, workdir->name, AT_REMOVEDIR) < 0 && errno == ENOENT
               ? -EEXIST
               : error;
}

static int create_directory(struct workdir *workdir, const char *path)
{
    bool with_lock = true;
    int error = -EEXIST;

    for (int tries = 0; error == -EEXIST && tries < TRIES; tries++) {
        error = create(workdir, with_lock);
        if (with_lock && (error == -ENOLCK || error == -EOPNOTSUPP || error == -ENOSYS)) {
            message(
                "%s is on a file system without locks: what a run that is killed leaves there "
                "is not cleared away by the next",
                path);
            with_lock = false;
            error = -EEXIST;
        }
    }
    return error;
}

int workdir_open(struct workdir *workdir, const char *path)
{
    int error;

    make_names();
    workdir->fd = -1;
    workdir->parent_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (workdir->parent_fd < 0) {
        error = -errno;
        message("--dir=%s: %s; name a directory that exists and that you may write to", path,
                error == -ENOTDIR ? "not a directory" : strerror(-error));
        return error;
    }
    remove_abandoned(workdir->parent_fd, path);
    signals_hold();
    error = create_directory(workdir, path);
    if (error == 0)
        signals_set_directory(workdir->parent_fd, workdir->name, workdir->fd, names);
    signals_release();
    if (error != 0) {
        message(
            "--dir=%s: cannot create a directory for the files there: %s; name one that you "
            "may write to and that has room",
            path, strerror(-error));
        close(workdir->parent_fd);
        workdir->parent_fd = -1;
    }
    return error;
}

int workdir_close(struct workdir *workdir)
{
    int error;

    if (workdir->fd < 0)
        return 0;
    error = remove_directory(workdir->parent_fd, workdir->name, workdir->fd);
    signals_set_directory(-1, NULL, -1, NULL);
    if (error != 0)
        message("could not remove %s: %s", workdir->name, strerror(-error));
    close(workdir->fd);
    close(workdir->parent_fd);
    workdir->fd = workdir->parent_fd = -1;
    return error;
}

/* Whether a file may be so large is asked of the file system itself, with a file without blocks. */
static int check_file_size(const struct workdir *workdir, uint64_t file_size_bytes)
{
    int fd = openat(workdir->fd, workdir_probe_name(),
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error = fd < 0 ? -errno : 0;

    if (error == 0 && ftruncate(fd, (off_t)file_size_bytes) < 0)
        error = -errno;
    if (fd >= 0) {
        close(fd);
        unlinkat(workdir->fd, workdir_probe_name(), 0);
    }
    return error;
}

int workdir_check_space(const struct workdir *workdir, const char *path, uint64_t file_size_bytes,
                        unsigned files)
{
    char need_text[UNITS_TEXT_BYTES], free_text[UNITS_TEXT_BYTES];
    struct statvfs status;
    struct rlimit limit;
    double need_bytes = (double)file_size_bytes * files;
    double free_bytes;
    int error = check_file_size(workdir, file_size_bytes);

    if (error == -EMFILE || error == -ENFILE) {
        message("no file can be opened in %s: %s; raise the limit (ulimit -n)", path,
                strerror(-error));
        return error;
    }
    if (error == -EFBIG && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
        limit.rlim_cur < file_size_bytes) {
        message(
            "--file_size=%llu: this process may write %llu bytes to a file; raise the limit "
            "(ulimit -f), or use a smaller one",
            (unsigned long long)file_size_bytes, (unsigned long long)limit.rlim_cur);
        return error;
    }
    if (error != 0) {
        message("--file_size=%llu: the file system of %s does not take it: %s; use a smaller one",
                (unsigned long long)file_size_bytes, path, strerror(-error));
        return error;
    }
    if (fstatvfs(workdir->fd, &status) < 0)
        return 0;
    free_bytes = (double)status.f_bavail * (double)status.f_frsize;
    if (need_bytes * 1.02 + 1048576 <= free_bytes)
        return 0;
    message(
        "%s has %s free, and the files need %s and a little more; free some, or use another "
        "--dir or a smaller --file_size",
        path, units_short_bytes(free_text, free_bytes), units_short_bytes(need_text, need_bytes));
    return -ENOSPC;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls, each of which asks first whether it is to go wrong. */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512 };

/* The result of a call that goes wrong at once; 1 when it is to go on with *bytes. */
ssize_t fail_or_shorten(enum kind kind, int fd, size_t *bytes);
ssize_t fail_or_shorten(enum kind kind, int fd, size_t *bytes)
{
    if (fault_error(kind) != 0) {
        errno = fault_error(kind);
        return -1;
    }
    if (kind == ZERO)
        return 0;
    if (kind == SHORT) {
        /* O_DIRECT moves whole sectors. */
        size_t unit = (fcntl(fd, F_GETFL) & O_DIRECT) != 0 ? SECTOR_BYTES : 1;
        *bytes = *bytes > unit ? *bytes / 2 / unit * unit : *bytes;
    }
    return 1;
}

#define ANSWER(name, fd)                                                                           \
    enum kind kind = fault_of(name, bytes);                                                        \
    ssize_t answer = fail_or_shorten(kind, fd, &bytes);                                            \
    if (answer != 1)                                                                               \
    return answer

ssize_t write(int fd, const void *from, size_t bytes)
{
    REAL(write);
    ANSWER("write", fd);
    return real(fd, from, bytes);
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t at)
{
    REAL(pwrite);
    ANSWER("pwrite", fd);
    if (kind == CORRUPT) {
        ssize_t wrote = real(fd, from, bytes, at);
        char wrong = (char)(((const char *)from)[bytes / 2] ^ 1);
        return real(fd, &wrong, 1, at + (off_t)(bytes / 2)) == 1 ? wrote : -1;
    }
    return real(fd, from, bytes, at);
}

/* Calls that do all or nothing. */
#define FAILS(call)                                                                                \
    do {                                                                                           \
        int error = fault_error(fault_of(call, 0));                                                \
        if (error != 0) {                                                                          \
            errno = error;                                                                         \
            return -1;                                                                             \
        }                                                                                          \
    } while (0)

int ftruncate(int fd, off_t bytes)
{
    REAL(ftruncate);
    FAILS("ftruncate");
    return real(fd, bytes);
}

int fallocate(int fd, int mode, off_t at, off_t bytes)
{
    REAL(fallocate);
    FAILS("fallocate");
    return real(fd, mode, at, bytes);
}

int msync(void *at, size_t bytes, int flags)
{
    REAL(msync);
    FAILS("msync");
    return real(at, bytes, flags);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    FAILS("fdatasync");
    return real(fd);
}

int fsync(int fd)
{
    REAL(fsync);
    FAILS("fsync");
    return real(fd);
}

int madvise(void *at, size_t bytes, int advice)
{
    REAL(madvise);
    FAILS("madvise");
    return real(at, bytes, advice);
}

/* It is closed all the same. */
int close(int fd)
{
    REAL(close);
    int result = real(fd);
    FAILS("close");
    return result;
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    REAL(mmap);
    int error = fault_error(fault_of("mmap", 0));
    if (error != 0) {
        errno = error;
        return MAP_FAILED;
    }
    return real(at, bytes, protection, flags, fd, offset);
}

int openat(int directory, const char *path, int flags, ...)
{
    REAL(openat);
    mode_t mode = 0;

    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    FAILS("openat");
    return real(directory, path, flags, mode);
}

ssize_t read(int fd, void *to, size_t bytes)
{
    REAL(read);
    ANSWER("read", fd);
    return real(fd, to, bytes);
}

/* Or a call that moves the position. */
ssize_t pread(int fd, void *to, size_t bytes, off_t at)
{
    REAL(pread);
    ANSWER("pread", fd);
    return kind == CORRUPT ? read(fd, to, bytes) : real(fd, to, bytes, at);
}

ssize_t preadv(int fd, const struct iovec *vector, int count, off_t at)
{
    REAL(preadv);
    size_t bytes = vector[0].iov_len;
    ANSWER("preadv", fd);
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return kind == SHORT ? real(fd, &piece, 1, at) : real(fd, vector, count, at);
}

ssize_t preadv2(int fd, const struct iovec *vector, int count, off_t at, int flags)
{
    REAL(preadv2);
    size_t bytes = vector[0].iov_len;
    ANSWER("preadv2", fd);
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return kind == SHORT ? real(fd, &piece, 1, at, flags) : real(fd, vector, count, at, flags);
}

/* A short vector is its first half of the first piece. */
ssize_t writev(int fd, const struct iovec *vector, int count)
{
    REAL(writev);
    size_t bytes = vector[0].iov_len;
    ANSWER("writev", fd);
    return kind == SHORT ? write(fd, vector[0].iov_base, bytes) : real(fd, vector, count);
}

ssize_t pwritev2(int fd, const struct iovec *vector, int count, off_t at, int flags)
{
    REAL(pwritev2);
    size_t bytes = vector[0].iov_len;
    ANSWER("pwritev2", fd);
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return kind == SHORT ? real(fd, &piece, 1, at, flags) : real(fd, vector, count, at, flags);
}

ssize_t sendfile(int to, int from, off_t *at, size_t bytes)
{
    REAL(sendfile);
    ANSWER("sendfile", to);
    return real(to, from, at, bytes);
}

ssize_t splice(int from, off_t *from_at, int to, off_t *to_at, size_t bytes, unsigned flags)
{
    REAL(splice);
    ANSWER("splice", to);
    return real(from, from_at, to, to_at, bytes, flags);
}

ssize_t vmsplice(int fd, const struct iovec *vector, size_t count, unsigned flags)
{
    REAL(vmsplice);
    size_t bytes = vector[0].iov_len;
    ANSWER("vmsplice", fd);
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return real(fd, &piece, count, flags);
}

ssize_t copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t bytes,
                        unsigned flags)
{
    REAL(copy_file_range);
    ANSWER("copy_file_range", to);
    return real(from, from_at, to, to_at, bytes, flags);
}

/* liburing's. */
int io_uring_submit_and_wait_timeout(void *ring, void *first, unsigned count, void *limit,
                                     void *mask);
int io_uring_submit_and_wait_timeout(void *ring, void *first, unsigned count, void *limit,
                                     void *mask)
{
    REAL(io_uring_submit_and_wait_timeout);
    if (fault_of("io_uring", 0) == STALL)
        return -ETIME;
    int result = real(ring, first, count, limit, mask);
    int error = fault_error(fault_of("completion", 0));
    /* struct io_uring_cqe: what was asked for, then the result of it. */
    if (result >= 0 && error != 0)
        ((int32_t *)*(void **)first)[2] = -error;
    return result;
}

/* A file system that knows no locks, or a call that is interrupted once. */
int flock(int fd, int operation)
{
    REAL(flock);
    enum kind kind = fault_of("flock", 0);
    if (kind != NONE) {
        errno = kind == STALL ? EINTR : ENOLCK;
        return -1;
    }
    return real(fd, operation);
}

/* Of what belongs to somebody else, for the first one that is asked about or for all. */
int fstat(int fd, struct stat *status)
{
    REAL(fstat);
    enum kind kind = fault_of("fstat", 0);
    if (kind == FULL) {
        errno = EIO;
        return -1;
    }
    int result = real(fd, status);
    status->st_uid += kind != NONE;
    return result;
}

/* A directory that cannot be removed. */
int unlinkat(int fd, const char *name, int flags)
{
    REAL(unlinkat);
    if ((flags & AT_REMOVEDIR) != 0 && fault_of("rmdir", 0) != NONE) {
        errno = EIO;
        return -1;
    }
    return real(fd, name, flags);
}

/* Twice Ctrl-C, as soon as something has its name. */
static int end_twice(const char *call, int result)
{
    if (result == 0 && fault_of(call, 0) != NONE) {
        (void)raise(SIGINT);
        (void)raise(SIGINT);
    }
    return result;
}

int mkdirat(int directory, const char *name, mode_t mode)
{
    REAL(mkdirat);
    return end_twice("mkdirat", real(directory, name, mode));
}

int linkat(int from, const char *name, int to, const char *new_name, int flags)
{
    REAL(linkat);
    return end_twice("linkat", real(from, name, to, new_name, flags));
}

/* A file system that knows no files without names. */
int open(const char *path, int flags, ...)
{
    REAL(open);
    mode_t mode = 0;

    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    if ((flags & O_TMPFILE) == O_TMPFILE && fault_of("tmpfile", 0) != NONE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return real(path, flags, mode);
}

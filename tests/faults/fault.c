/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded, makes system calls go wrong: BENCH_FAULT=CALL:KIND:EVERY:BYTES. Every EVERY-th CALL
 * that asks for at least BYTES is interrupted (eintr), does half (short), does nothing (zero),
 * finds the disk full (enospc) or fails otherwise (eio, eagain, enomem, edquot); the EVERY-th alone
 * finds no memory (once); the first one writes a wrong byte (corrupt); the first EVERY come back
 * with nothing when their time is over (stall). A mkdirat or linkat that goes right is followed by
 * two signals. At the end the file BENCH_FAULT_COUNT is told how
 * many there were. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <locale.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
    NONE,
    EINTR_ONCE,
    SHORT,
    ZERO,
    FULL,
    CORRUPT,
    STALL,
    DISK,
    AGAIN,
    MEMORY,
    QUOTA,
    ONCE,
    KINDS
};

static const struct {
    const char *name;
    int error; /* 0: it does not fail */
} kinds[KINDS] = {
    [NONE] = {"", 0},
    [EINTR_ONCE] = {"eintr", EINTR},
    [SHORT] = {"short", 0},
    [ZERO] = {"zero", 0},
    [FULL] = {"enospc", ENOSPC},
    [CORRUPT] = {"corrupt", 0},
    [STALL] = {"stall", 0},
    [DISK] = {"eio", EIO},
    [AGAIN] = {"eagain", EAGAIN},
    [MEMORY] = {"enomem", ENOMEM},
    [QUOTA] = {"edquot", EDQUOT},
    [ONCE] = {"once", ENOMEM},
};

static atomic_ulong calls;

/* What is to happen to this call; counts those that are looked for. Not static: FORTIFY_SOURCE
 * declares some of the calls below inline. */
enum kind fault_of(const char *call, size_t bytes);
enum kind fault_of(const char *call, size_t bytes)
{
    const char *setting = getenv("BENCH_FAULT");
    char wanted[32], kind[16];
    unsigned long every, least, number;

    if (setting == NULL ||
        sscanf(setting, "%31[^:]:%15[^:]:%lu:%lu", wanted, kind, &every, &least) != 4 ||
        strcmp(wanted, call) != 0 || bytes < least)
        return NONE;
    number = atomic_fetch_add(&calls, 1) + 1;
    for (enum kind k = EINTR_ONCE; k < KINDS; k++) {
        if (strcmp(kinds[k].name, kind) == 0)
            return (k == CORRUPT ? number == 1
                    : k == STALL ? number <= every
                    : k == ONCE  ? number == every
                                 : number % every == 0)
                       ? k
                       : NONE;
    }
    return NONE;
}

__attribute__((destructor)) static void tell_count(void)
{
    const char *path = getenv("BENCH_FAULT_COUNT");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;

    if (file != NULL) {
        fprintf(file, "%lu", atomic_load(&calls));
        fclose(file);
    }
}

/* The result of a call that goes wrong at once; 1 when it is to go on with *bytes. */
ssize_t fail_or_shorten(enum kind kind, size_t *bytes);
ssize_t fail_or_shorten(enum kind kind, size_t *bytes)
{
    if (kinds[kind].error != 0) {
        errno = kinds[kind].error;
        return -1;
    }
    switch (kind) {
    case ZERO:
        return 0;
    case SHORT:
        *bytes = *bytes > 1 ? *bytes / 2 : *bytes;
        return 1;
    default:
        return 1;
    }
}

#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (real == NULL)                                                                              \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

#define ANSWER(name)                                                                               \
    enum kind kind = fault_of(name, bytes);                                                        \
    ssize_t answer = fail_or_shorten(kind, &bytes);                                                \
    if (answer != 1)                                                                               \
    return answer

ssize_t write(int fd, const void *from, size_t bytes)
{
    REAL(write);
    ANSWER("write");
    return real(fd, from, bytes);
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t at)
{
    REAL(pwrite);
    ANSWER("pwrite");
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
        int error = kinds[fault_of(call, 0)].error;                                                \
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
    int error = kinds[fault_of("mmap", 0)].error;
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
    ANSWER("read");
    return real(fd, to, bytes);
}

/* A disk that cannot be read, or a call that moves the position. */
ssize_t pread(int fd, void *to, size_t bytes, off_t at)
{
    REAL(pread);
    enum kind kind = fault_of("pread", bytes);
    if (kind == CORRUPT)
        return read(fd, to, bytes);
    if (kind != NONE) {
        errno = EIO;
        return -1;
    }
    return real(fd, to, bytes, at);
}

ssize_t preadv(int fd, const struct iovec *vector, int count, off_t at)
{
    REAL(preadv);
    size_t bytes = vector[0].iov_len;
    ANSWER("preadv");
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return kind == SHORT ? real(fd, &piece, 1, at) : real(fd, vector, count, at);
}

ssize_t preadv2(int fd, const struct iovec *vector, int count, off_t at, int flags)
{
    REAL(preadv2);
    size_t bytes = vector[0].iov_len;
    ANSWER("preadv2");
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return kind == SHORT ? real(fd, &piece, 1, at, flags) : real(fd, vector, count, at, flags);
}

/* A short vector is its first half of the first piece. */
ssize_t writev(int fd, const struct iovec *vector, int count)
{
    REAL(writev);
    size_t bytes = vector[0].iov_len;
    ANSWER("writev");
    return kind == SHORT ? write(fd, vector[0].iov_base, bytes) : real(fd, vector, count);
}

ssize_t pwritev2(int fd, const struct iovec *vector, int count, off_t at, int flags)
{
    REAL(pwritev2);
    size_t bytes = vector[0].iov_len;
    ANSWER("pwritev2");
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return kind == SHORT ? real(fd, &piece, 1, at, flags) : real(fd, vector, count, at, flags);
}

ssize_t sendfile(int to, int from, off_t *at, size_t bytes)
{
    REAL(sendfile);
    ANSWER("sendfile");
    return real(to, from, at, bytes);
}

ssize_t splice(int from, off_t *from_at, int to, off_t *to_at, size_t bytes, unsigned flags)
{
    REAL(splice);
    ANSWER("splice");
    return real(from, from_at, to, to_at, bytes, flags);
}

ssize_t vmsplice(int fd, const struct iovec *vector, size_t count, unsigned flags)
{
    REAL(vmsplice);
    size_t bytes = vector[0].iov_len;
    ANSWER("vmsplice");
    struct iovec piece = {.iov_base = vector[0].iov_base, .iov_len = bytes};
    return real(fd, &piece, count, flags);
}

ssize_t copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t bytes,
                        unsigned flags)
{
    REAL(copy_file_range);
    ANSWER("copy_file_range");
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
    int error = kinds[fault_of("completion", 0)].error;
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

/* Memory that is short, once main() has begun: it calls setlocale() first. */
static atomic_int has_begun;

char *setlocale(int category, const char *locale)
{
    REAL(setlocale);
    has_begun = 1;
    return real(category, locale);
}

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t bytes);

/* The C library's own regcomp() and glob() free twice when they find none: seen in glibc 2.36. */
static _Thread_local int is_excused;

int regcomp(regex_t *regex, const char *pattern, int flags)
{
    REAL(regcomp);
    is_excused = 1;
    int result = real(regex, pattern, flags);
    is_excused = 0;
    return result;
}

int glob(const char *pattern, int flags, int (*on_error)(const char *, int), glob_t *found)
{
    REAL(glob);
    is_excused = 1;
    int result = real(pattern, flags, on_error, found);
    is_excused = 0;
    return result;
}

static int is_short(void)
{
    if (!has_begun || is_excused || fault_of("malloc", 0) == NONE)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t bytes) { return is_short() ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t size) { return is_short() ? NULL : __libc_calloc(count, size); }
void *realloc(void *memory, size_t bytes)
{
    return is_short() ? NULL : __libc_realloc(memory, bytes);
}

/* SPDX-License-Identifier: Apache-2.0
 * --quiz: what a mapping does to the position of read(), what mmap() wants, and how a mapping
 * carries data from one process to another. Nothing is told that was not done just before. */
#include "sweep.h"

#include "progress.h"
#include "src/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char lines[] = "line 1\nline 2\nline 3\nline 4\n";
enum {
    LINE_BYTES = 7,
    THIRD_LINE = 2 * LINE_BYTES,
    FILE_BYTES = sizeof lines - 1,
    ANSWER_BYTES = 76
};

#define PATIENCE_NS UINT64_C(1000000000)

/* One statement being tried, on a file that holds the lines; read() stands after the first. */
struct trial {
    int fd;
    char *map; /* the whole file, shared */
    bool answer;
    char because[ANSWER_BYTES];
};

static int conclude(struct trial *trial, bool answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int conclude(struct trial *trial, bool answer, const char *format, ...)
{
    va_list arguments;

    trial->answer = answer;
    va_start(arguments, format);
    vsnprintf(trial->because, sizeof trial->because, format, arguments);
    va_end(arguments);
    return 0;
}

static int position_after(struct trial *trial, const char *what)
{
    long now = (long)lseek(trial->fd, 0, SEEK_CUR);

    return now < 0 ? -errno
                   : conclude(trial, now != LINE_BYTES, "%d before %s, %ld after", LINE_BYTES, what,
                              now);
}

static int try_element(struct trial *trial)
{
    volatile const char *element = &trial->map[THIRD_LINE];

    return *element == 'l' ? position_after(trial, "map[14]") : -EBADMSG;
}

static int try_slice(struct trial *trial)
{
    char slice[LINE_BYTES];

    memcpy(slice, trial->map + THIRD_LINE, sizeof slice);
    return memcmp(slice, "line 3\n", sizeof slice) == 0
               ? position_after(trial, "memcpy() from map + 14")
               : -EBADMSG;
}

static int try_pread(struct trial *trial)
{
    char piece[LINE_BYTES];
    ssize_t got = pread(trial->fd, piece, sizeof piece, THIRD_LINE);

    return got < 0 ? -errno : position_after(trial, "pread() of 7 bytes at 14");
}

static int try_read(struct trial *trial)
{
    char piece[LINE_BYTES];
    ssize_t got = read(trial->fd, piece, sizeof piece);

    return got < 0 ? -errno : position_after(trial, "read() of 7 bytes");
}

/* A stream reads ahead: the position of read() says nothing of the line that comes next. */
static int try_lines(struct trial *trial)
{
    char first[16] = "", second[16] = "";
    FILE *stream = fdopen(dup(trial->fd), "r");
    int error = stream == NULL ? -errno : 0;

    if (error == 0 && fgets(first, sizeof first, stream) == NULL)
        error = -EIO;
    if (error == 0)
        error = try_slice(trial);
    if (error == 0)
        error = try_pread(trial);
    if (error == 0 && fgets(second, sizeof second, stream) == NULL)
        error = -EIO;
    if (stream != NULL)
        (void)fclose(stream);
    return error != 0 ? error
                      : conclude(trial, strcmp(second, "line 3\n") != 0,
                                 "fgets() gave \"%.6s\", then \"%.6s\"", first, second);
}

static int map_at(const struct trial *trial, void *at, void **map)
{
    *map = mmap(at, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, trial->fd, 0);
    return *map == MAP_FAILED ? -errno : 0;
}

/* The page that was given back a moment ago is free. */
static int try_free_address(struct trial *trial)
{
    void *was, *is;
    int error = map_at(trial, NULL, &was);

    if (error == 0) {
        munmap(was, FILE_BYTES);
        error = map_at(trial, was, &is);
    }
    if (error != 0)
        return error;
    munmap(is, FILE_BYTES);
    return conclude(trial, is == was, "asked for a free page, mmap() gave %s",
                    is == was ? "that" : "another");
}

static int try_taken_address(struct trial *trial)
{
    void *is;
    int error = map_at(trial, trial->map, &is);

    if (error != 0)
        return error;
    bool same = is == trial->map;
    if (!same)
        munmap(is, FILE_BYTES);
    return conclude(trial, same, "asked for a page in use, mmap() gave %s",
                    same ? "that" : "another");
}

static int try_closed(struct trial *trial)
{
    int other = dup(trial->fd);
    char *map, there = 0;
    void *mapped;
    int error = other < 0 ? -errno : 0;

    if (error == 0) {
        mapped = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
        error = mapped == MAP_FAILED ? -errno : 0;
        map = mapped;
        close(other);
    }
    if (error != 0)
        return error;
    map[3] = 'E';
    if (pread(trial->fd, &there, 1, 3) < 0)
        error = -errno;
    munmap(map, FILE_BYTES);
    return error != 0 ? error
                      : conclude(trial, there != 'E', "a store after close() %s the file",
                                 there == 'E' ? "reached" : "did not reach");
}

/* Whether the byte becomes that before a second is over. The two may share one processor. */
static bool wait_for(const atomic_char *byte, char value)
{
    uint64_t begin = clock_ns();

    while (atomic_load(byte) != value) {
        if (clock_ns() - begin > PATIENCE_NS)
            return false;
        sched_yield();
    }
    return true;
}

/* The child has nothing of the parent's to tidy up. */
static _Noreturn void answer_in_mapping(atomic_char *byte, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    atomic_store(byte, ':');
    if (getppid() == parent && wait_for(byte, '?'))
        atomic_store(byte, '!');
    _exit(0);
}

static int try_two_processes(struct trial *trial)
{
    atomic_char *byte = (atomic_char *)trial->map;
    pid_t parent = getpid(), child;

    (void)fflush(NULL);
    child = fork();
    if (child < 0)
        return -errno;
    if (child == 0)
        answer_in_mapping(byte, parent);
    bool seen = wait_for(byte, ':');
    uint64_t begin = clock_ns();
    if (seen)
        atomic_store(byte, '?');
    seen = seen && wait_for(byte, '!');
    uint64_t ns = clock_ns() - begin;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    char text[UNITS_TEXT_BYTES];
    return conclude(trial, seen, seen ? "the other's answer was there after %s" : "none after %s",
                    units_short_time(text, 1e-9 * (double)ns));
}

static int try_read_after_store(struct trial *trial)
{
    char piece[LINE_BYTES + 1] = "";

    memcpy(trial->map + LINE_BYTES, "LINE", 4);
    if (read(trial->fd, piece, LINE_BYTES) < 0)
        return -errno;
    return conclude(trial, strcmp(piece, "LINE 2\n") != 0,
                    "after a store of \"LINE\", read() gave \"%.6s\"", piece);
}

static const struct question {
    const char *statement;
    bool expected;
    int (*try)(struct trial *trial);
} questions[] = {
    {"Taking an element of a mapping moves the position of read().", false, try_element},
    {"Taking a slice of a mapping moves it.", false, try_slice},
    {"pread() moves it.", false, try_pread},
    {"read() moves it.", true, try_read},
    {"A slice and a pread() change which line fgets() gives next.", false, try_lines},
    {"The first argument of mmap() is an address that one would like to have.", true,
     try_free_address},
    {"The mapping is at that address whatever is there already.", false, try_taken_address},
    {"The descriptor must stay open as long as its mapping is used.", false, try_closed},
    {"What one process stores in a shared mapping another sees at once.", true, try_two_processes},
    {"read() sees it only after msync().", false, try_read_after_store},
};

static int begin(struct trial *trial, const struct workdir *workdir)
{
    char line[LINE_BYTES];
    void *map;
    int error;

    *trial = (struct trial){.fd = openat(workdir->fd, workdir_probe_name(),
                                         O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (trial->fd < 0)
        return -errno;
    if (pwrite(trial->fd, lines, FILE_BYTES, 0) != FILE_BYTES ||
        read(trial->fd, line, sizeof line) != sizeof line)
        return errno != 0 ? -errno : -EIO;
    error = map_at(trial, NULL, &map);
    trial->map = error == 0 ? map : NULL;
    return error;
}

static void end(struct trial *trial, const struct workdir *workdir)
{
    if (trial->map != NULL)
        munmap(trial->map, FILE_BYTES);
    if (trial->fd >= 0) {
        close(trial->fd);
        unlinkat(workdir->fd, workdir_probe_name(), 0);
    }
}

int quiz_print(const struct workdir *workdir)
{
    size_t count = sizeof questions / sizeof questions[0], as_expected = 0;

    for (size_t i = 0; i < count; i++) {
        const struct question *question = &questions[i];
        struct trial trial;

        errno = 0;
        int error = begin(&trial, workdir);
        if (error == 0)
            error = question->try(&trial);
        end(&trial, workdir);
        printf("%2zu. %s\n", i + 1, question->statement);
        if (error != 0) {
            printf("    It could not be tried: %s.\n", strerror(-error));
            continue;
        }
        as_expected += trial.answer == question->expected;
        printf("    %s here%s: %s.\n", trial.answer ? "True" : "False",
               trial.answer == question->expected ? "" : ", not as documented", trial.because);
    }
    if (as_expected == count)
        return 0;
    message("--quiz: %zu of %zu answers are not those that Linux documents", count - as_expected,
            count);
    return -EIO;
}

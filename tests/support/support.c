/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void test_directory_create(struct test_directory *directory)
{
    const char *parent = getenv("TMPDIR");

    snprintf(directory->path, sizeof directory->path, "%s/bench_mmap-test-XXXXXX",
             parent != NULL && strlen(parent) < 32 ? parent : "/tmp");
    assert_non_null(mkdtemp(directory->path));
    directory->fd = open(directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory->fd >= 0);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

void test_directory_remove(struct test_directory *directory)
{
    close(directory->fd);
    nftw(directory->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

size_t test_directory_count(const struct test_directory *directory)
{
    DIR *stream = opendir(directory->path);
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(stream);
    while ((entry = readdir(stream)) != NULL)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

struct stream {
    int fd;
    char *text;
    size_t used;
};

static bool read_some(struct stream *stream)
{
    char *text = realloc(stream->text, stream->used + 65537);
    ssize_t got;

    assert_non_null(text);
    stream->text = text;
    got = read(stream->fd, text + stream->used, 65536);
    if (got > 0)
        stream->used += (size_t)got;
    stream->text[stream->used] = '\0';
    return got > 0;
}

static void collect(pid_t child, struct stream streams[2], const char *signal_at)
{
    int open_streams = 2;

    while (open_streams > 0) {
        struct pollfd polls[2] = {{.fd = streams[0].fd, .events = POLLIN},
                                  {.fd = streams[1].fd, .events = POLLIN}};
        poll(polls, 2, -1);
        for (int i = 0; i < 2; i++) {
            if (streams[i].fd >= 0 && polls[i].revents != 0 && !read_some(&streams[i])) {
                close(streams[i].fd);
                streams[i].fd = -1;
                open_streams--;
            }
        }
        if (signal_at != NULL && streams[1].text != NULL &&
            strstr(streams[1].text, signal_at) != NULL) {
            kill(child, SIGINT);
            signal_at = NULL;
        }
    }
}

static void become(const char *const *argv, const char *const *environment, int out, int err)
{
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    for (; environment != NULL && *environment != NULL; environment++)
        putenv((char *)(uintptr_t)*environment);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

struct test_process test_run(const char *const *argv, const char *const *environment,
                             const char *signal_at)
{
    struct test_process process = {0};
    struct stream streams[2] = {{.fd = -1}, {.fd = -1}};
    int out[2], err[2], status;
    pid_t child;

    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        become(argv, environment, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    streams[0].fd = out[0];
    streams[1].fd = err[0];
    collect(child, streams, signal_at);
    assert_int_equal(waitpid(child, &status, 0), child);
    process.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    process.out = streams[0].text;
    process.err = streams[1].text;
    return process;
}

void test_process_free(struct test_process *process)
{
    free(process->out);
    free(process->err);
}

void test_unfold(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++)
        if (!isspace((unsigned char)*from) || !isspace((unsigned char)from[1]))
            *to++ = isspace((unsigned char)*from) ? ' ' : *from;
    *to = '\0';
}

int test_extent(int quick, int usual, int extended)
{
    const char *tests = getenv("BENCH_MMAP_TESTS");

    if (tests != NULL && strcmp(tests, "quick") == 0)
        return quick;
    return tests != NULL && strcmp(tests, "long") == 0 ? extended : usual;
}

const char *test_self(void)
{
    static char path[256];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

    assert_true(length > 0);
    path[length] = '\0';
    return path;
}

int test_run_self(const char *name, const char *argument)
{
    const char *argv[] = {test_self(), name, argument, NULL};
    struct test_process process = test_run(argv, NULL, NULL);
    int status = process.status;

    if (status != 0)
        fputs(process.err, stderr);
    test_process_free(&process);
    return status;
}

bool test_can_trace(void)
{
    const char *argv[] = {"strace", "-o", "/dev/null", "true", NULL};
    struct test_process process = test_run(argv, NULL, NULL);
    bool can = process.status == 0;

    test_process_free(&process);
    return can;
}

void assert_one_sentence(const char *text, const char *start)
{
    const char *end = strchr(text, '\n');

    if (strncmp(text, start, strlen(start)) != 0 || end == NULL || end[1] != '\0')
        fail_msg("not one sentence that starts with \"%s\":\n%s", start, text);
}

char *test_read_file(const char *path)
{
    struct stream stream = {.fd = open(path, O_RDONLY | O_CLOEXEC)};

    if (stream.fd < 0)
        return NULL;
    while (read_some(&stream))
        ;
    close(stream.fd);
    return stream.text;
}

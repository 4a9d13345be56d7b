/* SPDX-License-Identifier: Apache-2.0
 * The bare loops of bench_overhead make the same system calls as the writers, as strace sees them:
 * only then does the time of one say something about the other. */
#include "bench_mmap/kernel.h"
#include "tests/support/run_bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sizes are those of the first files; the ones that are looked at have three times as many bytes.
 */
static const struct {
    uint64_t chunk_bytes;
    const char *chunk, *size;
} shapes[] = {{1 << 10, "1K", "400K"}, {1 << 16, "64K", "1M"}, {1 << 20, "1M", "1M"}};
/* A new writer needs no bare loop, but none that has one may lose it. */
#define BARE_LOOPS_MIN 49

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "close*1 openat*1 write*3 ", in the order of the alphabet. The caller frees it. */
static char *multiset(char **names, size_t count)
{
    size_t room = 64 * count + 1, used = 0;
    char *text = calloc(1, room);

    assert_non_null(text);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 1; i + same < count && strcmp(names[i], names[i + same]) == 0;)
            same++;
        used += (size_t)snprintf(text + used, room - used, "%.32s*%zu ", names[i], same);
    }
    return text;
}

/* What is timed stands between two calls of getrusage(): kernel and bare loop once for a small
 * file, which makes the C library allocate what it keeps, and once for the one that is looked at.
 */
enum { KERNEL = 2, BARE, FILES };

/* Lines are "PID name(arguments) = result". Writes into `trace`. */
static void calls_of_files(char *trace, char *calls[FILES])
{
    size_t count = 0, marks = 0, room = strlen(trace) / 8 + 1;
    char **names = calloc(room, sizeof *names), *line;

    assert_non_null(names);
    while ((line = strsep(&trace, "\n")) != NULL) {
        char *name = line + strspn(line, "0123456789 ");
        name[strcspn(name, "(")] = '\0';
        if (strcmp(name, "getrusage") == 0) {
            assert_true(marks < (size_t)2 * FILES);
            if (marks++ % 2 == 1)
                calls[marks / 2 - 1] = multiset(names, count);
            count = 0;
        } else if (*name != '\0' && *name != '+' && *name != '-' && count < room) {
            names[count++] = name;
        }
    }
    free(names);
    assert_int_equal(marks, 2 * FILES);
}

static struct test_process run_traced(const char *path, const char *writer, size_t shape)
{
    char dir[80];
    /* A build with sanitizers cannot look for leaks while it is traced. */
    static const char *const environment[] = {"LSAN_OPTIONS=detect_leaks=0", NULL};
    const char *const argv[] = {"strace",
                                "-f",
                                "-o",
                                path,
                                BENCH_OVERHEAD_PROGRAM,
                                dir,
                                "--count",
                                writer,
                                "both",
                                shapes[shape].chunk,
                                shapes[shape].size,
                                NULL};

    snprintf(dir, sizeof dir, "--dir=%s", directory.path);
    return test_run(argv, environment, NULL);
}

/* False where there is no bare loop. */
static bool has_same_calls(const char *writer, size_t shape)
{
    char path[] = "/tmp/bench_mmap-trace-XXXXXX", *trace, *calls[FILES] = {NULL};
    struct test_process process;
    bool is_bare;

    close(mkstemp(path));
    process = run_traced(path, writer, shape);
    trace = test_read_file(path);
    unlink(path);
    is_bare = strstr(process.err, "no bare loop") == NULL;
    if (is_bare && process.status != 0)
        fail_msg("%s: status %d: %s", writer, process.status, process.err);
    if (is_bare)
        calls_of_files(trace, calls);
    test_process_free(&process);
    free(trace);
    if (is_bare && strcmp(calls[KERNEL], calls[BARE]) != 0)
        fail_msg("%s, chunk %s: the kernel calls %s, the bare loop %s", writer, shapes[shape].chunk,
                 calls[KERNEL], calls[BARE]);
    for (int i = 0; i < FILES; i++)
        free(calls[i]);
    return is_bare;
}

/* Whether there is a bare loop. */
static bool look_at(const struct bm_kernel *writer)
{
    const char *name = bm_kernel_name(writer);
    char reason[BM_REASON_BYTES];
    struct bm_limits limits;

    if (bm_kernel_probe(writer, directory.fd, "probe", &limits, reason) != 0) {
        printf("%s: not here: %s\n", name, reason);
        return true;
    }
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (shapes[i].chunk_bytes % limits.chunk_multiple_bytes == 0 && !has_same_calls(name, i)) {
            printf("%s: no bare loop\n", name);
            return false;
        }
    }
    return true;
}

static void test_bare_loops_make_the_same_calls(void **state)
{
    size_t count = 0;

    (void)state;
    if (!test_can_trace()) {
        puts("skipped: strace is not there or may not trace");
        skip();
    }
    /* How often the two processes of a channel wait for each other is chance. */
    for (size_t i = 0; i < bm_kernel_count(); i++)
        if (bm_kernel_kind(bm_kernel_at(i)) != BM_KIND_CHANNEL)
            count += look_at(bm_kernel_at(i));
    assert_true(count >= BARE_LOOPS_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bare_loops_make_the_same_calls),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}

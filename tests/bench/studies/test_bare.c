/* SPDX-License-Identifier: Apache-2.0
 * The bare loops of bench_overhead make the same system calls as the writers, as strace sees them:
 * only then does the time of one say something about the other. */
#include "bench_mmap/kernel.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint64_t chunks[] = {1024, 65536, 1 << 20};
#define SIZE_TEXT "3M"
/* A new writer needs no bare loop, but none that has one may lose it. */
#define BARE_LOOPS_MIN 44

static struct test_directory directory;

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

/* The calls between the last two of getrusage(), which stand around what is timed. Lines are
 * "PID name(arguments) = result". Writes into `trace`. */
static char *calls_between(char *trace)
{
    size_t count = 0, room = strlen(trace) / 8 + 1;
    char **names = calloc(room, sizeof *names), *text = NULL, *line;

    assert_non_null(names);
    while ((line = strsep(&trace, "\n")) != NULL) {
        char *name = line + strspn(line, "0123456789 ");
        name[strcspn(name, "(")] = '\0';
        if (strcmp(name, "getrusage") == 0) {
            free(text);
            text = multiset(names, count);
            count = 0;
        } else if (*name != '\0' && *name != '+' && *name != '-' && count < room) {
            names[count++] = name;
        }
    }
    free(names);
    return text;
}

static char *trace_side(const struct bm_kernel *writer, const char *side, uint64_t chunk)
{
    char path[] = "/tmp/bench_mmap-trace-XXXXXX", chunk_text[24], dir[80], *trace, *calls;
    const char *argv[] = {"strace",  "-f",      "-o", path, BENCH_OVERHEAD_PROGRAM,
                          dir,       "--count", NULL, side, chunk_text,
                          SIZE_TEXT, NULL};
    /* A build with sanitizers cannot look for leaks while it is traced. */
    static const char *const environment[] = {"LSAN_OPTIONS=detect_leaks=0", NULL};
    struct test_process process;

    close(mkstemp(path));
    argv[7] = bm_kernel_name(writer);
    snprintf(chunk_text, sizeof chunk_text, "%" PRIu64, chunk);
    snprintf(dir, sizeof dir, "--dir=%s", directory.path);
    process = test_run(argv, environment, NULL);
    trace = test_read_file(path);
    unlink(path);
    if (process.status != 0)
        fail_msg("%s, %s: status %d: %s", bm_kernel_name(writer), side, process.status,
                 process.err);
    calls = calls_between(trace);
    test_process_free(&process);
    free(trace);
    assert_non_null(calls);
    return calls;
}

static void assert_same_calls(const struct bm_kernel *writer)
{
    char reason[BM_REASON_BYTES];
    struct bm_limits limits;

    if (bm_kernel_probe(writer, directory.fd, "probe", &limits, reason) != 0) {
        printf("%s: not here: %s\n", bm_kernel_name(writer), reason);
        return;
    }
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        char *kernel, *bare;
        if (chunks[i] % limits.chunk_multiple_bytes != 0)
            continue;
        kernel = trace_side(writer, "kernel", chunks[i]);
        bare = trace_side(writer, "bare", chunks[i]);
        if (strcmp(kernel, bare) != 0)
            fail_msg("%s, chunk %" PRIu64 ": the kernel calls %s, the bare loop %s",
                     bm_kernel_name(writer), chunks[i], kernel, bare);
        free(kernel);
        free(bare);
    }
}

static bool has_bare_loop(const struct bm_kernel *writer)
{
    char dir[80];
    const char *argv[] = {BENCH_OVERHEAD_PROGRAM,
                          dir,
                          "--count",
                          bm_kernel_name(writer),
                          "bare",
                          "4096",
                          "64K",
                          NULL};
    struct test_process process;
    bool has;

    snprintf(dir, sizeof dir, "--dir=%s", directory.path);
    process = test_run(argv, NULL, NULL);
    has = strstr(process.err, "no bare loop") == NULL;
    test_process_free(&process);
    return has;
}

static void test_bare_loops_make_the_same_calls(void **state)
{
    size_t count = 0;

    (void)state;
    if (!test_can_trace()) {
        puts("skipped: strace is not there or may not trace");
        skip();
    }
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        if (!has_bare_loop(bm_kernel_at(i))) {
            printf("%s: no bare loop\n", bm_kernel_name(bm_kernel_at(i)));
            continue;
        }
        assert_same_calls(bm_kernel_at(i));
        count++;
    }
    assert_true(count >= BARE_LOOPS_MIN);
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_directory_remove(&directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bare_loops_make_the_same_calls),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

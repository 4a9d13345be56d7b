/* SPDX-License-Identifier: Apache-2.0 */
/* Large files take no more memory than a chunk. */
#include "tests/support/run_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024.0 * 1024.0)
#define LARGE_MIB 256

/* Memory that is nobody else's: not the pages of the file, which a mapping counts as its own. */
static double anonymous_bytes(pid_t child)
{
    char path[64], *text, *line;
    unsigned long long kilobytes = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)child);
    text = test_read_file(path);
    line = text != NULL ? strstr(text, "\nRssAnon:") : NULL;
    if (line != NULL)
        sscanf(line, " RssAnon: %llu", &kilobytes);
    free(text);
    return 1024.0 * (double)kilobytes;
}

/* The most that is seen while it runs. */
static double most_anonymous_bytes(const char *const *argv)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    double most = 0;
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL && freopen("/dev/null", "w", stderr) != NULL)
            execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    while (waitpid(child, &status, WNOHANG) == 0) {
        double bytes = anonymous_bytes(child);
        most = bytes > most ? bytes : most;
        nanosleep(&pause, NULL);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(most > 0);
    return most;
}

static void large_file_takes_little_memory(void **state)
{
    static const unsigned chunks_mib[] = {1, LARGE_MIB};

    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    printf("skipped: sanitizers need memory of their own\n");
    skip();
#endif
    for (size_t i = 0; i < sizeof chunks_mib / sizeof chunks_mib[0]; i++) {
        char size[32], chunk[32];
        const char *argv[] = {
            BENCH_MMAP_PROGRAM,
            dir_flag,
            size,
            chunk,
            "--benchmark_repetitions=1",
            "--benchmark_min_warmup_time=0",
            "--benchmark_filter=^(Mmap|MmapWindow|Write|StdioLarge|Sendfile|Memcpy)/",
            NULL};
        double most;
        snprintf(size, sizeof size, "--file_size=%dM", LARGE_MIB);
        snprintf(chunk, sizeof chunk, "--chunks=%uM", chunks_mib[i]);
        most = most_anonymous_bytes(argv);
        if (most > (chunks_mib[i] + 64) * MIB)
            fail_msg("chunks of %u MiB: %.0f MiB of anonymous memory", chunks_mib[i], most / MIB);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_file_takes_little_memory),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}

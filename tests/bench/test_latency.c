/* SPDX-License-Identifier: Apache-2.0
 * --latency: percentiles of single chunks, in cells of their own; --depth: which cells there are.
 * The kernel of this file walks over a list, as every family does when it is compiled so. */
#define LIST_WALK
#include "bench/latency.h"
#include "src/kernel/kernel.h"
#include "tests/support/run_bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void percentiles_are_by_rank(void **state)
{
    enum { CHUNKS = 2000 };
    uint64_t laps_ns[CHUNKS], figures_ns[LATENCY_FIGURES];

    (void)state;
    for (uint64_t i = 0; i < CHUNKS; i++)
        laps_ns[i] = (i * 7) % CHUNKS + 1;
    latency_figures(laps_ns, CHUNKS, figures_ns);
    assert_int_equal(figures_ns[0], 1000);
    assert_int_equal(figures_ns[1], 1800);
    assert_int_equal(figures_ns[2], 1980);
    assert_int_equal(figures_ns[3], 1998);
    assert_int_equal(figures_ns[4], 2000);
    assert_true(figures_ns[5] < 1000000);
    laps_ns[0] = 17;
    latency_figures(laps_ns, 1, figures_ns);
    for (int i = 0; i < 5; i++)
        assert_int_equal(figures_ns[i], 17);
}

enum { SLOW_NS = 2000000, SLOW_EACH = 20, SLOW_CHUNKS = 100 };

static int fill_slowly(struct bm_sample *sample)
{
    const struct timespec pause = {.tv_nsec = SLOW_NS};

    FOR_EACH_CHUNK(chunk, sample->job)
        if (chunk.at / chunk.bytes % SLOW_EACH == 0)
            nanosleep(&pause, NULL);
    return 0;
}

/* One chunk in twenty takes 2 ms: the median does not see it, the 99th percentile does. */
static void a_slow_chunk_shows_where_it_ought_to(void **state)
{
    const struct bm_kernel twin = {.name = "Slow",
                                   .phase = {[BM_PHASE_CREATE] = bm_open_file,
                                             [BM_PHASE_FILL] = fill_slowly,
                                             [BM_PHASE_CLOSE] = bm_close_file},
                                   .open_flags = O_WRONLY};
    struct bm_kernel slow = twin;
    uint64_t laps_ns[SLOW_CHUNKS], figures_ns[LATENCY_FIGURES];
    struct bm_job job = {.dir_fd = directory.fd,
                         .name = "file",
                         .file_size_bytes = SLOW_CHUNKS,
                         .chunk_bytes = 1,
                         .source = "x",
                         .laps_ns = laps_ns};
    struct bm_result result;
    int slow_chunks = 0;

    (void)state;
    slow.list_twin = &twin;
    assert_int_equal(bm_job_list(&job, BM_ORDER_SEQUENTIAL, 0), 0);
    assert_int_equal(bm_kernel_run(&slow, &job, &result), 0);
    for (size_t i = 0; i < SLOW_CHUNKS; i++) {
        assert_true(laps_ns[i] >= SLOW_NS || i % SLOW_EACH != 0);
        slow_chunks += laps_ns[i] >= SLOW_NS;
    }
    /* Others may lose the processor for so long, but not many. */
    assert_true(slow_chunks < SLOW_CHUNKS / 10);
    latency_figures(laps_ns, SLOW_CHUNKS, figures_ns);
    assert_true(figures_ns[0] < SLOW_NS);
    assert_true(figures_ns[1] < SLOW_NS);
    assert_true(figures_ns[2] >= SLOW_NS);
    bm_job_unlist(&job);
    assert_int_equal(bm_job_remove(&job), 0);
}

#define TAIL "/size:65536/chunk:4096/manual_time"

static void check_latencies(const json_t *row)
{
    static const char *const keys[] = {"p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns"};

    for (size_t i = 1; i < sizeof keys / sizeof keys[0]; i++)
        assert_true(number(row, keys[i]) >= number(row, keys[i - 1]));
    assert_true(number(row, "p50_ns") > 0);
    assert_true(number(row, "max_ns") <= number(row, "fill_ns"));
    assert_true(number(row, "clock_ns") >= 0);
    assert_null(json_object_get(row, "bytes_per_second"));
}

static json_t *shown(const char *format, struct test_process *process)
{
    const char *argv[] = {BENCH_RESULTS_PROGRAM, "show", "--width=100", format, out_path, NULL};

    *process = test_run(argv, NULL, NULL);
    assert_int_equal(process->status, 0);
    return json_loads(process->out, 0, NULL);
}

/* Not everywhere. */
static bool can_uring(void)
{
    char reason[BM_REASON_BYTES];
    struct bm_limits limits;

    return bm_kernel_probe(bm_kernel_find("Uring"), directory.fd, "probe", &limits, reason) == 0;
}

static void check_depths(const json_t *rows)
{
    assert_int_equal((int)number(bench_row(rows, "Uring/file:new/sync:none/depth:8" TAIL), "calls"),
                     8 + 2);
    assert_int_equal((int)number(bench_row(rows, "Uring/file:new/sync:none" TAIL), "calls"), 8 + 1);
    bench_row(rows, "Uring/file:new/sync:none/latency:each/depth:1" TAIL);
    bench_row(rows, "ReadUring/file:cached/sync:none/latency:each/depth:1" TAIL);
}

/* Plain cells are as they were; the others have figures of their own, and rank nothing. */
static void latencies_have_cells_and_a_table_of_their_own(void **state)
{
    bool has_uring = can_uring();
    struct test_process process =
        RUN(out_flag, "--latency=all", "--kind=write,read", "--file_size=64K", "--chunks=4K",
            "--order=all", "--verify=all", "--benchmark_repetitions=2",
            "--benchmark_filter=^(Write|Mmap|Append|Writev|Stdio|Uring|ReadCall|ReadUring)/",
            has_uring ? "--depth=1,8,32" : NULL);
    json_t *run, *rows, *json, *row, *table;
    size_t i, latencies = 0, plain = 0;

    (void)state;
    if (process.status != 0)
        fail_msg("%d: %s", process.status, process.err);
    assert_non_null(
        strstr(process.err, "\nleft out: 1 kernel whose single chunks cannot be timed"));
    test_process_free(&process);
    run = load(out_path);
    assert_non_null(
        strstr(json_string_value(json_object_get(json_object_get(run, "context"), "selection")),
               has_uring ? " latency:none,each depth:1,8,32 size:" : " latency:none,each size:"));
    rows = json_object_get(run, "benchmarks");
    assert_null(json_object_get(bench_row(rows, "Write/file:new/sync:none" TAIL), "p50_ns"));
    assert_int_equal(
        (int)number(bench_row(rows, "Append/file:new/sync:none/latency:each" TAIL), "calls"),
        2 + 16);
    assert_int_equal(
        (int)number(bench_row(rows, "Write/file:new/sync:none/order:random/latency:each" TAIL),
                    "calls"),
        2 + 32);
    if (has_uring)
        check_depths(rows);
    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "run_name"));
        assert_null(json_object_get(row, "error_occurred"));
        if (strstr(name, "/latency:each/") == NULL ||
            strcmp(json_string_value(json_object_get(row, "run_type")), "iteration") != 0)
            continue;
        check_latencies(row);
        assert_true(strstr(name, "Uring/") == NULL || strstr(name, "/depth:1/") != NULL);
        latencies++;
    }
    /* Writers in order: five; in random order: not Append; readers: two each. Two samples each. Of
     * all four one is Uring. */
    assert_int_equal(latencies, 2 * (5 + 4 + 2 + 2 - (has_uring ? 0 : 4)));
    json_decref(run);

    json = shown("--format=json", &process);
    test_process_free(&process);
    json_array_foreach(json_object_get(json, "tables"), i, table)
    {
        const char *latency = json_string_value(json_object_get(table, "latency"));
        json_t *list = json_object_get(table, "latencies");
        assert_int_equal(list != NULL, latency != NULL);
        plain += latency == NULL;
        if (latency == NULL)
            continue;
        assert_string_equal(latency, "each");
        assert_int_equal(json_array_size(json_object_get(table, "winners")), 0);
        assert_int_equal(json_array_size(json_object_get(table, "pairs")), 0);
        assert_null(json_object_get(table, "models"));
        row = json_array_get(list, 0);
        assert_int_equal((int)number(row, "chunks"), 16);
        assert_true(number(row, "p90_ns") >= number(row, "p50_ns"));
        /* Sixteen chunks have no 99th percentile. */
        assert_null(json_object_get(row, "p99_ns"));
        assert_true(number(row, "max_ns") >= number(row, "p90_ns"));
    }
    json_decref(json);
    shown("--format=text", &process);
    assert_non_null(strstr(process.out, "How long a chunk of 4 KiB takes"));
    assert_non_null(strstr(process.out, " median slowest "));
    assert_non_null(strstr(process.out, "median latency of a chunk in "));
    /* Where a time goes that holds clocks is not said. */
    for (const char *at = process.out; (at = strstr(at, "Where the time goes")) != NULL; at++)
        plain--;
    assert_int_equal(plain, 0);
    test_process_free(&process);
    const char *advise[] = {BENCH_RESULTS_PROGRAM, "advise", "--chunk=4K", "--kind=read",
                            "--format=json",       out_path, NULL};
    process = test_run(advise, NULL, NULL);
    json = json_loads(process.out, 0, NULL);
    assert_non_null(json_object_get(json, "latency"));
    assert_null(json_string_value(json_object_get(json, "latency")));
    json_decref(json);
    test_process_free(&process);
    assert_int_equal(remove(out_path), 0);
}

static void what_cannot_be_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *flags[3], *says;
    } cases[] = {
        {{"--depth=8", "--benchmark_filter=^Write/", NULL}, "bench_mmap: --depth: none "},
        {{"--depth=0", NULL, NULL}, "bench_mmap: --depth=0: not a number of chunks"},
        {{"--depth=257", NULL, NULL}, "bench_mmap: --depth=257: not a number of chunks"},
        {{"--depth=8", "--kind=channel", NULL}, "bench_mmap: --depth: none "},
        {{"--latency=each", "--kind=channel", NULL}, "bench_mmap: --latency=each: of writers"},
        {{"--latency=each", "--benchmark_filter=^Writev/", NULL},
         "bench_mmap: --benchmark_filter=^Writev/: matches none"},
        {{"--latency=some", NULL, NULL}, "bench_mmap: --latency=some: "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_process process =
            RUN("--file_size=64K", "--chunks=4K", cases[i].flags[0], cases[i].flags[1]);
        assert_int_equal(process.status, 1);
        assert_one_sentence(process.err, cases[i].says);
        test_process_free(&process);
    }
    struct test_process process = RUN("--writers");
    assert_non_null(strstr(process.out, "not with latency:each: several chunks go in one call"));
    if (can_uring())
        assert_non_null(strstr(process.out, "not with latency:each: several chunks are under way"));
    test_process_free(&process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_by_rank),
        cmocka_unit_test(a_slow_chunk_shows_where_it_ought_to),
        cmocka_unit_test(latencies_have_cells_and_a_table_of_their_own),
        cmocka_unit_test(what_cannot_be_is_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}

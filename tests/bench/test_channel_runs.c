/* SPDX-License-Identifier: Apache-2.0 */
/* bench_mmap --kind=channel: names, counters, where the two processes run, and what cannot be. */
#include "tests/support/confine.h"
#include "tests/support/run_bench.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const json_t *row_of(const json_t *run, const char *name)
{
    json_t *rows = json_object_get(run, "benchmarks"), *row;
    size_t index;

    json_array_foreach(rows, index,
                       row) if (strcmp(json_string_value(json_object_get(row, "run_name")), name) ==
                                0) return row;
    fail_msg("no row %s", name);
    return NULL;
}

static void streams_and_round_trips_have_rows(void **state)
{
    struct test_process process =
        RUN(out_flag, "--kind=channel", "--mode=all", "--cpu=0,0", "--file_size=256K",
            "--chunks=64K,128K", "--benchmark_filter=^ChannelPipe/", "--benchmark_repetitions=1");
    const json_t *stream, *trips;
    json_t *run, *context;

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "one processor"));
    run = load(out_path);
    context = json_object_get(run, "context");
    assert_string_equal(json_string_value(json_object_get(context, "channel_cpus")), "0,0");
    stream = row_of(run, "ChannelPipe/file:none/sync:none/size:262144/chunk:65536/manual_time");
    assert_int_equal((int)number(stream, "calls"), 4 + 1);
    assert_true(number(stream, "bytes_per_second") > 0);
    assert_null(json_object_get(stream, "trip_ns"));
    trips = row_of(run,
                   "ChannelPipe/file:none/sync:none/mode:roundtrip/size:262144/chunk:65536/"
                   "manual_time");
    assert_true(number(trips, "calls") >= 20);
    assert_true(fabs(10 * number(trips, "trip_ns") - number(trips, "fill_ns")) < 10);
    assert_null(json_object_get(trips, "bytes_per_second"));
    /* Larger chunks make no trips. */
    assert_int_equal(json_array_size(json_object_get(run, "benchmarks")), 3);
    json_decref(run);
    test_process_free(&process);

    /* The table of trips has the time of one. */
    const char *argv[] = {BENCH_RESULTS_PROGRAM, "show", "--format=csv", out_path, NULL};
    process = test_run(argv, NULL, NULL);
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.out, ",trip,ns,1,"));
    test_process_free(&process);
    /* They have no throughput: the size of the file says nothing of what they move. */
    const char *rates[] = {BENCH_RESULTS_PROGRAM, "show",   "--format=csv",
                           "--metric=throughput", out_path, NULL};
    process = test_run(rates, NULL, NULL);
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.out, ",throughput,bytes/s,0,"));
    test_process_free(&process);
    assert_int_equal(unlink(out_path), 0);
}

/* Whoever is left without a parent becomes this program's child. */
static void nothing_is_left_after_an_interruption(void **state)
{
    const char *const more[] = {"--kind=channel", "--chunks=1K", "--benchmark_repetitions=3000",
                                "--progress=always", NULL};
    struct test_process process;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    process = run_with(NULL, "measuring: ", more);
    assert_int_equal(process.status, 128 + SIGINT);
    test_process_free(&process);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    assert_int_equal(test_directory_count(&directory), 0);
}

static int confined(const char *dir)
{
    static const struct {
        const char *words[10], *flags[7], *reasons[4];
    } places[] = {
        {{"deny", "process_vm_readv", "EPERM", "deny", "vmsplice", "ENOSYS", "limit", "MSGQUEUE",
          "0"},
         {"--writers"},
         {"memory not here: a trial failed: Operation not permitted",
          "read() from it not here: a trial failed: Function not implemented",
          "not here: no message queues here: Too many open files"}},
        {{"deny", "mq_open", "ENOSYS", "deny", "memfd_create", "EPERM"},
         {"--writers"},
         {"not here: no message queues here: Function not implemented",
          "who waits spins not here: a trial failed: Operation not permitted"}},
        /* All run, with memory that cannot be locked, and of both processes with a full /dev/shm.
         * No queue takes a message of 64 KiB. */
        {{"one-processor", "limit", "MEMLOCK", "0", "no-ipc-lock", "tmpfs", "size=4k", "/dev/shm"},
         {"--all", "--mode=all", "--file_size=64K", "--chunks=4K,64K", "--benchmark_repetitions=1",
          "--verify=all"},
         {"note: both ends of a channel have one processor: who spins yields it",
          "whose chunk or file size"}},
    };
    char flag[128];
    int status = 0;

    snprintf(flag, sizeof flag, "--dir=%s", dir);
    for (size_t i = 0; status == 0 && i < sizeof places / sizeof places[0]; i++) {
        const char *argv[24] = {test_self(), "confine"};
        size_t count = 2;
        for (size_t k = 0; places[i].words[k] != NULL; k++)
            argv[count++] = places[i].words[k];
        const char *rest[] = {"--", BENCH_MMAP_PROGRAM, flag, "--kind=channel"};
        memcpy(&argv[count], rest, sizeof rest);
        count += sizeof rest / sizeof rest[0];
        memcpy(&argv[count], places[i].flags, sizeof places[i].flags);
        struct test_process process = test_run(argv, NULL, NULL);
        status = process.status;
        test_unfold(process.out);
        for (size_t k = 0; status == 0 && k < 4 && places[i].reasons[k] != NULL; k++)
            status = strstr(process.out, places[i].reasons[k]) == NULL &&
                     strstr(process.err, places[i].reasons[k]) == NULL;
        if (status != 0)
            fprintf(stderr, "%s%s", process.out, process.err);
        test_process_free(&process);
    }
    return status;
}

static void what_is_short_or_forbidden_gets_a_reason(void **state)
{
    (void)state;
    assert_confined_child("confined", directory.path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_and_round_trips_have_rows),
        cmocka_unit_test(nothing_is_left_after_an_interruption),
        cmocka_unit_test(what_is_short_or_forbidden_gets_a_reason),
    };

    confine_main(argc, argv);
    if (argc == 3 && strcmp(argv[1], "confined") == 0)
        return confined(argv[2]);
    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}

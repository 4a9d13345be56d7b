/* SPDX-License-Identifier: Apache-2.0
 * bench_mmap from outside: flags, bad input, rows, the run file, interruption, what it leaves. */
#include "bench_mmap/kernel.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct test_directory directory;
static char dir_flag[96], out_flag[128], out_path[96];

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    snprintf(dir_flag, sizeof dir_flag, "--dir=%s", directory.path);
    snprintf(out_path, sizeof out_path, "%s/run.json", directory.path);
    snprintf(out_flag, sizeof out_flag, "--benchmark_out=%s", out_path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_directory_remove(&directory);
    return 0;
}

#define MAX_ARGUMENTS 16

/* bench_mmap --dir=... with the further arguments, NULL-terminated. */
static struct test_process run_with(const char *const *environment, const char *signal_at,
                                    const char *const *more)
{
    const char *argv[MAX_ARGUMENTS + 4] = {BENCH_MMAP_PROGRAM, dir_flag};

    for (int i = 0; i < MAX_ARGUMENTS && more[i] != NULL; i++)
        argv[i + 2] = more[i];
    return test_run(argv, environment, signal_at);
}

#define RUN(...) run_with(NULL, NULL, (const char *const[]){__VA_ARGS__, NULL})

static size_t count_lines(const char *text, const char *start)
{
    size_t count = 0, length = strlen(start);

    while (text != NULL && *text != '\0') {
        count += strncmp(text, start, length) == 0;
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return count;
}

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *run = json_load_file(path, 0, &error);

    if (run == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return run;
}

static void test_bad_values_get_a_sentence(void **state)
{
    static const struct {
        const char *argument, *named; /* what the sentence must name */
    } cases[] = {
        {"--dir=", "directory"},
        {"--dir=/does/not/exist", "No such file"},
        {"--dir=/proc/version", "not a directory"},
        {"--dir=/proc", "/proc"},
        {"--file_size=0", "at least 1"},
        {"--file_size=-1", "not a size"},
        {"--file_size=10X", "not a size"},
        {"--file_size=1.5", "not a size"},
        {"--file_size=99999999999999999999", "too large"},
        {"--file_size=9999999T", "too large"},
        {"--file_size=7000000T", "--file_size"},
        {"--file_size=", "not a size"},
        {"--file_size", "missing"},
        {"--chunks=", "not a size"},
        {"--chunks=1K,,2K", "not a size"},
        {"--chunks=4K..1K", "backwards"},
        {"--chunks=1..", "not a size"},
        {"--chunks=0", "at least 1"},
        {"--chunks=lesson,1", "not a size"},
        {"--chunks=20M", "larger than the file"},
        {"--file=old", "overwrite"},
        {"--file=none", "overwrite"},
        {"--file=", "overwrite"},
        {"--sync=always", "fdatasync"},
        {"--verify=yes", "first"},
        {"--progress=1", "auto"},
        {"--writers=1", "no value"},
        {"--nonsense", "--help"},
        {"nonsense", "--help"},
        {"--dirt=/tmp", "--help"},
        {"--benchmark_nonsense=1", "--help"},
        {"--benchmark_filter=Nothing", "matches none"},
        {"--benchmark_filter=(", "regular expression"},
        {"--benchmark_filter", "missing"},
        {"--benchmark_repetitions=0", "number"},
        {"--benchmark_repetitions=many", "number"},
        {"--benchmark_min_time=soon", "seconds"},
        {"--benchmark_min_warmup_time=-1", "seconds"},
        {"--benchmark_enable_random_interleaving=perhaps", "true"},
        {"--benchmark_format=xml", "json"},
        {"--benchmark_out_format=xml", "json"},
        {"--benchmark_time_unit=h", "ms"},
        {"--benchmark_context=novalue", "KEY=VALUE"},
        {"--benchmark_out=/does/not/exist/run.json", "No such file"},
        {"--benchmark_out=/tmp", "Is a directory"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_process process = RUN(cases[i].argument);
        if (process.status != 1 || strstr(process.err, cases[i].named) == NULL)
            fail_msg("%s: status %d, \"%s\" not in: %s", cases[i].argument, process.status,
                     cases[i].named, process.err);
        assert_one_sentence(process.err, "bench_mmap: ");
        assert_string_equal(process.out, "");
        test_process_free(&process);
        assert_int_equal(test_directory_count(&directory), 0);
    }
}

static void test_bad_variables_get_a_sentence(void **state)
{
    static const struct {
        const char *variable, *problem;
    } cases[] = {{"BENCHMARK_REPETITIONS=often", "not a number from 1"},
                 {"BENCHMARK_MIN_TIME=soon", "neither seconds"},
                 {"BENCHMARK_MIN_WARMUP_TIME=", "not a number of seconds"},
                 {"BENCHMARK_LIST_TESTS=perhaps", "neither true nor false"},
                 {"BENCHMARK_CONTEXT=novalue", "not of the form"},
                 {"BENCHMARK_FORMAT=xml", "not known; one of console"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const environment[] = {cases[i].variable, NULL};
        struct test_process process = run_with(environment, NULL, (const char *const[]){NULL});
        char expected[128];

        snprintf(expected, sizeof expected, "bench_mmap: %s in the environment: %s",
                 cases[i].variable, cases[i].problem);
        assert_int_equal(process.status, 1);
        /* Of the framework, which reads its variables before main(), there is no line. */
        assert_one_sentence(process.err, expected);
        assert_string_equal(process.out, "");
        test_process_free(&process);
    }
}

static void test_too_many_chunks_get_a_sentence(void **state)
{
    char *list = malloc(80000);
    size_t used = (size_t)sprintf(list, "--chunks=1");
    struct test_process process;

    (void)state;
    for (int i = 2; i <= 10000; i++)
        used += (size_t)sprintf(list + used, ",%d", i);
    process = RUN(list);
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_mmap: --chunks: more than");
    test_process_free(&process);
    free(list);
}

static void test_readonly_directory_gets_a_sentence(void **state)
{
    const char *argv[] = {"unshare",
                          "-m",
                          "sh",
                          "-c",
                          "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && "
                          "exec \"$0\" --dir=\"$1\"",
                          BENCH_MMAP_PROGRAM,
                          directory.path,
                          NULL};
    struct test_process process;

    (void)state;
    if (geteuid() != 0) {
        struct test_process plain;
        assert_int_equal(fchmod(directory.fd, 0500), 0);
        plain = RUN("--progress=never");
        assert_int_equal(fchmod(directory.fd, 0700), 0);
        assert_int_equal(plain.status, 1);
        assert_one_sentence(plain.err, "bench_mmap: --dir=");
        test_process_free(&plain);
        return;
    }
    process = test_run(argv, NULL, NULL);
    if (strstr(process.err, "unshare") != NULL || strstr(process.err, "mount:") != NULL) {
        test_process_free(&process);
        printf("skipped: no mount here\n");
        skip();
    }
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "Read-only file system"));
    assert_one_sentence(process.err, "bench_mmap: --dir=");
    test_process_free(&process);
}

static const char *const counters[] = {
    "create_ns",
    "size_ns",
    "map_ns",
    "fill_ns",
    "sync_ns",
    "unmap_ns",
    "close_ns",
    "minor_faults",
    "calls",
    "major_faults",
    "stolen_ns",
    "voluntary_switches",
    "involuntary_switches",
    "dirty_bytes",
    "writeback_bytes",
    "bytes_per_second",
};

static const char *const context_keys[] = {
    "schema",
    "bench_mmap_version",
    "git_revision",
    "compiler",
    "compiler_flags",
    "kernel",
    "cpu_model",
    "cores",
    "memory_bytes",
    "virtualisation",
    "file_system",
    "mount_options",
    "block_device",
    "rotational",
    "io_scheduler",
    "write_cache",
    "transparent_hugepage",
    "dirty_ratio",
    "governor",
    "mitigations",
    "free_bytes",
    "load_before",
    "load_after",
    "stolen_seconds_before",
    "stolen_seconds_after",
    "google_benchmark_version",
    "library_build_type",
    "machine_key",
    "date",
    "executable",
    "num_cpus",
};

static double number(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (!json_is_number(value))
        fail_msg("no number %s in a row", key);
    return json_number_value(value);
}

static void check_sample_row(const json_t *row)
{
    double phases = 0, total = number(row, "real_time");

    assert_string_equal(json_string_value(json_object_get(row, "time_unit")), "ns");
    assert_int_equal(json_integer_value(json_object_get(row, "iterations")), 1);
    assert_int_equal(json_integer_value(json_object_get(row, "repetitions")), 3);
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        assert_true(number(row, counters[i]) >= 0);
    for (int phase = 0; phase < BM_PHASES; phase++)
        phases += number(row, counters[phase]);
    assert_true(total > 0 && phases > 0.99 * total && phases < 1.01 * total);
    assert_true(number(row, "bytes_per_second") > 0.99 * 65536 / (total * 1e-9));
    assert_true(number(row, "bytes_per_second") < 1.01 * 65536 / (total * 1e-9));
    assert_true(number(row, "cpu_time") >= 0);
}

static void test_run_file_is_complete(void **state)
{
    struct test_process process =
        RUN(out_flag, "--file_size=64K", "--chunks=4K,64K", "--file=all", "--sync=all",
            "--benchmark_filter=^(Mmap|Write|Direct|Memcpy)/", "--benchmark_repetitions=3",
            "--benchmark_context=rig=left");
    json_t *run, *context, *rows, *row;
    size_t index, samples = 0, aggregates = 0;

    (void)state;
    assert_int_equal(process.status, 0);
    run = load(out_path);
    context = json_object_get(run, "context");
    for (size_t i = 0; i < sizeof context_keys / sizeof context_keys[0]; i++) {
        if (json_object_get(context, context_keys[i]) == NULL)
            fail_msg("context has no %s", context_keys[i]);
    }
    assert_string_equal(json_string_value(json_object_get(context, "executable")), "bench_mmap");
    assert_string_equal(json_string_value(json_object_get(context, "rig")), "left");
    assert_int_equal(strlen(json_string_value(json_object_get(context, "machine_key"))), 16);
    rows = json_object_get(run, "benchmarks");
    json_array_foreach(rows, index, row)
    {
        const char *name = json_string_value(json_object_get(row, "run_name"));
        assert_non_null(strstr(name, "/size:65536/chunk:"));
        if (strcmp(json_string_value(json_object_get(row, "run_type")), "iteration") == 0) {
            check_sample_row(row);
            samples++;
        } else {
            aggregates++;
        }
    }
    assert_int_equal(samples * 4, aggregates * 3); /* mean, median, stddev and cv of each three */
    assert_int_equal(count_lines(process.out, "Mmap/file:overwrite/sync:fdatasync/"), 2);
    assert_int_equal(count_lines(process.out, "Memcpy/file:none/sync:none/"), 2);
    json_decref(run);
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);
    assert_int_equal(unlink(out_path), 0);
}

/* Bytes a second of what moves none would be a figure without meaning. */
static void test_only_what_moves_bytes_has_a_throughput(void **state)
{
    struct test_process process =
        RUN(out_flag, "--file_size=64K", "--chunks=64K", "--benchmark_repetitions=2",
            "--benchmark_filter=^(Memcpy|NullWrite|EmptyCall)/", "--summary=never");
    json_t *run, *rows, *row;
    size_t index;

    (void)state;
    assert_int_equal(process.status, 0);
    assert_int_equal(count_lines(process.out, "Memcpy/"), 1);
    assert_non_null(strstr(process.out, "iB/s\n"));
    for (int i = 0; i < 2; i++) {
        const char *line = strstr(process.out, i == 0 ? "\nNullWrite/" : "\nEmptyCall/");
        assert_non_null(line);
        assert_memory_equal(strchr(line + 1, '\n') - 2, " -", 2);
    }
    run = load(out_path);
    rows = json_object_get(run, "benchmarks");
    assert_true(json_array_size(rows) > 6);
    json_array_foreach(rows, index, row)
    {
        const char *name = json_string_value(json_object_get(row, "run_name"));
        assert_int_equal(strncmp(name, "Memcpy/", 7) == 0,
                         json_object_get(row, "bytes_per_second") != NULL);
    }
    json_decref(run);
    test_process_free(&process);
    assert_int_equal(unlink(out_path), 0);
}

/* One row a cell, in the order of the tables although the samples are interleaved at random. */
static void test_rows_are_one_a_cell_in_order(void **state)
{
    struct test_process process =
        RUN("--file_size=64K", "--chunks=4K..64K", "--benchmark_filter=^(Mmap|Write)/",
            "--benchmark_repetitions=2", "--summary=never");
    static const char *const names[] = {"Mmap", "Write"};
    const char *line = process.out;

    (void)state;
    assert_int_equal(process.status, 0);
    assert_int_equal(count_lines(process.out, ""), 1 + 10);
    for (int i = 0; i < 10; i++) {
        char expected[96];
        line = strchr(line, '\n') + 1;
        snprintf(expected, sizeof expected, "%s/file:new/sync:none/size:65536/chunk:%d ",
                 names[i / 5], 4096 << i % 5);
        assert_memory_equal(line, expected, strlen(expected));
    }
    assert_null(strchr(process.err, '\r')); /* no progress line in a pipe */
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 0);
}

static void test_summary_comes_from_the_run(void **state)
{
    struct test_process process =
        RUN("--file_size=64K", "--chunks=4K,64K", "--benchmark_filter=^(Mmap|Write)/");

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.out, "64 KiB, file new, sync none\n"));
    assert_non_null(strstr(process.out, "Mmap and Write:"));
    test_process_free(&process);
    /* On stderr where stdout has the framework's JSON. */
    process = RUN("--file_size=64K", "--chunks=4K,64K", "--benchmark_filter=^(Mmap|Write)/",
                  "--benchmark_format=json", "--summary=always");
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "64 KiB, file new, sync none\n"));
    assert_int_equal(process.out[0], '{');
    assert_null(strstr(process.out, "Mmap and Write:"));
    test_process_free(&process);
    process = RUN("--file_size=64K", "--chunks=4K", "--benchmark_filter=^Write/",
                  "--benchmark_out=/dev/full");
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "bench_mmap: --benchmark_out=/dev/full: No space left"));
    test_process_free(&process);
}

static void test_framework_formats_are_there(void **state)
{
    struct test_process process;
    json_error_t error;
    json_t *run;

    (void)state;
    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_format=json",
                  "--benchmark_repetitions=2");
    assert_int_equal(process.status, 0);
    run = json_loads(process.out, 0, &error);
    assert_non_null(run);
    assert_int_equal(json_array_size(json_object_get(run, "benchmarks")), 6);
    json_decref(run);
    test_process_free(&process);

    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_format=csv",
                  "--benchmark_repetitions=1");
    assert_int_equal(process.status, 0);
    assert_int_equal(count_lines(process.out, "name,iterations,real_time,cpu_time"), 1);
    assert_int_equal(count_lines(process.out, "\"Write/file:new"), 1);
    test_process_free(&process);

    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_format=console",
                  "--benchmark_repetitions=2");
    assert_int_equal(process.status, 0);
    assert_int_equal(count_lines(process.out, "Write/file:new"), 4);
    assert_non_null(strstr(process.out, "manual_time_median"));
    test_process_free(&process);

    process = RUN("--chunks=1M,2M", "--benchmark_filter=^Write/", "--benchmark_list_tests");
    assert_int_equal(process.status, 0);
    assert_string_equal(process.out,
                        "Write/file:new/sync:none/size:10485760/chunk:1048576/manual_time\n"
                        "Write/file:new/sync:none/size:10485760/chunk:2097152/manual_time\n");
    test_process_free(&process);
}

static void test_variables_of_the_framework_work(void **state)
{
    const char *const environment[] = {"BENCHMARK_REPETITIONS=2", "BENCHMARK_FILTER=^Write/",
                                       "BENCHMARK_FORMAT=json", "BENCHMARK_CONTEXT=a=b", NULL};
    struct test_process process =
        run_with(environment, NULL, (const char *const[]){"--chunks=1M", NULL});
    json_error_t error;
    json_t *run = json_loads(process.out, 0, &error);

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(run);
    assert_int_equal(json_array_size(json_object_get(run, "benchmarks")), 2 + 4);
    assert_string_equal(json_string_value(json_object_get(json_object_get(run, "context"), "a")),
                        "b");
    assert_null(strstr(process.err, "Failed to add"));
    json_decref(run);
    test_process_free(&process);
}

static void test_more_iterations_are_averaged(void **state)
{
    struct test_process process =
        RUN("--file_size=64K", "--chunks=4K", "--benchmark_filter=^Write/",
            "--benchmark_min_time=0.01", "--benchmark_format=json", "--benchmark_repetitions=1");
    json_error_t error;
    json_t *run = json_loads(process.out, 0, &error), *row;

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(run);
    row = json_array_get(json_object_get(run, "benchmarks"), 0);
    assert_true(number(row, "iterations") > 1);
    assert_true(number(row, "calls") == 18);
    json_decref(run);
    test_process_free(&process);
}

static void write_file(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
}

static void test_interrupted_run_keeps_what_it_has(void **state)
{
    const char *const more[] = {out_flag,
                                "--chunks=64K,1M",
                                "--benchmark_filter=Write",
                                "--benchmark_repetitions=3000",
                                "--progress=always",
                                NULL};
    struct test_process process = run_with(NULL, "measuring: ", more);
    json_t *run, *rows, *row;
    size_t index;

    (void)state;
    assert_int_equal(process.status, 128 + SIGINT);
    run = load(out_path);
    rows = json_object_get(run, "benchmarks");
    assert_true(json_array_size(rows) > 0);
    json_array_foreach(rows, index, row) assert_null(json_object_get(row, "error_occurred"));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(run, "context"), "interrupted")),
        "Interrupt");
    json_decref(run);
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);

    /* And a file that was there is as it was. */
    write_file(out_path, "old");
    process = run_with(NULL, "measuring: ", more);
    assert_int_equal(process.status, 128 + SIGINT);
    char *text = test_read_file(out_path);
    assert_string_equal(text, "old");
    free(text);
    char partial[128];
    snprintf(partial, sizeof partial, "%s.partial", out_path);
    json_decref(load(partial));
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 2);
    assert_int_equal(unlink(partial), 0);
    assert_int_equal(unlink(out_path), 0);
}

static void test_failed_run_leaves_the_old_file(void **state)
{
    struct test_process process;
    char *text;

    (void)state;
    write_file(out_path, "old");
    process = RUN(out_flag, "--benchmark_filter=Nothing");
    assert_int_equal(process.status, 1);
    text = test_read_file(out_path);
    assert_string_equal(text, "old");
    free(text);
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);
    process = RUN(out_flag, "--benchmark_filter=^Write/", "--chunks=1M");
    assert_int_equal(process.status, 0);
    json_decref(load(out_path));
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);
    assert_int_equal(unlink(out_path), 0);
}

/* A directory that a killed run left goes; one that is in use, or holds somebody's file, stays. */
static void test_abandoned_directories_are_removed(void **state)
{
    struct test_process process;
    struct stat status;
    int fd;

    (void)state;
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-0123456789ab", 0700), 0);
    fd = openat(directory.fd, ".bench_mmap-0123456789ab/sample.0", O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-000000000001", 0700), 0);
    fd = openat(directory.fd, ".bench_mmap-000000000001/letters.txt", O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-000000000002", 0700), 0);
    fd = openat(directory.fd, ".bench_mmap-000000000002", O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(mkdirat(directory.fd, ".bench_mmap-mine", 0700), 0);
    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_repetitions=1");
    assert_int_equal(process.status, 0);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-0123456789ab", &status, 0), -1);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-000000000001/letters.txt", &status, 0), 0);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-000000000002", &status, 0), 0);
    assert_int_equal(fstatat(directory.fd, ".bench_mmap-mine", &status, 0), 0);
    assert_int_equal(test_directory_count(&directory), 3);
    close(fd);
    test_process_free(&process);
    test_directory_remove(&directory);
    set_up(NULL);
}

static void test_killed_run_is_cleaned_up_by_the_next(void **state)
{
    pid_t child = fork();
    struct test_process process;

    (void)state;
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execl(BENCH_MMAP_PROGRAM, BENCH_MMAP_PROGRAM, dir_flag, (char *)NULL);
        _exit(127);
    }
    while (test_directory_count(&directory) == 0)
        usleep(1000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(test_directory_count(&directory), 1);
    process = RUN("--chunks=1M", "--benchmark_filter=^Write/", "--benchmark_repetitions=1");
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "removed"));
    assert_int_equal(test_directory_count(&directory), 0);
    test_process_free(&process);
}

/* tmpfs of 24 MiB in a mount namespace of its own; `script` has $0 the program and $1 the place. */
static struct test_process run_on_small_disk(const char *script)
{
    char all[1024];
    const char *argv[] = {"unshare",          "-m",           "sh", "-c", all,
                          BENCH_MMAP_PROGRAM, directory.path, NULL};

    snprintf(all, sizeof all, "mount -t tmpfs -o size=24m small \"$1\" || exit 99; %s", script);
    return test_run(argv, NULL, NULL);
}

static bool has_small_disk(void)
{
    struct test_process process = run_on_small_disk("true");
    bool has = geteuid() == 0 && process.status == 0;

    test_process_free(&process);
    if (!has)
        printf("skipped: needs root and mount namespaces\n");
    return has;
}

static void test_full_disk_is_refused_before_the_start(void **state)
{
    struct test_process process;

    (void)state;
    if (!has_small_disk())
        skip();
    process = run_on_small_disk("\"$0\" --dir=\"$1\" --file_size=64M; s=$?; ls -A \"$1\"; exit $s");
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "24.0 MiB free"));
    assert_one_sentence(process.err, "bench_mmap: ");
    assert_string_equal(process.out, "");
    test_process_free(&process);
}

/* The disk fills up while it runs: rows with errors, the others go on, nothing crashes. */
static void test_disk_that_fills_up_gives_error_rows(void **state)
{
    struct test_process process;

    (void)state;
    if (!has_small_disk())
        skip();
    process = run_on_small_disk(
        "(sleep 0.4; while :; do head -c 20m /dev/zero >\"$1/big\"; done) 2>/dev/null & p=$!; "
        "\"$0\" --dir=\"$1\" --file_size=10M --chunks=1M --benchmark_repetitions=300 "
        "--benchmark_filter='^(Mmap|Write|Memcpy)/' "
        "--benchmark_out=/dev/null; s=$?; kill $p; wait; rm -f \"$1/big\"; ls -A \"$1\"; exit $s");
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.out, "No space left on device"));
    assert_int_equal(count_lines(process.out, "Mmap/"), 1);
    assert_int_equal(count_lines(process.out, "Memcpy/"), 1);
    assert_null(strstr(process.out, ".bench_mmap-"));
    test_process_free(&process);
}

static void test_lists_are_made_from_the_tables(void **state)
{
    struct test_process list = RUN("--writers"), help = RUN("--help"), version = RUN("--version");

    (void)state;
    assert_int_equal(list.status, 0);
    assert_int_equal(help.status, 0);
    assert_int_equal(version.status, 0);
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        assert_non_null(strstr(list.out, bm_kernel_name(bm_kernel_at(i))));
        assert_non_null(strstr(list.out, bm_kernel_summary(bm_kernel_at(i))));
    }
    for (int i = 0; i < BM_FILE_STATES; i++) {
        if (i != BM_FILE_STATE_NONE)
            assert_non_null(strstr(help.out, bm_file_state_summary((enum bm_file_state)i)));
    }
    for (int i = 0; i < BM_SYNC_MODES; i++)
        assert_non_null(strstr(help.out, bm_sync_mode_summary((enum bm_sync_mode)i)));
    assert_non_null(strstr(help.out, "--benchmark_filter=<regex>"));
    assert_int_equal(strncmp(version.out, "bench_mmap " BENCH_MMAP_VERSION,
                             sizeof "bench_mmap " BENCH_MMAP_VERSION - 1),
                     0);
    assert_int_equal(test_directory_count(&directory), 0);
    test_process_free(&list);
    test_process_free(&help);
    test_process_free(&version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_values_get_a_sentence),
        cmocka_unit_test(test_bad_variables_get_a_sentence),
        cmocka_unit_test(test_too_many_chunks_get_a_sentence),
        cmocka_unit_test(test_readonly_directory_gets_a_sentence),
        cmocka_unit_test(test_run_file_is_complete),
        cmocka_unit_test(test_only_what_moves_bytes_has_a_throughput),
        cmocka_unit_test(test_rows_are_one_a_cell_in_order),
        cmocka_unit_test(test_summary_comes_from_the_run),
        cmocka_unit_test(test_framework_formats_are_there),
        cmocka_unit_test(test_variables_of_the_framework_work),
        cmocka_unit_test(test_more_iterations_are_averaged),
        cmocka_unit_test(test_interrupted_run_keeps_what_it_has),
        cmocka_unit_test(test_failed_run_leaves_the_old_file),
        cmocka_unit_test(test_abandoned_directories_are_removed),
        cmocka_unit_test(test_killed_run_is_cleaned_up_by_the_next),
        cmocka_unit_test(test_full_disk_is_refused_before_the_start),
        cmocka_unit_test(test_disk_that_fills_up_gives_error_rows),
        cmocka_unit_test(test_lists_are_made_from_the_tables),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The run file: rows, counters, context. */
#include "bench_mmap/kernel.h"
#include "tests/support/run_bench.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

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
    "unfit_build",
    "machine_key_lacks",
    "others_percent",
    "machine_key",
    "date",
    "executable",
    "num_cpus",
};

/* Whether a counter must be above zero or must be 0, of the kernels that the test runs.
   minor_faults is the process's: Linux may take a page away from it at any time and so cause a few
   of them. */
static const struct {
    const char *name;
    const char *with; /* kernels, separated by blanks */
} counters_of_kernels[] = {
    {"create_ns", "Mmap Write Direct"},
    {"close_ns", "Mmap Write Direct"},
    {"calls", "Mmap Write Direct"},
    {"size_ns", "Mmap"},
    {"map_ns", "Mmap"},
    {"unmap_ns", "Mmap"},
    {"minor_faults", "Mmap"},
    {"fill_ns", "Mmap Write Direct Memcpy"},
};

static void check_counters(const json_t *row, const char *name)
{
    char kernel[32];

    snprintf(kernel, sizeof kernel, "%.*s", (int)strcspn(name, "/"), name);
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        double value = number(row, counters[i]);
        if (strcmp(counters[i], "bytes_per_second") != 0 && (value < 0 || value != floor(value)))
            fail_msg("%s of %s is %g, which is no count", counters[i], name, value);
    }
    for (size_t i = 0; i < sizeof counters_of_kernels / sizeof counters_of_kernels[0]; i++) {
        const char *counter = counters_of_kernels[i].name;
        int wanted = strstr(counters_of_kernels[i].with, kernel) != NULL;
        double tolerated = strcmp(counter, "minor_faults") == 0 ? 3 : 0;
        if (wanted ? number(row, counter) <= 0 : number(row, counter) > tolerated)
            fail_msg("%s of %s is %g", counter, name, number(row, counter));
    }
    /* /proc/meminfo tells KiB, /proc/stat ticks. */
    assert_true(fmod(number(row, "dirty_bytes"), 1024) == 0);
    assert_true(fmod(number(row, "writeback_bytes"), 1024) == 0);
    assert_true(fmod(number(row, "stolen_ns"), 1e9 / (double)sysconf(_SC_CLK_TCK)) == 0);
}

static void check_sample_row(const json_t *row)
{
    double phases = 0, total = number(row, "real_time");

    assert_string_equal(json_string_value(json_object_get(row, "time_unit")), "ns");
    assert_int_equal(json_integer_value(json_object_get(row, "iterations")), 1);
    assert_int_equal(json_integer_value(json_object_get(row, "repetitions")), 3);
    check_counters(row, json_string_value(json_object_get(row, "run_name")));
    for (int phase = 0; phase < BM_PHASES; phase++)
        phases += number(row, counters[phase]);
    assert_true(total > 0 && phases > 0.99 * total && phases < 1.01 * total);
    assert_true(number(row, "bytes_per_second") > 0.99 * 65536 / (total * 1e-9));
    assert_true(number(row, "bytes_per_second") < 1.01 * 65536 / (total * 1e-9));
    /* Of one thread, whose clock may be a tick behind. */
    assert_true(number(row, "cpu_time") >= 0 && number(row, "cpu_time") < total + 1e7);
}

static void run_file_is_complete(void **state)
{
    struct test_process process =
        RUN(out_flag, "--file_size=64K", "--chunks=4K,64K", "--file=all", "--sync=all",
            "--benchmark_filter=^(Mmap|Write|Direct|Memcpy)/", "--benchmark_repetitions=3",
            "--benchmark_context=rig=left");
    json_t *run, *context, *rows, *row;
    size_t index, samples = 0, aggregates = 0, overwritten = 0, copied = 0;

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
    assert_string_equal(json_string_value(json_object_get(context, "selection")),
                        "^(Mmap|Write|Direct|Memcpy)/ "
                        "file:new,truncate,prealloc,overwrite,overwrite4k,cold "
                        "sync:none,fdatasync,fsync,each,msync size:65536 chunk:4096,65536");
    rows = json_object_get(run, "benchmarks");
    json_array_foreach(rows, index, row)
    {
        const char *name = json_string_value(json_object_get(row, "run_name"));
        assert_non_null(strstr(name, "/size:65536/chunk:"));
        overwritten += strncmp(name, "Mmap/file:overwrite/sync:fdatasync/", 35) == 0;
        copied += strncmp(name, "Memcpy/file:none/sync:none/", 27) == 0;
        if (strcmp(json_string_value(json_object_get(row, "run_type")), "iteration") == 0) {
            check_sample_row(row);
            samples++;
        } else {
            aggregates++;
        }
    }
    assert_int_equal(3 * atoi(json_string_value(json_object_get(context, "cells_selected"))),
                     samples);
    assert_int_equal(samples * 4, aggregates * 3); /* mean, median, stddev and cv of each three */
    assert_int_equal(overwritten, 2 * (3 + 4));
    assert_int_equal(copied, 2 * (3 + 4));
    json_decref(run);
    test_process_free(&process);
    assert_int_equal(test_directory_count(&directory), 1);
    assert_int_equal(unlink(out_path), 0);
}

static long largest_child_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
    return usage.ru_maxrss;
}

/* The rows are there once, and the report is made where it stays: 4.7 KiB a sample at the end. */
static void a_long_run_keeps_its_rows_once(void **state)
{
    enum { FEW = 100, MANY = 2000, MOST_BYTES = 5700 };
    static const char *const repetitions[] = {"--benchmark_repetitions=100",
                                              "--benchmark_repetitions=2000"};
    long before_kib = 0;

    (void)state;
#ifdef BENCH_MMAP_SANITIZED
    skip();
#endif
    for (int i = 0; i < 2; i++) {
        struct test_process process = RUN(out_flag, "--benchmark_filter=^(EmptyCall|NullWrite)/",
                                          "--chunks=4K", "--file_size=4K", repetitions[i]);
        before_kib = i == 0 ? largest_child_kib() : before_kib;
        assert_int_equal(process.status, 0);
        test_process_free(&process);
        assert_int_equal(unlink(out_path), 0);
    }
    long grown_bytes = 1024 * (largest_child_kib() - before_kib) / (2L * (MANY - FEW));
    print_message("%ld bytes a sample\n", grown_bytes);
    assert_in_range(grown_bytes, 0, MOST_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_file_is_complete),
        cmocka_unit_test(a_long_run_keeps_its_rows_once),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}

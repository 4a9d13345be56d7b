/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of reports and of the whole program share: benchmarks, and where the report goes.
 */
#ifndef BENCHMARK_C_TEST_REPORT_H
#define BENCHMARK_C_TEST_REPORT_H

#include "test_support.h"

#include <jansson.h>

static char directory[] = "/tmp/benchmark_c_test_XXXXXX";
static char report_path[64];

/* Half a second an iteration; a counter that is zero, one that is no number, and one whose name
 * is the benchmark's. */
static inline void measure(struct benchmark_state *state, void *user)
{
    while (benchmark_keep_running(state))
        benchmark_set_iteration_time(state, 0.5);
    assert_int_equal(benchmark_set_counter(state, "zero", 0, 0), 0);
    assert_int_equal(benchmark_set_counter(state, "endless", 0, BENCHMARK_COUNTER_INVERT), 0);
    if (user)
        assert_int_equal(benchmark_set_counter(state, user, 7, 0), 0);
}

static inline void break_down(struct benchmark_state *state, void *user)
{
    (void)user;
    benchmark_skip_with_error(state, "broken \"disk\" \x01 \xff");
}

static inline void register_measure(const char *name, char *counter)
{
    must_register(&(struct benchmark_definition){.name = name,
                                                 .run = measure,
                                                 .user = counter,
                                                 .clock = BENCHMARK_CLOCK_MANUAL,
                                                 .iterations = 2});
}

/* Leaves the report in report_path. */
static inline int report(enum benchmark_format format, const struct benchmark_run_options *more,
                         struct benchmark_outcome *outcome)
{
    struct benchmark_run_options options = more ? *more : (struct benchmark_run_options){0};
    struct benchmark_outcome own;
    outcome = outcome ? outcome : &own;
    options.out_format = format;
    int status = benchmark_run(&options, outcome);
    if (outcome->report) {
        FILE *file = fopen(report_path, "w");
        assert_non_null(file);
        assert_int_equal(strlen(outcome->report), outcome->report_bytes);
        assert_int_equal(fwrite(outcome->report, 1, outcome->report_bytes, file),
                         outcome->report_bytes);
        assert_int_equal(fclose(file), 0);
        free(outcome->report);
    }
    return status;
}

static inline json_t *load_report(void)
{
    json_error_t error;
    json_t *root = json_load_file(report_path, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s:%d: %s", report_path, error.line, error.text);
    return root;
}

static inline int make_directory(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(report_path, sizeof(report_path), "%s/report", directory);
    return 0;
}

static inline int remove_directory(void **state)
{
    (void)state;
    unlink(report_path);
    return rmdir(directory);
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the shim share: a reporter that remembers rows, and children.
 */
#ifndef BENCHMARK_C_TEST_SUPPORT_H
#define BENCHMARK_C_TEST_SUPPORT_H

#include "benchmark_c.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* cmocka's assert_float_equal() has the precision of a float. */
static inline void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

struct seen_row {
    struct benchmark_run run; /* its pointers are not used */
    char name[160];
    char run_name[160];
    char aggregate[32];
    char label[64];
    char error[160];
    char counter_names[8][32];
    double counter_values[8];
};

struct seen {
    size_t begins;
    size_t ends;
    size_t count;
    struct seen_row rows[64];
};

static inline void see_begin(void *user)
{
    struct seen *seen = user;
    seen->begins++;
}

static inline void see_end(void *user)
{
    struct seen *seen = user;
    seen->ends++;
}

static inline void see_runs(void *user, const struct benchmark_run *runs, size_t count)
{
    struct seen *seen = user;
    for (size_t i = 0; i < count; i++) {
        assert_true(seen->count < COUNT(seen->rows));
        struct seen_row *row = &seen->rows[seen->count++];
        memset(row, 0, sizeof(*row));
        row->run = runs[i];
        snprintf(row->name, sizeof(row->name), "%s", runs[i].name);
        snprintf(row->run_name, sizeof(row->run_name), "%s", runs[i].run_name);
        snprintf(row->label, sizeof(row->label), "%s", runs[i].label);
        if (runs[i].aggregate_name)
            snprintf(row->aggregate, sizeof(row->aggregate), "%s", runs[i].aggregate_name);
        if (runs[i].error)
            snprintf(row->error, sizeof(row->error), "%s", runs[i].error);
        for (size_t c = 0; c < runs[i].counter_count && c < 8; c++) {
            snprintf(row->counter_names[c], 32, "%s", runs[i].counters[c].name);
            row->counter_values[c] = runs[i].counters[c].value;
        }
    }
}

/* Runs what the filter chooses (NULL: the flag) and remembers the rows. */
static inline int run_and_see(const char *filter, struct seen *seen,
                              struct benchmark_outcome *outcome)
{
    memset(seen, 0, sizeof(*seen));
    const struct benchmark_reporter reporter = {
        .user = seen, .begin = see_begin, .runs = see_runs, .end = see_end};
    return benchmark_run(&(struct benchmark_run_options){.filter = filter, .display = &reporter},
                         outcome);
}

static inline double counter_of(const struct seen_row *row, const char *name)
{
    for (size_t c = 0; c < row->run.counter_count && c < 8; c++) {
        if (strcmp(row->counter_names[c], name) == 0)
            return row->counter_values[c];
    }
    fail_msg("%s has no counter %s", row->name, name);
    return 0;
}

/* "--benchmark_NAME=VALUE". */
static inline int try_flag(const char *flag)
{
    char name[64];
    const char *value = strchr(flag, '=');
    snprintf(name, sizeof(name), "%.*s", (int)(value - flag) - 12, flag + 12);
    return benchmark_set_flag(name, value + 1);
}

static inline void set_flag(const char *flag) { assert_int_equal(try_flag(flag), 0); }

static inline void spin(struct benchmark_state *state, void *user)
{
    (void)user;
    while (benchmark_keep_running(state))
        benchmark_clobber_memory();
}

static inline void must_register(const struct benchmark_definition *definition)
{
    assert_int_equal(benchmark_register(definition), 0);
}

/* Every test starts with no benchmarks and with the same flags. */
static inline int start_clean(void **state)
{
    (void)state;
    benchmark_clear_registered();
    set_flag("--benchmark_repetitions=1");
    set_flag("--benchmark_filter=");
    set_flag("--benchmark_min_time=0.001");
    set_flag("--benchmark_format=console");
    set_flag("--benchmark_out=");
    set_flag("--benchmark_enable_random_interleaving=false");
    set_flag("--benchmark_report_aggregates_only=false");
    set_flag("--benchmark_display_aggregates_only=false");
    set_flag("--benchmark_list_tests=false");
    return 0;
}

static inline char *whole_file(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    size_t size = fread(text, 1, (1 << 20) - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

struct child {
    int status; /* the exit status, or 128 and the signal */
    char *out;
    char *err;
};

/* Runs body in a child with both streams in files. */
static inline struct child in_child(int (*body)(void *), void *argument)
{
    char out[] = "/tmp/benchmark_c_out_XXXXXX";
    char err[] = "/tmp/benchmark_c_err_XXXXXX";
    int out_fd = mkstemp(out);
    int err_fd = mkstemp(err);
    assert_true(out_fd >= 0 && err_fd >= 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(out_fd, STDOUT_FILENO);
        dup2(err_fd, STDERR_FILENO);
        int status = body(argument);
        fflush(NULL);
        _exit(status);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(out_fd);
    close(err_fd);
    struct child child = {.status =
                              WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                          .out = whole_file(out),
                          .err = whole_file(err)};
    unlink(out);
    unlink(err);
    return child;
}

static inline void end_child(struct child *child)
{
    free(child->out);
    free(child->err);
}

#endif

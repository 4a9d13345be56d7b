/* SPDX-License-Identifier: Apache-2.0 */
#include "run_bench.h"

#include <stdio.h>
#include <string.h>

struct test_directory directory;
char dir_flag[96], out_flag[128], out_path[96];

int bench_set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    snprintf(dir_flag, sizeof dir_flag, "--dir=%s", directory.path);
    snprintf(out_path, sizeof out_path, "%s/run.json", directory.path);
    snprintf(out_flag, sizeof out_flag, "--benchmark_out=%s", out_path);
    return 0;
}

int bench_tear_down(void **state)
{
    (void)state;
    assert_int_equal(test_directory_count(&directory), 0);
    test_directory_remove(&directory);
    return 0;
}

enum { MAX_ARGUMENTS = 16 };

struct test_process run_with(const char *const *environment, const char *signal_at,
                             const char *const *more)
{
    const char *argv[MAX_ARGUMENTS + 4] = {BENCH_MMAP_PROGRAM, dir_flag};

    for (int i = 0; i < MAX_ARGUMENTS && more[i] != NULL; i++)
        argv[i + 2] = more[i];
    return test_run(argv, environment, signal_at);
}

size_t count_lines(const char *text, const char *start)
{
    size_t count = 0, length = strlen(start);

    while (text != NULL && *text != '\0') {
        count += strncmp(text, start, length) == 0;
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return count;
}

json_t *load(const char *path)
{
    json_error_t error;
    json_t *run = json_load_file(path, 0, &error);

    if (run == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return run;
}

double number(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (!json_is_number(value))
        fail_msg("no number %s in %s", key, json_string_value(json_object_get(row, "name")));
    return json_number_value(value);
}

const json_t *bench_row(const json_t *rows, const char *name)
{
    const json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "run_name")), name) == 0)
            return row;
    }
    fail_msg("no %s", name);
    return NULL;
}

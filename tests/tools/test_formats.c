/* SPDX-License-Identifier: Apache-2.0 */
/* What every format of bench_results show holds to: width, colour, ASCII, its own syntax. */
#include "tests/support/shown_run.h"

#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void nothing_is_wider_than_asked_for(void **state)
{
    static const int widths[] = {60, 80, 100, 120};

    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        char words[100];
        snprintf(words, sizeof words, "show @run.json --ascii --width=%d", widths[i]);
        struct test_process output = run(words, NULL);
        assert_int_equal(output.status, 0);
        char *rest = NULL;
        for (char *line = strtok_r(output.out, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest)) {
            size_t length = strlen(line);
            if (length > (size_t)widths[i])
                fail_msg("%zu columns instead of %d: %s", length, widths[i], line);
            if (line[length - 1] == ' ')
                fail_msg("a blank ends the line: %s", line);
        }
        test_process_free(&output);
    }
}

static int has_byte_above(const char *text, unsigned char limit)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text > limit)
            return 1;
    return 0;
}

static void ascii_and_colour_obey_the_options(void **state)
{
    struct test_process utf8 = run("show @run.json", NULL);
    struct test_process ascii = run("show @run.json --ascii", NULL);
    struct test_process colour = run("show @run.json --color=always", NULL);

    (void)state;
    assert_true(has_byte_above(utf8.out, 0x7F));
    assert_false(has_byte_above(ascii.out, 0x7E));
    assert_null(strchr(utf8.out, '\033')); /* no terminal: no colour */
    assert_non_null(strchr(colour.out, '\033'));
    assert_null(strchr(ascii.out, '\x1f'));
    test_process_free(&utf8);
    test_process_free(&ascii);
    test_process_free(&colour);
}

/* Whether `show` colours what it prints on a terminal. */
static int is_coloured_on_a_terminal(char *variable)
{
    char *path = path_in("run.json");
    char *arguments[] = {(char *)(uintptr_t)BENCH_RESULTS_PROGRAM, (char *)(uintptr_t) "show", path,
                         NULL};
    char *variables[] = {(char *)(uintptr_t) "TERM=xterm", variable, NULL};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status, coloured = 0;
    posix_spawn_file_actions_t actions;
    char buffer[4096];
    ssize_t count;
    size_t total = 0;
    pid_t child;

    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_addopen(&actions, 1, ptsname(terminal), O_RDWR | O_NOCTTY, 0);
    assert_int_equal(posix_spawn(&child, arguments[0], &actions, NULL, arguments, variables), 0);
    posix_spawn_file_actions_destroy(&actions);
    /* EIO: the other end is closed. */
    while ((count = read(terminal, buffer, sizeof buffer)) > 0) {
        coloured |= memchr(buffer, '\033', (size_t)count) != NULL;
        total += (size_t)count;
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(total > 100);
    free(path);
    return coloured;
}

static void a_terminal_is_coloured_unless_no_color_is_set(void **state)
{
    (void)state;
    assert_true(is_coloured_on_a_terminal(NULL));
    assert_false(is_coloured_on_a_terminal((char *)(uintptr_t) "NO_COLOR=1"));
}

static void json_is_valid_and_says_the_same(void **state)
{
    struct test_process output = run("show @run.json --format=json --predict=12K", NULL);
    json_error_t error;
    json_t *root = json_loads(output.out, JSON_REJECT_DUPLICATES, &error);

    (void)state;
    if (root == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    json_t *table = json_array_get(json_object_get(root, "tables"), 0);
    assert_int_equal(json_array_size(json_object_get(table, "cells")), 4 * 6);
    assert_int_equal(json_integer_value(json_object_get(table, "size_bytes")), 10485760);
    json_t *model = json_array_get(json_object_get(table, "models"), 2);
    assert_string_equal(json_string_value(json_object_get(model, "writer")), "Write");
    double call =
        json_number_value(json_object_get(json_object_get(model, "per_call_ns"), "estimate"));
    assert_true(call > 900 && call < 1100);
    assert_true(json_is_null(json_object_get(model, "code")));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(root, "verdict"), "doubtful")), "no");
    json_decref(root);
    test_process_free(&output);
    output = run("advise @run.json --chunk=4K --format=json", NULL);
    root = json_loads(output.out, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "writers")), 4);
    json_decref(root);
    test_process_free(&output);
}

static void csv_rows_have_the_heading_s_columns(void **state)
{
    struct test_process output = run("show @run.json --format=csv", NULL);
    char *rest = NULL;
    size_t columns = 0, rows = 0;

    (void)state;
    for (char *line = strtok_r(output.out, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest), rows++) {
        size_t commas = 0;
        for (char *p = line; *p != '\0'; p++)
            commas += *p == ',';
        if (rows == 0)
            columns = commas;
        assert_int_equal(commas, columns);
    }
    assert_int_equal(rows, 1 + 4 * 6);
    test_process_free(&output);
}

static void csv_quotes_a_name_with_a_comma(void **state)
{
    struct test_process rows = run("show " TEST_DATA_DIR "/comma.json --format=csv", NULL);
    struct test_process advice =
        run("advise " TEST_DATA_DIR "/comma.json --chunk=8 --format=csv", NULL);

    (void)state;
    assert_non_null(strstr(rows.out, "\n\"Say \"\"hi\"\", twice\",,,0,8,1,time,ns,1,5,"));
    assert_int_equal(advice.status, 4); /* a sample each */
    assert_string_equal(advice.out,
                        "writer,time_ns,ratio,ratio_low,ratio_high,mark\n"
                        "\"Say \"\"hi\"\", twice\",5,1,,,best\n"
                        "Write,7,1.4,,,\n");
    test_process_free(&rows);
    test_process_free(&advice);
}

static void markdown_tables_are_even(void **state)
{
    struct test_process output = run("show @run.json --format=markdown", NULL);
    char *rest = NULL;
    size_t bars = 0, tables = 0;

    (void)state;
    for (char *line = strtok_r(output.out, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        size_t here = 0;
        for (char *p = line; *p != '\0'; p++)
            here += *p == '|';
        if (line[0] != '|') {
            bars = 0;
            continue;
        }
        tables += bars == 0;
        if (bars != 0)
            assert_int_equal(here, bars);
        bars = here;
    }
    assert_int_equal(tables, 3);
    test_process_free(&output);
}

static void the_same_seed_gives_the_same_text(void **state)
{
    struct test_process one = run("show @run.json --seed=4 --format=json", NULL);
    struct test_process same = run("show @run.json --seed 4 --format json", NULL);
    struct test_process other = run("show @run.json --seed=5 --format=json", NULL);

    (void)state;
    assert_string_equal(one.out, same.out);
    assert_string_not_equal(one.out, other.out);
    test_process_free(&one);
    test_process_free(&same);
    test_process_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wider_than_asked_for),
        cmocka_unit_test(ascii_and_colour_obey_the_options),
        cmocka_unit_test(a_terminal_is_coloured_unless_no_color_is_set),
        cmocka_unit_test(json_is_valid_and_says_the_same),
        cmocka_unit_test(csv_rows_have_the_heading_s_columns),
        cmocka_unit_test(csv_quotes_a_name_with_a_comma),
        cmocka_unit_test(markdown_tables_are_even),
        cmocka_unit_test(the_same_seed_gives_the_same_text),
    };
    return cmocka_run_group_tests(tests, make_shown_run, place_remove);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results claims: its statuses, its formats, and files of claims. */
#include "tests/support/run_files.h"
#include "tests/support/shown_run.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void write_claims(const char *text)
{
    char *path = path_in("my.claims");

    write_file(path, text);
    free(path);
}

/* Of the claims in the text, marked must or not. */
static int status_of(const char *text)
{
    write_claims(text);
    struct test_process output = run("claims @run.json --file=@my.claims", NULL);
    int status = output.status;
    test_process_free(&output);
    return status;
}

static void the_status_is_that_of_the_claims_that_must_hold(void **state)
{
    (void)state;
    assert_int_equal(status_of("claim a must\n holds Mmap < 2 Write where chunk:1K\n"), 0);
    assert_int_equal(status_of("claim a must\n holds Mmap < Write where chunk:1M\n"), 3);
    assert_int_equal(status_of("claim a\n holds Mmap < Write where chunk:1M\n"), 0);
    assert_int_equal(status_of("claim a must\n holds Write < Pwrite where chunk:1M\n"), 4);
    assert_int_equal(status_of("claim a must\n holds ReadMmap < ReadCall\n"), 4);
    assert_int_equal(status_of("claim a\n holds ReadMmap < ReadCall\n"), 0);
    assert_int_equal(status_of("claim a must\n holds ReadMmap < ReadCall\n"
                               "claim b must\n holds Mmap < Write where chunk:1M\n"),
                     3);
}

static void a_bad_file_is_told_by_line_and_column(void **state)
{
    char *path = path_in("my.claims");
    char expected[300];

    (void)state;
    write_claims("claim a\n  holds Mmap fualts < Write\n");
    snprintf(expected, sizeof expected,
             "bench_results claims: %s:2:14: 'fualts': there is no such metric; is faults meant?\n",
             path);
    struct test_process output = run("claims @run.json --file=@my.claims", NULL);
    assert_int_equal(output.status, 1);
    assert_string_equal(output.out, "");
    assert_string_equal(output.err, expected);
    test_process_free(&output);
    free(path);
    SAYS("claims @run.json --file=@gone.claims", 1, "cannot be read: No such file");
    SAYS("claims @gone.json", 1, "gone.json");
}

static void json_and_csv_say_what_was_found(void **state)
{
    json_error_t error;

    (void)state;
    write_claims(
        "claim a must\n holds Mmap faults >= pages where chunk:4K\n says \"x\", y\n"
        "claim b\n holds ReadMmap < ReadCall\n");
    struct test_process output = run("claims @run.json --file=@my.claims --format=json", NULL);
    json_t *root = json_loads(output.out, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    json_t *rows = json_object_get(root, "claims"), *first = json_array_get(rows, 0),
           *second = json_array_get(rows, 1);
    assert_int_equal(json_integer_value(json_object_get(root, "holds")), 1);
    assert_int_equal(json_integer_value(json_object_get(root, "not_measured")), 1);
    assert_string_equal(json_string_value(json_object_get(first, "outcome")), "holds");
    assert_true(json_number_value(json_object_get(json_object_get(first, "figure"), "low")) == 1);
    assert_string_equal(json_string_value(json_object_get(second, "missing_what")), "ReadMmap");
    json_decref(root);
    test_process_free(&output);
    output = run("claims @run.json --file=@my.claims --format=csv", NULL);
    assert_non_null(strstr(output.out, "\na,yes,holds,1,1,1,1,1,Mmap/"));
    assert_non_null(strstr(output.out, ",\"\"\"x\"\", y\",\n"));
    assert_non_null(strstr(output.out, "\nb,no,not_measured,,,,1,0,,series,ReadMmap,"));
    test_process_free(&output);
    SAYS("claims @run.json --file=@my.claims", 0, "Of 2 claims 1 holds here, 1 was not measured.",
         "the run has no ReadMmap");
}

static void the_published_ones_are_asked_where_none_are_given(void **state)
{
    (void)state;
    SAYS("claims @run.json --width=100", 0, "fault-per-page", "holds here", "does not hold");
    SAYS("claims @run.json --format=markdown", 0, "| lesson-large-chunks |");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_status_is_that_of_the_claims_that_must_hold),
        cmocka_unit_test(a_bad_file_is_told_by_line_and_column),
        cmocka_unit_test(json_and_csv_say_what_was_found),
        cmocka_unit_test(the_published_ones_are_asked_where_none_are_given),
    };
    return cmocka_run_group_tests(tests, make_shown_run, place_remove);
}

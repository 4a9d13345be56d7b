/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations for a workflow: a name from a run cannot end one or begin another. */
#include "src/report/comparison_report.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

static void assert_annotates(const struct comparison *comparison, const char *expected)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    report_annotations(out, comparison);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void a_name_cannot_begin_an_annotation_of_its_own(void **state)
{
    char *names[] = {"100%\r\n::error title=planted::x"};
    struct comparison_row rows[] = {
        {.finding = {.kind = ROW_CELL, .change = CHANGE_SLOWER, .ratio = {1.5, 1.4, 1.6}}}};
    struct comparison comparison = {.table = {.count = 1, .rows = rows}, .cell_names = names};

    (void)state;
    assert_annotates(&comparison,
                     "::error title=Slower::100%25%0D%0A::error title=planted::x takes "
                     "1.500 times as long\n");
}

/* A change against the peers is not called the row's own. */
static void what_was_found_against_peers_is_said_so(void **state)
{
    struct comparison_row rows[] = {{.finding = {.kind = ROW_CELL,
                                                 .change = CHANGE_SLOWER,
                                                 .by_relative = 1,
                                                 .ratio = {1.01, 0.9, 1.1},
                                                 .relative = {1.2, 1.1, 1.3}}}};
    char *names[] = {"Write"};
    struct comparison comparison = {.table = {.count = 1, .rows = rows}, .cell_names = names};

    (void)state;
    assert_annotates(&comparison,
                     "::error title=Slower::Write takes 1.200 times as long, against its "
                     "peers\n");
}

/* In its title a colon or a comma would end it. */
static void a_machine_cannot_end_a_title(void **state)
{
    struct comparison_row rows[] = {
        {.finding = {.kind = ROW_CELL, .change = CHANGE_SLOWER, .ratio = {1.5, 1.4, 1.6}}}};
    char *names[] = {"Write"}, *text = NULL;
    struct machine_comparison machines[] = {
        {.key = "m,file=x::y%",
         .comparison = {.table = {.count = 1, .rows = rows}, .cell_names = names}}};
    struct across_machines across = {.count = 1, .machines = machines};
    size_t length;
    FILE *out = open_memstream(&text, &length);

    (void)state;
    assert_non_null(out);
    report_annotations_across(out, &across);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text,
                        "::error title=Slower on machine m%2Cfile=x%3A%3Ay%25::Write takes 1.500 "
                        "times as long\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_cannot_begin_an_annotation_of_its_own),
        cmocka_unit_test(what_was_found_against_peers_is_said_so),
        cmocka_unit_test(a_machine_cannot_end_a_title),
    };
    return cmocka_run_group_tests_name("annotations", tests, NULL, NULL);
}

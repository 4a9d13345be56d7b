/* SPDX-License-Identifier: Apache-2.0 */
/* Which cells should have been measured: runs are drawn as one sign each, oldest first. */
#include "src/watch/check.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

enum { RUNS_MOST = 64, NEWEST = 6 };

/* x: measured, F: failed, 0: a time of zero; else: not there. */
struct drawn {
    const char *cell;
    const char *selection; /* of the runs; '-': it is not said. NULL: none says it */
    enum absence absence;
    int gone_at;  /* accepted at that run; -1: nothing was */
    int level_at; /* the same of a new level */
    const char *may_miss;
};

/* failed_since may be NULL. */
static enum absence look_at(const struct drawn *drawn, size_t *failed_since)
{
    static struct context_entry context[RUNS_MOST];
    static char selection[RUNS_MOST][2];
    struct history_run runs[RUNS_MOST] = {0};
    struct history_value values[RUNS_MOST] = {0};
    double time_ns[RUNS_MOST];
    struct history_cell cell = {.name = "Write/chunk:4096", .values = values};
    struct accepted_change accepted[2];
    struct run_window window = {.time_ns = time_ns, .accepted = accepted};
    struct absence_query query = {.newest = NEWEST};
    regex_t regex;
    size_t count = strlen(drawn->cell);

    for (size_t i = 0; i < count; i++) {
        char sign = drawn->cell[i];
        time_ns[i] = sign == 'x' ? 1e6 : sign == '0' ? 0 : (double)NAN;
        values[i] =
            (struct history_value){time_ns[i], time_ns[i], sign == 'x' || sign == '0', sign == 'F'};
        if (drawn->selection == NULL || drawn->selection[i] == '-')
            continue;
        selection[i][0] = drawn->selection[i];
        context[i] = (struct context_entry){.key = "selection", .value = selection[i]};
        runs[i].context = &context[i];
        runs[i].context_count = 1;
    }
    if (drawn->gone_at >= 0)
        accepted[window.accepted_count++] =
            (struct accepted_change){(size_t)drawn->gone_at, cell.name, "gone", 1};
    if (drawn->level_at >= 0)
        accepted[window.accepted_count++] =
            (struct accepted_change){(size_t)drawn->level_at, NULL, "level", 0};
    window.series = (struct history_series){
        .runs = {.runs = runs, .count = count}, .cells = &cell, .cell_count = 1};
    if (drawn->may_miss != NULL) {
        assert_int_equal(regcomp(&regex, drawn->may_miss, REG_EXTENDED | REG_NOSUB), 0);
        query.allow_missing = &regex;
    }
    enum absence absence = absence_of(&window, 0, &query);
    if (drawn->may_miss != NULL)
        regfree(&regex);
    if (failed_since != NULL)
        *failed_since = absence_failed_since(&window, 0);
    return absence;
}

static enum absence look(const struct drawn *drawn) { return look_at(drawn, NULL); }

static void what_should_be_there_is_missed(void **state)
{
    static const struct drawn cases[] = {
        {"xxxxxxxxxxxx", NULL, ABSENCE_NONE, -1, -1, NULL},
        {"............", NULL, ABSENCE_NONE, -1, -1, NULL},
        {"xxxxxxxxxxx.", NULL, ABSENCE_MISSING, -1, -1, NULL},
        /* Also longer ago than what is judged, until it is back or known to be gone. */
        {"xxxxxxxx....................", NULL, ABSENCE_MISSING, -1, -1, NULL},
        {"xxxxxxxx......x", NULL, ABSENCE_NONE, -1, -1, NULL},
        {"xxxxxxxxxxx.", NULL, ABSENCE_RETIRED, 11, -1, NULL},
        {"xxxxxxxx....................", NULL, ABSENCE_RETIRED, 8, -1, NULL},
        {"xxxxxxxxxxx.", NULL, ABSENCE_RETIRED, -1, -1, "^Write"},
        {"xxxxxxxxxxx.", NULL, ABSENCE_MISSING, -1, -1, "^Mmap"},
        /* Accepted once, it may come and go. */
        {"xxxxxxx..xx.", NULL, ABSENCE_NONE, 7, -1, NULL},
        {"xxxxxxx..xx.........", NULL, ABSENCE_RETIRED, 7, -1, NULL},
        /* A new level is no excuse. */
        {"xxxxxxxxxxx.", NULL, ABSENCE_MISSING, -1, 11, NULL},
        /* Times of zero are none. */
        {"xxxxxxxxxxx0", NULL, ABSENCE_MISSING, -1, -1, NULL},
        /* Now and then only; given up. */
        {"x...x...x...x.", NULL, ABSENCE_NONE, -1, -1, NULL},
        {"x...x...x...x.......", NULL, ABSENCE_RETIRED, -1, -1, NULL},
        /* Headline runs beside full ones. */
        {"xxx..x...x..", "fffhhfhhhfhh", ABSENCE_NONE, -1, -1, NULL},
        {"xxx..x...x....", "fffhhfhhhfhhhf", ABSENCE_MISSING, -1, -1, NULL},
        {"xxx..x...x.....", "fffhhfhhhfhhhfh", ABSENCE_MISSING, -1, -1, NULL},
        /* A run that does not say what it selected goes with all. */
        {"xxxxxxxx.", "--------f", ABSENCE_MISSING, -1, -1, NULL},
        {"xxxxxxxx.", "aaaaaaaab", ABSENCE_NONE, -1, -1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (look(&cases[i]) != cases[i].absence)
            fail_msg("%s, %s: %d", cases[i].cell, cases[i].selection, (int)look(&cases[i]));
}

static void a_failure_counts_where_it_is_new(void **state)
{
    static const struct drawn cases[] = {
        {"xxxxxxxxxxxF", NULL, ABSENCE_FAILED, -1, -1, NULL},
        {"xxxxFFFFFFFFFFFFFFFF", NULL, ABSENCE_FAILED, -1, -1, NULL},
        {"FFFFFFFFFFFF", NULL, ABSENCE_FAILING, -1, -1, NULL},
        {"FxFFFxFFFFxF", NULL, ABSENCE_FAILING, -1, -1, NULL},
        {"xxxxxxxxxxFx", NULL, ABSENCE_NONE, -1, -1, NULL},
        /* Its last row counts, whatever other runs select. */
        {"xxxxxxxxxF..", "fffffffffhhh", ABSENCE_FAILED, -1, -1, NULL},
        {"xxxxxxxxxF..", NULL, ABSENCE_RETIRED, 10, -1, NULL},
        /* Accepted as it is. */
        {"xxxxxxxxxFFF", NULL, ABSENCE_FAILING, -1, 9, NULL},
        {"xxxxxxxxxFFF", NULL, ABSENCE_FAILED, -1, -1, "^Write"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (look(&cases[i]) != cases[i].absence)
            fail_msg("%s: %d", cases[i].cell, (int)look(&cases[i]));
}

/* Gaps do not end a series of failures, and good runs do. */
static void failures_have_a_beginning(void **state)
{
    static const struct {
        const char *cell;
        size_t since;
    } cases[] = {{"xxxxxxxxxxxF", 11},
                 {"xxxxFFFFFFFF", 4},
                 {"xxxx.F..FF..", 5},
                 {"FFFFFFFFFFFF", 0},
                 {"xxFFFxFFxxxF", 11}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t since;
        look_at(&(struct drawn){cases[i].cell, NULL, ABSENCE_NONE, -1, -1, NULL}, &since);
        assert_int_equal(since, cases[i].since);
    }
}

static void a_run_that_was_cut_off_lacks_what_it_selected(void **state)
{
    struct context_entry context = {.key = "cells_selected", .value = "28"};
    struct history_run run = {.cells = 20, .context = &context, .context_count = 1};
    struct run_window window = {.series = {.runs = {.runs = &run, .count = 1}}};

    (void)state;
    assert_int_equal(absence_not_reached(&window), 8);
    run.cells = 28;
    assert_int_equal(absence_not_reached(&window), 0);
    run.context_count = 0;
    run.cells = 3;
    assert_int_equal(absence_not_reached(&window), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_should_be_there_is_missed),
        cmocka_unit_test(a_failure_counts_where_it_is_new),
        cmocka_unit_test(failures_have_a_beginning),
        cmocka_unit_test(a_run_that_was_cut_off_lacks_what_it_selected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

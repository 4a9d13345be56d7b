/* SPDX-License-Identifier: Apache-2.0 */
#include "absence.h"

#include <stdlib.h>
#include <string.h>

/* A cell is there regularly that half of so many runs have. */
enum { RECENT = 10 };

struct column {
    const struct run_window *window;
    const struct history_value *values; /* [run] */
    const double *time_ns;              /* [run] */
    size_t runs;
};

static int has_failed(const struct column *column, size_t run)
{
    return column->values[run].errors > 0;
}

static int has_row(const struct column *column, size_t run)
{
    return column->time_ns[run] > 0 || has_failed(column, run);
}

static int is_alike(const struct column *column, size_t a, size_t b)
{
    const struct history_run *runs = column->window->series.runs.runs;
    const char *x = history_context(&runs[a], "selection");
    const char *y = history_context(&runs[b], "selection");

    return x == NULL || y == NULL || strcmp(x, y) == 0;
}

static struct column column_of(const struct run_window *window, size_t number)
{
    size_t runs = window->series.runs.count;

    return (struct column){window, window->series.cells[number].values,
                           &window->time_ns[number * runs], runs};
}

/* Behind the last run that has a row; 0: none. */
static size_t end_of(const struct column *column)
{
    size_t end = column->runs;

    while (end > 0 && !has_row(column, end - 1))
        end--;
    return end;
}

/* Where the failures begin that the last run is one of, and no row lies between. */
static size_t failures_begin(const struct column *column, size_t last, size_t start)
{
    size_t at = last + 1, first = last;

    for (; at > start && (has_failed(column, at - 1) || !has_row(column, at - 1)); at--)
        first = has_failed(column, at - 1) ? at - 1 : first;
    return first;
}

/* Of the runs before those that failed in a row, from the last accepted one on. */
static int is_new_failure(const struct column *column, size_t last, size_t start)
{
    size_t rows = 0, good = 0;

    for (size_t at = failures_begin(column, last, start); at > start && rows < RECENT; at--)
        if (has_row(column, at - 1)) {
            rows++;
            good += !has_failed(column, at - 1);
        }
    return good > 0 && 2 * good >= rows;
}

static int is_regular(const struct column *column, size_t last)
{
    size_t alike = 0, present = 0;

    for (size_t at = last + 1; at > 0 && alike < RECENT; at--)
        if (is_alike(column, last, at - 1)) {
            alike++;
            present += (size_t)has_row(column, at - 1);
        }
    return 2 * present >= alike;
}

static int has_later(const struct column *column, size_t last)
{
    for (size_t at = last + 1; at < column->runs; at++)
        if (is_alike(column, last, at))
            return 1;
    return 0;
}

enum absence absence_of(const struct run_window *window, size_t column_number,
                        const struct absence_query *query)
{
    const struct history_cell *cell = &window->series.cells[column_number];
    const struct column column = column_of(window, column_number);
    size_t runs = column.runs, last = end_of(&column);

    if (last-- == 0)
        return ABSENCE_NONE;
    int may_miss =
        query->allow_missing != NULL && regexec(query->allow_missing, cell->name, 0, NULL, 0) == 0;
    const struct accepted_change *gone = accepted_last(window, cell->name, 1);
    const struct accepted_change *level = accepted_last(window, cell->name, 0);
    if (last + 1 < runs && (may_miss || (gone != NULL && gone->run > last)))
        return ABSENCE_RETIRED;
    if (has_failed(&column, last))
        return is_new_failure(&column, last, level != NULL ? level->run : 0) ? ABSENCE_FAILED
                                                                             : ABSENCE_FAILING;
    if (gone == NULL && has_later(&column, last) && is_regular(&column, last))
        return ABSENCE_MISSING;
    return last + query->newest < runs ? ABSENCE_RETIRED : ABSENCE_NONE;
}

size_t absence_failed_since(const struct run_window *window, size_t column_number)
{
    const struct column column = column_of(window, column_number);
    size_t end = end_of(&column);

    return end > 0 ? failures_begin(&column, end - 1, 0) : 0;
}

size_t absence_of_all_before(const struct run_window *window, size_t *first)
{
    size_t count = 0, newest = window->series.runs.count - 1;

    for (size_t c = window->series.cell_count; newest > 0 && c-- > 0;) {
        const struct column column = column_of(window, c);
        size_t before = newest;
        while (before > 0 && !has_row(&column, before - 1))
            before--;
        if (before > 0 || !has_row(&column, newest))
            continue;
        *first = c;
        count++;
    }
    return count;
}

size_t absence_not_reached(const struct run_window *window)
{
    const struct history_run *newest = &window->series.runs.runs[window->series.runs.count - 1];
    const char *selected = history_context(newest, "cells_selected");
    unsigned long long cells = selected != NULL ? strtoull(selected, NULL, 10) : 0;

    return cells > newest->cells ? (size_t)(cells - newest->cells) : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a check: their names, their times, and which of them come first. */
#include "check_words.h"
#include "src/statistics/quantiles.h"
#include "watch_words.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEAN_SHARE 0.8

static const char *const kind_words[] = {
    [WATCH_ALL] = "all",
    [WATCH_WRITER] = "writer",
    [WATCH_CELL] = "cell",
    [WATCH_CONTROL] = "control",
};

const char *check_kind_word(enum watch_kind kind) { return kind_words[kind]; }

int check_is_found(const struct watch_row *row) { return row->change != CHANGE_INCONCLUSIVE; }

static int is_of_cell(const struct watch_row *row)
{
    return row->kind == WATCH_CELL || row->kind == WATCH_CONTROL;
}

const char *check_row_name(const struct check *check, const struct watch_row *row)
{
    return row->kind == WATCH_ALL      ? "all cells"
           : row->kind == WATCH_WRITER ? check->groups[row->index]
                                       : check->past.series.cells[check->column[row->index]];
}

char *check_common(const struct check *check)
{
    char **names = calloc(check->cells + 1, sizeof *names), *common;

    if (names == NULL)
        return NULL;
    for (size_t c = 0; c < check->cells; c++)
        names[c] = check->past.series.cells[check->column[c]];
    common = watch_common(names, check->cells);
    free(names);
    return common;
}

char *check_short_name(const struct check *check, const struct watch_row *row, const char *common)
{
    const char *name = check_row_name(check, row);
    return row->kind == WATCH_ALL ? strdup(name) : watch_short_name(name, common);
}

static double median_of(const double *value, size_t begin, size_t end, double *room)
{
    size_t count = 0;

    for (size_t i = begin; i < end; i++)
        if (value[i] > 0)
            room[count++] = value[i];
    stats_sort(room, count);
    return count > 0 ? stats_median(room, count) : (double)NAN;
}

int check_row_times(const struct check *check, const struct watch_row *row, double *before_ns,
                    double *now_ns)
{
    size_t runs = check->past.series.runs.count;

    *before_ns = *now_ns = (double)NAN;
    if (!is_of_cell(row))
        return 0;
    double *room = calloc(runs + 1, sizeof *room);
    if (room == NULL)
        return -ENOMEM;
    const double *value = &check->past.time_ns[check->column[row->index] * runs];
    size_t since = check_is_found(row) ? row->since : row->from;
    *before_ns = median_of(value, row->from, since, room);
    *now_ns = median_of(value, since, runs, room);
    free(room);
    return 0;
}

static int rank_of(const struct watch_row *row)
{
    if (!check_is_found(row))
        return 0;
    if (row->kind == WATCH_CONTROL)
        return 4;
    return row->change == CHANGE_SLOWER ? 3 : row->change == CHANGE_DIVERGED ? 2 : 1;
}

static double size_of(const struct watch_row *row) { return fabs(log(row->ratio.estimate)); }

static int is_part_of(const struct check *check, const struct watch_row *row,
                      const struct watch_row *mean)
{
    if (row->kind <= mean->kind || row->kind == WATCH_CONTROL)
        return 0;
    return mean->kind == WATCH_ALL ||
           (mean->kind == WATCH_WRITER && check->group[row->index] == mean->index);
}

/* What one writer or cell does pulls the means over it along: then they are not what changed. */
static int is_pulled(const struct check *check, const struct watch_row *mean)
{
    for (size_t r = 0; check_is_found(mean) && r < check->watched.count; r++) {
        const struct watch_row *row = &check->watched.rows[r];
        if (row->change == mean->change && is_part_of(check, row, mean) &&
            size_of(mean) < MEAN_SHARE * size_of(row))
            return 1;
    }
    return 0;
}

/* At the same place; where a drift is taken for a step is anyone's guess. */
static int is_same_event(const struct watch_row *a, const struct watch_row *b)
{
    return (a->drift.is_drift && b->drift.is_drift) ||
           (a->since <= b->since + STEP_NEAR && b->since <= a->since + STEP_NEAR);
}

static int follows(const struct check *check, const struct watch_row *row)
{
    for (size_t r = 0; !row->by_relative && r < check->watched.count; r++) {
        const struct watch_row *mean = &check->watched.rows[r];
        if (mean->change == row->change && is_part_of(check, row, mean) &&
            is_same_event(row, mean) && size_of(mean) >= MEAN_SHARE * size_of(row))
            return 1;
    }
    return 0;
}

int check_is_new(const struct check *check, const struct watch_row *row)
{
    return check_is_found(row) && !is_pulled(check, row) && !follows(check, row);
}

static int comes_before(const struct watch_row *a, int a_pulled, const struct watch_row *b,
                        int b_pulled)
{
    int a_rank = rank_of(a), b_rank = rank_of(b);

    if (a_rank != b_rank)
        return a_rank > b_rank;
    if (a_pulled != b_pulled)
        return b_pulled;
    if (a->kind != b->kind || a_rank == 0)
        return a->kind < b->kind;
    return size_of(a) > size_of(b);
}

int check_order(const struct check *check, size_t *order)
{
    const struct watch_row *rows = check->watched.rows;
    int *pulled = calloc(check->watched.count + 1, sizeof *pulled);

    if (pulled == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < check->watched.count; i++) {
        size_t at = i;
        pulled[i] = is_pulled(check, &rows[i]);
        for (; at > 0 &&
               comes_before(&rows[i], pulled[i], &rows[order[at - 1]], pulled[order[at - 1]]);
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    free(pulled);
    return 0;
}

size_t check_context_changes(const struct check *check, const struct watch_row *row,
                             struct context_change found[CONTEXT_CHANGES_MOST])
{
    size_t runs = check->past.series.runs.count, before = row->since;

    if (row->since == 0)
        return 0;
    /* A cell that not every run has is held against the run that it was last in. */
    do
        before--;
    while (is_of_cell(row) && before > row->from &&
           !(check->past.time_ns[check->column[row->index] * runs + before] > 0));
    return context_changes_near(&check->past, row->from, before, row->since, found);
}

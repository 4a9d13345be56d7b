/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a check: names, times, what changed with them, and which of them come first. */
#include "check.h"

#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdlib.h>

#define MEAN_SHARE 0.8

static int is_of_cell(const struct watch_row *row)
{
    return row->finding.kind == ROW_CELL || row->finding.kind == ROW_CONTROL;
}

static const char *name_of(const struct check *check, const struct watch_row *row)
{
    return row->finding.kind == ROW_ALL ? "all cells"
           : row->finding.kind == ROW_WRITER
               ? check->groups[row->finding.index]
               : check->window.series.cells[check->column[row->finding.index]].name;
}

/* Of the times that are there: those above 0. */
static double median_of(const double *value, size_t begin, size_t end, double *room)
{
    for (size_t i = begin; i < end; i++)
        room[i - begin] = value[i] > 0 ? value[i] : (double)NAN;
    return stats_median_present(room, end - begin, room);
}

static void take_times(const struct check *check, struct check_row *row, double *room)
{
    const struct watch_row *step = row->step;
    size_t runs = check->window.series.runs.count;

    row->before_ns = row->now_ns = (double)NAN;
    if (!is_of_cell(step))
        return;
    const double *value = &check->window.time_ns[check->column[step->finding.index] * runs];
    size_t since = finding_is_change(&step->finding) ? step->since : step->from;
    row->before_ns = median_of(value, step->from, since, room);
    row->now_ns = median_of(value, since, runs, room);
}

/* A cell that not every run has is compared with the run that it was last in. */
static void take_context_changes(const struct check *check, struct check_row *row)
{
    const struct watch_row *step = row->step;
    size_t runs = check->window.series.runs.count, before = step->since;

    if (!finding_is_change(&step->finding) || step->since == 0)
        return;
    do
        before--;
    while (is_of_cell(step) && before > step->from &&
           !(check->window.time_ns[check->column[step->finding.index] * runs + before] > 0));
    row->change_count =
        context_changes_near(&check->window, step->from, before, step->since, row->changes);
}

static double size_of(const struct watch_row *row)
{
    return fabs(log(row->finding.ratio.estimate));
}

static int is_part_of(const struct check *check, const struct watch_row *row,
                      const struct watch_row *mean)
{
    if (row->finding.kind <= mean->finding.kind || row->finding.kind == ROW_CONTROL)
        return 0;
    return mean->finding.kind == ROW_ALL ||
           (mean->finding.kind == ROW_WRITER &&
            check->group[row->finding.index] == mean->finding.index);
}

/* A writer or a cell that changed a lot changes the means over it: these then say nothing new. */
static int is_pulled(const struct check *check, const struct watch_row *mean)
{
    for (size_t r = 0; finding_is_change(&mean->finding) && r < check->watched.count; r++) {
        const struct watch_row *row = &check->watched.rows[r];
        if (row->finding.change == mean->finding.change && is_part_of(check, row, mean) &&
            size_of(mean) < MEAN_SHARE * size_of(row))
            return 1;
    }
    return 0;
}

/* At the same place; at which run a drift is taken for a step is arbitrary. */
static int is_same_event(const struct watch_row *a, const struct watch_row *b)
{
    return (a->drift.is_drift && b->drift.is_drift) ||
           (a->since <= b->since + STEP_NEAR && b->since <= a->since + STEP_NEAR);
}

static int follows(const struct check *check, const struct watch_row *row)
{
    for (size_t r = 0; !row->finding.by_relative && r < check->watched.count; r++) {
        const struct watch_row *mean = &check->watched.rows[r];
        if (mean->finding.change == row->finding.change && is_part_of(check, row, mean) &&
            is_same_event(row, mean) && size_of(mean) >= MEAN_SHARE * size_of(row))
            return 1;
    }
    return 0;
}

/* What a pulled mean says is said by what pulled it: it comes later among findings alike, and any
 * other mean comes before its parts. */
static int in_order(const void *a, const void *b)
{
    const struct check_row *x = a, *y = b;
    const struct finding *s = &x->step->finding, *t = &y->step->finding;
    int alike = s->change == t->change && (s->kind == ROW_CONTROL) == (t->kind == ROW_CONTROL);

    if (alike && x->is_pulled != y->is_pulled)
        return x->is_pulled - y->is_pulled;
    int order = finding_order(s, t, 0);
    return order != 0 ? order : (x->step > y->step) - (x->step < y->step);
}

void check_rows_make(struct check *check)
{
    struct arena *arena = &check->window.arena;
    size_t count = check->watched.count;
    double *room = arena_array(arena, check->window.series.runs.count, sizeof *room);

    check->rows = arena_array(arena, count, sizeof *check->rows);
    if (arena->error != 0)
        return;
    for (size_t r = 0; r < count; r++) {
        const struct watch_row *step = &check->watched.rows[r];
        struct check_row *row = &check->rows[r];
        *row = (struct check_row){
            .step = step, .name = name_of(check, step), .is_pulled = is_pulled(check, step)};
        row->is_new = finding_is_change(&step->finding) && !row->is_pulled && !follows(check, step);
        take_times(check, row, room);
        take_context_changes(check, row);
    }
    qsort(check->rows, count, sizeof *check->rows, in_order);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "confirm.h"
#include "src/run/name.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t count_present(const double *time_ns, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count += time_ns[i] > 0;
    return count;
}

/* A cell that none of the newest runs has cannot have changed among them. */
static int is_judged(const struct check *check, size_t column)
{
    size_t runs = check->window.series.runs.count, newest = check->options.newest;

    return check->absence[column] != ABSENCE_RETIRED &&
           count_present(&check->window.time_ns[column * runs], runs > newest ? runs - newest : 0,
                         runs) > 0;
}

static size_t start_of(const struct run_window *window, const char *cell)
{
    const struct accepted_change *accepted = accepted_last(window, cell, 0);

    return accepted != NULL ? accepted->run : 0;
}

static void find_absences(struct check *check, const regex_t *allow_missing)
{
    const struct absence_query query = {check->options.newest, allow_missing};
    size_t columns = check->window.series.cell_count;

    check->absence = arena_array(&check->window.arena, columns, sizeof *check->absence);
    for (size_t column = 0; check->absence != NULL && column < columns; column++) {
        check->absence[column] = absence_of(&check->window, column, &query);
        check->absent[check->absence[column]]++;
    }
    check->missing = absence_not_reached(&check->window);
    if (check->missing < check->absent[ABSENCE_MISSING])
        check->missing = check->absent[ABSENCE_MISSING];
}

/* What watch_newest() is given. */
static void take_cells(struct check *check, struct watch_series *series)
{
    struct arena *arena = &check->window.arena;
    const struct history_series *from = &check->window.series;
    size_t columns = from->cell_count, runs = from->runs.count;
    size_t *start = arena_array(arena, columns, sizeof *start);
    int *control = arena_array(arena, columns, sizeof *control);
    double *time_ns = arena_array(arena, columns * runs, sizeof *time_ns);

    check->column = arena_array(arena, columns, sizeof *check->column);
    check->groups = arena_array(arena, columns, sizeof *check->groups);
    check->group = arena_array(arena, columns, sizeof *check->group);
    for (size_t column = 0; arena->error == 0 && column < columns; column++) {
        const char *name = from->cells[column].name;
        struct name parts;
        size_t cell = check->cells;
        if (!is_judged(check, column))
            continue;
        check->column[check->cells++] = column;
        memcpy(&time_ns[cell * runs], &check->window.time_ns[column * runs],
               runs * sizeof *time_ns);
        name_parse(name, &parts);
        control[cell] = name_is_control(&parts);
        start[cell] = start_of(&check->window, name);
        check->group[cell] = name_segments_group(arena, check->groups, &check->group_count, name);
    }
    *series = (struct watch_series){.runs = runs,
                                    .cells = check->cells,
                                    .groups = check->group_count,
                                    .group = check->group,
                                    .control = control,
                                    .time_ns = time_ns,
                                    .start = start};
}

/* The most runs that a cell of the row has; a mean has at least half of its cells in each. */
static size_t row_runs(const struct watch_series *series, const struct finding *row)
{
    size_t most = 0;

    for (size_t c = 0; c < series->cells; c++) {
        size_t runs =
            count_present(&series->time_ns[c * series->runs], series->start[c], series->runs);
        int is_member = row->kind == ROW_ALL ? !series->control[c]
                        : row->kind == ROW_WRITER
                            ? !series->control[c] && series->group[c] == row->index
                            : c == row->index;
        most = is_member && runs > most ? runs : most;
    }
    return most;
}

static void count_judged(struct check *check, const struct watch_series *series)
{
    for (size_t r = 0; r < check->watched.count; r++) {
        const struct finding *row = &check->watched.rows[r].finding;
        size_t needed = check->watched.needed[row->kind], there = row_runs(series, row);
        if (row->kind == ROW_CONTROL)
            continue;
        check->judged += !isnan(row->p) && there >= needed;
        check->there = there > check->there ? there : check->there;
        if (check->needed == 0 || needed < check->needed)
            check->needed = needed;
    }
}

static void take_visible(struct check *check)
{
    const struct watch_result *watched = &check->watched;
    double *room = arena_array(&check->window.arena, watched->count, sizeof *room);

    for (int kind = 0; room != NULL && kind < ROW_KINDS; kind++) {
        size_t count = 0;
        for (size_t r = 0; r < watched->count; r++)
            if ((int)watched->rows[r].finding.kind == kind)
                room[count++] = watched->rows[r].finding.visible;
        count = stats_present(room, count, room);
        check->visible[kind] = stats_median_of(room, count);
    }
}

/* A writer of one cell has no row but the cell's. */
static int stands_for(const struct check *check, const struct finding *row, enum row_kind kind)
{
    size_t cells = 0;

    if (row->kind != ROW_CELL || kind != ROW_WRITER)
        return row->kind == kind;
    for (size_t c = 0; c < check->cells; c++)
        cells += check->group[c] == check->group[row->index];
    return cells == 1;
}

static void take_seen(struct check *check)
{
    for (int kind = 0; kind < ROW_KINDS; kind++) {
        check->seen[kind] = (double)NAN;
        for (size_t r = 0; r < check->watched.count; r++) {
            const struct finding *row = &check->watched.rows[r].finding;
            if (stands_for(check, row, (enum row_kind)kind))
                check->seen[kind] =
                    fmax(check->seen[kind], isnan(row->visible) ? (double)INFINITY : row->visible);
        }
    }
}

static int sees_enough(const struct check *check)
{
    return !(check->seen[ROW_WRITER] > check->must_see) &&
           !(check->seen[ROW_ALL] > check->must_see);
}

/* Everything was last accepted. */
static size_t runs_since(const struct watch_series *series)
{
    size_t first = series->cells > 0 ? series->runs : 0;

    for (size_t c = 0; c < series->cells; c++)
        first = series->start[c] < first ? series->start[c] : first;
    return series->runs - first;
}

static int newest_is_empty(const struct watch_series *series)
{
    for (size_t c = 0; c < series->cells; c++)
        if (!series->control[c] && series->time_ns[(c + 1) * series->runs - 1] > 0)
            return 0;
    return 1;
}

static enum check_verdict decide(const struct check *check, const struct watch_series *series)
{
    const struct watch_result *watched = &check->watched;

    return check->absent[ABSENCE_FAILED] > 0 ? CHECK_FAILED
           : watched->controls > 0           ? CHECK_CONTROLS_MOVED
           : watched->slower > 0             ? (check->confirm ? CHECK_SUSPECTED : CHECK_SLOWER)
           : newest_is_empty(series)         ? CHECK_NEWEST_IS_EMPTY
           : check->missing > 0              ? CHECK_MISSING
           : watched->apart > 0              ? CHECK_DIVERGED
           : check->judged == 0              ? CHECK_TOO_FEW_RUNS
           : !sees_enough(check)             ? CHECK_COULD_MISS
           : watched->faster > 0             ? CHECK_FASTER
                                             : CHECK_NOTHING_SLOWER;
}

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

/* Names, times, what changed with each row, and which rows come first. Sets the arena's error. */
static void make_rows(struct check *check)
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

struct check_options check_options_default(void)
{
    return (struct check_options){.watch = watch_options_default(), .must_see = 0.10};
}

int check_newest(struct run_window *window, const struct check_options *options,
                 struct check *check)
{
    struct watch_series series;

    *check = (struct check){.window = *window,
                            .options = options->watch,
                            .must_see = options->must_see,
                            .confirm = options->confirm};
    *window = (struct run_window){0};
    find_absences(check, options->allow_missing);
    if (check->window.arena.error != 0)
        return check->window.arena.error;
    take_cells(check, &series);
    if (check->confirm) {
        check->options.alpha = watch_options_suspicious().alpha;
        check->options.alpha_faster = watch_options_suspicious().alpha_faster;
    } else {
        watch_options_share(&check->options, runs_since(&series));
    }
    int error = check->window.arena.error;
    /* Where no cell of the newest runs has a time there is nothing to test. */
    if (error == 0 && check->cells > 0)
        error = watch_newest(&series, &check->options, &check->watched);
    if (error != 0)
        return error;
    count_judged(check, &series);
    take_visible(check);
    take_seen(check);
    check->verdict = decide(check, &series);
    make_rows(check);
    if (check->confirm && check->window.arena.error == 0)
        check_confirm(check);
    return check->window.arena.error;
}

int check_status(const struct check *check)
{
    static const int status[CHECK_VERDICTS] = {
        [CHECK_FAILED] = 3,          [CHECK_SLOWER] = 3,         [CHECK_MISSING] = 4,
        [CHECK_DIVERGED] = 4,        [CHECK_CONTROLS_MOVED] = 4, [CHECK_TOO_FEW_RUNS] = 4,
        [CHECK_NEWEST_IS_EMPTY] = 4, [CHECK_COULD_MISS] = 4,     [CHECK_SUSPECTED] = 4,
    };
    return status[check->verdict];
}

void check_free(struct check *check)
{
    watch_result_free(&check->watched);
    run_window_free(&check->window);
    *check = (struct check){0};
}

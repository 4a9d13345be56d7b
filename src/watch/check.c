/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "src/run/name_segments.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <string.h>

/* A cell is missed when at least half of so many runs before the newest have it. */
enum { RECENT = 10 };

static size_t count_present(const double *time_ns, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count += time_ns[i] > 0;
    return count;
}

/* In how many of the newest runs the cell is, the last `without` of them left out. */
static size_t count_newest(const struct check *check, size_t column, size_t without)
{
    size_t runs = check->window.series.runs.count, newest = check->options.newest;

    return count_present(&check->window.time_ns[column * runs], runs > newest ? runs - newest : 0,
                         runs - without);
}

static size_t start_of(const struct run_window *window, const char *cell)
{
    size_t start = 0;

    for (size_t i = 0; i < window->accepted_count; i++)
        if (window->accepted[i].cell == NULL || strcmp(window->accepted[i].cell, cell) == 0)
            start = window->accepted[i].run; /* they stand by run */
    return start;
}

/* What watch_newest() is given: a cell that none of the newest runs has cannot have changed among
 * them. */
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
        if (count_newest(check, column, 0) == 0)
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

    return watched->controls > 0     ? CHECK_CONTROLS_MOVED
           : watched->slower > 0     ? CHECK_SLOWER
           : watched->apart > 0      ? CHECK_DIVERGED
           : newest_is_empty(series) ? CHECK_NEWEST_IS_EMPTY
           : check->judged == 0      ? CHECK_TOO_FEW_RUNS
           : watched->faster > 0     ? CHECK_FASTER
                                     : CHECK_NOTHING_SLOWER;
}

int check_newest(struct run_window *window, const struct watch_options *options,
                 struct check *check)
{
    struct watch_series series;

    *check = (struct check){.window = *window, .options = *options};
    *window = (struct run_window){0};
    take_cells(check, &series);
    int error = check->window.arena.error;
    /* Where no cell of the newest runs has a time there is nothing to test. */
    if (error == 0 && check->cells > 0)
        error = watch_newest(&series, options, &check->watched);
    if (error != 0)
        return error;
    count_judged(check, &series);
    check->verdict = decide(check, &series);
    take_visible(check);
    check_rows_make(check);
    return check->window.arena.error;
}

int check_status(const struct check *check)
{
    static const int status[CHECK_VERDICTS] = {
        [CHECK_SLOWER] = 3,          [CHECK_CONTROLS_MOVED] = 4, [CHECK_DIVERGED] = 4,
        [CHECK_NEWEST_IS_EMPTY] = 4, [CHECK_TOO_FEW_RUNS] = 4,
    };
    return status[check->verdict];
}

enum check_absence check_absence_of(const struct check *check, size_t column)
{
    const struct run_window *window = &check->window;
    size_t runs = window->series.runs.count, last = runs - 1;
    size_t recent = last < RECENT ? last : RECENT;
    const double *time = &window->time_ns[column * runs];

    if (window->series.cells[column].values[last].errors > 0)
        return CHECK_FAILED;
    if (time[last] > 0)
        return CHECK_ABSENCES;
    if (count_newest(check, column, 1) == 0)
        return CHECK_RETIRED;
    return 2 * count_present(time, last - recent, last) >= recent ? CHECK_MISSING : CHECK_ABSENCES;
}

void check_free(struct check *check)
{
    watch_result_free(&check->watched);
    run_window_free(&check->window);
    *check = (struct check){0};
}

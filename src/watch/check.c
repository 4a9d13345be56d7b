/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "check_rows.h"
#include "src/run/name_segments.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell is missed when at least half of so many runs before the newest have it. */
enum { RECENT = 10 };

/* What watch_newest() is given. */
struct judging {
    struct watch_series series;
    size_t *start;
    int *control;
    double *time_ns;
};

/* A cell that none of the newest runs has cannot have changed among them. */
static int is_current(const struct check *check, size_t column)
{
    size_t runs = check->window.series.runs.count, newest = check->options.newest;

    for (size_t i = runs > newest ? runs - newest : 0; i < runs; i++)
        if (check->window.time_ns[column * runs + i] > 0)
            return 1;
    return 0;
}

static size_t start_of(const struct run_window *window, const char *cell)
{
    size_t start = 0;

    for (size_t i = 0; i < window->accepted_count; i++)
        if (window->accepted[i].cell == NULL || strcmp(window->accepted[i].cell, cell) == 0)
            start = window->accepted[i].run; /* they stand by run */
    return start;
}

/* Finds the group of that cell, or makes it. */
static int find_group(struct check *check, const char *cell, size_t *group)
{
    char *name = name_segments_group(cell);

    if (name == NULL)
        return -ENOMEM;
    for (*group = 0; *group < check->group_count; ++*group)
        if (strcmp(check->groups[*group], name) == 0)
            break;
    if (*group == check->group_count)
        check->groups[check->group_count++] = name;
    else
        free(name);
    return 0;
}

static int allocate(struct check *check, struct judging *judging)
{
    size_t columns = check->window.series.cell_count, runs = check->window.series.runs.count;

    check->column = calloc(columns + 1, sizeof *check->column);
    check->groups = calloc(columns + 1, sizeof *check->groups);
    check->group = calloc(columns + 1, sizeof *check->group);
    judging->start = calloc(columns + 1, sizeof *judging->start);
    judging->control = calloc(columns + 1, sizeof *judging->control);
    judging->time_ns = calloc(columns * runs + 1, sizeof *judging->time_ns);
    return check->column == NULL || check->groups == NULL || check->group == NULL ||
                   judging->start == NULL || judging->control == NULL || judging->time_ns == NULL
               ? -ENOMEM
               : 0;
}

static int take_cells(struct check *check, struct judging *judging)
{
    const struct run_window *window = &check->window;
    size_t runs = window->series.runs.count;
    int error = allocate(check, judging);

    for (size_t column = 0; error == 0 && column < window->series.cell_count; column++) {
        struct name parts;
        size_t cell = check->cells;
        if (!is_current(check, column))
            continue;
        check->column[check->cells++] = column;
        memcpy(&judging->time_ns[cell * runs], &window->time_ns[column * runs],
               runs * sizeof(double));
        name_parse(window->series.cells[column].name, &parts);
        judging->control[cell] = name_is_control(&parts);
        judging->start[cell] = start_of(window, window->series.cells[column].name);
        error = find_group(check, window->series.cells[column].name, &check->group[cell]);
    }
    judging->series = (struct watch_series){.runs = runs,
                                            .cells = check->cells,
                                            .groups = check->group_count,
                                            .group = check->group,
                                            .control = judging->control,
                                            .time_ns = judging->time_ns,
                                            .start = judging->start};
    return error;
}

static size_t runs_of(const struct judging *judging, size_t cell)
{
    size_t count = 0;
    for (size_t i = judging->start[cell]; i < judging->series.runs; i++)
        count += judging->series.time_ns[cell * judging->series.runs + i] > 0;
    return count;
}

/* The most runs that a cell of the row has; a mean has at least half of its cells in each. */
static size_t row_runs(const struct judging *judging, const struct watch_row *row)
{
    size_t most = 0;

    if (row->finding.kind == ROW_CELL || row->finding.kind == ROW_CONTROL)
        return runs_of(judging, row->finding.index);
    for (size_t c = 0; c < judging->series.cells; c++) {
        size_t runs = runs_of(judging, c);
        if (!judging->control[c] &&
            (row->finding.kind == ROW_ALL || judging->series.group[c] == row->finding.index) &&
            runs > most)
            most = runs;
    }
    return most;
}

static void count_judged(struct check *check, const struct judging *judging)
{
    for (size_t r = 0; r < check->watched.count; r++) {
        const struct watch_row *row = &check->watched.rows[r];
        size_t needed = check->watched.needed[row->finding.kind], there = row_runs(judging, row);
        if (row->finding.kind == ROW_CONTROL)
            continue;
        check->judged += !isnan(row->finding.p) && there >= needed;
        check->there = there > check->there ? there : check->there;
        if (check->needed == 0 || needed < check->needed)
            check->needed = needed;
    }
}

static int take_visible(struct check *check)
{
    const struct watch_result *watched = &check->watched;
    double *room = calloc(watched->count + 1, sizeof *room);

    if (room == NULL)
        return -ENOMEM;
    for (int kind = 0; kind < ROW_KINDS; kind++) {
        size_t count = 0;
        for (size_t r = 0; r < watched->count; r++)
            if ((int)watched->rows[r].finding.kind == kind &&
                !isnan(watched->rows[r].finding.visible))
                room[count++] = watched->rows[r].finding.visible;
        stats_sort(room, count);
        check->visible[kind] = count > 0 ? stats_median(room, count) : (double)NAN;
    }
    free(room);
    return 0;
}

static int newest_is_empty(const struct judging *judging)
{
    const struct watch_series *series = &judging->series;

    for (size_t c = 0; c < series->cells; c++)
        if (!judging->control[c] && series->time_ns[(c + 1) * series->runs - 1] > 0)
            return 0;
    return 1;
}

static enum check_verdict decide(const struct check *check, const struct judging *judging)
{
    const struct watch_result *watched = &check->watched;

    return watched->controls > 0      ? CHECK_CONTROLS_MOVED
           : watched->slower > 0      ? CHECK_SLOWER
           : watched->apart > 0       ? CHECK_DIVERGED
           : newest_is_empty(judging) ? CHECK_NEWEST_IS_EMPTY
           : check->judged == 0       ? CHECK_TOO_FEW_RUNS
           : watched->faster > 0      ? CHECK_FASTER
                                      : CHECK_NOTHING_SLOWER;
}

int check_newest(struct run_window *window, const struct watch_options *options,
                 struct check *check)
{
    struct judging judging = {0};

    *check = (struct check){.window = *window, .options = *options};
    *window = (struct run_window){0};
    int error = take_cells(check, &judging);
    /* Where no cell of the newest runs has a time there is nothing to test. */
    if (error == 0 && check->cells > 0)
        error = watch_newest(&judging.series, options, &check->watched);
    if (error == 0) {
        count_judged(check, &judging);
        check->verdict = decide(check, &judging);
        error = take_visible(check);
    }
    if (error == 0)
        error = check_rows_make(check);
    free(judging.start);
    free(judging.control);
    free(judging.time_ns);
    return error;
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
    size_t runs = window->series.runs.count, last = runs - 1, there = 0, current = 0;
    size_t recent = last < RECENT ? last : RECENT, newest = check->options.newest;
    const double *time = &window->time_ns[column * runs];

    if (window->series.cells[column].values[last].errors > 0)
        return CHECK_FAILED;
    if (time[last] > 0)
        return CHECK_ABSENCES;
    for (size_t i = last - recent; i < last; i++)
        there += time[i] > 0;
    for (size_t i = runs > newest ? runs - newest : 0; i < last; i++)
        current += time[i] > 0;
    if (current == 0)
        return CHECK_RETIRED;
    return 2 * there >= recent ? CHECK_MISSING : CHECK_ABSENCES;
}

void check_free(struct check *check)
{
    for (size_t g = 0; g < check->group_count; g++)
        free(check->groups[g]);
    free(check->groups);
    free(check->column);
    free(check->group);
    free(check->rows);
    watch_result_free(&check->watched);
    run_window_free(&check->window);
    *check = (struct check){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Is the newest run of a machine slower than what the machine did before? */
#include "check.h"

#include "src/run/name_segments.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What watch_newest() is given. */
struct judging {
    struct watch_series past;
    size_t *start;
    int *control;
    double *time_ns;
};

/* A cell that the newest runs do not have cannot have changed among them. */
static int is_current(const struct check *check, size_t column)
{
    size_t runs = check->past.series.runs.count, newest = check->options.newest;

    for (size_t i = runs > newest ? runs - newest : 0; i < runs; i++)
        if (check->past.time_ns[column * runs + i] > 0)
            return 1;
    return 0;
}

static size_t start_of(const struct run_window *past, const char *cell)
{
    size_t start = 0;

    for (size_t i = 0; i < past->accepted_count; i++)
        if (past->accepted[i].cell == NULL || strcmp(past->accepted[i].cell, cell) == 0)
            start = past->accepted[i].run; /* they stand by run */
    return start;
}

/* The group of that name, made where there is none. */
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
    size_t columns = check->past.series.cell_count, runs = check->past.series.runs.count;

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
    const struct run_window *past = &check->past;
    size_t runs = past->series.runs.count;
    int error = allocate(check, judging);

    for (size_t column = 0; error == 0 && column < past->series.cell_count; column++) {
        struct name parts;
        size_t cell = check->cells;
        if (!is_current(check, column))
            continue;
        check->column[check->cells++] = column;
        memcpy(&judging->time_ns[cell * runs], &past->time_ns[column * runs],
               runs * sizeof(double));
        name_parse(past->series.cells[column], &parts);
        judging->control[cell] = name_is_control(&parts);
        judging->start[cell] = start_of(past, past->series.cells[column]);
        error = find_group(check, past->series.cells[column], &check->group[cell]);
    }
    judging->past = (struct watch_series){.runs = runs,
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
    for (size_t i = judging->start[cell]; i < judging->past.runs; i++)
        count += judging->past.time_ns[cell * judging->past.runs + i] > 0;
    return count;
}

/* The most runs that a cell of the row has; a mean has at least half of its cells in each. */
static size_t row_runs(const struct judging *judging, const struct watch_row *row)
{
    size_t most = 0;

    if (row->kind == WATCH_CELL || row->kind == WATCH_CONTROL)
        return runs_of(judging, row->index);
    for (size_t c = 0; c < judging->past.cells; c++) {
        size_t runs = runs_of(judging, c);
        if (!judging->control[c] &&
            (row->kind == WATCH_ALL || judging->past.group[c] == row->index) && runs > most)
            most = runs;
    }
    return most;
}

static void count_judged(struct check *check, const struct judging *judging)
{
    size_t runs = judging->past.runs;

    for (size_t r = 0; r < check->watched.count; r++) {
        const struct watch_row *row = &check->watched.rows[r];
        size_t needed = check->watched.needed[row->kind], there = row_runs(judging, row);
        if (row->kind == WATCH_CONTROL)
            continue;
        check->judged += !isnan(row->p) && there >= needed;
        check->there = there > check->there ? there : check->there;
        if (check->needed == 0 || needed < check->needed)
            check->needed = needed;
    }
    check->newest_is_empty = 1;
    for (size_t c = 0; c < judging->past.cells; c++)
        if (!judging->control[c] && judging->past.time_ns[c * runs + runs - 1] > 0)
            check->newest_is_empty = 0;
}

static int judge(struct check *check)
{
    struct judging judging = {0};
    int error = take_cells(check, &judging);

    /* Where no cell of the newest runs has a time there is nothing to look at. */
    check->newest_is_empty = 1;
    if (error == 0 && check->cells > 0)
        error = watch_newest(&judging.past, &check->options, &check->watched);
    if (error == 0 && check->cells > 0)
        count_judged(check, &judging);
    free(judging.start);
    free(judging.control);
    free(judging.time_ns);
    return error;
}

int check_newest(struct history *history, const struct run_window_query *query,
                 const struct watch_options *options, struct check *check)
{
    const struct run_window_query window = {
        .machine = query->machine, .until = query->until, .newest = STEP_WINDOW};

    *check = (struct check){.options = *options};
    int error = run_window_read(history, &window, &check->past);
    return error == 0 ? judge(check) : error;
}

int check_status(const struct check *check)
{
    const struct watch_result *watched = &check->watched;

    if (watched->controls > 0)
        return 4;
    if (watched->slower > 0)
        return 3;
    return watched->apart > 0 || check->judged == 0 || check->newest_is_empty ? 4 : 0;
}

void check_free(struct check *check)
{
    for (size_t g = 0; g < check->group_count; g++)
        free(check->groups[g]);
    free(check->groups);
    free(check->column);
    free(check->group);
    watch_result_free(&check->watched);
    run_window_free(&check->past);
    *check = (struct check){0};
}

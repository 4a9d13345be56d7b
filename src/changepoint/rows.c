/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that are tested for a step among the newest runs, and their values. */
#include "trials.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { PEERS_LEAST = 4 };

/* A cell's value in a run. */
struct placed {
    double value;
    size_t cell;
};

struct work {
    struct watch_rows *rows;
    double *log;     /* [cell * runs + run] */
    double *centred; /* the same less the cell's median since, and before, what was accepted */
    double *room;    /* [runs] */
    struct placed *sorted; /* [cells]: those of one run, less the controls */
    size_t count;          /* of them */
};

static int is_control(const struct watch_series *series, size_t cell)
{
    return series->control != NULL && series->control[cell];
}

static size_t start_of(const struct watch_rows *rows, size_t cell)
{
    size_t start = rows->series->start != NULL ? rows->series->start[cell] : 0;

    start = start > rows->first_run ? start - rows->first_run : 0;
    return start < rows->runs ? start : rows->runs;
}

static void add_row(struct watch_rows *rows, enum row_kind kind, size_t index, size_t start)
{
    rows->row[rows->count] = (struct watch_row){.finding = {.kind = kind, .index = index}};
    rows->start[rows->count++] = start;
}

/* The cell is no control, and of that group; group == series->groups: of any. */
static int is_measured(const struct watch_series *series, size_t cell, size_t group)
{
    return !is_control(series, cell) && (group == series->groups || series->group[cell] == group);
}

/* A mean starts anew only where all of its cells do: the others are centred on both sides. */
static size_t count_cells(const struct watch_rows *rows, size_t group, size_t *start)
{
    size_t count = 0;

    *start = rows->runs;
    for (size_t c = 0; c < rows->series->cells; c++) {
        if (!is_measured(rows->series, c, group))
            continue;
        *start = start_of(rows, c) < *start ? start_of(rows, c) : *start;
        count++;
    }
    return count;
}

static void list_rows(struct watch_rows *rows)
{
    const struct watch_series *series = rows->series;
    size_t start, all = count_cells(rows, series->groups, &start);

    if (all > 1)
        add_row(rows, ROW_ALL, 0, start);
    for (size_t g = 0; g < series->groups; g++) {
        size_t cells = count_cells(rows, g, &start);
        if (cells > 1 && cells < all)
            add_row(rows, ROW_WRITER, g, start);
    }
    for (int controls = 0; controls < 2; controls++)
        for (size_t c = 0; c < series->cells; c++)
            if ((is_control(series, c) != 0) == controls)
                add_row(rows, controls ? ROW_CONTROL : ROW_CELL, c, start_of(rows, c));
}

static void take_cells(struct work *work)
{
    const struct watch_rows *rows = work->rows;
    const struct watch_series *series = rows->series;

    for (size_t c = 0; c < series->cells; c++) {
        double *log_time = &work->log[c * rows->runs], *centred = &work->centred[c * rows->runs];
        size_t start = start_of(rows, c);
        for (size_t i = 0; i < rows->runs; i++) {
            double time = series->time_ns[c * series->runs + rows->first_run + i];
            log_time[i] = time > 0 && isfinite(time) ? log(time) : (double)NAN;
        }
        stats_centre(log_time, start, centred, work->room);
        stats_centre(&log_time[start], rows->runs - start, &centred[start], work->room);
    }
}

static int by_value(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static void sort_run(struct work *work, size_t run)
{
    const struct watch_rows *rows = work->rows;

    work->count = 0;
    for (size_t c = 0; c < rows->series->cells; c++) {
        double value = work->centred[c * rows->runs + run];
        if (!is_control(rows->series, c) && !isnan(value))
            work->sorted[work->count++] = (struct placed){value, c};
    }
    qsort(work->sorted, work->count, sizeof *work->sorted, by_value);
}

/* A writer's peers are the cells of the other writers, a cell's all others. */
static int is_peer(const struct watch_series *series, const struct finding *row, size_t cell)
{
    return row->kind == ROW_WRITER ? series->group[cell] != row->index : cell != row->index;
}

/* The median of the peers in the run that is sorted. */
static double median_of_peers(const struct work *work, const struct finding *row)
{
    const struct watch_series *series = work->rows->series;
    size_t peers = 0, at = 0;
    double lower = 0;

    for (size_t i = 0; i < work->count; i++)
        peers += (size_t)is_peer(series, row, work->sorted[i].cell);
    if (peers < PEERS_LEAST)
        return (double)NAN;
    for (size_t i = 0;; i++) {
        if (!is_peer(series, row, work->sorted[i].cell))
            continue;
        lower = at == (peers - 1) / 2 ? work->sorted[i].value : lower;
        if (at++ == peers / 2)
            return (lower + work->sorted[i].value) / 2;
    }
}

/* The mean over the row's cells of that run; NaN where fewer than half of them were measured. */
static double mean_of(const struct work *work, const struct watch_row *row, size_t run)
{
    const struct watch_series *series = work->rows->series;
    double sum = 0;
    size_t count = 0, present = 0;
    size_t group = row->finding.kind == ROW_WRITER ? row->finding.index : series->groups;

    for (size_t c = 0; c < series->cells; c++) {
        if (!is_measured(series, c, group))
            continue;
        double value = work->centred[c * work->rows->runs + run];
        count++;
        present += isnan(value) ? 0 : 1;
        sum += isnan(value) ? 0 : value;
    }
    return 2 * present >= count && present > 0 ? sum / (double)present : (double)NAN;
}

static void take_rows(struct work *work)
{
    struct watch_rows *rows = work->rows;

    for (size_t i = 0; i < rows->runs; i++) {
        sort_run(work, i);
        for (size_t r = 0; r < rows->count; r++) {
            const struct watch_row *row = &rows->row[r];
            int is_mean = row->finding.kind == ROW_ALL || row->finding.kind == ROW_WRITER;
            int has_peers = row->finding.kind == ROW_WRITER || row->finding.kind == ROW_CELL;
            double own =
                is_mean ? mean_of(work, row, i) : work->log[row->finding.index * rows->runs + i];
            rows->own[r * rows->runs + i] = own;
            rows->relative[r * rows->runs + i] =
                has_peers ? own - median_of_peers(work, &row->finding) : (double)NAN;
        }
    }
}

int watch_rows_make(const struct watch_series *series, struct arena *arena, struct watch_rows *rows)
{
    size_t most = 1 + series->groups + series->cells;
    size_t runs = series->runs < STEP_WINDOW ? series->runs : STEP_WINDOW;
    size_t grid = series->cells * runs;
    struct work work = {rows,
                        arena_array(arena, grid, sizeof(double)),
                        arena_array(arena, grid, sizeof(double)),
                        arena_array(arena, runs, sizeof(double)),
                        arena_array(arena, series->cells, sizeof(struct placed)),
                        0};

    *rows = (struct watch_rows){.series = series,
                                .runs = runs,
                                .first_run = series->runs - runs,
                                .row = calloc(most, sizeof *rows->row),
                                .start = arena_array(arena, most, sizeof *rows->start),
                                .own = arena_array(arena, most * runs, sizeof *rows->own),
                                .relative = arena_array(arena, most * runs, sizeof(double))};
    if (rows->row == NULL || arena->error != 0)
        return -ENOMEM;
    list_rows(rows);
    take_cells(&work);
    take_rows(&work);
    return 0;
}

double watch_rows_deviations(const struct watch_rows *rows, const struct watch_options *options)
{
    double intervals = (double)rows->count * (double)options->newest;

    return stats_normal_quantile(1 - (1 - options->confidence) / 2 / intervals);
}

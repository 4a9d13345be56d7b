/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { PEERS_LEAST = 5 };

struct work {
    struct watch_rows *rows;
    double *log;     /* [cell * runs + run] */
    double *centred; /* the same less the cell's median since, and before, what was accepted */
    double *common;  /* [run] */
    double *room;    /* [runs + cells] */
    size_t measured; /* cells that are no controls */
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

static size_t cells_of(const struct watch_series *series, size_t group)
{
    size_t count = 0;
    for (size_t c = 0; c < series->cells; c++)
        count += series->group[c] == group && !is_control(series, c);
    return count;
}

/* A mean starts anew only where all of its cells do: the others are centred on both sides. */
static size_t group_start(const struct watch_rows *rows, size_t group)
{
    size_t start = rows->runs;

    for (size_t c = 0; c < rows->series->cells; c++)
        if (!is_control(rows->series, c) &&
            (group == rows->series->groups || rows->series->group[c] == group) &&
            start_of(rows, c) < start)
            start = start_of(rows, c);
    return start;
}

static void list_rows(struct watch_rows *rows, size_t measured)
{
    const struct watch_series *series = rows->series;

    if (measured > 1)
        add_row(rows, ROW_ALL, 0, group_start(rows, series->groups));
    for (size_t g = 0; g < series->groups; g++) {
        size_t cells = cells_of(series, g);
        if (cells > 1 && cells < measured)
            add_row(rows, ROW_WRITER, g, group_start(rows, g));
    }
    for (size_t c = 0; c < series->cells; c++)
        if (!is_control(series, c))
            add_row(rows, ROW_CELL, c, start_of(rows, c));
    for (size_t c = 0; c < series->cells; c++)
        if (is_control(series, c))
            add_row(rows, ROW_CONTROL, c, start_of(rows, c));
}

static void centre(struct work *work, size_t cell, size_t begin, size_t end)
{
    const double *log_time = &work->log[cell * work->rows->runs];
    double *centred = &work->centred[cell * work->rows->runs];
    size_t count = 0;

    for (size_t i = begin; i < end; i++)
        if (!isnan(log_time[i]))
            work->room[count++] = log_time[i];
    stats_sort(work->room, count);
    for (size_t i = begin; i < end; i++)
        centred[i] = count > 0 ? log_time[i] - stats_median(work->room, count) : (double)NAN;
}

static void take_cells(struct work *work)
{
    const struct watch_rows *rows = work->rows;
    const struct watch_series *series = rows->series;

    for (size_t c = 0; c < series->cells; c++) {
        for (size_t i = 0; i < rows->runs; i++) {
            double time = series->time_ns[c * series->runs + rows->first_run + i];
            work->log[c * rows->runs + i] = time > 0 && isfinite(time) ? log(time) : (double)NAN;
        }
        size_t start = start_of(rows, c);
        centre(work, c, 0, start);
        centre(work, c, start, rows->runs);
    }
    for (size_t i = 0; i < rows->runs; i++) {
        size_t count = 0;
        for (size_t c = 0; c < series->cells; c++)
            if (!is_control(series, c) && !isnan(work->centred[c * rows->runs + i]))
                work->room[count++] = work->centred[c * rows->runs + i];
        stats_sort(work->room, count);
        work->common[i] = count >= PEERS_LEAST ? stats_median(work->room, count) : (double)NAN;
    }
}

/* The mean over the row's cells of that run; NaN where fewer than half of them were measured. */
static double mean_of(const struct work *work, const struct watch_row *row, size_t run)
{
    const struct watch_series *series = work->rows->series;
    double sum = 0;
    size_t count = 0, present = 0;

    for (size_t c = 0; c < series->cells; c++) {
        if (is_control(series, c) ||
            (row->finding.kind == ROW_WRITER && series->group[c] != row->finding.index))
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

    for (size_t r = 0; r < rows->count; r++) {
        const struct watch_row *row = &rows->row[r];
        int is_mean = row->finding.kind == ROW_ALL || row->finding.kind == ROW_WRITER;
        int has_peers = row->finding.kind == ROW_WRITER || row->finding.kind == ROW_CELL;
        for (size_t i = 0; i < rows->runs; i++) {
            double own =
                is_mean ? mean_of(work, row, i) : work->log[row->finding.index * rows->runs + i];
            rows->own[r * rows->runs + i] = own;
            rows->relative[r * rows->runs + i] = has_peers ? own - work->common[i] : (double)NAN;
        }
    }
}

int watch_rows_make(const struct watch_series *series, struct watch_rows *rows)
{
    struct work work = {.rows = rows};
    size_t most = 1 + series->groups + series->cells;

    *rows = (struct watch_rows){.series = series};
    rows->runs = series->runs < STEP_WINDOW ? series->runs : STEP_WINDOW;
    rows->first_run = series->runs - rows->runs;
    rows->row = calloc(most, sizeof *rows->row);
    rows->start = calloc(most, sizeof *rows->start);
    rows->own = calloc(most * rows->runs, sizeof *rows->own);
    rows->relative = calloc(most * rows->runs, sizeof *rows->relative);
    work.log = calloc(series->cells * rows->runs, sizeof *work.log);
    work.centred = calloc(series->cells * rows->runs, sizeof *work.centred);
    work.common = calloc(rows->runs, sizeof *work.common);
    work.room = calloc(rows->runs + series->cells, sizeof *work.room);
    int error = rows->row == NULL || rows->start == NULL || rows->own == NULL ||
                        rows->relative == NULL || work.log == NULL || work.centred == NULL ||
                        work.common == NULL || work.room == NULL
                    ? -ENOMEM
                    : 0;
    for (size_t c = 0; c < series->cells; c++)
        work.measured += !is_control(series, c);
    if (error == 0) {
        list_rows(rows, work.measured);
        take_cells(&work);
        take_rows(&work);
    }
    free(work.log);
    free(work.centred);
    free(work.common);
    free(work.room);
    if (error != 0)
        watch_rows_free(rows);
    return error;
}

void watch_rows_free(struct watch_rows *rows)
{
    free(rows->row);
    free(rows->start);
    free(rows->own);
    free(rows->relative);
    *rows = (struct watch_rows){0};
}

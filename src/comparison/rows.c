/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include "src/statistics/quantiles.h"

#include <stdlib.h>

enum { PEERS_LEAST = 4 };

/* Where all samples of a cell, of both sides, are brought together before cells are mixed; and
 * where a process shows how fast its machine was. */
#define ANCHOR_QUANTILE 0.1
#define FLOOR_QUANTILE 0.05

struct sample {
    double value;
    size_t cell;
    size_t process;
};

struct work {
    struct rows *rows;
    const struct samples *samples;
    double *cell_score;    /* [process * cells + cell]: mean score among all processes */
    double *centred;       /* the same of the paces less their mean over the processes */
    struct sample *sorted; /* room for every sample */
    double *sum;           /* [cell, process or group] */
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->value, y = ((const struct sample *)b)->value;
    return (x > y) - (x < y);
}

static size_t at(const struct samples *samples, size_t process, size_t cell)
{
    return process * samples->cells + cell;
}

/*
 * Savage's scores, turned to the fast side: log of the rank's place in (0, 1). Machines put a sharp
 * edge below a benchmark's times and a long tail above; the logarithm looks at the edge, where a
 * shift moves most ranks and the neighbours move none.
 */
static double savage(size_t rank, size_t count)
{
    return log(((double)rank + 0.5) / (double)count);
}

/* Adds each sample's score to sum[key]; equal values share the mean of theirs. */
static void add_scores(struct sample *sorted, size_t count, int by_cell, double *sum)
{
    qsort(sorted, count, sizeof *sorted, by_value);
    for (size_t i = 0; i < count;) {
        size_t end = i;
        double score = 0;
        while (end < count && !(sorted[end].value > sorted[i].value))
            score += savage(end++, count);
        score /= (double)(end - i);
        for (; i < end; i++)
            sum[by_cell ? sorted[i].cell : sorted[i].process] += score;
    }
}

int rows_is_member(const struct samples *samples, const struct rows_row *row, size_t cell)
{
    return row->kind == ROW_ALL ||
           (row->kind == ROW_WRITER ? samples->group[cell] : cell) == row->index;
}

int rows_is_near(const struct rows *rows, const struct rows_row *row, size_t cell)
{
    const struct samples *samples = rows->samples;
    if (row->kind != ROW_CELL)
        return 1;
    size_t group = samples->group[row->index];
    return rows->cells_of[group] < PEERS_LEAST || samples->group[cell] == group;
}

static void list_rows(struct rows *rows)
{
    const struct samples *samples = rows->samples;

    for (size_t c = 0; c < samples->cells; c++)
        rows->cells_of[samples->group[c]]++;
    if (samples->cells > 1)
        rows->row[rows->count++] = (struct rows_row){ROW_ALL, 0, 0};
    for (size_t g = 0; g < samples->groups && samples->groups > 1; g++)
        if (rows->cells_of[g] > 1)
            rows->row[rows->count++] = (struct rows_row){ROW_WRITER, g, 1};
    for (size_t c = 0; c < samples->cells; c++)
        rows->row[rows->count++] = (struct rows_row){ROW_CELL, c, samples->cells >= PEERS_LEAST};
}

static void take_paces(struct work *work)
{
    const struct samples *samples = work->samples;
    double *room = work->rows->room;

    for (size_t i = 0; i < samples->processes * samples->cells; i++) {
        memcpy(room, samples->value[i], samples->count[i] * sizeof *room);
        stats_sort(room, samples->count[i]);
        work->rows->pace[i] = log(stats_pace(room, samples->count[i]));
    }
}

/* Logs of a cell's samples, less a quantile of all of them, which knows no sides. */
static void normalise(struct work *work, size_t cell, double **store)
{
    const struct samples *samples = work->samples;
    double *normal = *store, *room = work->rows->room;
    size_t count = 0;

    for (size_t p = 0; p < samples->processes; p++) {
        size_t i = at(samples, p, cell);
        work->rows->normal[i] = &normal[count];
        for (size_t s = 0; s < samples->count[i]; s++)
            normal[count++] = log(samples->value[i][s]);
    }
    memcpy(room, normal, count * sizeof *room);
    stats_sort(room, count);
    double anchor = stats_quantile(room, count, ANCHOR_QUANTILE);
    for (size_t s = 0; s < count; s++)
        normal[s] -= anchor;
    *store += count;
}

/* Among the cell's samples of all processes. */
static void score_cell(struct work *work, size_t cell)
{
    const struct rows *rows = work->rows;
    const struct samples *samples = work->samples;
    size_t count = 0;

    for (size_t p = 0; p < samples->processes; p++) {
        work->sum[p] = 0;
        for (size_t s = 0; s < samples->count[at(samples, p, cell)]; s++)
            work->sorted[count++] = (struct sample){rows->normal[at(samples, p, cell)][s], cell, p};
    }
    add_scores(work->sorted, count, 0, work->sum);
    for (size_t p = 0; p < samples->processes; p++)
        work->cell_score[at(samples, p, cell)] =
            work->sum[p] / (double)samples->count[at(samples, p, cell)];
}

/* Among the samples of the process, of one group or (group == groups) of all cells; the mean score
 * of each cell to sum[cell]. */
static void place_cells(struct work *work, size_t process, size_t group)
{
    const struct rows *rows = work->rows;
    const struct samples *samples = work->samples;
    size_t count = 0;

    for (size_t c = 0; c < samples->cells; c++) {
        if (group < samples->groups && samples->group[c] != group)
            continue;
        work->sum[c] = 0;
        size_t i = at(samples, process, c);
        for (size_t s = 0; s < samples->count[i]; s++)
            work->sorted[count++] = (struct sample){rows->normal[i][s], c, process};
    }
    add_scores(work->sorted, count, 1, work->sum);
    for (size_t c = 0; c < samples->cells; c++)
        if (group == samples->groups || samples->group[c] == group)
            work->sum[c] /= (double)samples->count[at(samples, process, c)];
}

static double mean_of_members(const struct rows *rows, const struct rows_row *row,
                              const double *of_cell)
{
    double sum = 0, count = 0;
    for (size_t c = 0; c < rows->samples->cells; c++) {
        if (rows_is_member(rows->samples, row, c)) {
            sum += of_cell[c];
            count++;
        }
    }
    return sum / count;
}

static void place_process(struct work *work, size_t process)
{
    struct rows *rows = work->rows;
    const struct samples *samples = work->samples;

    place_cells(work, process, samples->groups);
    for (size_t r = 0; r < rows->count; r++)
        rows->placed[process * rows->count + r] =
            rows->row[r].has_peers ? mean_of_members(rows, &rows->row[r], work->sum) : (double)NAN;
    for (size_t g = 0; g < samples->groups; g++) {
        if (rows->cells_of[g] < PEERS_LEAST)
            continue;
        place_cells(work, process, g);
        for (size_t r = 0; r < rows->count; r++)
            if (rows->row[r].kind == ROW_CELL && samples->group[rows->row[r].index] == g)
                rows->placed[process * rows->count + r] = work->sum[rows->row[r].index];
    }
}

/* Paces less the cell's mean over the processes: only then may cells be compared. */
static void centre_paces(const struct work *work)
{
    const struct samples *samples = work->samples;

    for (size_t c = 0; c < samples->cells; c++) {
        double mean = 0;
        for (size_t p = 0; p < samples->processes; p++)
            mean += work->rows->pace[at(samples, p, c)] / (double)samples->processes;
        for (size_t p = 0; p < samples->processes; p++)
            work->centred[at(samples, p, c)] = work->rows->pace[at(samples, p, c)] - mean;
    }
}

/*
 * What the row's peers did in that process. Three writers or more: the median over all of them, the
 * row's own among them, so that one that changes does not make the others look changed. Two: the
 * other one.
 */
static double peers_pace(const struct rows *rows, const struct rows_row *row, const double *centred,
                         double *room)
{
    const struct samples *samples = rows->samples;
    size_t count = 0;

    if (row->kind == ROW_WRITER) {
        for (size_t g = 0; g < samples->groups; g++) {
            struct rows_row other = {ROW_WRITER, g, 1};
            if (samples->groups != 2 || g != row->index)
                room[count++] = mean_of_members(rows, &other, centred);
        }
    } else {
        for (size_t c = 0; c < samples->cells; c++)
            if (rows_is_near(rows, row, c))
                room[count++] = centred[c];
    }
    return stats_median_of(room, count);
}

static void take_values(struct work *work)
{
    struct rows *rows = work->rows;
    size_t cells = work->samples->cells;

    for (size_t p = 0; p < work->samples->processes; p++) {
        for (size_t r = 0; r < rows->count; r++) {
            const struct rows_row *row = &rows->row[r];
            const double *centred = &work->centred[p * cells];
            size_t i = p * rows->count + r;
            rows->value[i] = mean_of_members(rows, row, centred);
            rows->score[i] = mean_of_members(rows, row, &work->cell_score[p * cells]);
            rows->against[i] = row->has_peers
                                   ? rows->value[i] - peers_pace(rows, row, centred, work->sum)
                                   : (double)NAN;
        }
    }
}

void rows_make(const struct samples *samples, struct arena *arena, struct rows *rows)
{
    size_t grid = samples->processes * samples->cells, count = 0;
    size_t most = 1 + samples->groups + samples->cells;

    for (size_t i = 0; i < grid; i++)
        count += samples->count[i];
    *rows = (struct rows){
        .samples = samples,
        .row = arena_array(arena, most, sizeof *rows->row),
        .cells_of = arena_array(arena, samples->groups, sizeof *rows->cells_of),
        .pace = arena_array(arena, grid, sizeof(double)),
        .value = arena_array(arena, most * samples->processes, sizeof(double)),
        .against = arena_array(arena, most * samples->processes, sizeof(double)),
        .score = arena_array(arena, most * samples->processes, sizeof(double)),
        .placed = arena_array(arena, most * samples->processes, sizeof(double)),
        .normal = arena_array(arena, grid, sizeof *rows->normal),
        .room = arena_array(arena, count, sizeof(double)),
    };
    struct work work = {
        .rows = rows,
        .samples = samples,
        .cell_score = arena_array(arena, grid, sizeof(double)),
        .centred = arena_array(arena, grid, sizeof(double)),
        .sorted = arena_array(arena, count, sizeof *work.sorted),
        .sum = arena_array(arena, samples->processes + most, sizeof(double)),
    };
    double *store = arena_array(arena, count, sizeof *store);
    if (arena->error != 0)
        return;
    list_rows(rows);
    take_paces(&work);
    for (size_t c = 0; c < samples->cells; c++) {
        normalise(&work, c, &store);
        score_cell(&work, c);
    }
    for (size_t p = 0; p < samples->processes; p++)
        place_process(&work, p);
    centre_paces(&work);
    take_values(&work);
}

static double floor_of(const struct rows *rows, size_t process, const struct rows_row *row,
                       int of_peers)
{
    const struct samples *samples = rows->samples;
    size_t count = 0;

    for (size_t c = 0; c < samples->cells; c++) {
        int member = rows_is_member(samples, row, c);
        size_t i = at(samples, process, c);
        if (of_peers ? member || !rows_is_near(rows, row, c) : !member)
            continue;
        for (size_t s = 0; s < samples->count[i]; s++)
            rows->room[count++] = rows->normal[i][s];
    }
    stats_sort(rows->room, count);
    return stats_quantile(rows->room, count, FLOOR_QUANTILE);
}

void rows_floors(const struct rows *rows, size_t row, double *own, double *peers)
{
    for (size_t p = 0; p < rows->samples->processes; p++) {
        own[p] = floor_of(rows, p, &rows->row[row], 0);
        peers[p] = floor_of(rows, p, &rows->row[row], 1);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
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
    struct sample *sorted; /* room for every sample */
    double *plain;
    double *sum; /* [cell or process] */
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

static int is_member(const struct samples *samples, const struct rows_row *row, size_t cell)
{
    return row->kind == ROW_ALL ||
           (row->kind == ROW_WRITER ? samples->group[cell] : cell) == row->index;
}

/* The cells that a row is held against, itself among them. */
static int is_near(const struct rows *rows, const struct rows_row *row, size_t cell)
{
    const struct samples *samples = rows->samples;
    if (row->kind != ROW_CELL)
        return 1;
    size_t group = samples->group[row->index];
    return rows->cells_of[group] < PEERS_LEAST || samples->group[cell] == group;
}

int rows_are_near(const struct rows *rows, size_t cell, size_t other)
{
    struct rows_row row = {ROW_CELL, cell, 1};
    return is_near(rows, &row, other);
}

static int list_rows(struct rows *rows)
{
    const struct samples *samples = rows->samples;

    rows->cells_of = calloc(samples->groups, sizeof *rows->cells_of);
    rows->row = calloc(1 + samples->groups + samples->cells, sizeof *rows->row);
    if (rows->cells_of == NULL || rows->row == NULL)
        return -ENOMEM;
    for (size_t c = 0; c < samples->cells; c++)
        rows->cells_of[samples->group[c]]++;
    if (samples->cells > 1)
        rows->row[rows->count++] = (struct rows_row){ROW_ALL, 0, 0};
    for (size_t g = 0; g < samples->groups && samples->groups > 1; g++)
        if (rows->cells_of[g] > 1)
            rows->row[rows->count++] = (struct rows_row){ROW_WRITER, g, 1};
    for (size_t c = 0; c < samples->cells; c++)
        rows->row[rows->count++] = (struct rows_row){ROW_CELL, c, samples->cells >= PEERS_LEAST};
    return 0;
}

static int allocate(struct work *work)
{
    struct rows *rows = work->rows;
    const struct samples *samples = work->samples;
    size_t grid = samples->processes * samples->cells;
    size_t values = samples->processes * rows->count;
    double **columns[] = {&rows->value, &rows->against, &rows->score, &rows->placed};
    int missing = 0;

    for (size_t i = 0; i < grid; i++)
        rows->sample_count += samples->count[i];
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        *columns[i] = calloc(values, sizeof(double));
        missing |= *columns[i] == NULL;
    }
    rows->pace = calloc(grid, sizeof *rows->pace);
    rows->normal = calloc(grid, sizeof *rows->normal);
    rows->normal_store = calloc(rows->sample_count, sizeof *rows->normal_store);
    work->cell_score = calloc(grid, sizeof *work->cell_score);
    work->sorted = calloc(rows->sample_count, sizeof *work->sorted);
    work->plain = calloc(rows->sample_count, sizeof *work->plain);
    work->sum = calloc(samples->processes + samples->cells + samples->groups, sizeof *work->sum);
    return missing || rows->pace == NULL || rows->normal == NULL || rows->normal_store == NULL ||
                   work->cell_score == NULL || work->sorted == NULL || work->plain == NULL ||
                   work->sum == NULL
               ? -ENOMEM
               : 0;
}

static void take_paces(struct work *work)
{
    const struct samples *samples = work->samples;
    for (size_t i = 0; i < samples->processes * samples->cells; i++) {
        for (size_t s = 0; s < samples->count[i]; s++)
            work->plain[s] = samples->value[i][s];
        stats_sort(work->plain, samples->count[i]);
        work->rows->pace[i] = log(stats_pace(work->plain, samples->count[i]));
    }
}

/* Logs of a cell's samples, less a quantile of all of them, which knows no sides. */
static void normalise(struct work *work, size_t cell, double **store)
{
    struct rows *rows = work->rows;
    const struct samples *samples = work->samples;
    size_t count = 0;

    for (size_t p = 0; p < samples->processes; p++) {
        size_t i = at(samples, p, cell);
        rows->normal[i] = *store;
        *store += samples->count[i];
        for (size_t s = 0; s < samples->count[i]; s++) {
            rows->normal[i][s] = log(samples->value[i][s]);
            work->plain[count++] = rows->normal[i][s];
        }
    }
    stats_sort(work->plain, count);
    double anchor = stats_quantile(work->plain, count, ANCHOR_QUANTILE);
    for (size_t p = 0; p < samples->processes; p++)
        for (size_t s = 0; s < samples->count[at(samples, p, cell)]; s++)
            rows->normal[at(samples, p, cell)][s] -= anchor;
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
        if (is_member(rows->samples, row, c)) {
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
static void centre_paces(const struct work *work, double *centred)
{
    const struct samples *samples = work->samples;

    for (size_t c = 0; c < samples->cells; c++) {
        double mean = 0;
        for (size_t p = 0; p < samples->processes; p++)
            mean += work->rows->pace[at(samples, p, c)] / (double)samples->processes;
        for (size_t p = 0; p < samples->processes; p++)
            centred[at(samples, p, c)] = work->rows->pace[at(samples, p, c)] - mean;
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
            if (is_near(rows, row, c))
                room[count++] = centred[c];
    }
    stats_sort(room, count);
    return stats_median(room, count);
}

static int take_values(struct work *work)
{
    struct rows *rows = work->rows;
    const struct samples *samples = work->samples;
    double *centred = calloc(samples->processes * samples->cells, sizeof *centred);

    if (centred == NULL)
        return -ENOMEM;
    centre_paces(work, centred);
    for (size_t p = 0; p < samples->processes; p++) {
        for (size_t r = 0; r < rows->count; r++) {
            const struct rows_row *row = &rows->row[r];
            size_t i = p * rows->count + r;
            const double *of_process = &centred[p * samples->cells];
            rows->value[i] = mean_of_members(rows, row, of_process);
            rows->score[i] = mean_of_members(rows, row, &work->cell_score[p * samples->cells]);
            rows->against[i] = row->has_peers
                                   ? rows->value[i] - peers_pace(rows, row, of_process, work->sum)
                                   : (double)NAN;
        }
    }
    free(centred);
    return 0;
}

int rows_make(const struct samples *samples, struct rows *rows)
{
    struct work work = {.rows = rows, .samples = samples};

    *rows = (struct rows){.samples = samples};
    int error = list_rows(rows);
    if (error == 0)
        error = allocate(&work);
    if (error == 0) {
        double *store = rows->normal_store;
        take_paces(&work);
        for (size_t c = 0; c < samples->cells; c++) {
            normalise(&work, c, &store);
            score_cell(&work, c);
        }
        for (size_t p = 0; p < samples->processes; p++)
            place_process(&work, p);
        error = take_values(&work);
    }
    free(work.cell_score);
    free(work.sorted);
    free(work.plain);
    free(work.sum);
    if (error != 0)
        rows_free(rows);
    return error;
}

static double floor_of(const struct rows *rows, size_t process, const struct rows_row *row,
                       int of_peers, double *room)
{
    const struct samples *samples = rows->samples;
    size_t count = 0;

    for (size_t c = 0; c < samples->cells; c++) {
        int member = is_member(samples, row, c);
        if (of_peers ? member || !is_near(rows, row, c) : !member)
            continue;
        for (size_t s = 0; s < samples->count[at(samples, process, c)]; s++)
            room[count++] = rows->normal[at(samples, process, c)][s];
    }
    stats_sort(room, count);
    return stats_quantile(room, count, FLOOR_QUANTILE);
}

int rows_floors(const struct rows *rows, size_t row, double *own, double *peers)
{
    double *room = calloc(rows->sample_count, sizeof *room);

    if (!rows->row[row].has_peers || room == NULL) {
        free(room);
        return rows->row[row].has_peers ? -ENOMEM : -ENODATA;
    }
    for (size_t p = 0; p < rows->samples->processes; p++) {
        own[p] = floor_of(rows, p, &rows->row[row], 0, room);
        peers[p] = floor_of(rows, p, &rows->row[row], 1, room);
    }
    free(room);
    return 0;
}

void rows_free(struct rows *rows)
{
    free(rows->row);
    free(rows->cells_of);
    free(rows->pace);
    free(rows->value);
    free(rows->against);
    free(rows->score);
    free(rows->placed);
    free(rows->normal);
    free(rows->normal_store);
    *rows = (struct rows){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "noise.h"

#include "src/base/arena.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <string.h>

/* Neighbours in time differ by what is new in each process; what they share is drift (von Neumann's
 * mean square successive difference). The two of a round may have run at the same time, so how much
 * a process has in common with the one before it is asked of the round before. */
static void split_cell(const struct samples *samples, size_t cell, struct noise *noise)
{
    double within = 0, replicates = 0, total = 0, successive = 0, mean = 0;
    double next_round = 0, before[2] = {0, 0};
    double n = (double)samples->processes;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t p = 0; p < samples->processes; p++) {
            const double *value = samples->value[p * samples->cells + cell];
            size_t count = samples->count[p * samples->cells + cell];
            double own = 0, squares = 0;
            for (size_t s = 0; s < count; s++)
                own += log(value[s]) / (double)count;
            for (size_t s = 0; s < count; s++)
                squares += (log(value[s]) - own) * (log(value[s]) - own);
            if (pass == 0) {
                mean += own / n;
                within += count > 1 ? squares / (double)(count - 1) / n : 0;
                replicates += 1 / (double)count / n;
                successive += p > 0 ? pow(own - before[0], 2) / 2 / (n - 1) : 0;
                next_round += p > 1 ? pow(own - before[1], 2) / 2 / (n - 2) : 0;
                before[1] = before[0];
                before[0] = own;
            } else {
                total += (own - mean) * (own - mean) / (n - 1);
            }
        }
    }
    noise->within = sqrt(within);
    noise->between = sqrt(fmax(0, fmin(successive, total) - within * replicates));
    noise->drift = sqrt(fmax(0, total - successive));
    noise->shared = total > 0 ? 1 - next_round / total : 0;
}

int noise_split(const struct samples *samples, struct noise *noise)
{
    size_t cells = samples->cells;
    struct arena arena = {0};
    double *column[4];

    for (int i = 0; i < 4; i++)
        column[i] = arena_array(&arena, cells, sizeof(double));
    for (size_t c = 0; arena.error == 0 && c < cells; c++) {
        struct noise own;
        split_cell(samples, c, &own);
        column[0][c] = own.within;
        column[1][c] = own.between;
        column[2][c] = own.drift;
        column[3][c] = own.shared;
    }
    int error = arena.error;
    if (error == 0)
        *noise =
            (struct noise){stats_median_of(column[0], cells), stats_median_of(column[1], cells),
                           stats_median_of(column[2], cells), stats_median_of(column[3], cells),
                           stats_normal_quantile(0.95) / sqrt((double)samples->rounds)};
    arena_free(&arena);
    return error;
}

static int is_found(const struct samples *samples, const struct comparison_options *options,
                    size_t *found)
{
    struct comparison_table table;
    int error = compare_samples(samples, options, &table), moved = 0;

    if (error != 0)
        return error;
    for (size_t r = 0; r < table.count; r++)
        moved |= finding_moved(&table.rows[r].finding);
    *found += (size_t)moved;
    comparison_table_free(&table);
    return 0;
}

/* Of each round one process: the other one was measured at the same time. */
int noise_neighbours(const struct samples *samples, const struct comparison_options *options,
                     struct neighbours *neighbours)
{
    enum { BOTH = 2 * LEAST_PROCESSES };
    size_t cells = samples->cells;
    struct arena arena = {0};
    const double **value = arena_array(&arena, BOTH * cells, sizeof(const double *));
    size_t *count = arena_array(&arena, BOTH * cells, sizeof *count);
    struct samples block = *samples;

    *neighbours = (struct neighbours){0};
    block.processes = BOTH;
    block.value = value;
    block.count = count;
    block.rounds = 0;
    block.new_processes = LEAST_PROCESSES;
    for (size_t first = 0; arena.error == 0 && first + BOTH <= samples->rounds; first++) {
        for (size_t p = 0; p < BOTH; p++) {
            size_t from = 2 * (first + p) * cells;
            memcpy(&value[p * cells], &samples->value[from], cells * sizeof(const double *));
            memcpy(&count[p * cells], &samples->count[from], cells * sizeof *count);
        }
        arena.error = is_found(&block, options, &neighbours->wrong);
        neighbours->comparisons++;
    }
    int error = arena.error;
    arena_free(&arena);
    return error;
}

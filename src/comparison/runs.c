/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison of the runs of two sides: its steps, and what it leaves. */
#include "machine_costs.h"
#include "pairing.h"

#include <errno.h>

/* From the first run's begin to the last one's, over the rounds between them. */
static double seconds_per_round(const struct pairing *pairing)
{
    double first = (double)NAN, last = (double)NAN;

    for (size_t i = 0; i < pairing->count; i++) {
        first = fmin(first, pairing->used[i].second);
        last = fmax(last, pairing->used[i].second);
    }
    return pairing->count > 1 ? 2 * (last - first) / (double)(pairing->count - 1) : (double)NAN;
}

/* Where the gate is closed the figures stay, but nothing is called slower or faster. */
static void count_changes(struct comparison *comparison)
{
    for (size_t r = 0; r < comparison->table.count; r++) {
        struct finding *finding = &comparison->table.rows[r].finding;
        if (comparison->gate != GATE_OPEN)
            finding->change = CHANGE_INCONCLUSIVE;
        comparison->slower += finding->change == CHANGE_SLOWER;
        comparison->faster += finding->change == CHANGE_FASTER;
        comparison->diverged += finding->change == CHANGE_DIVERGED;
    }
}

int compare_sides(const struct side *old_side, const struct side *new_side,
                  const struct comparison_options *options, struct comparison *comparison)
{
    struct pairing pairing = {{old_side, new_side}, options, comparison, NULL, 0};
    struct arena *arena = &comparison->arena;
    int cross_machine = options->cross_machine;

    *comparison = (struct comparison){.options = *options};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    pairing_pair(&pairing);
    if (pairing.count > 0) {
        pairing_check_machines(&pairing);
        comparison->compared = comparison->gate != GATE_MACHINES || cross_machine;
        comparison->seconds_per_round = seconds_per_round(&pairing);
        if (comparison->compared)
            pairing_take_samples(&pairing);
        pairing_check_counts(&pairing);
        comparison->compared &= comparison->samples.cells > 0;
    } else {
        pairing_refuse(&pairing, GATE_FEW, (struct note){.kind = NOTE_NO_ROUND});
    }
    if (arena->error == 0 && comparison->compared)
        arena->error = compare_samples(&comparison->samples, options, &comparison->table);
    /* How much of the ratios comes from the machines. */
    if (arena->error == 0 && cross_machine && comparison->gate == GATE_MACHINES) {
        comparison->costs = arena_array(arena, 1, sizeof *comparison->costs);
        if (comparison->costs != NULL)
            arena->error =
                machine_costs_compare(old_side, new_side, options->seed, comparison->costs);
    }
    count_changes(comparison);
    int error = arena->error;
    if (error != 0)
        comparison_free(comparison);
    return error;
}

void comparison_free(struct comparison *comparison)
{
    if (comparison->costs != NULL)
        machine_costs_free(comparison->costs);
    comparison_table_free(&comparison->table);
    arena_free(&comparison->arena);
    *comparison = (struct comparison){0};
}

const char *comparison_row_name(const struct comparison *comparison, const struct finding *row)
{
    return row->kind == ROW_ALL      ? NULL
           : row->kind == ROW_WRITER ? comparison->group_names[row->index]
                                     : comparison->cell_names[row->index];
}

/* A writer of one cell has no row but the cell's. */
static int stands_for(const struct comparison *comparison, const struct finding *row,
                      enum row_kind kind)
{
    const struct samples *samples = &comparison->samples;
    size_t cells = 0;

    if (row->kind != ROW_CELL || kind != ROW_WRITER)
        return row->kind == kind;
    for (size_t c = 0; c < samples->cells; c++)
        cells += samples->group[c] == samples->group[row->index];
    return cells == 1;
}

double comparison_seen(const struct comparison *comparison, enum row_kind kind)
{
    double worst = (double)NAN;

    for (size_t r = 0; r < comparison->table.count; r++) {
        const struct finding *row = &comparison->table.rows[r].finding;
        if (!stands_for(comparison, row, kind))
            continue;
        if (isnan(row->visible))
            return (double)INFINITY;
        worst = fmax(worst, row->visible);
    }
    return worst;
}

int comparison_sees_enough(const struct comparison *comparison)
{
    return !(comparison_seen(comparison, ROW_WRITER) > comparison->options.must_see) &&
           !(comparison_seen(comparison, ROW_ALL) > comparison->options.must_see);
}

int comparison_status(const struct comparison *comparison)
{
    if (comparison->slower > 0 || comparison->failed > 0)
        return 3;
    return comparison->gate != GATE_OPEN || comparison->missing > 0 || comparison->diverged > 0 ||
                   !comparison_sees_enough(comparison)
               ? 4
               : 0;
}

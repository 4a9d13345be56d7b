/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison of the runs of two sides: its steps, and what it leaves. */
#include "machine_costs.h"
#include "pairing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

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
        if (comparison->gate != GATE_OPEN)
            comparison->table.rows[r].finding.change = CHANGE_INCONCLUSIVE;
        comparison->slower += comparison->table.rows[r].finding.change == CHANGE_SLOWER;
        comparison->faster += comparison->table.rows[r].finding.change == CHANGE_FASTER;
        comparison->diverged += comparison->table.rows[r].finding.change == CHANGE_DIVERGED;
    }
}

/* How much of the ratios comes from the machines. */
static int take_machine_costs(struct pairing *pairing)
{
    struct comparison *comparison = pairing->comparison;

    if (!pairing->options->cross_machine || comparison->gate != GATE_MACHINES)
        return 0;
    comparison->costs = calloc(1, sizeof *comparison->costs);
    if (comparison->costs == NULL)
        return -ENOMEM;
    return machine_costs_compare(pairing->sides[0], pairing->sides[1], pairing->options->seed,
                                 comparison->costs);
}

int compare_sides(const struct side *old_side, const struct side *new_side,
                  const struct comparison_options *options, struct comparison *comparison)
{
    struct pairing pairing = {{old_side, new_side}, options, comparison, NULL, 0, 0};

    *comparison = (struct comparison){.options = *options};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    int error = pairing_pair(&pairing);
    if (error == 0 && pairing.count > 0) {
        error = pairing_check_machines(&pairing);
        int refused = comparison->gate == GATE_MACHINES && !options->cross_machine;
        comparison->seconds_per_round = seconds_per_round(&pairing);
        if (error == 0 && !refused)
            error = pairing_take_samples(&pairing);
        pairing_check_counts(&pairing);
        comparison->compared = error == 0 && !refused && comparison->samples.cells > 0;
    } else if (error == 0) {
        pairing_refuse(&pairing, GATE_FEW, (struct note){.kind = NOTE_NO_ROUND});
    }
    if (error == 0 && pairing.error == 0 && comparison->compared)
        error = compare_samples(&comparison->samples, options, &comparison->table);
    if (error == 0 && pairing.error == 0)
        error = take_machine_costs(&pairing);
    free(pairing.used);
    error = error != 0 ? error : pairing.error;
    if (error != 0)
        comparison_free(comparison);
    else
        count_changes(comparison);
    return error;
}

void comparison_free(struct comparison *comparison)
{
    notes_free(&comparison->notes);
    note_free(&comparison->refusal);
    for (size_t i = 0; i < comparison->samples.cells; i++)
        free(comparison->cell_names[i]);
    for (size_t i = 0; i < comparison->samples.groups; i++)
        free(comparison->group_names[i]);
    if (comparison->costs != NULL)
        machine_costs_free(comparison->costs);
    free(comparison->costs);
    free(comparison->cell_names);
    free(comparison->group_names);
    free((void *)(uintptr_t)comparison->samples.group);
    free((void *)(uintptr_t)comparison->samples.value);
    free((void *)(uintptr_t)comparison->samples.count);
    comparison_table_free(&comparison->table);
    *comparison = (struct comparison){0};
}

const char *comparison_row_name(const struct comparison *comparison, const struct finding *row)
{
    return row->kind == ROW_ALL      ? NULL
           : row->kind == ROW_WRITER ? comparison->group_names[row->index]
                                     : comparison->cell_names[row->index];
}

int comparison_status(const struct comparison *comparison)
{
    if (comparison->gate != GATE_OPEN)
        return 4;
    return comparison->slower > 0 ? 3 : comparison->diverged > 0 ? 4 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison of the runs of two sides: its steps, and what it leaves. */
#include "machine_costs.h"
#include "pairing.h"
#include "src/base/text_list.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void pairing_note(struct pairing *pairing, const char *format, ...)
{
    struct comparison *comparison = pairing->comparison;
    va_list arguments;

    va_start(arguments, format);
    int error = text_list_add(&comparison->notes, &comparison->note_count, format, arguments);
    va_end(arguments);
    pairing->error = pairing->error != 0 ? pairing->error : error;
}

/* The first reason stays. */
void pairing_refuse(struct pairing *pairing, enum gate gate, const char *format, ...)
{
    va_list arguments;

    if (pairing->comparison->gate != GATE_OPEN)
        return;
    pairing->comparison->gate = gate;
    va_start(arguments, format);
    if (vasprintf(&pairing->comparison->refusal, format, arguments) < 0) {
        pairing->comparison->refusal = NULL;
        pairing->error = -ENOMEM;
    }
    va_end(arguments);
}

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
        comparison->apart += comparison->table.rows[r].finding.change == CHANGE_DIVERGED;
    }
}

/* What of the ratios is the machines' doing. */
static int put_beside(struct pairing *pairing)
{
    struct comparison *comparison = pairing->comparison;

    if (!pairing->options->cross_machine || comparison->gate != GATE_MACHINES)
        return 0;
    comparison->beside = calloc(1, sizeof *comparison->beside);
    if (comparison->beside == NULL)
        return -ENOMEM;
    return machine_costs_compare(pairing->sides[0], pairing->sides[1], pairing->options->seed,
                                 comparison->beside);
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
        pairing_check_machines(&pairing);
        int refused = comparison->gate == GATE_MACHINES && !options->cross_machine;
        comparison->seconds_per_round = seconds_per_round(&pairing);
        if (!refused)
            error = pairing_take_samples(&pairing);
        pairing_check_counts(&pairing);
        comparison->compared = error == 0 && !refused && comparison->samples.cells > 0;
    } else if (error == 0) {
        pairing_refuse(&pairing, GATE_FEW, "no round has both sides");
    }
    if (error == 0 && pairing.error == 0 && comparison->compared)
        error = compare_samples(&comparison->samples, options, &comparison->table);
    if (error == 0 && pairing.error == 0)
        error = put_beside(&pairing);
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
    text_list_free(comparison->notes, comparison->note_count);
    for (size_t i = 0; i < comparison->samples.cells; i++)
        free(comparison->cell_names[i]);
    for (size_t i = 0; i < comparison->samples.groups; i++)
        free(comparison->group_names[i]);
    if (comparison->beside != NULL)
        machine_costs_free(comparison->beside);
    free(comparison->beside);
    free(comparison->cell_names);
    free(comparison->group_names);
    free(comparison->refusal);
    free((void *)(uintptr_t)comparison->samples.group);
    free((void *)(uintptr_t)comparison->samples.value);
    free((void *)(uintptr_t)comparison->samples.count);
    comparison_table_free(&comparison->table);
    *comparison = (struct comparison){0};
}

int comparison_status(const struct comparison *comparison)
{
    if (comparison->gate != GATE_OPEN)
        return 4;
    return comparison->slower > 0 ? 3 : comparison->apart > 0 ? 4 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which cells can be compared: those that every run measured alike. */
#include "pairing.h"
#include "src/run/name_segments.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_MOST = 4 };

struct list {
    char text[400];
    size_t count;
};

static void list_name(struct list *list, const char *name)
{
    size_t at = strlen(list->text);
    if (list->count++ < NAMED_MOST && at < sizeof list->text)
        snprintf(list->text + at, sizeof list->text - at, "%s%s", at > 0 ? ", " : "", name);
}

static void note_list(struct pairing *pairing, const struct list *list, const char *why)
{
    if (list->count > NAMED_MOST)
        pairing_note(pairing, "%zu cells are left out, %s: %s, ...", list->count, why, list->text);
    else if (list->count > 0)
        pairing_note(pairing, "Left out, %s: %s.", why, list->text);
}

static int is_positive(const struct cell *cell)
{
    for (size_t s = 0; s < cell->samples; s++)
        if (!(cell->values[METRIC_TIME][s] > 0))
            return 0;
    return 1;
}

enum fault {
    FAULT_NONE,
    FAULT_OLD_ONLY,
    FAULT_NEW_ONLY,
    FAULT_FAILED,
    FAULT_SOME,
    FAULT_NO_ROWS,
    FAULT_ZERO,
    FAULT_SIZE,
    FAULTS
};

static const char *const fault_words[FAULTS] = {
    [FAULT_OLD_ONLY] = "only on the old side",
    [FAULT_NEW_ONLY] = "only on the new side",
    [FAULT_FAILED] = "failed",
    [FAULT_SOME] = "not in every run",
    [FAULT_NO_ROWS] = "without usable repetitions (aggregates only, or negative times)",
    [FAULT_ZERO] = "times of zero, below the clock's step",
    [FAULT_SIZE] = "the same name for files of other sizes",
};

static int other_size(const struct cell *a, const struct cell *b)
{
    double x = (double)a->parts.size_bytes, y = (double)b->parts.size_bytes;
    return x > 0 && y > 0 && fabs(x - y) > 0.01 * x;
}

static enum fault fault_of(const struct pairing *pairing, const char *name)
{
    size_t there[2] = {0, 0}, failed = 0, empty = 0, zero = 0, size = 0;
    const struct cell *first = NULL;

    for (size_t i = 0; i < pairing->count; i++) {
        const struct cell *cell = run_cell(pairing->used[i].run, name);
        if (cell == NULL)
            continue;
        first = first == NULL ? cell : first;
        there[pairing->used[i].is_new]++;
        failed += cell->errors > 0;
        empty += cell->samples == 0;
        zero += cell->samples > 0 && !is_positive(cell);
        size += (size_t)other_size(first, cell);
    }
    if (failed > 0)
        return FAULT_FAILED;
    if (there[1] == 0)
        return FAULT_OLD_ONLY;
    if (there[0] == 0)
        return FAULT_NEW_ONLY;
    if (there[0] + there[1] < pairing->count)
        return FAULT_SOME;
    return empty > 0 ? FAULT_NO_ROWS : zero > 0 ? FAULT_ZERO : size > 0 ? FAULT_SIZE : FAULT_NONE;
}

static int add_cell(struct pairing *pairing, const struct cell *cell, size_t *group)
{
    struct comparison *comparison = pairing->comparison;
    struct samples *samples = &comparison->samples;
    char *name = name_segments_group(cell->name), *own = strdup(cell->name);
    size_t g = 0;

    if (name == NULL || own == NULL) {
        free(name);
        free(own);
        return -ENOMEM;
    }
    while (g < samples->groups && strcmp(comparison->group_names[g], name) != 0)
        g++;
    if (g == samples->groups)
        comparison->group_names[samples->groups++] = name;
    else
        free(name);
    group[samples->cells] = g;
    comparison->cell_names[samples->cells++] = own;
    return 0;
}

static int choose_cells(struct pairing *pairing, size_t *group)
{
    struct list lists[FAULTS] = {{"", 0}};

    for (size_t i = 0; i < pairing->count; i++) {
        const struct run *run = pairing->used[i].run;
        for (size_t c = 0; c < run->cell_count; c++) {
            const char *name = run->cells[c].name;
            int seen = 0;
            for (size_t before = 0; before < i && !seen; before++)
                seen = run_cell(pairing->used[before].run, name) != NULL;
            if (seen)
                continue;
            enum fault fault = fault_of(pairing, name);
            if (fault != FAULT_NONE)
                list_name(&lists[fault], name);
            else if (add_cell(pairing, &run->cells[c], group) != 0)
                return -ENOMEM;
        }
    }
    for (int fault = 1; fault < FAULTS; fault++)
        note_list(pairing, &lists[fault], fault_words[fault]);
    if (pairing->comparison->samples.cells == 0)
        pairing_refuse(pairing, lists[FAULT_SIZE].count > 0 ? GATE_DIFFERENT : GATE_NOTHING,
                       "the two sides have no cell in common%s",
                       lists[FAULT_SIZE].count > 0 ? " that writes files of the same size"
                                                   : " (file sizes are part of the names)");
    return pairing->error;
}

int pairing_take_samples(struct pairing *pairing)
{
    struct comparison *comparison = pairing->comparison;
    struct samples *samples = &comparison->samples;
    size_t most = 0;

    for (size_t i = 0; i < pairing->count; i++)
        most += pairing->used[i].run->cell_count;
    size_t *group = calloc(most + 1, sizeof *group);
    comparison->cell_names = calloc(most + 1, sizeof *comparison->cell_names);
    comparison->group_names = calloc(most + 1, sizeof *comparison->group_names);
    samples->group = group;
    if (group == NULL || comparison->cell_names == NULL || comparison->group_names == NULL)
        return -ENOMEM;
    int error = choose_cells(pairing, group);
    if (error != 0)
        return error;
    size_t grid = samples->cells * samples->processes;
    const double **value = calloc(grid + 1, sizeof *value);
    size_t *count = calloc(grid + 1, sizeof *count);
    samples->value = value;
    samples->count = count;
    if (value == NULL || count == NULL)
        return -ENOMEM;
    for (size_t p = 0; p < samples->processes; p++) {
        for (size_t c = 0; c < samples->cells; c++) {
            const struct cell *cell = run_cell(pairing->used[p].run, comparison->cell_names[c]);
            value[p * samples->cells + c] = cell->values[METRIC_TIME];
            count[p * samples->cells + c] = cell->samples;
        }
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which cells can be compared: those that every run measured alike. */
#include "pairing.h"
#include "src/run/name_segments.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int is_positive(const struct cell *cell)
{
    for (size_t s = 0; s < cell->samples; s++)
        if (!(cell->values[METRIC_TIME][s] > 0))
            return 0;
    return 1;
}

static int other_size(const struct cell *a, const struct cell *b)
{
    double x = (double)a->parts.size_bytes, y = (double)b->parts.size_bytes;
    return x > 0 && y > 0 && fabs(x - y) > 0.01 * x;
}

static enum cell_fault fault_of(const struct pairing *pairing, const char *name)
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

static int choose_cell(struct pairing *pairing, const struct cell *cell, size_t *group,
                       struct note left_out[CELL_FAULTS])
{
    enum cell_fault fault = fault_of(pairing, cell->name);

    return fault == FAULT_NONE ? add_cell(pairing, cell, group)
                               : note_add_name(&left_out[fault], cell->name);
}

static int choose_cells(struct pairing *pairing, size_t *group)
{
    struct note left_out[CELL_FAULTS] = {{.kind = NOTE_NONE}};
    int error = 0;

    for (size_t i = 0; i < pairing->count; i++) {
        const struct run *run = pairing->used[i].run;
        for (size_t c = 0; c < run->cell_count && error == 0; c++) {
            int seen = 0;
            for (size_t before = 0; before < i && !seen; before++)
                seen = run_cell(pairing->used[before].run, run->cells[c].name) != NULL;
            if (!seen)
                error = choose_cell(pairing, &run->cells[c], group, left_out);
        }
    }
    if (error == 0 && pairing->comparison->samples.cells == 0) {
        int sizes = left_out[FAULT_SIZE].name_count > 0;
        pairing_refuse(pairing, sizes ? GATE_DIFFERENT : GATE_NOTHING,
                       (struct note){.kind = sizes ? NOTE_OTHER_SIZES : NOTE_NO_CELL});
    }
    for (int fault = FAULT_NONE + 1; fault < CELL_FAULTS; fault++) {
        left_out[fault].kind = NOTE_CELLS_LEFT_OUT;
        left_out[fault].fault = (enum cell_fault)fault;
        if (left_out[fault].name_count > 0)
            pairing_note(pairing, left_out[fault]);
    }
    return error != 0 ? error : pairing->error;
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Which cells can be compared: those that every run measured alike. */
#include "pairing.h"
#include "src/run/name_segments.h"

#include <math.h>

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

static void choose_cell(struct pairing *pairing, const struct cell *cell, size_t *group,
                        struct note left_out[CELL_FAULTS])
{
    struct comparison *comparison = pairing->comparison;
    struct samples *samples = &comparison->samples;
    enum cell_fault fault = fault_of(pairing, cell->name);

    if (fault != FAULT_NONE) {
        note_add_name(&comparison->arena, &left_out[fault], cell->name);
        return;
    }
    group[samples->cells] = name_segments_group(&comparison->arena, comparison->group_names,
                                                &samples->groups, cell->name);
    comparison->cell_names[samples->cells++] = arena_text(&comparison->arena, cell->name);
}

static void choose_cells(struct pairing *pairing, size_t *group)
{
    struct note left_out[CELL_FAULTS] = {{.kind = NOTE_NONE}};

    for (size_t i = 0; i < pairing->count; i++) {
        const struct run *run = pairing->used[i].run;
        for (size_t c = 0; c < run->cell_count; c++) {
            int seen = 0;
            for (size_t before = 0; before < i && !seen; before++)
                seen = run_cell(pairing->used[before].run, run->cells[c].name) != NULL;
            if (!seen)
                choose_cell(pairing, &run->cells[c], group, left_out);
        }
    }
    if (pairing->comparison->samples.cells == 0) {
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
}

void pairing_take_samples(struct pairing *pairing)
{
    struct comparison *comparison = pairing->comparison;
    struct samples *samples = &comparison->samples;
    struct arena *arena = &comparison->arena;
    size_t most = 0;

    for (size_t i = 0; i < pairing->count; i++)
        most += pairing->used[i].run->cell_count;
    size_t *group = arena_array(arena, most, sizeof *group);
    comparison->cell_names = arena_array(arena, most, sizeof *comparison->cell_names);
    comparison->group_names = arena_array(arena, most, sizeof *comparison->group_names);
    if (arena->error == 0)
        choose_cells(pairing, group);
    size_t grid = samples->cells * samples->processes;
    const double **value = arena_array(arena, grid, sizeof *value);
    size_t *count = arena_array(arena, grid, sizeof *count);
    for (size_t i = 0; arena->error == 0 && i < grid; i++) {
        const struct cell *cell = run_cell(pairing->used[i / samples->cells].run,
                                           comparison->cell_names[i % samples->cells]);
        value[i] = cell->values[METRIC_TIME];
        count[i] = cell->samples;
    }
    samples->group = group;
    samples->value = value;
    samples->count = count;
}

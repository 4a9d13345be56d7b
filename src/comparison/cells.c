/* SPDX-License-Identifier: Apache-2.0 */
/* Which cells can be compared: those that every run measured alike. */
#include "pairing.h"
#include "src/base/hash.h"
#include "src/base/random.h"

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
    const regex_t *may_miss = pairing->options->allow_missing;
    size_t there[2] = {0, 0}, failed[2] = {0, 0}, aggregates = 0, empty = 0, zero = 0, size = 0;
    const struct cell *first = NULL;

    for (size_t i = 0; i < pairing->count; i++) {
        const struct cell *cell = run_cell(pairing->used[i].run, name);
        if (cell == NULL)
            continue;
        first = first == NULL ? cell : first;
        there[pairing->used[i].is_new]++;
        failed[pairing->used[i].is_new] += cell->errors > 0;
        aggregates += cell->samples == 0 && !isnan(cell->aggregate_ns);
        empty += cell->samples == 0 && cell->unusable == 0;
        zero += cell->unusable > 0 || !is_positive(cell);
        size += (size_t)other_size(first, cell);
    }
    if (failed[0] + failed[1] > 0)
        return failed[0] == 0 && there[0] > 0 ? FAULT_NEW_FAILED : FAULT_FAILED;
    if (there[1] == 0)
        return may_miss != NULL && regexec(may_miss, name, 0, NULL, 0) == 0 ? FAULT_GONE
                                                                            : FAULT_OLD_ONLY;
    if (there[0] == 0)
        return FAULT_NEW_ONLY;
    if (there[0] + there[1] < pairing->count)
        return FAULT_SOME;
    return aggregates > 0 ? FAULT_AGGREGATES
           : empty > 0    ? FAULT_NO_ROWS
           : zero > 0     ? FAULT_ZERO
           : size > 0     ? FAULT_SIZE
                          : FAULT_NONE;
}

/* NULL: no run gives one. */
static const char *reason_of(const struct pairing *pairing, const char *name)
{
    for (size_t i = 0; i < pairing->count; i++) {
        const struct cell *cell = run_cell(pairing->used[i].run, name);
        if (cell != NULL && cell->errors > 0 && cell->error != NULL)
            return cell->error;
    }
    return NULL;
}

static void choose_cell(struct pairing *pairing, const struct cell *cell, size_t *group,
                        struct note left_out[CELL_FAULTS])
{
    struct comparison *comparison = pairing->comparison;
    struct samples *samples = &comparison->samples;
    enum cell_fault fault = fault_of(pairing, cell->name);

    comparison->failed += fault == FAULT_NEW_FAILED;
    comparison->missing += (size_t)fault_is_missing(fault);
    if (fault != FAULT_NONE) {
        const char *reason = reason_of(pairing, cell->name);
        if (fault == FAULT_NEW_FAILED && left_out[fault].name_count == 0 && reason != NULL)
            left_out[fault].finding.reason = arena_text(&comparison->arena, reason);
        note_add_name(&comparison->arena, &left_out[fault], cell->name);
        return;
    }
    group[samples->cells] = name_segments_group(&comparison->arena, comparison->group_names,
                                                &samples->groups, cell->name);
    comparison->cell_names[samples->cells++] = arena_text(&comparison->arena, cell->name);
}

/* By the fault that most of the cells have. */
static void refuse_all(struct pairing *pairing, const struct note left_out[CELL_FAULTS])
{
    struct note why = {.kind = NOTE_NO_CELL};

    for (int fault = FAULT_NONE + 1; fault < CELL_FAULTS; fault++) {
        if (left_out[fault].name_count > why.count[0]) {
            why.count[0] = left_out[fault].name_count;
            why.fault = (enum cell_fault)fault;
        }
    }
    if (left_out[FAULT_SIZE].name_count > 0)
        pairing_refuse(pairing, GATE_DIFFERENT, (struct note){.kind = NOTE_OTHER_SIZES});
    else
        pairing_refuse(pairing, GATE_NOTHING, why);
}

/* They lack cells, or samples. */
static void note_interrupted(struct pairing *pairing)
{
    struct note notes[2] = {{.kind = NOTE_INTERRUPTED_RUNS, .side = 0},
                            {.kind = NOTE_INTERRUPTED_RUNS, .side = 1}};
    double of_cell;

    for (size_t i = 0; i < pairing->count; i++) {
        struct note *note = &notes[pairing->used[i].is_new];
        note->count[0] += (size_t)!isnan(run_planned(pairing->used[i].run, &of_cell));
        note->count[1]++;
    }
    for (int side = 0; side < 2; side++)
        if (notes[side].count[0] > 0)
            pairing_note(pairing, notes[side]);
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
    if (pairing->comparison->samples.cells == 0)
        refuse_all(pairing, left_out);
    for (int fault = FAULT_NONE + 1; fault < CELL_FAULTS; fault++) {
        left_out[fault].kind = NOTE_CELLS_LEFT_OUT;
        left_out[fault].fault = (enum cell_fault)fault;
        if (left_out[fault].name_count > 0)
            pairing_note(pairing, left_out[fault]);
    }
    note_interrupted(pairing);
}

/* `wanted` of the values, without replacement. What is drawn depends on the values and the seed
 * alone, not on the order of the files. */
static const double *draw(struct arena *arena, const double *values, size_t count, size_t wanted,
                          uint64_t seed)
{
    double *drawn = arena_array(arena, count, sizeof *drawn);
    struct random random;

    if (drawn == NULL)
        return values;
    memcpy(drawn, values, count * sizeof *drawn);
    random_seed(&random, hash_bytes(seed ^ HASH_BEGIN, values, count * sizeof *values));
    for (size_t i = 0; i < wanted; i++) {
        size_t other = i + (size_t)random_below(&random, count - i);
        double value = drawn[i];
        drawn[i] = drawn[other];
        drawn[other] = value;
    }
    return drawn;
}

/* The mean of the fastest quarter lies the lower the more samples there are: a process may not have
 * more of a cell than another. 1: some had. */
static size_t draw_alike(struct pairing *pairing, size_t cell, const double **value, size_t *count)
{
    struct comparison *comparison = pairing->comparison;
    const struct samples *samples = &comparison->samples;
    size_t least = count[cell], most = count[cell];

    for (size_t p = 0; p < samples->processes; p++) {
        size_t here = count[p * samples->cells + cell];
        least = here < least ? here : least;
        most = here > most ? here : most;
    }
    for (size_t p = 0; p < samples->processes && least < most; p++) {
        size_t i = p * samples->cells + cell;
        if (count[i] > least)
            value[i] = draw(&comparison->arena, value[i], count[i], least, pairing->options->seed);
        count[i] = least;
    }
    return least < most;
}

void pairing_take_samples(struct pairing *pairing)
{
    struct comparison *comparison = pairing->comparison;
    struct samples *samples = &comparison->samples;
    struct arena *arena = &comparison->arena;
    size_t most = 0, drawn = 0;

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
    for (size_t c = 0; arena->error == 0 && c < samples->cells; c++)
        drawn += draw_alike(pairing, c, value, count);
    if (drawn > 0)
        pairing_note(pairing, (struct note){.kind = NOTE_CELLS_DRAWN, .count = {drawn}});
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on many machines: a comparison on each, and their log ratios together. */
#include "across_machines.h"

#include "src/base/text_list.h"
#include "src/run/context.h"
#include "src/statistics/quantiles.h"
#include "src/statistics/random_effects.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct keys {
    const char **key;
    size_t count;
};

struct fleet_sides {
    const struct side *sides[2];
    struct keys keys[2];
    struct across_machines *fleet;
    int error;
};

static int has_key(const struct keys *keys, const char *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->key[i], key) == 0)
            return 1;
    return 0;
}

/* The machine keys of a side, in the order of its runs. -ENOENT: a run has none. */
static int list_keys(const struct side *side, struct keys *keys)
{
    keys->key = calloc(side->count + 1, sizeof *keys->key);
    if (keys->key == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < side->count; i++) {
        const char *key = run_context(side->runs[i], "machine_key");
        if (key == NULL)
            return -ENOENT;
        if (!has_key(keys, key))
            keys->key[keys->count++] = key;
    }
    return 0;
}

static void __attribute__((format(printf, 2, 3)))
note(struct fleet_sides *sides, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int error = text_list_add(&sides->fleet->notes, &sides->fleet->note_count, format, arguments);
    va_end(arguments);
    sides->error = sides->error != 0 ? sides->error : error;
}

/* The side's runs of that machine; free() .runs. */
static struct side runs_of(const struct side *side, const char *key)
{
    struct run **runs = calloc(side->count + 1, sizeof(struct run *));
    struct side of = {0, runs};

    for (size_t i = 0; runs != NULL && i < side->count; i++)
        if (strcmp(run_context(side->runs[i], "machine_key"), key) == 0)
            runs[of.count++] = side->runs[i];
    return of;
}

static void release(struct side *side) { free((void *)(uintptr_t)side->runs); }

static int compare_machine(struct fleet_sides *sides, const char *old_key, const char *new_key,
                           const struct comparison_options *options)
{
    struct across_machines *fleet = sides->fleet;
    struct machine_comparison *machine = &fleet->machines[fleet->count];
    struct side old_side = runs_of(sides->sides[0], old_key);
    struct side new_side = runs_of(sides->sides[1], new_key);
    char name[CONTEXT_MACHINE_MAX];
    int error = old_side.runs == NULL || new_side.runs == NULL ? -ENOMEM : 0;

    if (error == 0)
        error = compare_sides(&old_side, &new_side, options, &machine->comparison);
    if (error == 0) {
        fleet->count++;
        context_machine(old_side.runs[0], name);
        machine->key = strdup(old_key);
        machine->name = strdup(name);
        error = machine->key == NULL || machine->name == NULL ? -ENOMEM : 0;
    }
    release(&old_side);
    release(&new_side);
    return error;
}

static int compare_machines(struct fleet_sides *sides)
{
    struct across_machines *fleet = sides->fleet;
    struct comparison_options options = fleet->options;
    const struct keys *old_keys = &sides->keys[0], *new_keys = &sides->keys[1];
    size_t common = 0;
    int error = 0;

    fleet->machines = calloc(old_keys->count + 1, sizeof *fleet->machines);
    if (fleet->machines == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < old_keys->count; i++)
        common += (size_t)has_key(new_keys, old_keys->key[i]);
    if (!fleet->is_beside)
        options.alpha /= 2 * (double)common;
    for (size_t i = 0; error == 0 && i < old_keys->count; i++) {
        const char *key = old_keys->key[i];
        if (fleet->is_beside)
            error = compare_machine(sides, key, new_keys->key[0], &options);
        else if (has_key(new_keys, key))
            error = compare_machine(sides, key, key, &options);
        else
            note(sides, "Machine %s has runs on the old side only, and is left out.", key);
    }
    for (size_t i = 0; !fleet->is_beside && i < new_keys->count; i++)
        if (!has_key(old_keys, new_keys->key[i]))
            note(sides, "Machine %s has runs on the new side only, and is left out.",
                 new_keys->key[i]);
    return error == 0 ? sides->error : error;
}

static const char *name_of(const struct comparison *comparison, const struct comparison_row *row)
{
    return row->finding.kind == ROW_ALL      ? "all cells"
           : row->finding.kind == ROW_WRITER ? comparison->group_names[row->finding.index]
                                             : comparison->cell_names[row->finding.index];
}

static struct across_machines_row *find_row(struct across_machines *fleet, enum row_kind kind,
                                            const char *name)
{
    for (size_t r = 0; r < fleet->row_count; r++)
        if (fleet->rows[r].finding.kind == kind && strcmp(fleet->rows[r].name, name) == 0)
            return &fleet->rows[r];
    return NULL;
}

static struct across_machines_row *add_row(struct across_machines *fleet, enum row_kind kind,
                                           const char *name)
{
    struct across_machines_row *larger =
        realloc(fleet->rows, (fleet->row_count + 1) * sizeof *fleet->rows);
    double none = (double)NAN;

    if (larger == NULL)
        return NULL;
    fleet->rows = larger;
    struct across_machines_row *row = &larger[fleet->row_count++];
    *row = (struct across_machines_row){.finding = {.kind = kind,
                                                    .index = fleet->row_count - 1,
                                                    .change = CHANGE_INCONCLUSIVE,
                                                    .relative = {none, none, none},
                                                    .visible = none},
                                        .name = strdup(name),
                                        .log_ratio = calloc(fleet->count, sizeof *row->log_ratio),
                                        .variance = calloc(fleet->count, sizeof *row->variance)};
    if (row->name == NULL || row->log_ratio == NULL || row->variance == NULL)
        return NULL;
    for (size_t m = 0; m < fleet->count; m++)
        row->log_ratio[m] = row->variance[m] = (double)NAN;
    return row;
}

/* All, then writers, then cells, each in the order of the first machine that has them. */
static int gather_rows(struct across_machines *fleet)
{
    for (int kind = ROW_ALL; kind <= ROW_CELL; kind++) {
        for (size_t m = 0; m < fleet->count; m++) {
            const struct comparison *comparison = &fleet->machines[m].comparison;
            double z = stats_normal_quantile((1 + comparison->options.confidence) / 2);
            for (size_t r = 0; r < comparison->table.count; r++) {
                const struct comparison_row *from = &comparison->table.rows[r];
                if (from->finding.kind != (enum row_kind)kind ||
                    !(from->finding.ratio.estimate > 0))
                    continue;
                const char *name = name_of(comparison, from);
                struct across_machines_row *row = find_row(fleet, from->finding.kind, name);
                if (row == NULL && (row = add_row(fleet, from->finding.kind, name)) == NULL)
                    return -ENOMEM;
                double error = log(from->finding.ratio.high / from->finding.ratio.low) / (2 * z);
                row->log_ratio[m] = log(from->finding.ratio.estimate);
                row->variance[m] = error * error;
                row->machines++;
            }
        }
    }
    return 0;
}

/* Student's two-sided tail, from the quantiles. */
static double tail_of(double t, double degrees)
{
    double low = 0, high = 1;

    for (int step = 0; step < 60; step++) {
        double middle = (low + high) / 2;
        if (stats_student_quantile(1 - middle / 2, degrees) > fabs(t))
            low = middle;
        else
            high = middle;
    }
    return high;
}

static int combine_row(struct across_machines *fleet, struct across_machines_row *row)
{
    double *values = calloc(2 * fleet->count + 1, sizeof *values), t, none = (double)NAN;
    double *variances = values + fleet->count, margin = log1p(fleet->options.margin);
    size_t count = 0;

    if (values == NULL)
        return -ENOMEM;
    for (size_t m = 0; m < fleet->count; m++) {
        if (isnan(row->log_ratio[m]))
            continue;
        values[count] = row->log_ratio[m];
        variances[count++] = row->variance[m];
        row->slower += row->log_ratio[m] > margin;
        row->faster += row->log_ratio[m] < -margin;
    }
    int error = random_effects(values, variances, count, fleet->options.confidence,
                               &row->finding.ratio, &row->heterogeneity, &t);
    row->finding.ratio =
        (struct interval){exp(row->finding.ratio.estimate), exp(row->finding.ratio.low),
                          exp(row->finding.ratio.high)};
    row->finding.p = isnan(t) ? none : tail_of(t, (double)count - 1);
    free(values);
    return error;
}

static int is_cell(const struct across_machines_row *row) { return row->finding.kind == ROW_CELL; }

static size_t count_tested(const struct across_machines *fleet, int cells)
{
    size_t count = 0;
    for (size_t r = 0; r < fleet->row_count; r++)
        count += is_cell(&fleet->rows[r]) == cells && !isnan(fleet->rows[r].finding.p);
    return count;
}

/* Holm's p within the cells, or the rows that stand for many. Twice for the two families, where
 * there are both, and twice again for the half of alpha that the machines' own tests have. */
static void adjust(struct across_machines *fleet, int cells)
{
    size_t left = count_tested(fleet, cells);
    double factor = count_tested(fleet, !cells) > 0 ? 4 : 2, before = 0, reached = -1;

    while (left > 0) {
        double smallest = 2;
        for (size_t r = 0; r < fleet->row_count; r++)
            if (is_cell(&fleet->rows[r]) == cells && fleet->rows[r].raw_p > reached)
                smallest = fmin(smallest, fleet->rows[r].raw_p);
        double p = fmax(before, fmin(1, factor * (double)left * smallest));
        for (size_t r = 0; r < fleet->row_count; r++) {
            if (is_cell(&fleet->rows[r]) != cells || fleet->rows[r].raw_p != smallest)
                continue;
            fleet->rows[r].finding.p = p;
            left--;
        }
        before = p;
        reached = smallest;
    }
}

static void judge(struct across_machines *fleet)
{
    double margin = log1p(fleet->options.margin);

    for (size_t r = 0; r < fleet->row_count; r++)
        fleet->rows[r].raw_p = fleet->rows[r].finding.p;
    adjust(fleet, 0);
    adjust(fleet, 1);
    for (size_t r = 0; r < fleet->row_count && fleet->gate == GATE_OPEN; r++) {
        struct across_machines_row *row = &fleet->rows[r];
        double by = log(row->finding.ratio.estimate);
        if (row->finding.p <= fleet->options.alpha && fabs(by) > margin)
            row->finding.change = by > 0 ? CHANGE_SLOWER : CHANGE_FASTER;
        else if (log(row->finding.ratio.low) > -margin && log(row->finding.ratio.high) < margin)
            row->finding.change = CHANGE_EQUIVALENT;
        fleet->slower += row->finding.change == CHANGE_SLOWER;
        fleet->faster += row->finding.change == CHANGE_FASTER;
    }
}

static int set_gate(struct across_machines *fleet)
{
    size_t compared = 0, open = 0;

    for (size_t m = 0; m < fleet->count; m++) {
        compared += fleet->machines[m].comparison.compared != 0;
        open += fleet->machines[m].comparison.gate == GATE_OPEN;
    }
    if (fleet->is_beside) {
        fleet->gate = GATE_MACHINES;
        return 0;
    }
    if (open >= LEAST_MACHINES || compared >= MACHINES_ALONE)
        return 0;
    fleet->gate = GATE_FEW;
    return asprintf(&fleet->refusal,
                    "%zu of %zu machines have runs that allow a verdict of their own; it takes %d, "
                    "or %d machines of whatever runs",
                    open, fleet->count, LEAST_MACHINES, MACHINES_ALONE) < 0
               ? -ENOMEM
               : 0;
}

static int choose_mode(const struct fleet_sides *sides)
{
    size_t common = 0;

    if (sides->fleet->options.cross_machine) {
        if (sides->keys[1].count > 1)
            return -E2BIG;
        return sides->keys[0].count > 1 ? 0 : -ENOENT;
    }
    for (size_t i = 0; i < sides->keys[0].count; i++)
        common += (size_t)has_key(&sides->keys[1], sides->keys[0].key[i]);
    return common >= LEAST_MACHINES ? 0 : -ENOENT;
}

int compare_across_machines(const struct side *old_side, const struct side *new_side,
                            const struct comparison_options *options, struct across_machines *fleet)
{
    struct fleet_sides sides = {.sides = {old_side, new_side}, .fleet = fleet};

    *fleet = (struct across_machines){.options = *options, .is_beside = options->cross_machine};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    int error = list_keys(old_side, &sides.keys[0]);
    if (error == 0)
        error = list_keys(new_side, &sides.keys[1]);
    if (error == 0)
        error = choose_mode(&sides);
    if (error == 0)
        error = compare_machines(&sides);
    if (error == 0)
        error = set_gate(fleet);
    if (error == 0 && !fleet->is_beside)
        error = gather_rows(fleet);
    for (size_t r = 0; error == 0 && r < fleet->row_count; r++)
        error = combine_row(fleet, &fleet->rows[r]);
    if (error == 0)
        judge(fleet);
    free(sides.keys[0].key);
    free(sides.keys[1].key);
    if (error != 0)
        across_machines_free(fleet);
    return error;
}

void across_machines_free(struct across_machines *fleet)
{
    for (size_t m = 0; m < fleet->count; m++) {
        free(fleet->machines[m].key);
        free(fleet->machines[m].name);
        comparison_free(&fleet->machines[m].comparison);
    }
    for (size_t r = 0; r < fleet->row_count; r++) {
        free(fleet->rows[r].name);
        free(fleet->rows[r].log_ratio);
        free(fleet->rows[r].variance);
    }
    text_list_free(fleet->notes, fleet->note_count);
    free(fleet->machines);
    free(fleet->rows);
    free(fleet->refusal);
    *fleet = (struct across_machines){0};
}

int across_machines_status(const struct across_machines *fleet)
{
    int apart = 0;

    for (size_t m = 0; m < fleet->count; m++) {
        int status = comparison_status(&fleet->machines[m].comparison);
        if (status == 3)
            return 3;
        apart |= fleet->machines[m].comparison.apart > 0;
    }
    if (fleet->gate != GATE_OPEN)
        return 4;
    return fleet->slower > 0 ? 3 : apart ? 4 : 0;
}

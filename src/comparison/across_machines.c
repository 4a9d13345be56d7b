/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on many machines: a comparison on each, and their log ratios together. */
#include "across_machines.h"

#include "src/statistics/quantiles.h"
#include "src/statistics/random_effects.h"

#include <errno.h>

struct keys {
    const char **key;
    size_t count;
};

struct work {
    const struct side *sides[2];
    struct keys keys[2];
    struct across_machines *across;
};

static int has_key(const struct keys *keys, const char *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->key[i], key) == 0)
            return 1;
    return 0;
}

/* The machine keys of a side, in the order of its runs; none where a run has no key. */
static void list_keys(struct work *work, int side)
{
    const struct side *runs = work->sides[side];
    struct keys *keys = &work->keys[side];

    keys->key = arena_array(&work->across->arena, runs->count, sizeof *keys->key);
    for (size_t i = 0; keys->key != NULL && i < runs->count; i++) {
        const char *key = run_context(runs->runs[i], "machine_key");
        if (key == NULL) {
            keys->count = 0;
            break;
        }
        if (!has_key(keys, key))
            keys->key[keys->count++] = key;
    }
}

static size_t count_common(const struct work *work)
{
    size_t common = 0;

    for (size_t i = 0; i < work->keys[0].count; i++)
        common += (size_t)has_key(&work->keys[1], work->keys[0].key[i]);
    return common;
}

static enum machines_outcome choose_outcome(const struct work *work)
{
    const struct keys *keys = work->keys;

    if (keys[0].count == 0 || keys[1].count == 0)
        return MACHINES_SINGLE;
    if (!work->across->options.cross_machine)
        return count_common(work) >= LEAST_MACHINES ? MACHINES_COMMON : MACHINES_SINGLE;
    if (keys[1].count > 1)
        return MACHINES_SEVERAL_NEW;
    return keys[0].count > 1 ? MACHINES_AGAINST_ONE : MACHINES_SINGLE;
}

/* Which machine has runs on one side only. */
static void note_left_out(struct work *work, int side)
{
    struct across_machines *across = work->across;

    for (size_t i = 0; i < work->keys[side].count; i++) {
        struct note note = {.kind = NOTE_MACHINE_LEFT_OUT, .side = side};
        if (has_key(&work->keys[!side], work->keys[side].key[i]))
            continue;
        note_add_name(&across->arena, &note, work->keys[side].key[i]);
        notes_add(&across->arena, &across->notes, note);
    }
}

/* The side's runs of that machine. */
static struct side runs_of(struct work *work, int side, const char *key)
{
    const struct side *all = work->sides[side];
    struct run **runs = arena_array(&work->across->arena, all->count, sizeof(struct run *));
    struct side of = {0, runs};

    for (size_t i = 0; runs != NULL && i < all->count; i++)
        if (strcmp(run_context(all->runs[i], "machine_key"), key) == 0)
            runs[of.count++] = all->runs[i];
    return of;
}

static void compare_machine(struct work *work, const char *old_key, const char *new_key,
                            const struct comparison_options *options)
{
    struct across_machines *across = work->across;
    struct machine_comparison *machine = &across->machines[across->count];
    struct side old_side = runs_of(work, 0, old_key), new_side = runs_of(work, 1, new_key);
    char name[CONTEXT_MACHINE_MAX];

    if (across->arena.error == 0)
        across->arena.error = compare_sides(&old_side, &new_side, options, &machine->comparison);
    if (across->arena.error != 0)
        return;
    across->count++;
    context_machine(old_side.runs[0], name);
    machine->key = arena_text(&across->arena, old_key);
    machine->name = arena_text(&across->arena, name);
    context_place(old_side.runs[0], name);
    machine->place = arena_text(&across->arena, name);
}

static void compare_machines(struct work *work)
{
    struct across_machines *across = work->across;
    struct comparison_options options = across->options;
    const struct keys *old_keys = &work->keys[0], *new_keys = &work->keys[1];
    int against_one = across->outcome == MACHINES_AGAINST_ONE;

    across->machines = arena_array(&across->arena, old_keys->count, sizeof *across->machines);
    if (!against_one)
        options.alpha /= 2 * (double)count_common(work);
    for (size_t i = 0; across->arena.error == 0 && i < old_keys->count; i++) {
        const char *key = old_keys->key[i];
        if (against_one || has_key(new_keys, key))
            compare_machine(work, key, against_one ? new_keys->key[0] : key, &options);
    }
    for (int side = 0; side < 2 && !against_one; side++)
        note_left_out(work, side);
}

/* The row of that name, which is added where it is new. NULL: no memory. */
static struct across_machines_row *row_of(struct across_machines *across, enum row_kind kind,
                                          const char *name)
{
    struct arena *arena = &across->arena;
    double none = (double)NAN;

    for (size_t r = 0; r < across->row_count; r++)
        if (across->rows[r].finding.kind == kind &&
            (name == NULL || strcmp(across->rows[r].name, name) == 0))
            return &across->rows[r];
    struct finding finding = {.kind = kind,
                              .index = across->row_count,
                              .change = CHANGE_INCONCLUSIVE,
                              .relative = {none, none, none},
                              .visible = none};
    struct across_machines_row *row =
        arena_append(arena, &across->rows, &across->row_count, sizeof *row);
    struct across_machines_row added = {
        .finding = finding,
        .name = name != NULL ? arena_text(arena, name) : NULL,
        .log_ratio = arena_array(arena, across->count, sizeof *row->log_ratio),
        .variance = arena_array(arena, across->count, sizeof *row->variance)};
    if (arena->error != 0)
        return NULL;
    for (size_t m = 0; m < across->count; m++)
        added.log_ratio[m] = added.variance[m] = none;
    *row = added;
    return row;
}

static void gather_row(struct across_machines *across, size_t m, const struct finding *from)
{
    const struct comparison *comparison = &across->machines[m].comparison;
    double z = stats_normal_quantile((1 + comparison->options.confidence) / 2);
    struct across_machines_row *row =
        row_of(across, from->kind, comparison_row_name(comparison, from));

    if (row == NULL)
        return;
    double error = log(from->ratio.high / from->ratio.low) / (2 * z);
    row->log_ratio[m] = log(from->ratio.estimate);
    row->variance[m] = error * error;
    row->machines++;
}

/* All, then writers, then cells, each in the order of the first machine that has them. */
static void gather_rows(struct across_machines *across)
{
    for (int kind = ROW_ALL; kind <= ROW_CELL; kind++)
        for (size_t m = 0; m < across->count; m++) {
            const struct comparison_table *table = &across->machines[m].comparison.table;
            for (size_t r = 0; r < table->count && across->arena.error == 0; r++) {
                const struct finding *from = &table->rows[r].finding;
                if (from->kind == (enum row_kind)kind && from->ratio.estimate > 0)
                    gather_row(across, m, from);
            }
        }
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

static void combine_row(struct across_machines *across, struct across_machines_row *row)
{
    double *values = arena_array(&across->arena, across->count, sizeof *values);
    double *variances = arena_array(&across->arena, across->count, sizeof *variances);
    double margin = log1p(across->options.margin);
    size_t count = 0;

    if (across->arena.error != 0)
        return;
    for (size_t m = 0; m < across->count; m++) {
        if (isnan(row->log_ratio[m]))
            continue;
        values[count] = row->log_ratio[m];
        variances[count++] = row->variance[m];
        row->slower += row->log_ratio[m] > margin;
        row->faster += row->log_ratio[m] < -margin;
    }
    struct random_effects effects =
        random_effects(values, variances, count, across->options.confidence);
    row->finding.ratio = interval_exp(effects.combined);
    row->heterogeneity = effects.heterogeneity;
    row->finding.p = isnan(effects.t) ? effects.t : tail_of(effects.t, (double)count - 1);
}

/* Holm's p within the cells, or the rows that stand for many. Twice for the two families, where
 * there are both, and twice again for the half of alpha that the machines' own tests have. */
static void adjust(struct across_machines *across, int cells)
{
    size_t tested[2] = {0, 0};
    double before = 0, reached = -1;

    for (size_t r = 0; r < across->row_count; r++)
        tested[across->rows[r].finding.kind == ROW_CELL] += isnan(across->rows[r].raw_p) ? 0 : 1;
    while (tested[cells] > 0) {
        double factor = tested[!cells] > 0 ? 4 : 2, smallest = 2;
        size_t left = tested[cells];
        for (size_t r = 0; r < across->row_count; r++)
            if ((across->rows[r].finding.kind == ROW_CELL) == cells &&
                across->rows[r].raw_p > reached)
                smallest = fmin(smallest, across->rows[r].raw_p);
        before = fmax(before, fmin(1, factor * (double)left * smallest));
        for (size_t r = 0; r < across->row_count; r++) {
            struct across_machines_row *row = &across->rows[r];
            if ((row->finding.kind == ROW_CELL) != cells || row->raw_p != smallest)
                continue;
            row->finding.p = before;
            tested[cells]--;
        }
        reached = smallest;
    }
}

static void judge(struct across_machines *across)
{
    double margin = log1p(across->options.margin);

    for (size_t r = 0; r < across->row_count; r++)
        across->rows[r].raw_p = across->rows[r].finding.p;
    adjust(across, 0);
    adjust(across, 1);
    for (size_t r = 0; r < across->row_count && across->gate == GATE_OPEN; r++) {
        struct across_machines_row *row = &across->rows[r];
        double by = log(row->finding.ratio.estimate);
        if (row->finding.p <= across->options.alpha && fabs(by) > margin)
            row->finding.change = by > 0 ? CHANGE_SLOWER : CHANGE_FASTER;
        else if (log(row->finding.ratio.low) > -margin && log(row->finding.ratio.high) < margin)
            row->finding.change = CHANGE_EQUIVALENT;
        across->slower += row->finding.change == CHANGE_SLOWER;
        across->faster += row->finding.change == CHANGE_FASTER;
    }
}

static void set_gate(struct across_machines *across)
{
    size_t compared = 0, open = 0;

    for (size_t m = 0; m < across->count; m++) {
        compared += across->machines[m].comparison.compared != 0;
        open += across->machines[m].comparison.gate == GATE_OPEN;
    }
    if (across->outcome == MACHINES_AGAINST_ONE) {
        across->gate = GATE_MACHINES;
    } else if (open < LEAST_MACHINES && compared < MACHINES_ALONE) {
        across->gate = GATE_FEW;
        across->refusal = (struct note){.kind = NOTE_FEW_MACHINES, .count = {open, across->count}};
    }
}

static void combine(struct work *work)
{
    struct across_machines *across = work->across;

    compare_machines(work);
    set_gate(across);
    if (across->outcome == MACHINES_COMMON)
        gather_rows(across);
    for (size_t r = 0; r < across->row_count; r++)
        combine_row(across, &across->rows[r]);
    judge(across);
}

int compare_across_machines(const struct side *old_side, const struct side *new_side,
                            const struct comparison_options *options,
                            struct across_machines *across)
{
    struct work work = {.sides = {old_side, new_side}, .across = across};

    *across = (struct across_machines){.options = *options};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    list_keys(&work, 0);
    list_keys(&work, 1);
    across->outcome = choose_outcome(&work);
    if (across->outcome == MACHINES_COMMON || across->outcome == MACHINES_AGAINST_ONE)
        combine(&work);
    int error = across->arena.error;
    if (error != 0)
        across_machines_free(across);
    return error;
}

void across_machines_free(struct across_machines *across)
{
    for (size_t m = 0; m < across->count; m++)
        comparison_free(&across->machines[m].comparison);
    arena_free(&across->arena);
    *across = (struct across_machines){0};
}

int across_machines_status(const struct across_machines *across)
{
    int unsure = across->gate != GATE_OPEN;

    for (size_t m = 0; m < across->count; m++) {
        const struct comparison *comparison = &across->machines[m].comparison;
        if (comparison_status(comparison) == 3)
            return 3;
        unsure |= comparison->diverged > 0 || comparison->missing > 0;
    }
    return across->slower > 0 && across->gate == GATE_OPEN ? 3 : unsure ? 4 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which runs belong together, and whether their number, order and machines allow a verdict. */
#include "pairing.h"
#include "src/base/hash.h"
#include "src/base/number.h"

#include <stdlib.h>

static double round_of(const struct run *run)
{
    return run_context_number(run, "round", (double)NAN);
}

/* The run of that side and round; *times says how many there are. */
static const struct run *run_of_round(const struct side *side, double round, size_t *times)
{
    const struct run *found = NULL;

    *times = 0;
    for (size_t i = 0; i < side->count; i++) {
        if (round_of(side->runs[i]) == round) {
            found = side->runs[i];
            ++*times;
        }
    }
    return found;
}

/* 1 when each run carries a round that no other of its side has. */
static int has_rounds(const struct side *side)
{
    size_t times;

    for (size_t i = 0; i < side->count; i++) {
        double round = round_of(side->runs[i]);
        if (isnan(round) || run_of_round(side, round, &times) == NULL || times > 1)
            return 0;
    }
    return 1;
}

static void add_used(struct pairing *pairing, const struct run *run, int is_new)
{
    int64_t date_s;
    int is_dated = date_parse(run_context(run, "date"), &date_s) == 0;

    pairing->used[pairing->count++] =
        (struct used){run, is_dated ? (double)date_s : (double)NAN, is_new};
}

static void pair_by_round(struct pairing *pairing)
{
    const struct side *old_side = pairing->sides[0], *new_side = pairing->sides[1];
    size_t times;

    for (size_t i = 0; i < old_side->count; i++) {
        double round = round_of(old_side->runs[i]);
        const struct run *other = run_of_round(new_side, round, &times);
        if (other == NULL)
            continue;
        add_used(pairing, old_side->runs[i], 0);
        add_used(pairing, other, 1);
    }
    size_t left = old_side->count + new_side->count - pairing->count;
    if (left > 0)
        pairing_note(pairing, (struct note){.kind = NOTE_UNPAIRED_RUNS, .count = {left}});
}

static void pair_in_order(struct pairing *pairing)
{
    const struct side *old_side = pairing->sides[0], *new_side = pairing->sides[1];
    size_t rounds = old_side->count < new_side->count ? old_side->count : new_side->count;

    for (size_t i = 0; i < rounds; i++) {
        add_used(pairing, old_side->runs[i], 0);
        add_used(pairing, new_side->runs[i], 1);
    }
    /* A run that was lost shifts all pairs behind it. */
    if (old_side->count != new_side->count)
        pairing_refuse(
            pairing, GATE_PAIRS,
            (struct note){.kind = NOTE_UNEVEN_SIDES, .count = {old_side->count, new_side->count}});
}

static int by_time(const void *a, const void *b)
{
    const struct used *x = a, *y = b;
    return (x->second > y->second) - (x->second < y->second);
}

/* Wald and Wolfowitz: how often the sides take turns in time. A permutation takes for granted that
 * the sides could have been dealt otherwise. When one was measured after the other, nothing tells
 * what changed on the machine in between from what the build changed. */
static void check_blocks(struct pairing *pairing)
{
    struct used *in_time =
        arena_array(&pairing->comparison->arena, pairing->count, sizeof *in_time);
    size_t turns = 1, news = 0;

    if (in_time == NULL)
        return;
    memcpy(in_time, pairing->used, pairing->count * sizeof *in_time);
    int unknown = 0;
    for (size_t i = 0; i < pairing->count; i++) {
        unknown |= isnan(in_time[i].second);
        news += (size_t)in_time[i].is_new;
    }
    qsort(in_time, pairing->count, sizeof *in_time, by_time);
    for (size_t i = 1; i < pairing->count; i++)
        turns += in_time[i].is_new != in_time[i - 1].is_new;
    double n = (double)pairing->count, q = 2 * (double)news * (n - (double)news);
    double mean = q / n + 1, deviation = sqrt(q * (q - n) / (n * n * (n - 1)));
    if (unknown)
        pairing_refuse(pairing, GATE_BLOCKS, (struct note){.kind = NOTE_ORDER_UNKNOWN});
    else if ((double)turns < mean - 1.645 * deviation)
        pairing_refuse(pairing, GATE_BLOCKS, (struct note){.kind = NOTE_IN_BLOCKS});
}

/* Two runs that were measured one after the other have no other run between them. Dates are in
 * whole seconds. */
static void check_pairs(struct pairing *pairing)
{
    const struct used *used = pairing->used;
    size_t apart = 0;

    for (size_t i = 0; i + 1 < pairing->count; i += 2) {
        double first = fmin(used[i].second, used[i + 1].second);
        double last = fmax(used[i].second, used[i + 1].second);
        int between = 0;
        for (size_t j = 0; j < pairing->count && !between; j++)
            between = used[j].second > first && used[j].second < last;
        apart += (size_t)between;
    }
    if (apart > 0)
        pairing_refuse(
            pairing, GATE_PAIRS,
            (struct note){.kind = NOTE_PAIRS_APART, .count = {apart, pairing->count / 2}});
}

static uint64_t hash_run(const struct run *run)
{
    uint64_t hash = HASH_BEGIN;

    for (size_t c = 0; c < run->cell_count; c++) {
        const struct cell *cell = &run->cells[c];
        hash = hash_text(hash, cell->name);
        if (cell->samples > 0)
            hash = hash_bytes(hash, cell->values[METRIC_TIME], cell->samples * sizeof(double));
    }
    return hash;
}

/* Two processes never measure the same times to the last digit: a run that stands there twice would
 * count twice. */
static void check_copies(struct pairing *pairing)
{
    uint64_t *hashes = arena_array(&pairing->comparison->arena, pairing->count, sizeof *hashes);
    size_t copies = 0;

    for (size_t i = 0; i < pairing->count && hashes != NULL; i++) {
        size_t before = 0;
        hashes[i] = hash_run(pairing->used[i].run);
        while (hashes[before] != hashes[i])
            before++;
        copies += before < i && pairing->used[i].run->sample_count > 0;
    }
    if (copies > 0)
        pairing_refuse(pairing, GATE_PAIRS, (struct note){.kind = NOTE_COPIES, .count = {copies}});
}

static enum turns turns_of(const struct pairing *pairing)
{
    size_t together = 0;

    for (size_t i = 0; i < pairing->count; i++)
        together += run_context(pairing->used[i].run, "lockstep") != NULL;
    return together == 0                ? TURNS_ROUNDS
           : together == pairing->count ? TURNS_SAMPLES
                                        : TURNS_UNKNOWN;
}

void pairing_pair(struct pairing *pairing)
{
    struct samples *samples = &pairing->comparison->samples;
    int rounds = has_rounds(pairing->sides[0]) && has_rounds(pairing->sides[1]);

    pairing->used =
        arena_array(&pairing->comparison->arena,
                    pairing->sides[0]->count + pairing->sides[1]->count, sizeof *pairing->used);
    if (pairing->used == NULL)
        return;
    if (pairing->options->paired)
        pair_in_order(pairing);
    else if (rounds)
        pair_by_round(pairing), pairing->comparison->turns = turns_of(pairing);
    if (pairing->options->paired || rounds) {
        samples->rounds = pairing->count / 2;
    } else {
        for (int side = 0; side < 2; side++)
            for (size_t i = 0; i < pairing->sides[side]->count; i++)
                add_used(pairing, pairing->sides[side]->runs[i], side);
        samples->new_processes = pairing->sides[1]->count;
    }
    samples->processes = pairing->count;
    pairing->comparison->new_count = samples->rounds > 0 ? samples->rounds : samples->new_processes;
    pairing->comparison->old_count = pairing->count - pairing->comparison->new_count;
}

void pairing_check_counts(struct pairing *pairing)
{
    size_t old_count = pairing->comparison->old_count, new_count = pairing->comparison->new_count;

    check_copies(pairing);
    if (pairing->options->paired)
        check_pairs(pairing);
    if (old_count < LEAST_PROCESSES || new_count < LEAST_PROCESSES)
        pairing_refuse(pairing, GATE_FEW,
                       (struct note){.kind = NOTE_FEW_PROCESSES, .count = {old_count, new_count}});
    else if (pairing->comparison->samples.rounds == 0)
        check_blocks(pairing);
    else if (ldexp(1, 1 - (int)new_count) > 0.8 * pairing->options->alpha)
        pairing_refuse(pairing, GATE_FEW,
                       (struct note){.kind = NOTE_FEW_ROUNDS,
                                     .count = {new_count},
                                     .number = pairing->options->alpha});
}

void pairing_check_machines(struct pairing *pairing)
{
    /* For machines of other keys that differ in nothing else. */
    static const struct context_key machine_key = {.key = "machine_key", .name = "machine key"};
    struct note machines = {.kind = NOTE_OTHER_MACHINES,
                            .count = {pairing->options->cross_machine != 0}};
    struct note settings = {.kind = NOTE_SETTINGS_DIFFER};
    struct arena *arena = &pairing->comparison->arena;
    const struct run **runs = arena_array(arena, pairing->count, sizeof(struct run *));
    const char *keys[2], *value[2];

    for (size_t i = 0; runs != NULL && i < pairing->count; i++)
        runs[i] = pairing->used[i].run;
    if (runs == NULL)
        return;
    /* Any Google Benchmark program writes the number of CPUs, which has to do where there is no
     * machine key. */
    int other_keys = context_differs(runs, pairing->count, "machine_key", keys);
    int is_other = other_keys, keyed = other_keys || keys[0] != NULL;

    for (size_t i = 0; i < context_key_count; i++) {
        const struct context_key *field = &context_keys[i];
        if (!context_differs(runs, pairing->count, field->key, value))
            continue;
        int told = value[0] != NULL && value[1] != NULL;
        is_other |= field->in_machine_key && !keyed && told;
        if (field->in_machine_key || told)
            context_differences_add(
                arena, field->in_machine_key ? &machines.differences : &settings.differences, field,
                value);
    }
    if (machines.differences.count == 0 && other_keys)
        context_differences_add(arena, &machines.differences, &machine_key, keys);
    if (settings.differences.count > 0)
        pairing_note(pairing, settings);
    if (is_other)
        pairing_refuse(pairing, GATE_MACHINES, machines);
}

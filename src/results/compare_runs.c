/* SPDX-License-Identifier: Apache-2.0 */
/* From the runs of two sides to samples that may be compared, and what stands in the way. */
#include "bench_mmap/compare.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAMED_MOST = 4 };

struct used {
    const struct results_run *run;
    double round;  /* NaN: none */
    double second; /* when it began; NaN: unknown */
    int is_new;
};

struct pairing {
    const struct results_side *sides[2];
    const struct results_compare_options *options;
    struct results_comparison *comparison;
    struct used *used; /* rounds: old and new in turn; otherwise the old ones first */
    size_t count;
    int error;
};

/* A leaf of the machine key, or another thing worth knowing when it differs. */
static const struct {
    const char *key;
    const char *name;
    int in_machine_key;
} context_keys[] = {
    {"architecture", "architecture", 1},
    {"cpu_model", "CPU model", 1},
    {"cores", "number of cores", 1},
    {"num_cpus", "number of CPUs", 1},
    {"memory_class", "memory", 1},
    {"virtualisation", "virtualisation", 1},
    {"file_system", "file system", 1},
    {"mount_options", "mount options", 1},
    {"block_device", "block device", 1},
    {"rotational", "kind of disk", 1},
    {"kernel", "kernel", 0},
    {"microcode", "microcode", 0},
    {"governor", "governor", 0},
    {"transparent_hugepage", "transparent huge pages", 0},
    {"dirty_ratio", "dirty ratio", 0},
    {"compiler", "compiler", 0},
    {"compiler_flags", "compiler flags", 0},
    {"build_type", "build type", 0},
    {"library_build_type", "build of Google Benchmark", 0},
    {"google_benchmark_version", "version of Google Benchmark", 0},
};

enum { CONTEXT_KEYS = sizeof context_keys / sizeof context_keys[0] };

static char *sentence(struct pairing *pairing, const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        pairing->error = -ENOMEM;
        return NULL;
    }
    return text;
}

static void __attribute__((format(printf, 2, 3)))
note(struct pairing *pairing, const char *format, ...)
{
    struct results_comparison *comparison = pairing->comparison;
    va_list arguments;
    char **larger =
        realloc(comparison->notes, (comparison->note_count + 1) * sizeof *comparison->notes);

    if (larger == NULL) {
        pairing->error = -ENOMEM;
        return;
    }
    comparison->notes = larger;
    va_start(arguments, format);
    larger[comparison->note_count] = sentence(pairing, format, arguments);
    va_end(arguments);
    if (larger[comparison->note_count] != NULL)
        comparison->note_count++;
}

/* The first reason stays. */
static void __attribute__((format(printf, 3, 4)))
refuse(struct pairing *pairing, enum results_gate gate, const char *format, ...)
{
    va_list arguments;

    if (pairing->comparison->gate != RESULTS_GATE_OPEN)
        return;
    pairing->comparison->gate = gate;
    va_start(arguments, format);
    pairing->comparison->refusal = sentence(pairing, format, arguments);
    va_end(arguments);
}

/* "2026-11-23T02:39:49+00:00"; the zone is added, so that all machines agree. */
static double parse_date(const char *text)
{
    struct tm when = {0};
    int zone_hours = 0, zone_minutes = 0;
    char sign = '+';

    if (text == NULL ||
        sscanf(text, "%d-%d-%dT%d:%d:%d%c%d:%d", &when.tm_year, &when.tm_mon, &when.tm_mday,
               &when.tm_hour, &when.tm_min, &when.tm_sec, &sign, &zone_hours, &zone_minutes) < 6)
        return (double)NAN;
    when.tm_year -= 1900;
    when.tm_mon--;
    double zone = 3600.0 * zone_hours + 60.0 * zone_minutes;
    return (double)timegm(&when) - (sign == '-' ? -zone : zone);
}

static struct used look_at(const struct results_run *run, int is_new)
{
    return (struct used){run, results_context_number(run, "round", (double)NAN),
                         parse_date(results_context(run, "date")), is_new};
}

/* ---- pairing ---- */

/* The run of that side and round; *times says how many there are. */
static const struct results_run *run_of_round(const struct results_side *side, double round,
                                              size_t *times)
{
    const struct results_run *found = NULL;

    *times = 0;
    for (size_t i = 0; i < side->count; i++) {
        if (results_context_number(side->runs[i], "round", (double)NAN) == round) {
            found = side->runs[i];
            ++*times;
        }
    }
    return found;
}

/* 1 when each run carries a round that no other of its side has. */
static int has_rounds(const struct results_side *side)
{
    size_t times;

    for (size_t i = 0; i < side->count; i++) {
        double round = results_context_number(side->runs[i], "round", (double)NAN);
        if (isnan(round) || run_of_round(side, round, &times) == NULL || times > 1)
            return 0;
    }
    return 1;
}

static void add_used(struct pairing *pairing, const struct results_run *run, int is_new)
{
    pairing->used[pairing->count++] = look_at(run, is_new);
}

static void pair_by_round(struct pairing *pairing)
{
    const struct results_side *old_side = pairing->sides[0], *new_side = pairing->sides[1];
    size_t times;

    for (size_t i = 0; i < old_side->count; i++) {
        double round = results_context_number(old_side->runs[i], "round", (double)NAN);
        const struct results_run *other = run_of_round(new_side, round, &times);
        if (other == NULL)
            continue;
        add_used(pairing, old_side->runs[i], 0);
        add_used(pairing, other, 1);
    }
    size_t left = old_side->count + new_side->count - pairing->count;
    if (left > 0)
        note(pairing, "%zu run%s left out: the other side of the round is not there.", left,
             left == 1 ? " is" : "s are");
}

static void pair_in_order(struct pairing *pairing)
{
    const struct results_side *old_side = pairing->sides[0], *new_side = pairing->sides[1];
    size_t rounds = old_side->count < new_side->count ? old_side->count : new_side->count;

    for (size_t i = 0; i < rounds; i++) {
        add_used(pairing, old_side->runs[i], 0);
        add_used(pairing, new_side->runs[i], 1);
    }
    if (old_side->count != new_side->count)
        note(pairing, "The sides have %zu and %zu runs; the first %zu are paired.", old_side->count,
             new_side->count, rounds);
}

static int by_time(const void *a, const void *b)
{
    const struct used *x = a, *y = b;
    return (x->second > y->second) - (x->second < y->second);
}

/* Wald and Wolfowitz: how often the sides take turns in time. A permutation takes for granted that
 * the sides could have been dealt otherwise; when one was measured first and the other after it,
 * what changed in between is told from the build by nothing. */
static void check_blocks(struct pairing *pairing)
{
    struct used *in_time = calloc(pairing->count, sizeof *in_time);
    size_t turns = 1, news = 0;

    if (in_time == NULL) {
        pairing->error = -ENOMEM;
        return;
    }
    memcpy(in_time, pairing->used, pairing->count * sizeof *in_time);
    int unknown = 0;
    for (size_t i = 0; i < pairing->count; i++) {
        unknown |= isnan(in_time[i].second);
        news += (size_t)in_time[i].is_new;
    }
    qsort(in_time, pairing->count, sizeof *in_time, by_time);
    for (size_t i = 1; i < pairing->count; i++)
        turns += in_time[i].is_new != in_time[i - 1].is_new;
    free(in_time);
    double n = (double)pairing->count, q = 2 * (double)news * (n - (double)news);
    double mean = q / n + 1, deviation = sqrt(q * (q - n) / (n * n * (n - 1)));
    if (unknown)
        refuse(pairing, RESULTS_GATE_BLOCKS,
               "the runs carry neither rounds nor dates, so nobody knows whether the sides took "
               "turns; let bench_results ab take them, or pair them with --paired");
    else if ((double)turns < mean - 1.645 * deviation)
        refuse(pairing, RESULTS_GATE_BLOCKS,
               "the sides were measured one after the other, so a change of the machine in between "
               "would look like a change of the build; let bench_results ab take them in turns");
}

static int pair(struct pairing *pairing)
{
    struct results_samples *samples = &pairing->comparison->samples;
    int rounds = has_rounds(pairing->sides[0]) && has_rounds(pairing->sides[1]);

    pairing->used =
        calloc(pairing->sides[0]->count + pairing->sides[1]->count, sizeof *pairing->used);
    if (pairing->used == NULL)
        return -ENOMEM;
    if (pairing->options->paired)
        pair_in_order(pairing);
    else if (rounds)
        pair_by_round(pairing);
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
    return pairing->error;
}

static void check_counts(struct pairing *pairing)
{
    size_t old_count = pairing->comparison->old_count, new_count = pairing->comparison->new_count;

    if (old_count < RESULTS_LEAST_PROCESSES || new_count < RESULTS_LEAST_PROCESSES)
        refuse(
            pairing, RESULTS_GATE_FEW,
            "there are %zu and %zu processes, and fewer than %d a side cannot tell a change from "
            "noise (repetitions inside a process share its luck); bench_results ab takes more",
            old_count, new_count, RESULTS_LEAST_PROCESSES);
    else if (pairing->comparison->samples.rounds == 0)
        check_blocks(pairing);
    else if (ldexp(1, 1 - (int)new_count) > 0.8 * pairing->options->alpha)
        refuse(pairing, RESULTS_GATE_FEW,
               "no outcome of %zu rounds is as rare as an alpha of %g asks for", new_count,
               pairing->options->alpha);
}

/* ---- machines ---- */

static const char *value_or(const char *text) { return text == NULL ? "unknown" : text; }

static int differs(const struct pairing *pairing, const char *key, const char **first,
                   const char **second)
{
    *first = results_context(pairing->used[0].run, key);
    for (size_t i = 1; i < pairing->count; i++) {
        *second = results_context(pairing->used[i].run, key);
        if (strcmp(value_or(*first), value_or(*second)) != 0)
            return 1;
    }
    return 0;
}

static void check_machines(struct pairing *pairing)
{
    const char *first, *second;
    char what[600] = "", also[600] = "";
    size_t at = 0, noted = 0;
    /* Without a machine key the number of CPUs has to do: any Google Benchmark program writes it.
     */
    int other = differs(pairing, "machine_key", &first, &second);
    int keyed = other || results_context(pairing->used[0].run, "machine_key") != NULL;

    for (size_t i = 0; i < CONTEXT_KEYS; i++) {
        if (!differs(pairing, context_keys[i].key, &first, &second))
            continue;
        if (!context_keys[i].in_machine_key) {
            if (first != NULL && second != NULL && noted < sizeof also)
                noted +=
                    (size_t)snprintf(also + noted, sizeof also - noted, "%s%s (%s and %s)",
                                     noted > 0 ? ", " : "", context_keys[i].name, first, second);
            continue;
        }
        other |= !keyed && first != NULL && second != NULL;
        if (at < sizeof what)
            at += (size_t)snprintf(what + at, sizeof what - at, "%s%s (%s and %s)",
                                   at > 0 ? ", " : "", context_keys[i].name, value_or(first),
                                   value_or(second));
    }
    if (noted > 0)
        note(pairing, "The sides differ in: %s.", also);
    if (!other)
        return;
    if (at == 0 && differs(pairing, "machine_key", &first, &second))
        snprintf(what, sizeof what, "machine key (%s and %s)", value_or(first), value_or(second));
    refuse(pairing, RESULTS_GATE_MACHINES,
           "the runs are of different machines, which differ in %s%s", what,
           pairing->options->cross_machine ? "; the ratios below mix the machines with the builds"
                                           : "; --cross-machine shows their ratios all the same");
}

/* ---- cells ---- */

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
        note(pairing, "%zu cells are left out, %s: %s, ...", list->count, why, list->text);
    else if (list->count > 0)
        note(pairing, "Left out, %s: %s.", why, list->text);
}

static int is_positive(const struct results_cell *cell)
{
    for (size_t s = 0; s < cell->samples; s++)
        if (!(cell->values[RESULTS_TIME][s] > 0))
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

static int other_size(const struct results_cell *a, const struct results_cell *b)
{
    double x = (double)a->parts.size_bytes, y = (double)b->parts.size_bytes;
    return x > 0 && y > 0 && fabs(x - y) > 0.01 * x;
}

static enum fault fault_of(const struct pairing *pairing, const char *name)
{
    size_t there[2] = {0, 0}, failed = 0, empty = 0, zero = 0, size = 0;
    const struct results_cell *first = NULL;

    for (size_t i = 0; i < pairing->count; i++) {
        const struct results_cell *cell = results_cell(pairing->used[i].run, name);
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

/* What cells of one writer share: the series, or of other programs' names what stands before the
 * first slash. File state, sync mode, size and threads belong to it, where the run has several. */
static char *group_name(const struct results_cell *cell)
{
    char *name = NULL;
    const struct results_name *parts = &cell->parts;
    int length = (int)(parts->plain ? strcspn(cell->name, "/") : parts->series.length);

    if (parts->plain || parts->file.text == NULL)
        return strndup(cell->name, (size_t)length);
    if (asprintf(&name, "%.*s/file:%.*s/sync:%.*s", length, parts->series.text,
                 (int)parts->file.length, parts->file.text,
                 (int)(parts->sync.text != NULL ? parts->sync.length : 0),
                 parts->sync.text != NULL ? parts->sync.text : "") < 0)
        return NULL;
    return name;
}

static int add_cell(struct pairing *pairing, const struct results_cell *cell, size_t *group)
{
    struct results_comparison *comparison = pairing->comparison;
    struct results_samples *samples = &comparison->samples;
    char *name = group_name(cell), *own = strdup(cell->name);
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
        const struct results_run *run = pairing->used[i].run;
        for (size_t c = 0; c < run->cell_count; c++) {
            const char *name = run->cells[c].name;
            int seen = 0;
            for (size_t before = 0; before < i && !seen; before++)
                seen = results_cell(pairing->used[before].run, name) != NULL;
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
        refuse(pairing, lists[FAULT_SIZE].count > 0 ? RESULTS_GATE_DIFFERENT : RESULTS_GATE_NOTHING,
               "the two sides have no cell in common%s",
               lists[FAULT_SIZE].count > 0 ? " that writes files of the same size"
                                           : " (file sizes are part of the names)");
    return pairing->error;
}

static int take_samples(struct pairing *pairing)
{
    struct results_comparison *comparison = pairing->comparison;
    struct results_samples *samples = &comparison->samples;
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
            const struct results_cell *cell =
                results_cell(pairing->used[p].run, comparison->cell_names[c]);
            value[p * samples->cells + c] = cell->values[RESULTS_TIME];
            count[p * samples->cells + c] = cell->samples;
        }
    }
    return 0;
}

/* ---- all of it ---- */

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
static void count_changes(struct results_comparison *comparison)
{
    for (size_t r = 0; r < comparison->table.count; r++) {
        if (comparison->gate != RESULTS_GATE_OPEN)
            comparison->table.rows[r].change = RESULTS_UNTOLD;
        comparison->slower += comparison->table.rows[r].change == RESULTS_SLOWER;
        comparison->faster += comparison->table.rows[r].change == RESULTS_FASTER;
        comparison->apart += comparison->table.rows[r].change == RESULTS_APART;
    }
}

int results_compare(const struct results_side *old_side, const struct results_side *new_side,
                    const struct results_compare_options *options,
                    struct results_comparison *comparison)
{
    struct pairing pairing = {{old_side, new_side}, options, comparison, NULL, 0, 0};

    *comparison = (struct results_comparison){.options = *options};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    int error = pair(&pairing);
    if (error == 0 && pairing.count > 0) {
        check_machines(&pairing);
        int refused = comparison->gate == RESULTS_GATE_MACHINES && !options->cross_machine;
        comparison->seconds_per_round = seconds_per_round(&pairing);
        if (!refused)
            error = take_samples(&pairing);
        check_counts(&pairing);
        comparison->compared = error == 0 && !refused && comparison->samples.cells > 0;
    } else if (error == 0) {
        refuse(&pairing, RESULTS_GATE_FEW, "no round has both sides");
    }
    if (error == 0 && pairing.error == 0 && comparison->compared)
        error = results_compare_samples(&comparison->samples, options, &comparison->table);
    free(pairing.used);
    error = error != 0 ? error : pairing.error;
    if (error != 0)
        results_comparison_free(comparison);
    else
        count_changes(comparison);
    return error;
}

void results_comparison_free(struct results_comparison *comparison)
{
    for (size_t i = 0; i < comparison->note_count; i++)
        free(comparison->notes[i]);
    for (size_t i = 0; i < comparison->samples.cells; i++)
        free(comparison->cell_names[i]);
    for (size_t i = 0; i < comparison->samples.groups; i++)
        free(comparison->group_names[i]);
    free(comparison->notes);
    free(comparison->cell_names);
    free(comparison->group_names);
    free(comparison->refusal);
    free((void *)(uintptr_t)comparison->samples.group);
    free((void *)(uintptr_t)comparison->samples.value);
    free((void *)(uintptr_t)comparison->samples.count);
    results_change_table_free(&comparison->table);
    *comparison = (struct results_comparison){0};
}

int results_comparison_status(const struct results_comparison *comparison)
{
    if (comparison->gate != RESULTS_GATE_OPEN)
        return 4;
    return comparison->slower > 0 ? 3 : comparison->apart > 0 ? 4 : 0;
}

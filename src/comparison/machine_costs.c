/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side: the costs that their runs agree on, and what differs. */
#include "machine_costs.h"

#include "src/base/text_list.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A cost on one side: the log, and how well it is known. */
struct known {
    double log, variance, degrees;
    struct interval ns;
    int at_most;
    uint64_t size_bytes, chunk_bytes;
};

struct sources {
    const struct side *sides[2];
    struct run_costs *readings[2]; /* [run] */
    struct machine_costs *beside;
};

static void __attribute__((format(printf, 3, 4)))
note(struct machine_costs *beside, int *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int failed = text_list_add(&beside->notes, &beside->note_count, format, arguments);
    va_end(arguments);
    *error = *error != 0 ? *error : failed;
}

static const struct run_cost *find(const struct run_costs *readings, const char *writer,
                                   const char *what)
{
    for (size_t i = 0; i < readings->count; i++) {
        const struct run_cost *reading = &readings->reading[i];
        if (strcmp(reading->writer, writer) == 0 &&
            (what == NULL ? reading->what == NULL
                          : reading->what != NULL && strcmp(reading->what, what) == 0))
            return reading;
    }
    return NULL;
}

static double spread_of(struct interval ns)
{
    return ns.low > 0 ? log(ns.high / ns.low) / (2 * 1.96) : (double)NAN;
}

/* From the values of several processes: Student's interval of their logs; from one or two: what the
 * bootstrap says of each, widened. Not known when half of the runs or more do not tell. */
static void weigh(const struct sources *sources, int side, const struct machine_cost *cost,
                  struct known *known)
{
    size_t runs = sources->sides[side]->count, count = 0;
    double sum = 0, square = 0, within = 0, none = (double)NAN;

    *known = (struct known){none, none, none, {none, none, none}, 0, 0, 0};
    for (size_t r = 0; r < runs; r++) {
        const struct run_cost *reading =
            find(&sources->readings[side][r], cost->writer, cost->what);
        if (reading == NULL || !(reading->ns.estimate > 0))
            continue;
        count++;
        sum += log(reading->ns.estimate);
        square += log(reading->ns.estimate) * log(reading->ns.estimate);
        within += spread_of(reading->ns) * spread_of(reading->ns);
        known->at_most |= reading->at_most;
        known->size_bytes = reading->size_bytes;
        known->chunk_bytes = reading->chunk_bytes;
    }
    if (2 * count <= runs)
        return;
    double n = (double)count;
    known->log = sum / n;
    known->ns.estimate = exp(known->log);
    if (count >= COSTS_LEAST_FOR_STUDENT) {
        known->variance = fmax(0, square - sum * sum / n) / (n - 1) / n;
        known->degrees = n - 1;
    } else {
        known->variance = COSTS_PROCESS_WIDENING * COSTS_PROCESS_WIDENING * within / (n * n);
        known->degrees = (double)INFINITY;
    }
    double reach = sqrt(known->variance) *
                   (isinf(known->degrees) ? 1.96 : stats_student_quantile(0.975, known->degrees));
    known->ns.low = exp(known->log - reach);
    known->ns.high = exp(known->log + reach);
}

/* Welch's interval of the ratio. */
static struct interval ratio_of(const struct known *old_known, const struct known *new_known)
{
    double log_ratio = new_known->log - old_known->log;
    double variance = old_known->variance + new_known->variance;
    double degrees = variance * variance /
                     (old_known->variance * old_known->variance / old_known->degrees +
                      new_known->variance * new_known->variance / new_known->degrees);
    double quantile = degrees < 1e6 ? stats_student_quantile(0.975, fmax(1, degrees)) : 1.96;
    double reach = quantile * sqrt(variance), none = (double)NAN;

    if (old_known->at_most || new_known->at_most ||
        old_known->size_bytes != new_known->size_bytes ||
        old_known->chunk_bytes != new_known->chunk_bytes)
        return (struct interval){none, none, none};
    return (struct interval){exp(log_ratio), exp(log_ratio - reach), exp(log_ratio + reach)};
}

static int add_cost(struct machine_costs *beside, const struct run_cost *reading)
{
    struct machine_cost *larger =
        realloc(beside->costs, (beside->cost_count + 1) * sizeof *beside->costs);

    if (larger == NULL)
        return -ENOMEM;
    beside->costs = larger;
    larger[beside->cost_count] = (struct machine_cost){.writer = strdup(reading->writer),
                                                       .what = reading->what,
                                                       .is_control = reading->is_control};
    return larger[beside->cost_count++].writer == NULL ? -ENOMEM : 0;
}

static int is_listed(const struct machine_costs *beside, const struct run_cost *reading)
{
    for (size_t i = 0; i < beside->cost_count; i++)
        if (strcmp(beside->costs[i].writer, reading->writer) == 0 &&
            strcmp(beside->costs[i].what, reading->what) == 0)
            return 1;
    return 0;
}

/* Every cost that any run knows; what only a minority knows is dropped by weigh(). */
static int list_costs(const struct sources *sources)
{
    int error = 0;

    for (int side = 0; side < 2; side++) {
        for (size_t r = 0; r < sources->sides[side]->count; r++) {
            const struct run_costs *readings = &sources->readings[side][r];
            for (size_t i = 0; error == 0 && i < readings->count; i++)
                if (readings->reading[i].what != NULL &&
                    !is_listed(sources->beside, &readings->reading[i]))
                    error = add_cost(sources->beside, &readings->reading[i]);
        }
    }
    return error;
}

static void forget_unknown(struct machine_costs *beside)
{
    size_t kept = 0;

    for (size_t i = 0; i < beside->cost_count; i++) {
        struct machine_cost *cost = &beside->costs[i];
        if (isnan(cost->ns[0].estimate) && isnan(cost->ns[1].estimate))
            free(cost->writer);
        else
            beside->costs[kept++] = *cost;
    }
    beside->cost_count = kept;
}

static int put_costs(const struct sources *sources)
{
    struct machine_costs *beside = sources->beside;
    int error = list_costs(sources);

    for (size_t i = 0; error == 0 && i < beside->cost_count; i++) {
        struct machine_cost *cost = &beside->costs[i];
        struct known known[2];
        for (int side = 0; side < 2; side++) {
            weigh(sources, side, cost, &known[side]);
            cost->ns[side] = known[side].ns;
            cost->at_most[side] = known[side].at_most;
        }
        cost->ratio = ratio_of(&known[0], &known[1]);
    }
    if (error == 0)
        forget_unknown(beside);
    return error;
}

/* A sentence for each writer whose model does not hold in half of a side's runs or more. */
static int note_refusals(const struct sources *sources)
{
    static const char *const side_words[2] = {"old", "new"};
    int error = 0;

    for (int side = 0; side < 2; side++) {
        size_t runs = sources->sides[side]->count;
        const struct run_costs *first = &sources->readings[side][0];
        for (size_t i = 0; i < first->count; i++) {
            const struct run_cost *reading = &first->reading[i], *other;
            size_t refused = 0;
            for (size_t r = 0; r < runs && reading->refusal != NULL; r++) {
                other = find(&sources->readings[side][r], reading->writer, NULL);
                refused += other != NULL;
            }
            if (refused > 0 && 2 * refused >= runs)
                note(sources->beside, &error, "%s has no cost model on the %s side: %s.",
                     reading->writer, side_words[side], reading->refusal);
        }
    }
    return error;
}

static int add_difference(struct machine_costs *beside, const struct context_key *key,
                          const char *old_value, const char *new_value)
{
    struct machine_difference *larger =
        realloc(beside->differences, (beside->difference_count + 1) * sizeof *beside->differences);

    if (larger == NULL)
        return -ENOMEM;
    beside->differences = larger;
    struct machine_difference *difference = &larger[beside->difference_count++];
    *difference =
        (struct machine_difference){.key = key->key,
                                    .name = key->name,
                                    .layer = key->layer,
                                    .explains = key->explains,
                                    .value = {strdup(context_value_or_unknown(old_value)),
                                              strdup(context_value_or_unknown(new_value))}};
    return difference->value[0] == NULL || difference->value[1] == NULL ? -ENOMEM : 0;
}

static int put_differences(const struct sources *sources)
{
    const struct run *old_run = sources->sides[0]->runs[0];
    const struct run *new_run = sources->sides[1]->runs[0];
    int error = 0;

    for (size_t i = 0; error == 0 && i < context_key_count; i++) {
        const struct context_key *key = &context_keys[i];
        const char *old_value = run_context(old_run, key->key);
        const char *new_value = run_context(new_run, key->key);
        if (strcmp(context_value_or_unknown(old_value), context_value_or_unknown(new_value)) != 0 &&
            (key->in_machine_key || (old_value != NULL && new_value != NULL)))
            error = add_difference(sources->beside, key, old_value, new_value);
    }
    return error;
}

static int name_machines(const struct sources *sources)
{
    char text[CONTEXT_MACHINE_MAX];

    for (int side = 0; side < 2; side++) {
        context_machine(sources->sides[side]->runs[0], text);
        sources->beside->runs[side] = sources->sides[side]->count;
        sources->beside->machine[side] = strdup(*text != '\0' ? text : "an unknown machine");
        if (sources->beside->machine[side] == NULL)
            return -ENOMEM;
    }
    return 0;
}

const struct machine_cost *machine_costs_control(const struct machine_costs *beside,
                                                 enum aspect aspect)
{
    for (size_t i = 0; aspect < ASPECT_FILE && i < beside->cost_count; i++)
        if (beside->costs[i].is_control &&
            strcmp(beside->costs[i].writer, control_writer[aspect]) == 0)
            return &beside->costs[i];
    return NULL;
}

static void take_aspects(struct machine_costs *beside)
{
    double none = (double)NAN;

    for (int a = 0; a < ASPECT_FILE; a++) {
        const struct machine_cost *cost = machine_costs_control(beside, (enum aspect)a);
        beside->aspect[a] = cost != NULL ? cost->ratio : (struct interval){none, none, none};
    }
}

static int read_runs(struct sources *sources, uint64_t seed)
{
    int error = 0;

    for (int side = 0; side < 2; side++) {
        const struct side *runs = sources->sides[side];
        sources->readings[side] = calloc(runs->count, sizeof *sources->readings[side]);
        if (sources->readings[side] == NULL)
            return -ENOMEM;
        for (size_t r = 0; error == 0 && r < runs->count; r++)
            error = costs_of_run(runs->runs[r], seed, &sources->readings[side][r]);
    }
    return error;
}

int machine_costs_compare(const struct side *old_side, const struct side *new_side, uint64_t seed,
                          struct machine_costs *beside)
{
    struct sources sources = {{old_side, new_side}, {NULL, NULL}, beside};

    *beside = (struct machine_costs){0};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    int error = read_runs(&sources, seed);
    if (error == 0)
        error = name_machines(&sources);
    if (error == 0)
        error = put_costs(&sources);
    if (error == 0)
        take_aspects(beside);
    if (error == 0)
        error = cost_breakdown_take(old_side, new_side, beside);
    if (error == 0)
        error = put_differences(&sources);
    if (error == 0)
        error = note_refusals(&sources);
    if (error == 0)
        error = cost_note(sources.sides, beside);
    for (int side = 0; side < 2; side++) {
        for (size_t r = 0; sources.readings[side] != NULL && r < sources.sides[side]->count; r++)
            run_costs_free(&sources.readings[side][r]);
        free(sources.readings[side]);
    }
    if (error != 0)
        machine_costs_free(beside);
    return error;
}

void machine_costs_free(struct machine_costs *beside)
{
    for (size_t i = 0; i < beside->cost_count; i++)
        free(beside->costs[i].writer);
    for (size_t i = 0; i < beside->parts_count; i++)
        free(beside->parts[i].writer);
    for (size_t i = 0; i < beside->rest_count; i++)
        free(beside->rests[i].writer);
    free(beside->rests);
    for (size_t i = 0; i < beside->difference_count; i++) {
        free(beside->differences[i].value[0]);
        free(beside->differences[i].value[1]);
    }
    text_list_free(beside->notes, beside->note_count);
    free(beside->machine[0]);
    free(beside->machine[1]);
    free(beside->costs);
    free(beside->parts);
    free(beside->differences);
    *beside = (struct machine_costs){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side: the costs that their runs agree on, and what differs. */
#include "machine_costs.h"

#include "src/base/array.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
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
    struct run_costs *of_run[2]; /* [side][run] */
    struct machine_costs *costs;
};

static int is_same(struct cost_kind a, struct cost_kind b)
{
    return a.is_control == b.is_control && (a.is_control ? a.aspect == b.aspect : a.term == b.term);
}

static int is_refused(const struct run_cost *cost) { return cost->model.refusal != MODEL_HOLDS; }

static const struct run_cost *find(const struct run_costs *costs, const char *writer,
                                   struct cost_kind kind)
{
    for (size_t i = 0; i < costs->count; i++)
        if (!is_refused(&costs->items[i]) && strcmp(costs->items[i].writer, writer) == 0 &&
            is_same(costs->items[i].kind, kind))
            return &costs->items[i];
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
        const struct run_cost *of_run = find(&sources->of_run[side][r], cost->writer, cost->kind);
        if (of_run == NULL || !(of_run->ns.estimate > 0))
            continue;
        count++;
        sum += log(of_run->ns.estimate);
        square += log(of_run->ns.estimate) * log(of_run->ns.estimate);
        within += spread_of(of_run->ns) * spread_of(of_run->ns);
        known->at_most |= of_run->at_most;
        known->size_bytes = of_run->size_bytes;
        known->chunk_bytes = of_run->chunk_bytes;
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

static int add_cost(struct machine_costs *costs, const struct run_cost *of_run)
{
    struct machine_cost *larger = array_grow(costs->costs, costs->cost_count, sizeof *larger);
    char *writer = strdup(of_run->writer);

    if (larger != NULL)
        costs->costs = larger;
    if (larger == NULL || writer == NULL) {
        free(writer);
        return -ENOMEM;
    }
    larger[costs->cost_count++] = (struct machine_cost){.writer = writer, .kind = of_run->kind};
    return 0;
}

static int is_listed(const struct machine_costs *costs, const struct run_cost *of_run)
{
    for (size_t i = 0; i < costs->cost_count; i++)
        if (strcmp(costs->costs[i].writer, of_run->writer) == 0 &&
            is_same(costs->costs[i].kind, of_run->kind))
            return 1;
    return 0;
}

/* Every cost that any run knows; what only a minority knows is dropped by weigh(). */
static int list_costs(const struct sources *sources)
{
    int error = 0;

    for (int side = 0; side < 2; side++) {
        for (size_t r = 0; r < sources->sides[side]->count; r++) {
            const struct run_costs *costs = &sources->of_run[side][r];
            for (size_t i = 0; error == 0 && i < costs->count; i++)
                if (!is_refused(&costs->items[i]) && !is_listed(sources->costs, &costs->items[i]))
                    error = add_cost(sources->costs, &costs->items[i]);
        }
    }
    return error;
}

static void forget_unknown(struct machine_costs *costs)
{
    size_t kept = 0;

    for (size_t i = 0; i < costs->cost_count; i++) {
        struct machine_cost *cost = &costs->costs[i];
        if (isnan(cost->ns[0].estimate) && isnan(cost->ns[1].estimate))
            free(cost->writer);
        else
            costs->costs[kept++] = *cost;
    }
    costs->cost_count = kept;
}

static int put_costs(const struct sources *sources)
{
    struct machine_costs *costs = sources->costs;
    int error = list_costs(sources);

    for (size_t i = 0; error == 0 && i < costs->cost_count; i++) {
        struct machine_cost *cost = &costs->costs[i];
        struct known known[2];
        for (int side = 0; side < 2; side++) {
            weigh(sources, side, cost, &known[side]);
            cost->ns[side] = known[side].ns;
            cost->at_most[side] = known[side].at_most;
        }
        cost->ratio = ratio_of(&known[0], &known[1]);
    }
    if (error == 0)
        forget_unknown(costs);
    return error;
}

static size_t count_refused(const struct sources *sources, int side, const char *writer)
{
    size_t count = 0;

    for (size_t r = 0; r < sources->sides[side]->count; r++) {
        const struct run_costs *costs = &sources->of_run[side][r];
        int refused = 0;
        for (size_t i = 0; i < costs->count && !refused; i++)
            refused = is_refused(&costs->items[i]) && strcmp(costs->items[i].writer, writer) == 0;
        count += (size_t)refused;
    }
    return count;
}

/* Each writer whose model does not hold in half of a side's runs or more. */
static int note_refusals(const struct sources *sources)
{
    int error = 0;

    for (int side = 0; side < 2; side++) {
        const struct run_costs *first = &sources->of_run[side][0];
        for (size_t i = 0; i < first->count && error == 0; i++) {
            const struct run_cost *cost = &first->items[i];
            struct note note = {.kind = NOTE_NO_MODEL, .side = side, .model = cost->model};
            if (!is_refused(cost) ||
                2 * count_refused(sources, side, cost->writer) < sources->sides[side]->count)
                continue;
            error = note_add_name(&note, cost->writer);
            if (error == 0)
                error = notes_add(&sources->costs->notes, note);
            else
                note_free(&note);
        }
    }
    return error;
}

static int put_differences(const struct sources *sources)
{
    const struct run *old_run = sources->sides[0]->runs[0];
    const struct run *new_run = sources->sides[1]->runs[0];
    int error = 0;

    for (size_t i = 0; error == 0 && i < context_key_count; i++) {
        const struct context_key *field = &context_keys[i];
        const char *old_value = run_context(old_run, field->key);
        const char *new_value = run_context(new_run, field->key);
        if (strcmp(context_value_or_unknown(old_value), context_value_or_unknown(new_value)) != 0 &&
            (field->in_machine_key || (old_value != NULL && new_value != NULL)))
            error =
                context_differences_add(&sources->costs->differences, field, old_value, new_value);
    }
    return error;
}

static int name_machines(const struct sources *sources)
{
    char text[CONTEXT_MACHINE_MAX];

    for (int side = 0; side < 2; side++) {
        context_machine(sources->sides[side]->runs[0], text);
        sources->costs->runs[side] = sources->sides[side]->count;
        sources->costs->machine[side] = strdup(text);
        if (sources->costs->machine[side] == NULL)
            return -ENOMEM;
    }
    return 0;
}

static void take_aspects(struct machine_costs *costs)
{
    double none = (double)NAN;

    for (int a = 0; a < ASPECT_FILE; a++) {
        const struct machine_cost *cost = machine_costs_control(costs, (enum aspect)a);
        costs->aspect[a] = cost != NULL ? cost->ratio : (struct interval){none, none, none};
    }
}

static int read_runs(struct sources *sources, uint64_t seed)
{
    int error = 0;

    for (int side = 0; side < 2; side++) {
        const struct side *runs = sources->sides[side];
        sources->of_run[side] = calloc(runs->count, sizeof *sources->of_run[side]);
        if (sources->of_run[side] == NULL)
            return -ENOMEM;
        for (size_t r = 0; error == 0 && r < runs->count; r++)
            error = costs_of_run(runs->runs[r], seed, &sources->of_run[side][r]);
    }
    return error;
}

int machine_costs_compare(const struct side *old_side, const struct side *new_side, uint64_t seed,
                          struct machine_costs *costs)
{
    struct sources sources = {{old_side, new_side}, {NULL, NULL}, costs};

    *costs = (struct machine_costs){0};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    int error = read_runs(&sources, seed);
    if (error == 0)
        error = name_machines(&sources);
    if (error == 0)
        error = put_costs(&sources);
    if (error == 0)
        take_aspects(costs);
    if (error == 0)
        error = cost_breakdown_take(old_side, new_side, costs);
    if (error == 0)
        error = put_differences(&sources);
    if (error == 0)
        error = note_refusals(&sources);
    if (error == 0)
        error = cost_notes_take(sources.sides, costs);
    for (int side = 0; side < 2; side++) {
        for (size_t r = 0; sources.of_run[side] != NULL && r < sources.sides[side]->count; r++)
            run_costs_free(&sources.of_run[side][r]);
        free(sources.of_run[side]);
    }
    if (error != 0)
        machine_costs_free(costs);
    return error;
}

void machine_costs_free(struct machine_costs *costs)
{
    for (size_t i = 0; i < costs->cost_count; i++)
        free(costs->costs[i].writer);
    for (size_t i = 0; i < costs->breakdown_count; i++)
        free(costs->breakdowns[i].cell);
    for (size_t i = 0; i < costs->remainder_count; i++)
        free(costs->remainders[i].writer);
    context_differences_free(&costs->differences);
    notes_free(&costs->notes);
    free(costs->machine[0]);
    free(costs->machine[1]);
    free(costs->costs);
    free(costs->breakdowns);
    free(costs->remainders);
    *costs = (struct machine_costs){0};
}

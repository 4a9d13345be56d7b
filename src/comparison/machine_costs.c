/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side: the costs that their runs agree on, and what differs. */
#include "machine_costs.h"

#include "src/statistics/quantiles.h"

#include <errno.h>

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

static const struct machine_cost *listed(const struct machine_costs *costs,
                                         const struct run_cost *of_run)
{
    for (size_t i = 0; i < costs->cost_count; i++)
        if (strcmp(costs->costs[i].writer, of_run->writer) == 0 &&
            is_same(costs->costs[i].kind, of_run->kind))
            return &costs->costs[i];
    return NULL;
}

/* What is unknown on both sides is left out: only a minority of their runs knows it. */
static void add_cost(const struct sources *sources, const struct run_cost *of_run)
{
    struct machine_costs *costs = sources->costs;
    struct machine_cost cost = {.writer = of_run->writer, .kind = of_run->kind};
    struct known known[2];

    for (int side = 0; side < 2; side++) {
        weigh(sources, side, &cost, &known[side]);
        cost.ns[side] = known[side].ns;
        cost.at_most[side] = known[side].at_most;
    }
    cost.chunk_bytes = known[0].chunk_bytes;
    cost.ratio = ratio_of(&known[0], &known[1]);
    if (isnan(cost.ns[0].estimate) && isnan(cost.ns[1].estimate))
        return;
    struct machine_cost *added =
        arena_append(&costs->arena, &costs->costs, &costs->cost_count, sizeof *added);
    if (added != NULL)
        *added = cost;
}

static void put_costs(const struct sources *sources)
{
    for (int side = 0; side < 2; side++)
        for (size_t r = 0; r < sources->sides[side]->count; r++) {
            const struct run_costs *costs = &sources->of_run[side][r];
            for (size_t i = 0; i < costs->count; i++)
                if (!is_refused(&costs->items[i]) &&
                    listed(sources->costs, &costs->items[i]) == NULL)
                    add_cost(sources, &costs->items[i]);
        }
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
static void note_refusals(const struct sources *sources)
{
    struct arena *arena = &sources->costs->arena;

    for (int side = 0; side < 2; side++) {
        const struct run_costs *first = &sources->of_run[side][0];
        for (size_t i = 0; i < first->count; i++) {
            const struct run_cost *cost = &first->items[i];
            struct note note = {.kind = NOTE_NO_MODEL, .side = side, .model = cost->model};
            if (!is_refused(cost) ||
                2 * count_refused(sources, side, cost->writer) < sources->sides[side]->count)
                continue;
            note_add_name(arena, &note, cost->writer);
            notes_add(arena, &sources->costs->notes, note);
        }
    }
}

/* A busy machine is slower than an idle one: no context says why, but the run itself does. */
static void note_doubts(const struct sources *sources, int at)
{
    const struct side *side = sources->sides[at];
    struct arena *arena = &sources->costs->arena;
    struct note doubtful = {.kind = NOTE_DOUBTFUL_RUNS, .side = at, .count = {0, side->count}};

    for (size_t r = 0; r < side->count; r++) {
        struct verdict verdict;
        if (verdict_make(side->runs[r], &verdict) != 0)
            arena->error = -ENOMEM;
        else if (verdict.doubts > 0 && doubtful.count[0]++ == 0)
            doubtful.finding = verdict.findings[0];
    }
    if (doubtful.count[0] > 0)
        notes_add(arena, &sources->costs->notes, doubtful);
}

static void note_controls(struct machine_costs *costs)
{
    struct note missing = {.kind = NOTE_MISSING_CONTROLS};

    for (int a = 0; a < ASPECT_FILE; a++)
        if (isnan(costs->aspect[a].estimate))
            note_add_name(&costs->arena, &missing, control_writer[a]);
    if (missing.name_count > 0)
        notes_add(&costs->arena, &costs->notes, missing);
    if (costs->runs[0] < COSTS_LEAST_FOR_STUDENT || costs->runs[1] < COSTS_LEAST_FOR_STUDENT)
        notes_add(&costs->arena, &costs->notes,
                  (struct note){.kind = NOTE_FEW_RUNS, .count = {costs->runs[0], costs->runs[1]}});
}

static void put_differences(const struct sources *sources)
{
    const struct run *runs[2] = {sources->sides[0]->runs[0], sources->sides[1]->runs[0]};
    struct machine_costs *costs = sources->costs;
    const char *value[2];

    for (size_t i = 0; i < context_key_count; i++)
        if (context_differs(runs, 2, context_keys[i].key, value) &&
            (context_keys[i].in_machine_key || (value[0] != NULL && value[1] != NULL)))
            context_differences_add(&costs->arena, &costs->differences, &context_keys[i], value);
}

static void take_side(struct sources *sources, int side, uint64_t seed)
{
    const struct side *runs = sources->sides[side];
    struct machine_costs *costs = sources->costs;
    char text[CONTEXT_MACHINE_MAX];

    context_machine(runs->runs[0], text);
    costs->runs[side] = runs->count;
    costs->machine[side] = arena_text(&costs->arena, text);
    sources->of_run[side] = arena_array(&costs->arena, runs->count, sizeof *sources->of_run[side]);
    for (size_t r = 0; costs->arena.error == 0 && r < runs->count; r++)
        costs_of_run(runs->runs[r], sources->sides, seed, &costs->arena, &sources->of_run[side][r]);
}

int machine_costs_compare(const struct side *old_side, const struct side *new_side, uint64_t seed,
                          struct machine_costs *costs)
{
    struct sources sources = {{old_side, new_side}, {NULL, NULL}, costs};
    double none = (double)NAN;

    *costs = (struct machine_costs){0};
    if (old_side->count == 0 || new_side->count == 0)
        return -EINVAL;
    take_side(&sources, 0, seed);
    take_side(&sources, 1, seed);
    if (costs->arena.error == 0) {
        put_costs(&sources);
        for (int a = 0; a < ASPECT_FILE; a++) {
            const struct machine_cost *cost = machine_costs_control(costs, (enum aspect)a);
            costs->aspect[a] = cost != NULL ? cost->ratio : (struct interval){none, none, none};
        }
        cost_breakdown_take(sources.sides, costs);
        put_differences(&sources);
        note_refusals(&sources);
        note_doubts(&sources, 0);
        note_doubts(&sources, 1);
        note_controls(costs);
    }
    int error = costs->arena.error;
    if (error != 0)
        machine_costs_free(costs);
    return error;
}

void machine_costs_free(struct machine_costs *costs)
{
    arena_free(&costs->arena);
    *costs = (struct machine_costs){0};
}

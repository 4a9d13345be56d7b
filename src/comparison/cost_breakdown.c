/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer's time was spent on: its calls, its copy and its faults as the controls cost them,
 * and what remains. */
#include "machine_costs.h"
#include "src/statistics/quantiles.h"

#include <errno.h>

/* A remainder below this share of the time is smaller than the errors of what was taken off. */
#define REMAINDER_LEAST 0.05

/* Over the side's runs: of times the geometric mean of the cell's locations, of counts the mean of
 * its medians. NaN (of counts 0) where a run lacks it. */
static double mean_of(struct arena *arena, const struct side *side, const char *name,
                      enum metric metric, int is_count)
{
    double sum = 0;
    int error = 0;

    for (size_t r = 0; r < side->count; r++) {
        struct summary summary;
        const struct cell *cell = run_cell(side->runs[r], name);
        if (cell == NULL || (error = cell_summarise(cell, metric, &summary)) != 0) {
            arena->error = error == -ENOMEM ? error : arena->error;
            return is_count ? 0 : (double)NAN;
        }
        sum += is_count ? summary.median : log(summary.location);
    }
    sum /= (double)side->count;
    return is_count ? sum : exp(sum);
}

static double cost_on(const struct machine_costs *costs, enum aspect aspect, int side)
{
    const struct machine_cost *cost = machine_costs_control(costs, aspect);
    /* A cost that only one side has measured is left out: the remainders could not be compared. */
    return cost != NULL && isfinite(cost->ratio.estimate) ? cost->ns[side].estimate : (double)NAN;
}

static void take_apart(const struct side *const sides[2], const struct cell *cell,
                       struct machine_costs *costs, struct cost_breakdown *breakdown)
{
    const struct cell *copy = control_like(sides[0]->runs[0], "Memcpy", cell);
    double(*share)[2] = breakdown->share_ns, copied[2] = {(double)NAN, (double)NAN};

    for (int s = 0; s < 2 && copy != NULL; s++)
        copied[s] = mean_of(&costs->arena, sides[s], copy->name, METRIC_TIME, 0);
    for (int s = 0; s < 2; s++) {
        breakdown->time_ns[s] = mean_of(&costs->arena, sides[s], cell->name, METRIC_TIME, 0);
        share[ASPECT_CALL][s] = cost_on(costs, ASPECT_CALL, s) *
                                mean_of(&costs->arena, sides[s], cell->name, METRIC_CALLS, 1);
        share[ASPECT_COPY][s] = isnan(copied[!s]) ? copied[!s] : copied[s];
        breakdown->faults[s] = mean_of(&costs->arena, sides[s], cell->name, METRIC_MINOR_FAULTS, 1);
        share[ASPECT_FAULT][s] = cost_on(costs, ASPECT_FAULT, s) * breakdown->faults[s];
        share[ASPECT_FILE][s] = breakdown->time_ns[s];
        for (int a = 0; a < ASPECT_FILE; a++)
            share[ASPECT_FILE][s] -= isfinite(share[a][s]) ? share[a][s] : 0;
    }
}

static void add_breakdown(const struct side *const sides[2], const struct cell *cell,
                          struct machine_costs *costs)
{
    struct cost_breakdown breakdown = {.chunk_bytes = cell->parts.chunk_bytes};

    take_apart(sides, cell, costs, &breakdown);
    if (!(breakdown.time_ns[0] > 0) || !(breakdown.time_ns[1] > 0))
        return;
    struct cost_breakdown *added =
        arena_append(&costs->arena, &costs->breakdowns, &costs->breakdown_count, sizeof *added);
    breakdown.cell = arena_text(&costs->arena, cell->name);
    if (added != NULL)
        *added = breakdown;
}

/* What stands before the size and the chunk: the writer with its file state and sync mode. */
static size_t writer_length(const char *name)
{
    const char *size = strstr(name, "/size:"), *chunk = strstr(name, "/chunk:");

    return size != NULL    ? (size_t)(size - name)
           : chunk != NULL ? (size_t)(chunk - name)
                           : strlen(name);
}

static int is_of(const struct cost_remainder *remainder, const struct cost_breakdown *breakdown)
{
    size_t length = writer_length(breakdown->cell);
    return strlen(remainder->writer) == length &&
           strncmp(remainder->writer, breakdown->cell, length) == 0;
}

/* The phase in which the writer's cells changed most, in the direction in which they did. */
static enum metric moved_phase(const struct side *const sides[2], struct machine_costs *costs,
                               const struct cost_remainder *remainder)
{
    enum metric most = METRICS;
    double largest = 0;

    for (int p = METRIC_CREATE; p <= METRIC_CLOSE; p++) {
        double moved = 0;
        for (size_t i = 0; i < costs->breakdown_count; i++) {
            const char *name = costs->breakdowns[i].cell;
            if (is_of(remainder, &costs->breakdowns[i]))
                moved += mean_of(&costs->arena, sides[1], name, (enum metric)p, 1) -
                         mean_of(&costs->arena, sides[0], name, (enum metric)p, 1);
        }
        moved *= remainder->ratio.estimate < 1 ? -1 : 1;
        if (moved > largest) {
            largest = moved;
            most = (enum metric)p;
        }
    }
    return most;
}

static void compare_remainder(const struct machine_costs *costs, struct cost_remainder *remainder,
                              double *room)
{
    for (size_t i = 0; i < costs->breakdown_count; i++) {
        const struct cost_breakdown *breakdown = &costs->breakdowns[i];
        const double *left = breakdown->share_ns[ASPECT_FILE];
        if (is_of(remainder, breakdown) && left[0] > REMAINDER_LEAST * breakdown->time_ns[0] &&
            left[1] > REMAINDER_LEAST * breakdown->time_ns[1])
            room[remainder->cells++] = left[1] / left[0];
    }
    if (remainder->cells == 0)
        return;
    double median = stats_median_of(room, remainder->cells);
    remainder->ratio = (struct interval){median, stats_quantile(room, remainder->cells, 0.25),
                                         stats_quantile(room, remainder->cells, 0.75)};
}

static void put_remainders(const struct side *const sides[2], struct machine_costs *costs)
{
    struct arena *arena = &costs->arena;
    double *room = arena_array(arena, costs->breakdown_count, sizeof *room);

    costs->remainders = arena_array(arena, costs->breakdown_count, sizeof *costs->remainders);
    for (size_t i = 0; arena->error == 0 && i < costs->breakdown_count; i++) {
        const char *name = costs->breakdowns[i].cell;
        double none = (double)NAN;
        size_t r = 0;
        while (r < costs->remainder_count && !is_of(&costs->remainders[r], &costs->breakdowns[i]))
            r++;
        if (r < costs->remainder_count)
            continue;
        struct cost_remainder *remainder = &costs->remainders[r];
        *remainder = (struct cost_remainder){.writer = arena_copy(arena, name, writer_length(name)),
                                             .ratio = {none, none, none}};
        if (remainder->writer == NULL)
            return;
        costs->remainder_count++;
        compare_remainder(costs, remainder, room);
        remainder->phase = moved_phase(sides, costs, remainder);
    }
}

void cost_breakdown_take(const struct side *const sides[2], struct machine_costs *costs)
{
    const struct run *run = sides[0]->runs[0];

    for (size_t i = 0; costs->arena.error == 0 && i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (!cell->parts.plain && !name_is_control(&cell->parts) && cell->parts.threads == 1 &&
            cell->parts.axis[NAME_AXIS_LATENCY].text == NULL)
            add_breakdown(sides, cell, costs);
    }
    put_remainders(sides, costs);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer's time was spent on: its calls, its copy and its faults as the controls cost them,
 * and what remains. */
#include "machine_costs.h"
#include "src/analysis/summary.h"
#include "src/base/array.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A remainder below this share of the time is smaller than the errors of what was taken off. */
#define REMAINDER_LEAST 0.05

/* The geometric mean over the side's runs of a cell's location; NaN when one lacks it. */
static double mean_time(const struct side *side, const char *name, enum metric metric)
{
    double sum = 0;

    for (size_t r = 0; r < side->count; r++) {
        struct summary summary;
        const struct cell *cell = run_cell(side->runs[r], name);
        if (cell == NULL || cell_summarise(cell, metric, &summary) != 0)
            return (double)NAN;
        sum += log(summary.location);
    }
    return exp(sum / (double)side->count);
}

/* The mean of the runs' medians; 0 when a run does not count. */
static double mean_count(const struct side *side, const char *name, enum metric metric)
{
    double sum = 0;

    for (size_t r = 0; r < side->count; r++) {
        struct summary summary;
        const struct cell *cell = run_cell(side->runs[r], name);
        if (cell == NULL || cell_summarise(cell, metric, &summary) != 0)
            return 0;
        sum += summary.median;
    }
    return sum / (double)side->count;
}

/* The name of Memcpy's cell of the same size and chunk, or NULL. */
static const char *copy_name(const struct run *run, const struct cell *cell)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct name *parts = &run->cells[i].parts;
        if (name_is_control(parts) && span_is(parts->series, "Memcpy") &&
            parts->threads == cell->parts.threads && parts->size_bytes == cell->parts.size_bytes &&
            parts->chunk_bytes == cell->parts.chunk_bytes)
            return run->cells[i].name;
    }
    return NULL;
}

static double cost_on(const struct machine_costs *costs, enum aspect aspect, int side)
{
    const struct machine_cost *cost = machine_costs_control(costs, aspect);
    /* A cost that only one side has measured is left out: the remainders could not be compared. */
    return cost != NULL && isfinite(cost->ratio.estimate) ? cost->ns[side].estimate : (double)NAN;
}

static void take_apart(const struct side *const sides[2], const struct cell *cell,
                       const struct machine_costs *costs, struct cost_breakdown *breakdown)
{
    const char *copy = copy_name(sides[0]->runs[0], cell);
    double copied[2] = {(double)NAN, (double)NAN};

    for (int s = 0; s < 2 && copy != NULL; s++)
        copied[s] = mean_time(sides[s], copy, METRIC_TIME);
    for (int s = 0; s < 2; s++) {
        double *share[ASPECTS];
        for (int a = 0; a < ASPECTS; a++)
            share[a] = &breakdown->share_ns[a][s];
        breakdown->time_ns[s] = mean_time(sides[s], cell->name, METRIC_TIME);
        *share[ASPECT_CALL] =
            cost_on(costs, ASPECT_CALL, s) * mean_count(sides[s], cell->name, METRIC_CALLS);
        *share[ASPECT_COPY] = isnan(copied[!s]) ? copied[!s] : copied[s];
        *share[ASPECT_FAULT] =
            cost_on(costs, ASPECT_FAULT, s) * mean_count(sides[s], cell->name, METRIC_MINOR_FAULTS);
        double remainder = breakdown->time_ns[s];
        for (int a = 0; a < ASPECT_FILE; a++)
            remainder -= isfinite(*share[a]) ? *share[a] : 0;
        *share[ASPECT_FILE] = remainder;
    }
}

static int add_breakdown(const struct side *const sides[2], const struct cell *cell,
                         struct machine_costs *costs)
{
    struct cost_breakdown breakdown = {.chunk_bytes = cell->parts.chunk_bytes};

    take_apart(sides, cell, costs, &breakdown);
    if (!(breakdown.time_ns[0] > 0) || !(breakdown.time_ns[1] > 0))
        return 0;
    struct cost_breakdown *larger =
        array_grow(costs->breakdowns, costs->breakdown_count, sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    costs->breakdowns = larger;
    breakdown.cell = strdup(cell->name);
    if (breakdown.cell == NULL)
        return -ENOMEM;
    larger[costs->breakdown_count++] = breakdown;
    return 0;
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
static enum metric moved_phase(const struct side *const sides[2], const struct machine_costs *costs,
                               const struct cost_remainder *remainder)
{
    enum metric most = METRICS;
    double largest = 0;

    for (int p = METRIC_CREATE; p <= METRIC_CLOSE; p++) {
        double moved = 0;
        for (size_t i = 0; i < costs->breakdown_count; i++) {
            const char *name = costs->breakdowns[i].cell;
            if (is_of(remainder, &costs->breakdowns[i]))
                moved += mean_count(sides[1], name, (enum metric)p) -
                         mean_count(sides[0], name, (enum metric)p);
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
    double none = (double)NAN;
    remainder->ratio = (struct interval){none, none, none};
    if (remainder->cells == 0)
        return;
    stats_sort(room, remainder->cells);
    remainder->ratio = (struct interval){stats_median(room, remainder->cells),
                                         stats_quantile(room, remainder->cells, 0.25),
                                         stats_quantile(room, remainder->cells, 0.75)};
}

static int put_remainders(const struct side *const sides[2], struct machine_costs *costs)
{
    double *room = malloc((costs->breakdown_count + 1) * sizeof *room);

    costs->remainders = calloc(costs->breakdown_count + 1, sizeof *costs->remainders);
    if (room == NULL || costs->remainders == NULL) {
        free(room);
        return -ENOMEM;
    }
    int error = 0;
    for (size_t i = 0; error == 0 && i < costs->breakdown_count; i++) {
        const char *name = costs->breakdowns[i].cell;
        size_t r = 0;
        while (r < costs->remainder_count && !is_of(&costs->remainders[r], &costs->breakdowns[i]))
            r++;
        if (r < costs->remainder_count)
            continue;
        struct cost_remainder *remainder = &costs->remainders[costs->remainder_count];
        remainder->writer = strndup(name, writer_length(name));
        if (remainder->writer == NULL) {
            error = -ENOMEM;
            break;
        }
        costs->remainder_count++;
        compare_remainder(costs, remainder, room);
        remainder->phase = moved_phase(sides, costs, remainder);
    }
    free(room);
    return error;
}

int cost_breakdown_take(const struct side *old_side, const struct side *new_side,
                        struct machine_costs *costs)
{
    const struct side *const sides[2] = {old_side, new_side};
    const struct run *run = old_side->runs[0];
    int error = 0;

    for (size_t i = 0; error == 0 && i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (!cell->parts.plain && !name_is_control(&cell->parts) && cell->parts.threads == 1)
            error = add_breakdown(sides, cell, costs);
    }
    return error == 0 ? put_remainders(sides, costs) : error;
}

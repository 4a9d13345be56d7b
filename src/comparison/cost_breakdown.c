/* SPDX-License-Identifier: Apache-2.0 */
/* A writer's time in parts: its calls, its copy and its faults as the controls cost them, and what
 * is left. */
#include "machine_costs.h"
#include "src/analysis/summary.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A rest below that share of the time is within what the parts are known by. */
#define REST_LEAST 0.05

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

static double cost_on(const struct machine_costs *beside, enum aspect aspect, int side)
{
    const struct machine_cost *cost = machine_costs_control(beside, aspect);
    /* Known on one side only, it would make the rests unlike. */
    return cost != NULL && isfinite(cost->ratio.estimate) ? cost->ns[side].estimate : (double)NAN;
}

static void take_apart(const struct side *const sides[2], const struct cell *cell,
                       const struct machine_costs *beside, struct cost_breakdown *parts)
{
    const char *copy = copy_name(sides[0]->runs[0], cell);
    double copied[2] = {(double)NAN, (double)NAN};

    for (int s = 0; s < 2 && copy != NULL; s++)
        copied[s] = mean_time(sides[s], copy, METRIC_TIME);
    for (int s = 0; s < 2; s++) {
        double *part[ASPECTS];
        for (int a = 0; a < ASPECTS; a++)
            part[a] = &parts->part_ns[a][s];
        parts->time_ns[s] = mean_time(sides[s], cell->name, METRIC_TIME);
        *part[ASPECT_CALL] =
            cost_on(beside, ASPECT_CALL, s) * mean_count(sides[s], cell->name, METRIC_CALLS);
        *part[ASPECT_COPY] = isnan(copied[!s]) ? copied[!s] : copied[s];
        *part[ASPECT_FAULT] = cost_on(beside, ASPECT_FAULT, s) *
                              mean_count(sides[s], cell->name, METRIC_MINOR_FAULTS);
        double rest = parts->time_ns[s];
        for (int a = 0; a < ASPECT_FILE; a++)
            rest -= isfinite(*part[a]) ? *part[a] : 0;
        *part[ASPECT_FILE] = rest;
    }
}

static int add_parts(const struct side *const sides[2], const struct cell *cell,
                     struct machine_costs *beside)
{
    struct cost_breakdown parts = {.chunk_bytes = cell->parts.chunk_bytes};

    take_apart(sides, cell, beside, &parts);
    if (!(parts.time_ns[0] > 0) || !(parts.time_ns[1] > 0))
        return 0;
    struct cost_breakdown *larger =
        realloc(beside->parts, (beside->parts_count + 1) * sizeof *beside->parts);
    if (larger == NULL)
        return -ENOMEM;
    beside->parts = larger;
    parts.writer = strdup(cell->name);
    if (parts.writer == NULL)
        return -ENOMEM;
    larger[beside->parts_count++] = parts;
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

static int is_of(const struct cost_rest *rest, const struct cost_breakdown *parts)
{
    size_t length = writer_length(parts->writer);
    return strlen(rest->writer) == length && strncmp(rest->writer, parts->writer, length) == 0;
}

/* The phase in which the writer's cells changed most, in the direction in which they did. */
static enum metric moved_phase(const struct side *const sides[2],
                               const struct machine_costs *beside, const struct cost_rest *rest)
{
    enum metric most = METRICS;
    double largest = 0;

    for (int p = METRIC_CREATE; p <= METRIC_CLOSE; p++) {
        double moved = 0;
        for (size_t i = 0; i < beside->parts_count; i++) {
            const char *name = beside->parts[i].writer;
            if (is_of(rest, &beside->parts[i]))
                moved += mean_count(sides[1], name, (enum metric)p) -
                         mean_count(sides[0], name, (enum metric)p);
        }
        moved *= rest->ratio.estimate < 1 ? -1 : 1;
        if (moved > largest) {
            largest = moved;
            most = (enum metric)p;
        }
    }
    return most;
}

static void compare_rest(const struct machine_costs *beside, struct cost_rest *rest, double *room)
{
    for (size_t i = 0; i < beside->parts_count; i++) {
        const struct cost_breakdown *parts = &beside->parts[i];
        const double *left = parts->part_ns[ASPECT_FILE];
        if (is_of(rest, parts) && left[0] > REST_LEAST * parts->time_ns[0] &&
            left[1] > REST_LEAST * parts->time_ns[1])
            room[rest->cells++] = left[1] / left[0];
    }
    double none = (double)NAN;
    rest->ratio = (struct interval){none, none, none};
    if (rest->cells == 0)
        return;
    stats_sort(room, rest->cells);
    rest->ratio =
        (struct interval){stats_median(room, rest->cells), stats_quantile(room, rest->cells, 0.25),
                          stats_quantile(room, rest->cells, 0.75)};
}

static int put_rests(const struct side *const sides[2], struct machine_costs *beside)
{
    double *room = malloc((beside->parts_count + 1) * sizeof *room);

    beside->rests = calloc(beside->parts_count + 1, sizeof *beside->rests);
    if (room == NULL || beside->rests == NULL) {
        free(room);
        return -ENOMEM;
    }
    int error = 0;
    for (size_t i = 0; error == 0 && i < beside->parts_count; i++) {
        const char *name = beside->parts[i].writer;
        size_t r = 0;
        while (r < beside->rest_count && !is_of(&beside->rests[r], &beside->parts[i]))
            r++;
        if (r < beside->rest_count)
            continue;
        struct cost_rest *rest = &beside->rests[beside->rest_count];
        rest->writer = strndup(name, writer_length(name));
        if (rest->writer == NULL) {
            error = -ENOMEM;
            break;
        }
        beside->rest_count++;
        compare_rest(beside, rest, room);
        rest->phase = moved_phase(sides, beside, rest);
    }
    free(room);
    return error;
}

int cost_breakdown_take(const struct side *old_side, const struct side *new_side,
                        struct machine_costs *beside)
{
    const struct side *const sides[2] = {old_side, new_side};
    const struct run *run = old_side->runs[0];
    int error = 0;

    for (size_t i = 0; error == 0 && i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (!cell->parts.plain && !name_is_control(&cell->parts) && cell->parts.threads == 1)
            error = add_parts(sides, cell, beside);
    }
    return error == 0 ? put_rests(sides, beside) : error;
}

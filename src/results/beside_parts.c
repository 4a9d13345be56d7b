/* SPDX-License-Identifier: Apache-2.0 */
/* A writer's time in parts: its calls, its copy and its faults as the controls cost them, and what
 * is left. */
#include "beside.h"

#include "span.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A rest below that share of the time is within what the parts are known by. */
#define REST_LEAST 0.05

/* The geometric mean over the side's runs of a cell's location; NaN when one lacks it. */
static double mean_time(const struct results_side *side, const char *name,
                        enum results_metric metric)
{
    double sum = 0;

    for (size_t r = 0; r < side->count; r++) {
        struct results_summary summary;
        const struct results_cell *cell = results_cell(side->runs[r], name);
        if (cell == NULL || results_summarise_cell(cell, metric, &summary) != 0)
            return (double)NAN;
        sum += log(summary.location);
    }
    return exp(sum / (double)side->count);
}

/* The mean of the runs' medians; 0 when a run does not count. */
static double mean_count(const struct results_side *side, const char *name,
                         enum results_metric metric)
{
    double sum = 0;

    for (size_t r = 0; r < side->count; r++) {
        struct results_summary summary;
        const struct results_cell *cell = results_cell(side->runs[r], name);
        if (cell == NULL || results_summarise_cell(cell, metric, &summary) != 0)
            return 0;
        sum += summary.median;
    }
    return sum / (double)side->count;
}

/* The name of Memcpy's cell of the same size and chunk, or NULL. */
static const char *copy_name(const struct results_run *run, const struct results_cell *cell)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct results_name *parts = &run->cells[i].parts;
        if (results_name_is_control(parts) && span_is(parts->series, "Memcpy") &&
            parts->threads == cell->parts.threads && parts->size_bytes == cell->parts.size_bytes &&
            parts->chunk_bytes == cell->parts.chunk_bytes)
            return run->cells[i].name;
    }
    return NULL;
}

static double cost_on(const struct results_beside *beside, enum results_aspect aspect, int side)
{
    const struct results_cost *cost = beside_control(beside, aspect);
    /* Known on one side only, it would make the rests unlike. */
    return cost != NULL && isfinite(cost->ratio.estimate) ? cost->ns[side].estimate : (double)NAN;
}

static void take_apart(const struct results_side *const sides[2], const struct results_cell *cell,
                       const struct results_beside *beside, struct results_parts *parts)
{
    const char *copy = copy_name(sides[0]->runs[0], cell);
    double copied[2] = {(double)NAN, (double)NAN};

    for (int s = 0; s < 2 && copy != NULL; s++)
        copied[s] = mean_time(sides[s], copy, RESULTS_TIME);
    for (int s = 0; s < 2; s++) {
        double *part[RESULTS_ASPECTS];
        for (int a = 0; a < RESULTS_ASPECTS; a++)
            part[a] = &parts->part_ns[a][s];
        parts->time_ns[s] = mean_time(sides[s], cell->name, RESULTS_TIME);
        *part[RESULTS_ASPECT_CALL] = cost_on(beside, RESULTS_ASPECT_CALL, s) *
                                     mean_count(sides[s], cell->name, RESULTS_CALLS);
        *part[RESULTS_ASPECT_COPY] = isnan(copied[!s]) ? copied[!s] : copied[s];
        *part[RESULTS_ASPECT_FAULT] = cost_on(beside, RESULTS_ASPECT_FAULT, s) *
                                      mean_count(sides[s], cell->name, RESULTS_MINOR_FAULTS);
        double rest = parts->time_ns[s];
        for (int a = 0; a < RESULTS_ASPECT_FILE; a++)
            rest -= isfinite(*part[a]) ? *part[a] : 0;
        *part[RESULTS_ASPECT_FILE] = rest;
    }
}

static int add_parts(const struct results_side *const sides[2], const struct results_cell *cell,
                     struct results_beside *beside)
{
    struct results_parts parts = {.chunk_bytes = cell->parts.chunk_bytes};

    take_apart(sides, cell, beside, &parts);
    if (!(parts.time_ns[0] > 0) || !(parts.time_ns[1] > 0))
        return 0;
    struct results_parts *larger =
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

/* ---- the rest of a writer ---- */

/* What stands before the size and the chunk: the writer with its file state and sync mode. */
static size_t writer_length(const char *name)
{
    const char *size = strstr(name, "/size:"), *chunk = strstr(name, "/chunk:");

    return size != NULL    ? (size_t)(size - name)
           : chunk != NULL ? (size_t)(chunk - name)
                           : strlen(name);
}

static int is_of(const struct results_rest *rest, const struct results_parts *parts)
{
    size_t length = writer_length(parts->writer);
    return strlen(rest->writer) == length && strncmp(rest->writer, parts->writer, length) == 0;
}

/* The phase in which the writer's cells changed most, in the direction in which they did. */
static enum results_metric moved_phase(const struct results_side *const sides[2],
                                       const struct results_beside *beside,
                                       const struct results_rest *rest)
{
    enum results_metric most = RESULTS_METRICS;
    double largest = 0;

    for (int p = RESULTS_CREATE; p <= RESULTS_CLOSE; p++) {
        double moved = 0;
        for (size_t i = 0; i < beside->parts_count; i++) {
            const char *name = beside->parts[i].writer;
            if (is_of(rest, &beside->parts[i]))
                moved += mean_count(sides[1], name, (enum results_metric)p) -
                         mean_count(sides[0], name, (enum results_metric)p);
        }
        moved *= rest->ratio.estimate < 1 ? -1 : 1;
        if (moved > largest) {
            largest = moved;
            most = (enum results_metric)p;
        }
    }
    return most;
}

static void compare_rest(const struct results_beside *beside, struct results_rest *rest,
                         double *room)
{
    for (size_t i = 0; i < beside->parts_count; i++) {
        const struct results_parts *parts = &beside->parts[i];
        const double *left = parts->part_ns[RESULTS_ASPECT_FILE];
        if (is_of(rest, parts) && left[0] > REST_LEAST * parts->time_ns[0] &&
            left[1] > REST_LEAST * parts->time_ns[1])
            room[rest->cells++] = left[1] / left[0];
    }
    double none = (double)NAN;
    rest->ratio = (struct results_interval){none, none, none};
    if (rest->cells == 0)
        return;
    results_sort(room, rest->cells);
    rest->ratio = (struct results_interval){results_median(room, rest->cells),
                                            results_quantile(room, rest->cells, 0.25),
                                            results_quantile(room, rest->cells, 0.75)};
}

static int put_rests(const struct results_side *const sides[2], struct results_beside *beside)
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
        struct results_rest *rest = &beside->rests[beside->rest_count];
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

int beside_take_apart(const struct results_side *old_side, const struct results_side *new_side,
                      struct results_beside *beside)
{
    const struct results_side *const sides[2] = {old_side, new_side};
    const struct results_run *run = old_side->runs[0];
    int error = 0;

    for (size_t i = 0; error == 0 && i < run->cell_count; i++) {
        const struct results_cell *cell = &run->cells[i];
        if (!cell->parts.plain && !results_name_is_control(&cell->parts) &&
            cell->parts.threads == 1)
            error = add_parts(sides, cell, beside);
    }
    return error == 0 ? put_rests(sides, beside) : error;
}

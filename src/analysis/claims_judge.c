/* SPDX-License-Identifier: Apache-2.0 */
#include "claims.h"

#include "src/base/arena.h"
#include "src/statistics/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double ALPHA = 0.05;
static const double EPSILON = 1e-9; /* logs of equal figures differ by rounding */

struct judge {
    const struct run *run;
    size_t replicates;
    uint64_t seed;
    struct bootstrap made[METRICS]; /* where a claim has asked for the metric */
    struct arena *arena;            /* of the claim; its error is looked at once */
};

/* A cell that a claim names, and the second side's. */
struct point {
    const struct cell *cell;
    double log, width; /* of the figure; NaN: no interval can be given */
};

/* The next part of a name behind its series, "file:new"; 0 behind the last. A part without a colon
 * has no axis. */
static int next_part(const char **at, struct span *axis, struct span *value)
{
    if (**at != '/')
        return 0;
    const char *part = *at + 1, *end = part + strcspn(part, "/"),
               *colon = memchr(part, ':', (size_t)(end - part));
    *axis = (struct span){part, colon == NULL ? 0 : (size_t)(colon - part)};
    *value = colon == NULL ? (struct span){part, (size_t)(end - part)}
                           : (struct span){colon + 1, (size_t)(end - colon - 1)};
    *at = end;
    return 1;
}

static const char *parts_of(const struct cell *cell)
{
    return cell->parts.series.text + cell->parts.series.length;
}

static const struct claim_axis *find_axis(const struct claim_axes *axes, struct span name)
{
    for (size_t i = 0; i < axes->count; i++)
        if (span_equal(axes->items[i].name, name))
            return &axes->items[i];
    return NULL;
}

static int is_value(const struct claim_value *wanted, struct span value)
{
    return span_equal(wanted->text, value) || wanted->number == claim_number(value);
}

static int is_among(const struct claim_axis *axis, struct span value)
{
    double number = axis->count == 0 ? claim_number(value) : 0;

    for (size_t i = 0; i < axis->count; i++)
        if (is_value(&axis->values[i], value))
            return 1;
    return axis->count == 0 && number >= axis->low && number <= axis->high;
}

/* What every cell's name has, and what Google Benchmark adds. */
static int is_common(struct span axis, struct span value)
{
    static const char *const names[] = {"",           "file",     "sync",
                                        "size",       "chunk",    "repeats",
                                        "iterations", "min_time", "min_warmup_time"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (span_is(axis, names[i]))
            return 1;
    return span_is(axis, "threads") && span_is(value, "1");
}

static int is_file_system(struct span axis) { return span_is(axis, "fs"); }

/* The first side's cell that the claim is about. */
static int is_named(const struct claim *claim, const struct cell *cell)
{
    struct span axis, value;
    size_t fixed = 0, wanted = claim->first.axes.count;

    if (!span_equal(cell->parts.series, claim->first.series))
        return 0;
    for (size_t i = 0; i < claim->where.count; i++)
        wanted += !is_file_system(claim->where.items[i].name);
    for (const char *at = parts_of(cell); next_part(&at, &axis, &value);) {
        const struct claim_axis *own = find_axis(&claim->first.axes, axis),
                                *where = find_axis(&claim->where, axis);
        if ((own != NULL && !is_among(own, value)) || (where != NULL && !is_among(where, value)) ||
            (own == NULL && where == NULL && !is_common(axis, value)))
            return 0;
        fixed += own != NULL;
        fixed += where != NULL;
    }
    return fixed >= wanted;
}

/* The second side's cell: the same name but for the series and what the sides fix. Sizes stand in
 * names as digits, but may be written with a K. */
static const struct cell *partner(const struct judge *judge, const struct claim *claim,
                                  const struct cell *cell, int digits)
{
    const struct claim_side *side = &claim->second;
    struct span axis, value;
    const struct cell *found = NULL;
    char *name = NULL;
    size_t length;
    FILE *out = open_memstream(&name, &length);

    if (out == NULL)
        return judge->arena->error = -ENOMEM, NULL;
    fprintf(out, "%.*s", (int)side->series.length, side->series.text);
    for (const char *at = parts_of(cell); next_part(&at, &axis, &value);) {
        const struct claim_axis *own = find_axis(&side->axes, axis);
        fprintf(out, "/%.*s%s", (int)axis.length, axis.text, axis.length > 0 ? ":" : "");
        if (own == NULL)
            fprintf(out, "%.*s", (int)value.length, value.text);
        else if (digits && own->values[0].number >= 0)
            fprintf(out, "%.0f", own->values[0].number);
        else
            fprintf(out, "%.*s", (int)own->values[0].text.length, own->values[0].text.text);
    }
    if (text_close(out, &name) == 0)
        found = run_cell(judge->run, name);
    else
        judge->arena->error = -ENOMEM;
    free(name);
    return found;
}

/* The log of a file's pages or chunks; NaN: the run does not say. */
static double reference_log(const struct judge *judge, const struct claim *claim,
                            const struct cell *cell)
{
    double size = (double)cell->parts.size_bytes, chunk = (double)cell->parts.chunk_bytes;
    double page = run_context_number(judge->run, "page_size_bytes", 4096);

    if (claim->against == AGAINST_NUMBER)
        return 0;
    double unit = claim->against == AGAINST_PAGES ? page : chunk;
    return size > 0 && unit > 0 ? log(ceil(size / unit)) : (double)NAN;
}

static int estimates_of(struct judge *judge, enum metric metric, const struct bootstrap **made)
{
    struct bootstrap *own = &judge->made[metric];
    int error = own->run != NULL
                    ? 0
                    : bootstrap_make(judge->run, metric, judge->replicates, judge->seed, own);

    *made = own;
    return error;
}

/* Two zeros differ by nothing. */
static double less(double a, double b) { return isinf(a) && a == b ? 0 : a - b; }

/* The figure of a cell. Its log stays NaN where there is none. */
static int measure(struct judge *judge, const struct claim *claim, struct point *point,
                   const struct cell *other, double confidence)
{
    int is_rate = metric_info(claim->metric)->kind == METRIC_KIND_RATE;
    const struct bootstrap *made;
    int error = estimates_of(judge, is_rate ? METRIC_TIME : claim->metric, &made);

    point->log = point->width = (double)NAN;
    if (error != 0)
        return error;
    const struct cell_estimate *first = bootstrap_of(made, point->cell),
                               *second = bootstrap_of(made, other);
    double value = first->log;
    if (is_rate) /* a file's bytes over its time */
        value = log(1e9 * (double)point->cell->parts.size_bytes) - value;
    if (claim->against != AGAINST_SIDE)
        point->log = less(value, reference_log(judge, claim, point->cell));
    else if (is_rate)
        point->log = less(value, log(1e9 * (double)other->parts.size_bytes) - second->log);
    else
        point->log = less(value, second->log);
    point->width = isinf(point->log) ? 0 : bootstrap_half_width(made, first, second, confidence);
    return 0;
}

/* How far the figure lies on the right side of the factor, as a log. */
static double slack_of(const struct claim *claim, double figure_log)
{
    double limit = log(claim->factor);

    return claim->operation <= CLAIM_AT_MOST ? less(limit, figure_log) : less(figure_log, limit);
}

static enum claim_outcome judge_point(const struct claim *claim, const struct point *point)
{
    int strict = claim->operation == CLAIM_BELOW || claim->operation == CLAIM_ABOVE;
    double slack = slack_of(claim, point->log);

    if (slack - point->width > (strict ? EPSILON : -EPSILON))
        return CLAIM_HOLDS;
    return slack + point->width < (strict ? EPSILON : -EPSILON) ? CLAIM_FAILS : CLAIM_INCONCLUSIVE;
}

/* The worst of the points decides: a failure before what is inconclusive, and the least slack. */
static void decide(const struct claim *claim, const struct point *points, size_t count,
                   struct claim_result *result)
{
    static const int rank[] = {[CLAIM_HOLDS] = 0, [CLAIM_INCONCLUSIVE] = 1, [CLAIM_FAILS] = 2};
    const struct point *worst = NULL;

    for (const struct point *point = points; point < points + count; point++) {
        enum claim_outcome outcome = judge_point(claim, point);
        if (worst != NULL && (rank[outcome] < rank[result->outcome] ||
                              (outcome == result->outcome &&
                               slack_of(claim, point->log) >= slack_of(claim, worst->log))))
            continue;
        worst = point;
        result->outcome = outcome;
    }
    result->cells = count;
    result->cell = worst->cell;
    result->figure = interval_exp(
        (struct interval){worst->log, worst->log - worst->width, worst->log + worst->width});
}

static void set_missing(struct claim_result *result, enum claim_missing missing, struct span what)
{
    result->outcome = CLAIM_NOT_MEASURED;
    result->missing = missing;
    result->what = what;
}

static int has_series(const struct run *run, struct span series)
{
    for (size_t i = 0; i < run->cell_count; i++)
        if (span_equal(run->cells[i].parts.series, series))
            return 1;
    return 0;
}

/* Why no cell was compared. */
static void say_none(const struct judge *judge, const struct claim *claim,
                     struct claim_result *result)
{
    const struct claim_side *sides[] = {&claim->first, &claim->second};

    for (int i = 0; i < 2; i++)
        if (sides[i]->series.length > 0 && !has_series(judge->run, sides[i]->series)) {
            set_missing(result, MISSING_SERIES, sides[i]->series);
            return;
        }
    set_missing(result, MISSING_CELLS, claim->first.series);
}

/* A value that the claim lists and none of the compared cells has. */
static const struct claim_value *absent_value(const struct claim *claim, const struct point *points,
                                              size_t count)
{
    struct span axis, value;

    for (size_t a = 0; a < claim->where.count; a++) {
        const struct claim_axis *one = &claim->where.items[a];
        for (size_t v = 0; !is_file_system(one->name) && v < one->count; v++) {
            int found = 0;
            for (size_t i = 0; !found && i < count; i++)
                for (const char *at = parts_of(points[i].cell);
                     !found && next_part(&at, &axis, &value);)
                    found = span_equal(axis, one->name) && is_value(&one->values[v], value);
            if (!found)
                return &one->values[v];
        }
    }
    return NULL;
}

static int is_on_file_system(const struct judge *judge, const struct claim *claim)
{
    const struct claim_axis *axis = find_axis(&claim->where, (struct span){"fs", 2});
    const char *own = run_context(judge->run, "file_system");

    return axis == NULL || (own != NULL && is_among(axis, (struct span){own, strlen(own)}));
}

static int judge_cells(struct judge *judge, const struct claim *claim, struct claim_result *result)
{
    const struct cell *end = judge->run->cells + judge->run->cell_count, *lacking = NULL;
    struct arena *arena = judge->arena;
    const struct cell **others = arena_array(arena, judge->run->cell_count, sizeof(struct cell *));
    struct point *points = arena_array(arena, judge->run->cell_count, sizeof *points);
    size_t named = 0, count = 0;

    for (const struct cell *cell = judge->run->cells; arena->error == 0 && cell < end; cell++) {
        if (!is_named(claim, cell))
            continue;
        const struct cell *other = NULL;
        if (claim->against == AGAINST_SIDE && (other = partner(judge, claim, cell, 0)) == NULL &&
            (other = partner(judge, claim, cell, 1)) == NULL)
            continue;
        points[named].cell = cell;
        others[named++] = other;
    }
    int error = arena->error;
    for (size_t i = 0; error == 0 && i < named; i++) {
        points[count].cell = points[i].cell;
        error = measure(judge, claim, &points[count], others[i], 1 - ALPHA / (double)named);
        if (isnan(points[count].log))
            lacking = points[i].cell;
        else
            count++;
    }
    if (error != 0)
        return error;
    if (named == 0)
        return say_none(judge, claim, result), 0;
    if (count > 0)
        decide(claim, points, count, result);
    if (count > 0 && result->outcome == CLAIM_FAILS)
        return 0; /* one is enough, whatever else is missing */
    const struct claim_value *absent = absent_value(claim, points, count);
    if (lacking != NULL) {
        set_missing(result, MISSING_SAMPLES, (struct span){NULL, 0});
        result->cell = lacking;
    } else if (absent != NULL) {
        set_missing(result, MISSING_VALUE, absent->text);
    }
    return 0;
}

int claims_judge(const struct run *run, const struct claims *claims, size_t replicates,
                 uint64_t seed, struct claim_result *results)
{
    struct judge judge = {.run = run, .replicates = replicates, .seed = seed};
    int error = 0;

    for (size_t i = 0; error == 0 && i < claims->count; i++) {
        const struct claim *claim = &claims->items[i];
        struct arena arena = {0};
        results[i] = (struct claim_result){0};
        judge.arena = &arena;
        if (is_on_file_system(&judge, claim))
            error = judge_cells(&judge, claim, &results[i]);
        else
            set_missing(&results[i], MISSING_FILE_SYSTEM, (struct span){NULL, 0});
        arena_free(&arena);
    }
    for (int m = 0; m < METRICS; m++)
        bootstrap_free(&judge.made[m]);
    return error;
}

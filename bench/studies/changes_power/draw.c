/* SPDX-License-Identifier: Apache-2.0 */
#include "changes_power.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct shape large = {60, 4, 2}, small = {12, 3, 2};

const char *const target_names[] = {
    [CELL] = "a cell", [WRITER] = "a writer", [EVERYTHING] = "everything", [HALF] = "half of all"};

const char *const noise_names[] = {
    [INDEPENDENT] = "independent, normal",
    [HEAVY] = "heavy tails (Student's t, 3 degrees)",
    [CORRELATED] = "AR(0.5)",
    [COMMON] = "AR(0.5), half of its variance common to all cells",
    [MIXED] = "AR(0), AR(0.2) ... AR(0.8), by cell",
    [SLOW_MODE] = "a slow mode with memory",
    [BURSTS] = "bursts of volatility",
    [COMMON_WALK] = "a random walk of all cells",
    [OWN_WALK] = "a random walk of each cell",
    [RECORDED] = "recorded",
};

#define SLOWER 0.1
#define WIDER 3
#define WALK 0.004

/* Of variance 1: Student's has 3. */
static double student_3(struct random *random)
{
    double normal = random_normal(random), squares = 0;
    for (int i = 0; i < 3; i++)
        squares += pow(random_normal(random), 2);
    return normal / sqrt(squares);
}

/* AR(1) of unit deviation, started in its stationary state. */
static double next_correlated(double before, double persistence, int first, struct random *random)
{
    double fresh = random_normal(random);
    return first ? fresh : persistence * before + sqrt(1 - persistence * persistence) * fresh;
}

static double persistence_of(enum noise noise, size_t cell)
{
    if (noise == MIXED)
        return 0.2 * (double)(cell % 5);
    return noise == CORRELATED || noise == COMMON ? 0.5 : 0;
}

/* Begins in one run of 30, and ends after each with a chance of one in seven. */
static int next_mode(int is_on, struct random *random)
{
    return random_below(random, is_on ? 7 : 30) == 0 ? !is_on : is_on;
}

void history_draw(struct history *history, enum noise noise, double spread, struct random *random)
{
    double state[ALL_CELLS_MOST] = {0}, walk[ALL_CELLS_MOST] = {0}, common = 0;
    size_t columns = history_columns(history);
    int is_on = 0;

    if (noise == RECORDED) {
        memcpy(history->time_ns, history->recorded, columns * history->runs * sizeof(double));
        return;
    }
    for (size_t i = 0; i < history->runs; i++) {
        common = next_correlated(common, 0.5, i == 0, random);
        is_on = next_mode(is_on, random);
        double all = is_on && noise == SLOW_MODE ? SLOWER : 0, step = WALK * random_normal(random);
        double wide = is_on && noise == BURSTS ? spread * WIDER : spread;
        for (size_t c = 0; c < columns; c++) {
            state[c] = noise == HEAVY
                           ? student_3(random)
                           : next_correlated(state[c], persistence_of(noise, c), i == 0, random);
            double value = noise == COMMON ? (state[c] + common) / sqrt(2.0) : state[c];
            if (noise == COMMON_WALK || noise == OWN_WALK)
                walk[c] += noise == COMMON_WALK ? step : WALK * random_normal(random);
            history->log_time[c * history->runs + i] = log(1e6) + all + walk[c] + wide * value;
        }
    }
    for (size_t i = 0; i < columns * history->runs; i++)
        history->time_ns[i] = exp(history->log_time[i]);
}

size_t history_columns(const struct history *history) { return history->cells + history->controls; }

int history_make(struct history *history, size_t runs, const struct shape *shape)
{
    *history = (struct history){.runs = runs,
                                .cells = shape->cells,
                                .writers = shape->writers,
                                .controls = shape->controls};
    size_t columns = history_columns(history);

    history->log_time = calloc(columns * runs, sizeof(double));
    history->time_ns = calloc(columns * runs, sizeof(double));
    history->room = calloc(columns * runs, sizeof(double));
    for (size_t c = 0; c < columns; c++) {
        history->control[c] = c >= history->cells;
        history->group[c] = history->control[c]    ? history->writers + c - history->cells
                            : history->writers > 0 ? c % history->writers
                                                   : 0;
    }
    return history->log_time == NULL || history->time_ns == NULL || history->room == NULL ? -ENOMEM
                                                                                          : 0;
}

void history_drop(struct history *history)
{
    free(history->log_time);
    free(history->time_ns);
    free(history->room);
}

int history_continue(const struct history *history, size_t runs, const struct trial *trial,
                     struct history *other)
{
    const struct shape shape = {history->cells, history->writers, 0};
    int error = history_make(other, runs, &shape);

    if (error != 0 || history->recorded == NULL) {
        if (error == 0)
            history_draw(other, trial->scenario->noise, trial->scenario->spread, trial->random);
        return error;
    }
    if (history->runs < runs)
        return -EDOM;
    size_t from = random_below(trial->random, history->runs - runs + 1);
    for (size_t c = 0; c < history->cells; c++)
        memcpy(&other->time_ns[c * runs], &history->recorded[c * history->runs + from],
               runs * sizeof(double));
    return 0;
}

struct watch_series history_until(const struct history *history, size_t runs)
{
    for (size_t c = 0; c < history_columns(history); c++)
        memcpy(&history->room[c * runs], &history->time_ns[c * history->runs],
               runs * sizeof(double));
    return (struct watch_series){.runs = runs,
                                 .cells = history_columns(history),
                                 .groups = history->writers + history->controls,
                                 .group = history->group,
                                 .control = history->control,
                                 .time_ns = history->room};
}

int history_is_changed(const struct history *history, enum target target, size_t place, size_t cell)
{
    const int is_changed[] = {[NOTHING] = 0,
                              [CELL] = cell == place,
                              [WRITER] = history->group[cell] == place,
                              [EVERYTHING] = 1,
                              [HALF] = cell / history->writers % 2 == 0};

    return cell < history->cells && is_changed[target];
}

void history_slow(struct history *history, enum target target, size_t place, size_t from,
                  double factor)
{
    for (size_t c = 0; c < history->cells; c++)
        for (size_t i = from; i < history->runs && history_is_changed(history, target, place, c);
             i++)
            history->time_ns[c * history->runs + i] *= factor;
}

const struct watch_row *history_row(const struct watch_result *watched, enum target target,
                                    size_t place)
{
    static const enum row_kind kinds[] = {
        [CELL] = ROW_CELL, [WRITER] = ROW_WRITER, [EVERYTHING] = ROW_ALL};

    for (size_t r = 0; target != HALF && r < watched->count; r++)
        if (watched->rows[r].finding.kind == kinds[target] &&
            (target == EVERYTHING || watched->rows[r].finding.index == place))
            return &watched->rows[r];
    return NULL;
}

void share_add(struct share *share, size_t hits, size_t trials)
{
    if (trials == 0)
        return;
    double part = (double)hits / (double)trials;
    share->hits += (double)hits;
    share->trials += (double)trials;
    share->histories++;
    share->sum += part;
    share->squares += part * part;
}

struct interval share_interval(const struct share *share)
{
    double n = share->trials, p = share->hits / n, z = stats_normal_quantile(0.975);
    double centre = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double scale = 1 + z * z / n, k = share->histories;
    struct interval interval = {p, (centre - half) / scale, (centre + half) / scale};

    if (k > 1) {
        double mean = share->sum / k;
        double variance = fmax(0, share->squares / k - mean * mean) / (k - 1);
        double width = stats_student_quantile(0.975, k - 1) * sqrt(variance);
        interval.low = fmin(interval.low, mean - width);
        interval.high = fmax(interval.high, mean + width);
    }
    interval.low = fmax(interval.low, 0);
    interval.high = fmin(interval.high, 1);
    return interval;
}

void share_put(const struct share *share)
{
    if (share->trials == 0) {
        printf(" - |");
        return;
    }
    struct interval interval = share_interval(share);
    printf(" %.2f [%.2f, %.2f] |", 100 * interval.estimate, 100 * interval.low,
           100 * interval.high);
}

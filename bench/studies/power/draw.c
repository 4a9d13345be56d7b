/* SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int power_add_cell(struct data *data, const char *name)
{
    size_t length = strcspn(name, "/"), g = 0;

    length = length < 63 ? length : 63;
    if (data->cells == CELLS_MAX)
        return -E2BIG;
    while (g < data->groups &&
           (strlen(data->writers[g]) != length || memcmp(data->writers[g], name, length) != 0))
        g++;
    if (g == data->groups)
        memcpy(data->writers[data->groups++], name, length);
    data->group[data->cells++] = g;
    return 0;
}

/* What the noise multiplies a process's samples with: log of it, common to all cells. */
static void draw_noise(enum noise noise, struct random *random, double common[2 * ROUNDS])
{
    double level = 0.15 * random_normal(random), phase = random_unit(random);

    for (size_t p = 0; p < 2 * (size_t)ROUNDS; p++) {
        double at = (double)p / (2 * ROUNDS);
        common[p] = 0;
        if (noise == DRIFT)
            common[p] = 0.5 * at + 0.2 * sin(2 * acos(-1.0) * (3 * at + phase));
        if (noise == SPIKES && random_unit(random) < 0.05)
            common[p] = log(2.0);
        if (noise == CORRELATED) {
            common[p] = level;
            level = 0.9 * level + 0.15 * sqrt(1 - 0.81) * random_normal(random);
        }
    }
}

static double sample_noise(const struct draw *draw, size_t cell, struct random *random)
{
    enum noise noise = draw->scenario->noise;

    if (noise == SPIKES && random_unit(random) < 0.03)
        return log(3 + 7 * random_unit(random));
    return noise == UNEQUAL ? draw->spread[cell] * fabs(random_normal(random)) : 0;
}

/* A clock that ticks rarely: 1 % of the time. */
static double tick(enum noise noise, double time)
{
    return noise == TIES ? exp(round(log(time) / 0.01) * 0.01) : time;
}

int power_is_changed(const struct draw *draw, const struct data *data, size_t cell)
{
    return draw->scenario->target == EVERYTHING ||
           (draw->scenario->target == WRITER && data->group[cell] == draw->writer) ||
           (draw->scenario->target == CELL && cell == draw->cell) ||
           (draw->scenario->target == HALF && draw->is_half[cell]);
}

void power_fill(struct draw *draw, const struct data *data, size_t slot, size_t process,
                size_t first, int is_new, double common, double *wander, struct random *random)
{
    for (size_t c = 0; c < data->cells; c++) {
        size_t i = slot * data->cells + c;
        double log_factor = common;
        if (draw->scenario->noise == CORRELATED) {
            wander[c] = 0.8 * wander[c] + 0.05 * 0.6 * random_normal(random);
            log_factor += wander[c];
        }
        if (is_new && power_is_changed(draw, data, c))
            log_factor += log(draw->scenario->factor);
        draw->value[i] = &draw->store[i * REPETITIONS];
        draw->count[i] = REPETITIONS;
        for (size_t s = 0; s < REPETITIONS; s++)
            draw->store[i * REPETITIONS + s] =
                tick(draw->scenario->noise,
                     data->time[(process * data->repetitions + first + s) * data->cells + c] *
                         exp(log_factor + sample_noise(draw, c, random)));
    }
}

void power_take(struct draw *draw, const struct data *data, size_t rounds)
{
    draw->samples = (struct samples){.processes = 2 * rounds,
                                     .cells = data->cells,
                                     .groups = data->groups,
                                     .group = data->group,
                                     .value = draw->value,
                                     .count = draw->count,
                                     .rounds = rounds};
}

void power_draw_cells(struct draw *draw, const struct data *data, struct random *random)
{
    draw->writer = random_below(random, data->groups);
    draw->cell = random_below(random, data->cells);
    for (size_t c = 0, left = data->cells, half = data->cells / 2; c < data->cells; c++, left--) {
        draw->is_half[c] = random_below(random, left) < half;
        half -= (size_t)draw->is_half[c];
        draw->spread[c] = 0.2 * random_unit(random) * random_unit(random);
    }
}

void power_draw(struct draw *draw, const struct data *data, struct random *random)
{
    int by_rounds = draw->scenario->division == BY_ROUNDS;
    size_t rounds = draw->scenario->rounds;
    size_t start = random_below(random, data->processes - 2 * rounds + 1);
    size_t shift = random_below(random, 2); /* pairs (1,2) (3,4) ... or (2,3) (4,5) ... */
    size_t left[2] = {rounds, rounds}, first = 0;
    double common[2 * ROUNDS], wander[CELLS_MAX] = {0};

    power_draw_cells(draw, data, random);
    draw_noise(draw->scenario->noise, random, common);
    for (size_t p = 0; p < 2 * rounds; p++) {
        size_t process = start + (p + shift) % (2 * rounds), side, slot;
        if (by_rounds) {
            first = p % 2 == 0 ? random_below(random, 2) : !first;
            side = first;
            slot = p / 2 * 2 + side;
        } else {
            side = random_below(random, left[0] + left[1]) < left[0] ? 0 : 1;
            left[side]--;
            slot = side * rounds + left[side];
        }
        power_fill(draw, data, slot, process,
                   random_below(random, data->repetitions - REPETITIONS + 1), (int)side, common[p],
                   wander, random);
    }
    power_take(draw, data, rounds);
    if (!by_rounds) {
        draw->samples.rounds = 0;
        draw->samples.new_processes = rounds;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the comparison of two builds finds, and how often it cries wolf: from the runs of one
 * program, comparisons are drawn in which the truth is known, because it was put there. A
 * slow-down multiplies the raw samples of the new side before anything is computed of them.
 *
 *     power TIMES.csv [comparisons] [seed]
 *
 * TIMES.csv: a heading "process,NAME,NAME,..." and a row a repetition, times in any unit, processes
 * in the order in which they ran. A round is two processes that ran one after the other; which is
 * old is drawn. Each gives 5 repetitions, one after the other, of those it has.
 */
#include "bench_mmap/compare.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20, REPETITIONS = 5, CELLS_MAX = 64, COMPARISONS = 500 };
enum { LOOKS = 4, FIRST_LOOK = 10, LAST_LOOK = 80 }; /* of ab --until */

struct data {
    size_t processes, cells, groups, repetitions;
    size_t group[CELLS_MAX];
    double *time; /* [(process * cells + cell) * repetitions + repetition] */
};

enum target { NOTHING, EVERYTHING, WRITER, CELL };
enum noise { QUIET, DRIFT, SPIKES, CORRELATED };
enum division { BY_ROUNDS, BY_PROCESSES };

struct scenario {
    const char *name;
    enum target target;
    double factor;
    enum noise noise;
    enum division division;
};

static const struct scenario scenarios[] = {
    {"nothing changed", NOTHING, 1, QUIET, BY_ROUNDS},
    {"nothing, sides permuted", NOTHING, 1, QUIET, BY_PROCESSES},
    {"nothing, drift of the machine", NOTHING, 1, DRIFT, BY_ROUNDS},
    {"nothing, spikes", NOTHING, 1, SPIKES, BY_ROUNDS},
    {"nothing, autocorrelated noise", NOTHING, 1, CORRELATED, BY_ROUNDS},
    {"one writer 5 % slower", WRITER, 1.05, QUIET, BY_ROUNDS},
    {"one writer 10 % slower", WRITER, 1.10, QUIET, BY_ROUNDS},
    {"one cell 10 % slower", CELL, 1.10, QUIET, BY_ROUNDS},
    {"one cell 20 % slower", CELL, 1.20, QUIET, BY_ROUNDS},
    {"everything 5 % slower", EVERYTHING, 1.05, QUIET, BY_ROUNDS},
    {"everything 10 % slower", EVERYTHING, 1.10, QUIET, BY_ROUNDS},
    {"everything 20 % slower", EVERYTHING, 1.20, QUIET, BY_ROUNDS},
    {"one writer 5 % faster", WRITER, 1 / 1.05, QUIET, BY_ROUNDS},
    {"one writer 10 % faster", WRITER, 1 / 1.10, QUIET, BY_ROUNDS},
    {"one cell 10 % faster", CELL, 1 / 1.10, QUIET, BY_ROUNDS},
    {"one writer 10 % slower, permuted", WRITER, 1.10, QUIET, BY_PROCESSES},
    {"one cell 20 % slower, permuted", CELL, 1.20, QUIET, BY_PROCESSES},
};

enum rule { OURS, U_TEST, THRESHOLD, RULES };
static const char *const rule_names[RULES] = {"bench_results", "U test 0.05", "10 % threshold"};

/* Comparisons in which the rule ... */
struct tally {
    size_t false_slower[RULES]; /* calls slower what is not */
    size_t false_any[RULES];
    size_t found[RULES]; /* finds the change where it is, in its direction */
    size_t own_covered, own_rows;
    size_t relative_covered, relative_rows;
    double visible; /* sum over the comparisons, of the first writer's row */
};

struct draw {
    const struct scenario *scenario;
    size_t writer, cell; /* where the change is */
    double store[2 * LAST_LOOK * CELLS_MAX * REPETITIONS];
    const double *value[2 * LAST_LOOK * CELLS_MAX];
    size_t count[2 * LAST_LOOK * CELLS_MAX];
    struct results_samples samples;
};

/* ---- reading ----------------------------------------------------------------------------- */

static size_t group_of(const char *name, char names[CELLS_MAX][64], size_t *groups)
{
    size_t length = strcspn(name, "/"), g = 0;

    length = length < 63 ? length : 63;
    while (g < *groups && (strlen(names[g]) != length || memcmp(names[g], name, length) != 0))
        g++;
    if (g == *groups) {
        memcpy(names[g], name, length);
        names[g][length] = '\0';
        ++*groups;
    }
    return g;
}

static int read_heading(char *line, struct data *data)
{
    static char names[CELLS_MAX][64];
    char *rest = NULL;

    strtok_r(line, ",\n", &rest);
    for (char *word = strtok_r(NULL, ",\n", &rest); word != NULL;
         word = strtok_r(NULL, ",\n", &rest)) {
        if (data->cells == CELLS_MAX)
            return -E2BIG;
        data->group[data->cells++] = group_of(word, names, &data->groups);
    }
    return data->cells == 0 ? -EBADMSG : 0;
}

static int read_rows(FILE *file, struct data *data, double *rows, size_t room, size_t *count)
{
    char line[4096], *end;
    double process = 0;

    for (*count = 0; fgets(line, sizeof line, file) != NULL; ++*count) {
        double number = strtod(line, &end);
        if (*count == room)
            return -E2BIG;
        if (*count == 0 || number != process)
            data->processes++;
        process = number;
        for (size_t c = 0; c < data->cells; c++) {
            if (*end != ',')
                return -EBADMSG;
            rows[*count * data->cells + c] = strtod(end + 1, &end);
            if (!(rows[*count * data->cells + c] > 0))
                return -EBADMSG;
        }
    }
    return 0;
}

/* Every process must have as many rows as the others. */
static int read_data(const char *path, struct data *data)
{
    enum { ROOM = 20000 };
    char line[8192];
    FILE *file = fopen(path, "r");
    double *rows = calloc((size_t)ROOM * CELLS_MAX, sizeof *rows);
    size_t count = 0;
    int error = file == NULL ? -errno : rows == NULL ? -ENOMEM : 0;

    if (error == 0)
        error = fgets(line, sizeof line, file) == NULL ? -EBADMSG : read_heading(line, data);
    if (error == 0)
        error = read_rows(file, data, rows, ROOM, &count);
    if (error == 0) {
        data->repetitions = data->processes > 0 ? count / data->processes : 0;
        data->time = calloc(count * data->cells + 1, sizeof *data->time);
        if (data->repetitions < REPETITIONS || data->processes < (size_t)2 * ROUNDS ||
            data->repetitions * data->processes != count)
            error = -EBADMSG;
    }
    for (size_t i = 0; error == 0 && data->time != NULL && i < count; i++)
        for (size_t c = 0; c < data->cells; c++)
            data->time[(i / data->repetitions * data->cells + c) * data->repetitions +
                       i % data->repetitions] = rows[i * data->cells + c];
    if (file != NULL)
        (void)fclose(file);
    free(rows);
    return error == 0 && data->time == NULL ? -ENOMEM : error;
}

/* ---- drawing ----------------------------------------------------------------------------- */

/* What the noise multiplies a process's samples with: log of it, common to all cells. */
static void draw_noise(enum noise noise, struct results_random *random, double common[2 * ROUNDS])
{
    double level = 0.15 * results_random_normal(random), phase = results_random_unit(random);

    for (size_t p = 0; p < 2 * (size_t)ROUNDS; p++) {
        double at = (double)p / (2 * ROUNDS);
        common[p] = 0;
        if (noise == DRIFT)
            common[p] = 0.5 * at + 0.2 * sin(2 * acos(-1.0) * (3 * at + phase));
        if (noise == SPIKES && results_random_unit(random) < 0.05)
            common[p] = log(2.0);
        if (noise == CORRELATED) {
            common[p] = level;
            level = 0.9 * level + 0.15 * sqrt(1 - 0.81) * results_random_normal(random);
        }
    }
}

static double sample_noise(enum noise noise, struct results_random *random)
{
    if (noise == SPIKES && results_random_unit(random) < 0.03)
        return log(3 + 7 * results_random_unit(random));
    return 0;
}

static int is_changed(const struct draw *draw, const struct data *data, size_t cell)
{
    return draw->scenario->target == EVERYTHING ||
           (draw->scenario->target == WRITER && data->group[cell] == draw->writer) ||
           (draw->scenario->target == CELL && cell == draw->cell);
}

/* The position `slot` (of the comparison) gets the samples of a process from `first` on. */
static void fill(struct draw *draw, const struct data *data, size_t slot, size_t process,
                 size_t first, int is_new, double common, double *wander,
                 struct results_random *random)
{
    for (size_t c = 0; c < data->cells; c++) {
        size_t i = slot * data->cells + c;
        double log_factor = common;
        if (draw->scenario->noise == CORRELATED) {
            wander[c] = 0.8 * wander[c] + 0.05 * 0.6 * results_random_normal(random);
            log_factor += wander[c];
        }
        if (is_new && is_changed(draw, data, c))
            log_factor += log(draw->scenario->factor);
        draw->value[i] = &draw->store[i * REPETITIONS];
        draw->count[i] = REPETITIONS;
        for (size_t s = 0; s < REPETITIONS; s++)
            draw->store[i * REPETITIONS + s] =
                data->time[(process * data->cells + c) * data->repetitions + first + s] *
                exp(log_factor + sample_noise(draw->scenario->noise, random));
    }
}

static void make_draw(struct draw *draw, const struct data *data, struct results_random *random)
{
    int by_rounds = draw->scenario->division == BY_ROUNDS;
    size_t start = results_random_below(random, data->processes - (size_t)2 * ROUNDS + 1);
    size_t shift = results_random_below(random, 2); /* pairs (1,2) (3,4) ... or (2,3) (4,5) ... */
    size_t left[2] = {ROUNDS, ROUNDS}, first = 0;
    double common[2 * ROUNDS], wander[CELLS_MAX] = {0};

    draw->writer = results_random_below(random, data->groups);
    draw->cell = results_random_below(random, data->cells);
    draw_noise(draw->scenario->noise, random, common);
    for (size_t p = 0; p < 2 * (size_t)ROUNDS; p++) {
        size_t process = start + (p + shift) % ((size_t)2 * ROUNDS), side, slot;
        if (by_rounds) {
            first = p % 2 == 0 ? results_random_below(random, 2) : !first;
            side = first;
            slot = p / 2 * 2 + side;
        } else {
            side = results_random_below(random, left[0] + left[1]) < left[0] ? 0 : 1;
            left[side]--;
            slot = side * ROUNDS + left[side];
        }
        fill(draw, data, slot, process,
             results_random_below(random, data->repetitions - REPETITIONS + 1), (int)side,
             common[p], wander, random);
    }
    draw->samples = (struct results_samples){.processes = 2 * (size_t)ROUNDS,
                                             .cells = data->cells,
                                             .groups = data->groups,
                                             .group = data->group,
                                             .value = draw->value,
                                             .count = draw->count,
                                             .rounds = by_rounds ? ROUNDS : 0,
                                             .new_processes = by_rounds ? 0 : ROUNDS};
}

/* ---- the rules ----------------------------------------------------------------------------- */

/* What a row truly did: the log of its factor, its own and (single writers and cells) against the
 * peers. */
static double truth(const struct draw *draw, const struct data *data,
                    const struct results_compare_row *row, int relative)
{
    double sum = 0, count = 0, step = log(draw->scenario->factor);

    for (size_t c = 0; c < data->cells; c++) {
        if (row->kind == RESULTS_ROW_ALL ||
            (row->kind == RESULTS_ROW_WRITER ? data->group[c] : c) == row->index) {
            sum += is_changed(draw, data, c) ? step : 0;
            count++;
        }
    }
    double own = sum / count;
    if (!relative)
        return own;
    if (draw->scenario->target == EVERYTHING)
        return 0;
    if (draw->scenario->target == WRITER && row->kind == RESULTS_ROW_WRITER)
        return row->index == draw->writer ? own : data->groups == 2 ? -step : 0;
    if (draw->scenario->target == CELL && row->kind == RESULTS_ROW_WRITER)
        return (double)NAN; /* a mean of which one part moved, against a median */
    return draw->scenario->target == WRITER ? 0 : own;
}

static void cover(struct tally *tally, const struct results_compare_row *row, double own,
                  double relative)
{
    tally->own_rows++;
    tally->own_covered += log(row->ratio.low) <= own && own <= log(row->ratio.high);
    if (isnan(row->relative.low) || isnan(relative))
        return;
    tally->relative_rows++;
    tally->relative_covered +=
        log(row->relative.low) <= relative && relative <= log(row->relative.high);
}

static int apply_ours(const struct draw *draw, const struct data *data, uint64_t seed,
                      struct tally *tally)
{
    struct results_compare_options options = results_compare_default();
    struct results_change_table table;
    int slower = 0, any = 0, found = 0;

    options.seed = seed;
    options.draws = 1999;
    int error = results_compare_samples(&draw->samples, &options, &table);
    if (error != 0)
        return error;
    for (size_t r = 0; r < table.count; r++) {
        const struct results_compare_row *row = &table.rows[r];
        double own = truth(draw, data, row, 0);
        int is_target = (draw->scenario->target == EVERYTHING && row->kind == RESULTS_ROW_ALL) ||
                        (draw->scenario->target == WRITER && row->kind == RESULTS_ROW_WRITER &&
                         row->index == draw->writer) ||
                        (draw->scenario->target == CELL && row->kind == RESULTS_ROW_CELL &&
                         row->index == draw->cell);
        cover(tally, row, own, truth(draw, data, row, 1));
        slower |= row->change == RESULTS_SLOWER && !(own > 0);
        any |= (row->change == RESULTS_SLOWER && !(own > 0)) ||
               (row->change == RESULTS_FASTER && !(own < 0));
        found |= is_target &&
                 row->change == (draw->scenario->factor > 1 ? RESULTS_SLOWER : RESULTS_FASTER);
        if (row->kind == RESULTS_ROW_WRITER && row->index == 0)
            tally->visible += row->visible;
    }
    tally->false_slower[OURS] += (size_t)slower;
    tally->false_any[OURS] += (size_t)any;
    tally->found[OURS] += (size_t)found;
    results_change_table_free(&table);
    return 0;
}

struct ranked {
    double value;
    int is_new;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

/* Mann and Whitney's z over all repetitions, as scipy's mannwhitneyu takes it for samples of this
 * size (normal approximation, tie and continuity correction), and the ratio of the medians. */
static double u_test(const struct draw *draw, size_t cell, double *ratio)
{
    struct ranked all[2 * ROUNDS * REPETITIONS];
    double side[2][ROUNDS * REPETITIONS], rank_sum = 0, ties = 0;
    size_t count = 0, counts[2] = {0, 0};

    for (size_t p = 0; p < draw->samples.processes; p++) {
        int is_new = draw->samples.rounds > 0 ? (int)(p % 2) : p >= ROUNDS;
        for (size_t s = 0; s < REPETITIONS; s++) {
            double value = draw->value[p * draw->samples.cells + cell][s];
            all[count++] = (struct ranked){value, is_new};
            side[is_new][counts[is_new]++] = value;
        }
    }
    qsort(all, count, sizeof *all, by_value);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && all[end].value == all[i].value;)
            end++;
        double t = (double)(end - i);
        ties += t * t * t - t;
        for (size_t j = i; j < end; j++)
            rank_sum += all[j].is_new ? (double)(i + end + 1) / 2 : 0;
    }
    double m = (double)counts[1], n = (double)count;
    double u = rank_sum - m * (m + 1) / 2 - m * (n - m) / 2;
    double deviation = sqrt(m * (n - m) / 12 * (n + 1 - ties / (n * (n - 1))));
    results_sort(side[0], counts[0]);
    results_sort(side[1], counts[1]);
    *ratio = results_median(side[1], counts[1]) / results_median(side[0], counts[0]);
    return (fabs(u) - 0.5) / deviation * (u < 0 ? -1 : 1);
}

/* A writer (and everything) counts as found when more than half of its cells are. */
static void apply_others(const struct draw *draw, const struct data *data, struct tally *tally)
{
    size_t slower[RULES] = {0}, any[RULES] = {0}, right[RULES] = {0}, changed = 0;

    for (size_t c = 0; c < data->cells; c++) {
        double ratio, z = u_test(draw, c, &ratio), step = log(draw->scenario->factor);
        int direction[RULES] = {[U_TEST] = z > 1.96    ? 1
                                           : z < -1.96 ? -1
                                                       : 0,
                                [THRESHOLD] = ratio > 1.1       ? 1
                                              : ratio < 1 / 1.1 ? -1
                                                                : 0};
        int own = !is_changed(draw, data, c) ? 0 : step > 0 ? 1 : step < 0 ? -1 : 0;
        changed += own != 0;
        for (int rule = U_TEST; rule < RULES; rule++) {
            slower[rule] += direction[rule] > 0 && own <= 0;
            any[rule] += direction[rule] != 0 && direction[rule] != own;
            right[rule] += direction[rule] != 0 && direction[rule] == own;
        }
    }
    for (int rule = U_TEST; rule < RULES; rule++) {
        tally->false_slower[rule] += slower[rule] > 0;
        tally->false_any[rule] += any[rule] > 0;
        tally->found[rule] += changed > 0 && 2 * right[rule] > changed;
    }
}

/* ---- printing ----------------------------------------------------------------------------- */

/* Wilson's 95 % interval of a share. */
static void print_share(size_t hits, size_t count)
{
    double n = (double)count, p = (double)hits / n, z = 1.96;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    char text[40];

    snprintf(text, sizeof text, "%.1f [%.1f, %.1f]", 100 * p, 100 * fmax(middle - half, 0),
             100 * fmin(middle + half, 1));
    printf(" | %-19s", text);
}

static int run_scenario(const struct scenario *scenario, const struct data *data, size_t count,
                        uint64_t seed)
{
    struct draw *draw = calloc(1, sizeof *draw);
    struct results_random random;
    struct tally tally = {0};
    int error = draw == NULL ? -ENOMEM : 0;

    results_random_seed(&random, seed);
    for (size_t i = 0; i < count && error == 0; i++) {
        draw->scenario = scenario;
        make_draw(draw, data, &random);
        error = apply_ours(draw, data, seed + i, &tally);
        apply_others(draw, data, &tally);
    }
    free(draw);
    if (error != 0)
        return error;
    for (int rule = 0; rule < RULES; rule++) {
        printf("| %-32s | %-14s", rule == 0 ? scenario->name : "", rule_names[rule]);
        print_share(tally.false_slower[rule], count);
        print_share(tally.false_any[rule], count);
        if (scenario->target == NOTHING)
            printf(" | %-19s", "");
        else
            print_share(tally.found[rule], count);
        if (rule == OURS)
            printf(" | %5.1f | %5.1f | %5.1f |\n",
                   100 * (double)tally.own_covered / (double)tally.own_rows,
                   100 * (double)tally.relative_covered / (double)tally.relative_rows,
                   100 * tally.visible / (double)count);
        else
            printf(" |       |       |       |\n");
    }
    fflush(stdout);
    return 0;
}

/* ab --until on 80 rounds in which nothing changes: the blocks of 5 repetitions of neighbouring
 * processes, in the order of time. A false finding at any of the four looks counts. */
static int run_until(const struct data *data, size_t count, uint64_t seed)
{
    struct draw *draw = calloc(1, sizeof *draw);
    struct results_random random;
    size_t blocks = data->repetitions / REPETITIONS, alarms = 0;
    int error = draw == NULL ? -ENOMEM : 0;

    results_random_seed(&random, seed);
    for (size_t i = 0; i < count && error == 0; i++) {
        int found = 0;
        draw->scenario = &scenarios[0];
        for (size_t r = 0; r < LAST_LOOK; r++) {
            size_t side = results_random_below(&random, 2), pair = r / blocks * 2;
            for (size_t p = 0; p < 2; p++)
                fill(draw, data, 2 * r + (p ^ side), pair + p, r % blocks * REPETITIONS, 0, 0, NULL,
                     &random);
        }
        for (size_t rounds = FIRST_LOOK; rounds <= LAST_LOOK && error == 0; rounds *= 2) {
            struct results_compare_options options = results_compare_default();
            struct results_change_table table;
            options.alpha /= (double)LOOKS;
            options.seed = seed + i;
            options.draws = 3999;
            draw->samples = (struct results_samples){.processes = 2 * rounds,
                                                     .cells = data->cells,
                                                     .groups = data->groups,
                                                     .group = data->group,
                                                     .value = draw->value,
                                                     .count = draw->count,
                                                     .rounds = rounds};
            error = results_compare_samples(&draw->samples, &options, &table);
            for (size_t r = 0; error == 0 && r < table.count; r++)
                found |= table.rows[r].change == RESULTS_SLOWER ||
                         table.rows[r].change == RESULTS_FASTER;
            if (error == 0)
                results_change_table_free(&table);
        }
        alarms += (size_t)found;
    }
    free(draw);
    if (error != 0)
        return error;
    printf("\nab --until, nothing changed, looked at after 10, 20, 40 and 80 rounds: wrong in %%");
    print_share(alarms, count);
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    struct data data = {0};
    size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : COMPARISONS;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;

    if (argc < 2 || count == 0) {
        fprintf(stderr, "usage: power TIMES.csv [comparisons] [seed]\n");
        return 1;
    }
    int error = read_data(argv[1], &data);
    if (error == 0) {
        printf(
            "%zu comparisons of %d rounds, %d repetitions, %zu cells, seed %llu; %% with 95 %% "
            "intervals\n\n",
            count, ROUNDS, REPETITIONS, data.cells, (unsigned long long)seed);
        printf(
            "| what is true | rule | says slower, wrongly | slower or faster, wrongly | found | "
            "own intervals cover | relative ones cover | visible |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    }
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0] && error == 0; i++)
        error = run_scenario(&scenarios[i], &data, count, seed);
    if (error == 0 && data.processes / 2 * (data.repetitions / REPETITIONS) >= (size_t)LAST_LOOK)
        error = run_until(&data, count, seed);
    free(data.time);
    if (error != 0)
        fprintf(stderr, "power: %s: %s\n", argv[1], strerror(-error));
    return error != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to run a pair of processes against each other: in lockstep, one after the other, and so on.
 * Of each way pairs of the same program are recorded (bench/studies/lockstep.sh), in WAY/old/N.json
 * and WAY/new/N.json, with the seconds that a round takes in WAY/seconds.
 *
 * How much do the two of a pair differ, although nothing does? And what is found in comparisons of
 * so many of these pairs, each with its sides exchanged or not, where the samples of one side are
 * made longer?
 */
#include "power.h"
#include "src/run/load.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAYS_MOST = 8, PATH_SIZE = 500, GOAL_PERCENT = 90, PAIRS_COMPARISONS = 300 };

struct way {
    const char *path;
    struct data data;
    double seconds; /* a round */
};

static const struct scenario scenarios[] = {
    {"nothing changed", NOTHING, 1, QUIET, BY_ROUNDS, 20},
    {"one writer 3 % slower", WRITER, 1.03, QUIET, BY_ROUNDS, 20},
    {"one writer 5 % slower", WRITER, 1.05, QUIET, BY_ROUNDS, 20},
    {"everything 3 % slower", EVERYTHING, 1.03, QUIET, BY_ROUNDS, 20},
    {"one cell 2 % slower", CELL, 1.02, QUIET, BY_ROUNDS, 20},
    {"one cell 5 % slower", CELL, 1.05, QUIET, BY_ROUNDS, 20},
};
static const size_t round_counts[] = {6, 8, 10, 12, 16, 20, 28, 40, 56, 80};

int power_is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The cells are those of the first run; the others must have them. */
static int take_run(struct data *data, const struct run *first, const struct run *run)
{
    double *times =
        realloc(data->time, (data->processes + 1) * REPETITIONS * data->cells * sizeof *data->time);

    if (times == NULL)
        return -ENOMEM;
    data->time = times;
    for (size_t c = 0; c < data->cells; c++) {
        const struct cell *cell = run_cell(run, first->cells[c].name);
        if (cell == NULL || cell->samples < REPETITIONS)
            return -EBADMSG;
        for (size_t s = 0; s < REPETITIONS; s++)
            times[(data->processes * REPETITIONS + s) * data->cells + c] =
                cell->values[METRIC_TIME][s];
    }
    data->processes++;
    return 0;
}

static int read_pairs(struct way *way)
{
    struct data *data = &way->data;
    struct run *first = NULL;
    char path[PATH_SIZE];
    int error = 0;

    data->repetitions = REPETITIONS;
    for (size_t n = 2; error == 0; n++) {
        struct load_problem problem;
        struct run *run = NULL;
        snprintf(path, sizeof path, "%s/%s/%zu.json", way->path, n % 2 == 0 ? "old" : "new", n / 2);
        if (access(path, F_OK) != 0)
            break;
        error = run_load(path, &run, &problem);
        for (size_t c = 0; error == 0 && first == NULL && c < run->cell_count; c++)
            error = power_add_cell(data, run->cells[c].name);
        first = first == NULL ? run : first;
        error = error == 0 ? take_run(data, first, run) : error;
        if (run != first)
            run_free(run);
    }
    run_free(first);
    data->processes -= data->processes % 2;
    return error != 0 ? error : data->processes < 4 ? -EBADMSG : 0;
}

static int read_way(struct way *way)
{
    char path[PATH_SIZE], text[40];

    snprintf(path, sizeof path, "%s/seconds", way->path);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -errno;
    way->seconds = fgets(text, sizeof text, file) != NULL ? strtod(text, NULL) : 0;
    (void)fclose(file);
    return way->seconds > 0 ? read_pairs(way) : -EBADMSG;
}

static double pace_of(const struct data *data, size_t process, size_t cell)
{
    double sorted[REPETITIONS];

    for (size_t s = 0; s < REPETITIONS; s++)
        sorted[s] = data->time[(process * REPETITIONS + s) * data->cells + cell];
    stats_sort(sorted, REPETITIONS);
    return log(stats_pace(sorted, REPETITIONS));
}

/* Of the mean log ratio of a pair over the cells from `from` to `to` of a group; any: CELLS_MAX. */
static double deviation(const struct data *data, size_t from, size_t to, size_t group)
{
    size_t pairs = data->processes / 2;
    double sum = 0, squares = 0;

    for (size_t r = 0; r < pairs; r++) {
        double ratio = 0, cells = 0;
        for (size_t c = from; c < to; c++) {
            if (group != CELLS_MAX && data->group[c] != group)
                continue;
            ratio += pace_of(data, 2 * r + 1, c) - pace_of(data, 2 * r, c);
            cells++;
        }
        sum += ratio / cells;
        squares += ratio / cells * ratio / cells;
    }
    double n = (double)pairs;
    return sqrt(fmax(0, (squares - sum * sum / n) / (n - 1)));
}

static void print_deviations(const struct way *way)
{
    const struct data *data = &way->data;
    double cells[CELLS_MAX], writers = 0;

    for (size_t c = 0; c < data->cells; c++)
        cells[c] = deviation(data, c, c + 1, CELLS_MAX);
    for (size_t g = 0; g < data->groups; g++)
        writers += deviation(data, 0, data->cells, g) / (double)data->groups;
    printf("| %s | %zu | %.2f | %.3f | %.3f | %.3f |\n", way->path, data->processes / 2,
           way->seconds, stats_median_of(cells, data->cells), writers,
           deviation(data, 0, data->cells, CELLS_MAX));
}

/* So many of the pairs, each once, with sides that are drawn. */
static void draw_pairs(struct draw *draw, const struct data *data, size_t rounds, size_t *order,
                       struct random *random)
{
    size_t pairs = data->processes / 2;

    power_draw_cells(draw, data, random);
    for (size_t r = 0; r < rounds; r++) {
        size_t other = r + random_below(random, pairs - r), pair = order[other];
        size_t exchanged = random_below(random, 2);
        order[other] = order[r];
        order[r] = pair;
        for (size_t side = 0; side < 2; side++)
            power_fill(draw, data, 2 * r + side, 2 * pair + (side ^ exchanged), 0, (int)side, 0,
                       NULL, random);
    }
    power_take(draw, data, rounds);
}

static int try_scenario(const struct way *way, const struct scenario *scenario, size_t rounds,
                        size_t count, uint64_t seed, struct tally *tally)
{
    struct draw *draw = calloc(1, sizeof *draw);
    size_t pairs = way->data.processes / 2, *order = calloc(pairs, sizeof *order);
    struct random random;
    int error = draw == NULL || order == NULL ? -ENOMEM : 0;

    *tally = (struct tally){0};
    random_seed(&random, seed);
    for (size_t r = 0; order != NULL && r < pairs; r++)
        order[r] = r;
    for (size_t i = 0; i < count && error == 0; i++) {
        draw->scenario = scenario;
        draw_pairs(draw, &way->data, rounds, order, &random);
        error = power_apply_ours(draw, &way->data, seed + i, tally);
    }
    free(draw);
    free(order);
    return error;
}

static int print_scenarios(const struct way *ways, size_t way_count, size_t count, uint64_t seed)
{
    printf(
        "\n| what is true | way | slower, wrongly | any wrong name | found |\n"
        "| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        for (size_t w = 0; w < way_count; w++) {
            struct tally tally;
            if (ways[w].data.processes < 2 * scenarios[i].rounds)
                continue;
            int error =
                try_scenario(&ways[w], &scenarios[i], scenarios[i].rounds, count, seed, &tally);
            if (error != 0)
                return error;
            printf("| %s | %s", scenarios[i].name, ways[w].path);
            power_print_share(tally.false_slower[OURS], count);
            power_print_share(tally.false_any[OURS], count);
            if (scenarios[i].target == NOTHING)
                printf(" | |\n");
            else
                power_print_share(tally.found[OURS], count), printf(" |\n");
            fflush(stdout);
        }
    }
    return 0;
}

/* The first number of rounds that finds the slow-down as often as that. */
static int print_time(const struct way *way, const struct scenario *scenario, size_t count,
                      uint64_t seed)
{
    size_t i = 0, most = sizeof round_counts / sizeof round_counts[0], found = 0;

    while (i < most && 2 * round_counts[i] <= way->data.processes) {
        struct tally tally;
        int error = try_scenario(way, scenario, round_counts[i], count, seed, &tally);
        if (error != 0)
            return error;
        found = tally.found[OURS];
        if (100 * found >= GOAL_PERCENT * count)
            break;
        i++;
    }
    int is_found = i < most && 2 * round_counts[i] <= way->data.processes;
    size_t rounds = is_found ? round_counts[i] : i > 0 ? round_counts[i - 1] : 0;
    printf("| %s | %s%zu | %s%.0f", way->path, is_found ? "" : "more than ", rounds,
           is_found ? "" : "more than ", way->seconds * (double)rounds);
    power_print_share(found, count);
    printf(" |\n");
    fflush(stdout);
    return 0;
}

int power_pairs(int count, char **words)
{
    static struct way ways[WAYS_MOST];
    size_t way_count = 0;
    int error = 0;

    for (; count > 0 && way_count < WAYS_MOST && error == 0 && power_is_directory(*words);
         count--, words++) {
        ways[way_count].path = *words;
        error = read_way(&ways[way_count]);
        if (error != 0)
            fprintf(stderr, "power: %s: %s\n", *words, strerror(-error));
        way_count++;
    }
    size_t comparisons = count > 0 ? strtoul(words[0], NULL, 10) : PAIRS_COMPARISONS;
    uint64_t seed = count > 1 ? strtoull(words[1], NULL, 10) : 1;
    if (error == 0)
        printf(
            "Standard deviation of a pair's log ratio, %d repetitions:\n\n"
            "| way | pairs | seconds a round | cell (median) | writer (mean) | all cells |\n"
            "| --- | --- | --- | --- | --- | --- |\n",
            REPETITIONS);
    for (size_t w = 0; w < way_count && error == 0; w++)
        print_deviations(&ways[w]);
    if (error == 0)
        printf("\n%zu comparisons each of 20 of these pairs, seed %llu; %% with 95 %% intervals:\n",
               comparisons, (unsigned long long)seed);
    if (error == 0)
        error = print_scenarios(ways, way_count, comparisons, seed);
    if (error == 0)
        printf(
            "\n%s, found in %d %% of comparisons:\n\n"
            "| way | rounds | seconds | found |\n| --- | --- | --- | --- |\n",
            scenarios[2].name, GOAL_PERCENT);
    for (size_t w = 0; w < way_count && error == 0; w++)
        error = print_time(&ways[w], &scenarios[2], comparisons, seed);
    for (size_t w = 0; w < way_count; w++)
        free(ways[w].data.time);
    return error;
}

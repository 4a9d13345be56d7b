/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the comparison of two builds finds, and how often it cries wolf: from the runs of one
 * program, comparisons are drawn in which the truth is known, because it was put there. A
 * slow-down multiplies the raw samples of the new side before anything is computed of them.
 *
 *     power TIMES.csv [comparisons] [seed] [part of a scenario's name]
 *     power PAIRS... [comparisons] [seed]
 *
 * PAIRS: directories that `bench_results ab --keep` has filled, one for each way to run a pair; see
 * pairs.c.
 *
 * TIMES.csv: a heading "process,NAME,NAME,..." and a row a repetition, times in any unit, processes
 * in the order in which they ran. A round is two processes that ran one after the other; which is
 * old is drawn. Each gives 5 repetitions, one after the other, of those it has.
 */
#include "power.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMPARISONS = 500 };

static const struct scenario scenarios[] = {
    {"nothing changed", NOTHING, 1, QUIET, BY_ROUNDS, 20},
    {"nothing, sides permuted", NOTHING, 1, QUIET, BY_PROCESSES, 20},
    {"nothing, drift of the machine", NOTHING, 1, DRIFT, BY_ROUNDS, 20},
    {"nothing, spikes", NOTHING, 1, SPIKES, BY_ROUNDS, 20},
    {"nothing, autocorrelated noise", NOTHING, 1, CORRELATED, BY_ROUNDS, 20},
    {"one writer 5 % slower", WRITER, 1.05, QUIET, BY_ROUNDS, 20},
    {"one writer 10 % slower", WRITER, 1.10, QUIET, BY_ROUNDS, 20},
    {"one cell 10 % slower", CELL, 1.10, QUIET, BY_ROUNDS, 20},
    {"one cell 20 % slower", CELL, 1.20, QUIET, BY_ROUNDS, 20},
    {"everything 5 % slower", EVERYTHING, 1.05, QUIET, BY_ROUNDS, 20},
    {"everything 10 % slower", EVERYTHING, 1.10, QUIET, BY_ROUNDS, 20},
    {"everything 20 % slower", EVERYTHING, 1.20, QUIET, BY_ROUNDS, 20},
    {"half of the cells 5 % slower", HALF, 1.05, QUIET, BY_ROUNDS, 20},
    {"one writer 3 % slower", WRITER, 1.03, QUIET, BY_ROUNDS, 20},
    {"one cell 5 % slower", CELL, 1.05, QUIET, BY_ROUNDS, 20},
    {"everything 3 % slower", EVERYTHING, 1.03, QUIET, BY_ROUNDS, 20},
    {"half 5 % slower, 10 rounds", HALF, 1.05, QUIET, BY_ROUNDS, 10},
    {"nothing, 6 rounds", NOTHING, 1, QUIET, BY_ROUNDS, 6},
    {"nothing, 10 rounds", NOTHING, 1, QUIET, BY_ROUNDS, 10},
    {"nothing, unequal noise", NOTHING, 1, UNEQUAL, BY_ROUNDS, 20},
    {"nothing, ties", NOTHING, 1, TIES, BY_ROUNDS, 20},
    {"half 5 % slower, unequal noise", HALF, 1.05, UNEQUAL, BY_ROUNDS, 20},
    {"one writer 5 % faster", WRITER, 1 / 1.05, QUIET, BY_ROUNDS, 20},
    {"one writer 10 % faster", WRITER, 1 / 1.10, QUIET, BY_ROUNDS, 20},
    {"one cell 10 % faster", CELL, 1 / 1.10, QUIET, BY_ROUNDS, 20},
    {"one writer 10 % slower, permuted", WRITER, 1.10, QUIET, BY_PROCESSES, 20},
    {"one cell 20 % slower, permuted", CELL, 1.20, QUIET, BY_PROCESSES, 20},
};

static const char *const rule_names[RULES] = {"bench_results", "U test 0.05", "10 % threshold"};

static int run_scenario(const struct scenario *scenario, const struct data *data, size_t count,
                        uint64_t seed)
{
    struct draw *draw = calloc(1, sizeof *draw);
    struct random random;
    struct tally tally = {0};
    int error = draw == NULL ? -ENOMEM : 0;

    random_seed(&random, seed);
    for (size_t i = 0; i < count && error == 0; i++) {
        draw->scenario = scenario;
        power_draw(draw, data, &random);
        error = power_apply_ours(draw, data, seed + i, &tally);
        power_apply_others(draw, data, &tally);
    }
    free(draw);
    if (error != 0)
        return error;
    for (int rule = 0; rule < RULES; rule++) {
        printf("| %-32s | %-14s", rule == 0 ? scenario->name : "", rule_names[rule]);
        power_print_share(tally.false_slower[rule], count);
        power_print_share(tally.false_any[rule], count);
        if (scenario->target == NOTHING)
            printf(" | %-19s", "");
        else
            power_print_share(tally.found[rule], count);
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
    struct random random;
    size_t blocks = data->repetitions / REPETITIONS, alarms = 0;
    int error = draw == NULL ? -ENOMEM : 0;

    random_seed(&random, seed);
    for (size_t i = 0; i < count && error == 0; i++) {
        int found = 0;
        draw->scenario = &scenarios[0];
        for (size_t r = 0; r < LAST_LOOK; r++) {
            size_t side = random_below(&random, 2), pair = r / blocks * 2;
            for (size_t p = 0; p < 2; p++)
                power_fill(draw, data, 2 * r + (p ^ side), pair + p, r % blocks * REPETITIONS, 0, 0,
                           NULL, &random);
        }
        for (size_t rounds = FIRST_LOOK; rounds <= LAST_LOOK && error == 0; rounds *= 2) {
            struct comparison_options options = comparison_options_default();
            struct comparison_table table;
            options.alpha /= (double)LOOKS;
            options.seed = seed + i;
            options.draws = 3999;
            power_take(draw, data, rounds);
            error = compare_samples(&draw->samples, &options, &table);
            for (size_t r = 0; error == 0 && r < table.count; r++)
                found |= table.rows[r].finding.change == CHANGE_SLOWER ||
                         table.rows[r].finding.change == CHANGE_FASTER;
            if (error == 0)
                comparison_table_free(&table);
        }
        alarms += (size_t)found;
    }
    free(draw);
    if (error != 0)
        return error;
    printf("\nab --until, nothing changed, looked at after 10, 20, 40 and 80 rounds: wrong in %%");
    power_print_share(alarms, count);
    printf("\n");
    return 0;
}

static int read_heading(char *line, struct data *data)
{
    char *rest = NULL;

    strtok_r(line, ",\n", &rest);
    for (char *word = strtok_r(NULL, ",\n", &rest); word != NULL;
         word = strtok_r(NULL, ",\n", &rest)) {
        if (power_add_cell(data, word) != 0)
            return -E2BIG;
    }
    return data->cells == 0 ? -EBADMSG : 0;
}

static int read_rows(FILE *file, struct data *data, size_t room, size_t *count)
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
            data->time[*count * data->cells + c] = strtod(end + 1, &end);
            if (!(data->time[*count * data->cells + c] > 0))
                return -EBADMSG;
        }
    }
    return 0;
}

/* Every process must have as many rows as the others. free() data->time. */
static int read_data(const char *path, struct data *data)
{
    enum { ROOM = 20000 };
    char line[8192];
    FILE *file = fopen(path, "r");
    size_t count = 0;
    int error = file == NULL ? -errno : 0;

    if (error == 0)
        error = fgets(line, sizeof line, file) == NULL ? -EBADMSG : read_heading(line, data);
    if (error == 0 && (data->time = calloc(ROOM * data->cells, sizeof *data->time)) == NULL)
        error = -ENOMEM;
    if (error == 0)
        error = read_rows(file, data, ROOM, &count);
    if (error == 0) {
        data->repetitions = data->processes > 0 ? count / data->processes : 0;
        if (data->repetitions < REPETITIONS || data->processes < (size_t)2 * ROUNDS ||
            data->repetitions * data->processes != count)
            error = -EBADMSG;
    }
    if (file != NULL)
        (void)fclose(file);
    return error;
}

int main(int argc, char **argv)
{
    struct data data = {0};
    size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : COMPARISONS;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;

    if (argc > 1 && power_is_directory(argv[1]))
        return power_pairs(argc - 1, argv + 1) != 0;
    if (argc < 2 || count == 0) {
        fprintf(stderr,
                "usage: power TIMES.csv [comparisons] [seed] [part of a scenario's name]\n"
                "       power PAIRS... [comparisons] [seed]\n");
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
        if (argc <= 4 || strstr(scenarios[i].name, argv[4]) != NULL)
            error = run_scenario(&scenarios[i], &data, count, seed);
    if (error == 0 && data.processes / 2 * (data.repetitions / REPETITIONS) >= (size_t)LAST_LOOK)
        error = run_until(&data, count, seed);
    free(data.time);
    if (error != 0)
        fprintf(stderr, "power: %s: %s\n", argv[1], strerror(-error));
    return error != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often does the watch over a history cry wolf, and what does it find? Histories of 60 cells of
 * 4 writers and 2 controls are drawn in which the truth is known, because it was put there.
 *
 *     changes_power [--quick] [--scale] [--only=ROW] [histories] [seed]
 *
 * Prints Markdown. Shares are in per cent, with 95 % intervals in brackets: the wider of Wilson's
 * and Student's over the histories, since looks at one history are not independent. --quick draws
 * few histories; --only one row of the tables, counted from 1. --scale prints instead how long a
 * look takes as the history grows. The exit status is 3 when a row misses its target for certain:
 * its interval lies beyond it.
 */
#include "changes_power.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of steps, 3 times as many. */
enum { HISTORIES = 60, QUICK = 4, STEPS_MORE = 3, MISSED = 3 };

static const struct null_scenario nulls[] = {
    {INDEPENDENT, 0.03}, {INDEPENDENT, 0.10}, {HEAVY, 0.03},  {HEAVY, 0.10}, {CORRELATED, 0.03},
    {CORRELATED, 0.10},  {COMMON, 0.03},      {COMMON, 0.10}, {MIXED, 0.03},
};

static const struct step_scenario steps[] = {
    {INDEPENDENT, 0.03, CELL, 1.10, 5, 0.9},     {HEAVY, 0.03, CELL, 1.10, 5, 0.9},
    {CORRELATED, 0.03, CELL, 1.10, 5, 0},        {CORRELATED, 0.03, CELL, 1.10, 8, 0},
    {COMMON, 0.03, CELL, 1.10, 5, 0.9},          {MIXED, 0.03, CELL, 1.10, 5, 0},
    {INDEPENDENT, 0.10, CELL, 1.10, 5, 0},       {INDEPENDENT, 0.10, CELL, 1.10, 30, 0},
    {INDEPENDENT, 0.10, CELL, 1.30, 5, 0},       {INDEPENDENT, 0.03, CELL, 1.05, 12, 0.75},
    {HEAVY, 0.03, CELL, 1.05, 12, 0.75},         {CORRELATED, 0.03, CELL, 1.05, 12, 0},
    {COMMON, 0.03, CELL, 1.05, 12, 0},           {INDEPENDENT, 0.10, WRITER, 1.10, 5, 0},
    {CORRELATED, 0.03, WRITER, 1.05, 5, 0},      {COMMON, 0.03, WRITER, 1.05, 5, 0},
    {INDEPENDENT, 0.10, EVERYTHING, 1.10, 5, 0}, {COMMON, 0.03, EVERYTHING, 1.10, 5, 0},
    {COMMON, 0.03, EVERYTHING, 1.10, 12, 0},     {INDEPENDENT, 0.03, CELL, 1 / 1.10, 5, 0},
};

enum { NULLS = sizeof nulls / sizeof nulls[0], STEPS = sizeof steps / sizeof steps[0] };

struct values {
    size_t histories, only; /* only: 0 for all */
    uint64_t seed;
    int wants_scale;
};

static int figures(const struct values *values, int *missed)
{
    size_t only = values->only;
    int error = 0;

    printf("%zu histories of %d runs (%zu with a step), seed %llu\n\n", values->histories, RUNS,
           STEPS_MORE * values->histories, (unsigned long long)values->seed);
    if (only <= NULLS)
        null_head();
    for (size_t i = 0; error == 0 && i < NULLS; i++)
        if (only == 0 || only == i + 1)
            error = null_put(&nulls[i], values->histories, values->seed + i, missed);
    putchar('\n');
    if (only == 0 || only > NULLS)
        step_head();
    for (size_t i = 0; error == 0 && i < STEPS; i++)
        if (only == 0 || only == NULLS + i + 1)
            error =
                step_put(&steps[i], STEPS_MORE * values->histories, values->seed + 100 + i, missed);
    return error;
}

static int parse(int argc, char **argv, struct values *values)
{
    size_t numbers = 0;

    *values = (struct values){.histories = HISTORIES, .seed = 1};
    for (int i = 1; i < argc; i++) {
        int is_only = strncmp(argv[i], "--only=", 7) == 0;
        const char *text = argv[i] + (is_only ? 7 : 0);
        char *end;
        unsigned long long number = strtoull(text, &end, 10);
        int is_zero = number == 0 && (is_only || numbers == 0);
        int is_number = text[0] >= '0' && text[0] <= '9' && *end == '\0' && !is_zero &&
                        (is_only ? number <= NULLS + STEPS : numbers < 2);
        if (strcmp(argv[i], "--quick") == 0)
            values->histories = QUICK;
        else if (strcmp(argv[i], "--scale") == 0)
            values->wants_scale = 1;
        else if (!is_number)
            return -1;
        else if (is_only)
            values->only = (size_t)number;
        else if (numbers++ == 0)
            values->histories = (size_t)number;
        else
            values->seed = number;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct values values;
    int missed = 0;

    if (parse(argc, argv, &values) != 0) {
        fprintf(stderr,
                "Usage: changes_power [--quick] [--scale] [--only=ROW] [histories] "
                "[seed]; ROW is from 1 to %d\n",
                NULLS + STEPS);
        return 1;
    }
    int error = values.wants_scale ? growth(values.seed) : figures(&values, &missed);
    if (error != 0)
        fprintf(stderr, "changes_power: %s\n", strerror(-error));
    if (error != 0 || fflush(stdout) != 0)
        return 1;
    if (missed > 0)
        fprintf(stderr, "changes_power: rows that miss their target for certain: %d\n", missed);
    return missed > 0 ? MISSED : 0;
}

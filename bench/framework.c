/* SPDX-License-Identifier: Apache-2.0 */
#include "framework.h"

#include "message.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "--benchmark_"

enum kind {
    KIND_TEXT,
    KIND_BOOL,
    KIND_COUNT,
    KIND_SECONDS,
    KIND_MIN_TIME,
    KIND_FORMAT,
    KIND_UNIT,
    KIND_PAIRS,
    KIND_PERF
};

enum which {
    LIST_TESTS,
    FILTER,
    MIN_TIME,
    MIN_WARMUP_TIME,
    REPETITIONS,
    DRY_RUN,
    INTERLEAVING,
    REPORT_AGGREGATES_ONLY,
    DISPLAY_AGGREGATES_ONLY,
    FORMAT,
    OUT,
    OUT_FORMAT,
    COLOR,
    TABULAR,
    PERF_COUNTERS,
    CONTEXT,
    TIME_UNIT,
    FLAGS
};

static const struct {
    const char *name;
    enum kind kind;
    const char *normally; /* our default, NULL: the framework's */
} flags[FLAGS] = {
    [LIST_TESTS] = {"list_tests", KIND_BOOL, NULL},
    [FILTER] = {"filter", KIND_TEXT, NULL},
    [MIN_TIME] = {"min_time", KIND_MIN_TIME, "0"},
    [MIN_WARMUP_TIME] = {"min_warmup_time", KIND_SECONDS, NULL},
    [REPETITIONS] = {"repetitions", KIND_COUNT, "20"},
    [DRY_RUN] = {"dry_run", KIND_BOOL, NULL},
    [INTERLEAVING] = {"enable_random_interleaving", KIND_BOOL, "true"},
    [REPORT_AGGREGATES_ONLY] = {"report_aggregates_only", KIND_BOOL, NULL},
    [DISPLAY_AGGREGATES_ONLY] = {"display_aggregates_only", KIND_BOOL, NULL},
    [FORMAT] = {"format", KIND_FORMAT, NULL},
    [OUT] = {"out", KIND_TEXT, NULL},
    [OUT_FORMAT] = {"out_format", KIND_FORMAT, "json"},
    [COLOR] = {"color", KIND_TEXT, NULL},
    [TABULAR] = {"counters_tabular", KIND_BOOL, NULL},
    [PERF_COUNTERS] = {"perf_counters", KIND_PERF, NULL},
    [CONTEXT] = {"context", KIND_PAIRS, NULL},
    [TIME_UNIT] = {"time_unit", KIND_UNIT, NULL},
};

static bool is_seconds(const char *value, double *seconds)
{
    char *end;

    errno = 0;
    *seconds = strtod(value, &end);
    return end != value && *end == '\0' && errno == 0 && isfinite(*seconds) && *seconds >= 0;
}

static bool is_count(const char *value, int64_t *count)
{
    char *end;

    errno = 0;
    *count = strtoll(value, &end, 10);
    return end != value && *end == '\0' && errno == 0 && *count >= 1 && *count <= 1000000;
}

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcasecmp(value, *words) == 0)
            return true;
    }
    return false;
}

static bool is_false(const char *value)
{
    static const char *const words[] = {"0", "f", "n", "no", "off", "false", NULL};
    return is_one_of(value, words);
}

static bool is_true(const char *value)
{
    static const char *const words[] = {"1", "t", "y", "yes", "on", "true", NULL};
    return is_one_of(value, words);
}

/* Seconds with or without "s", or iterations with "x" (from 1.8 on). */
static bool is_min_time(const char *value)
{
    size_t length = strlen(value);
    char copy[32];
    double seconds;
    int64_t count;

    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, value, length + 1);
    if (copy[length - 1] == 'x') {
        copy[length - 1] = '\0';
        return is_count(copy, &count);
    }
    if (copy[length - 1] == 's')
        copy[length - 1] = '\0';
    return is_seconds(copy, &seconds);
}

static bool is_pairs(const char *value)
{
    for (const char *pair = value; pair != NULL; pair = strchr(pair, ',')) {
        pair += *pair == ',';
        size_t length = strcspn(pair, ",");
        if (memchr(pair, '=', length) == NULL || *pair == '=')
            return false;
    }
    return true;
}

/* What is wrong with a value; NULL when nothing is. */
static const char *value_error(enum kind kind, const char *value)
{
    static const char *const formats[] = {"console", "json", "csv", NULL};
    static const char *const units[] = {"ns", "us", "ms", "s", NULL};
    double seconds;
    int64_t count;

    switch (kind) {
    case KIND_TEXT:
        return NULL;
    case KIND_BOOL:
        return is_true(value) || is_false(value) ? NULL : "neither true nor false";
    case KIND_COUNT:
        return is_count(value, &count) ? NULL : "not a number from 1 to 1000000";
    case KIND_SECONDS:
        return is_seconds(value, &seconds) ? NULL : "not a number of seconds";
    case KIND_MIN_TIME:
        return is_min_time(value) ? NULL : "neither seconds (0.5, 0.5s) nor iterations (10x)";
    case KIND_FORMAT:
        return is_one_of(value, formats) ? NULL : "not known; one of console, json, csv";
    case KIND_UNIT:
        return is_one_of(value, units) ? NULL : "not known; one of ns, us, ms, s";
    case KIND_PAIRS:
        return is_pairs(value) ? NULL : "not of the form KEY=VALUE,KEY=VALUE";
    case KIND_PERF:
        return *value == '\0' || dlsym(RTLD_DEFAULT, "pfm_initialize") != NULL
                   ? NULL
                   : "this Google Benchmark is built without libpfm and has no such counters";
    }
    return NULL;
}

/* What was asked for, by flag or by variable; NULL when nothing was. */
static const char *asked[FLAGS];

/* The place in the table of "--benchmark_NAME" or "--benchmark_NAME=VALUE"; FLAGS if none. */
static size_t find(const char *argument, const char **value)
{
    if (strncmp(argument, PREFIX, sizeof PREFIX - 1) != 0)
        return FLAGS;
    argument += sizeof PREFIX - 1;
    for (size_t i = 0; i < FLAGS; i++) {
        size_t length = strlen(flags[i].name);
        if (strncmp(argument, flags[i].name, length) == 0 &&
            (argument[length] == '=' || argument[length] == '\0')) {
            *value = argument[length] == '=' ? argument + length + 1 : NULL;
            return i;
        }
    }
    return FLAGS;
}

static int read_flag(const char *argument)
{
    const char *value = NULL, *error;
    size_t i = find(argument, &value);

    if (i == FLAGS) {
        message("%s: not known; --help lists the flags", argument);
        return -EINVAL;
    }
    if (value == NULL && flags[i].kind != KIND_BOOL) {
        message("%s: the value is missing; write %s=VALUE", argument, argument);
        return -EINVAL;
    }
    asked[i] = value != NULL ? value : "true";
    error = value_error(flags[i].kind, asked[i]);
    if (error == NULL)
        return 0;
    message("%s: %s", argument, error);
    return -EINVAL;
}

static int read_variable(size_t i)
{
    char name[64] = "BENCHMARK_";
    size_t used = strlen(name);
    const char *error;

    for (const char *c = flags[i].name; *c != '\0' && used + 1 < sizeof name; c++)
        name[used++] = (char)toupper((unsigned char)*c);
    name[used] = '\0';
    asked[i] = getenv(name);
    error = asked[i] != NULL ? value_error(flags[i].kind, asked[i]) : NULL;
    if (error == NULL)
        return 0;
    message("%s=%s in the environment: %s", name, asked[i], error);
    return -EINVAL;
}

static const char *value_of(enum which i)
{
    if (asked[i] != NULL)
        return asked[i];
    return flags[i].normally != NULL ? flags[i].normally : "";
}

static bool truth_of(enum which i) { return is_true(value_of(i)); }

/* From 1.8 on the framework wants a unit behind --benchmark_min_time, and 1.7 knows none. */
static bool knows_units(void) { return strncmp(benchmark_library_version(), "1.7.", 4) != 0; }

#define FLAG_BYTES 64

static const char *min_time_flag(char text[FLAG_BYTES])
{
    const char *value = value_of(MIN_TIME);
    size_t length = strlen(value);
    bool has_unit = strchr("sx", value[length - 1]) != NULL;

    if (knows_units())
        snprintf(text, FLAG_BYTES, PREFIX "min_time=%s%s", value, has_unit ? "" : "s");
    else
        snprintf(text, FLAG_BYTES, PREFIX "min_time=%.*s", (int)(length - has_unit), value);
    return text;
}

int framework_set_warm_up(void)
{
    static const char *const set[] = {PREFIX "repetitions=1",
                                      PREFIX "enable_random_interleaving=false",
                                      PREFIX "min_warmup_time=0"};
    const char *min_time = knows_units() ? PREFIX "min_time=0s" : PREFIX "min_time=0";
    int error = benchmark_set_flags(set, sizeof set / sizeof set[0]);

    return error != 0 ? error : benchmark_set_flags(&min_time, 1);
}

int framework_set_measurement(void)
{
    char repetitions[FLAG_BYTES], interleaving[FLAG_BYTES], min_time[FLAG_BYTES],
        warm_up[FLAG_BYTES];
    const char *set[] = {repetitions, interleaving, min_time_flag(min_time), warm_up};

    snprintf(repetitions, sizeof repetitions, PREFIX "repetitions=%s", value_of(REPETITIONS));
    snprintf(interleaving, sizeof interleaving, PREFIX "enable_random_interleaving=%s",
             value_of(INTERLEAVING));
    snprintf(warm_up, sizeof warm_up, PREFIX "min_warmup_time=%s",
             asked[MIN_WARMUP_TIME] != NULL ? asked[MIN_WARMUP_TIME] : "0");
    return benchmark_set_flags(set, sizeof set / sizeof set[0]);
}

static enum benchmark_format format_of(enum which i)
{
    const char *value = value_of(i);

    if (strcmp(value, "json") == 0)
        return BENCHMARK_FORMAT_JSON;
    return strcmp(value, "csv") == 0 ? BENCHMARK_FORMAT_CSV : BENCHMARK_FORMAT_CONSOLE;
}

static void read_framework(struct framework *framework)
{
    const char *min_time = value_of(MIN_TIME);

    is_count(value_of(REPETITIONS), &framework->repetitions);
    framework->min_time_s = strchr(min_time, 'x') != NULL ? 0 : strtod(min_time, NULL);
    framework->dry_run = truth_of(DRY_RUN);
    if (framework->dry_run)
        framework->repetitions = 1;
    framework->own_warm_up = asked[MIN_WARMUP_TIME] == NULL && !framework->dry_run;
    framework->list_tests = truth_of(LIST_TESTS);
    framework->filter = value_of(FILTER);
    framework->own_display = asked[FORMAT] == NULL;
    framework->display = format_of(FORMAT);
    framework->out_format = format_of(OUT_FORMAT);
    framework->out_path = *value_of(OUT) != '\0' ? value_of(OUT) : NULL;
}

/* Everything but what is set for each pass by itself, and the output, which is ours. */
static int collect_arguments(char *texts[FLAGS])
{
    int count = 0;

    for (size_t i = 0; i < FLAGS; i++) {
        const char *value = asked[i];
        if (i == OUT || i == MIN_TIME)
            continue;
        /* Otherwise the framework's console has a row for every sample. */
        if (value == NULL && i == DISPLAY_AGGREGATES_ONLY && asked[FORMAT] != NULL &&
            format_of(FORMAT) == BENCHMARK_FORMAT_CONSOLE)
            value = "true";
        if (value == NULL)
            continue;
        if (asprintf(&texts[count], PREFIX "%s=%s", flags[i].name, value) < 0)
            return -ENOMEM;
        count++;
    }
    return count;
}

static int hand_over(char *program)
{
    char *texts[FLAGS], *arguments[FLAGS + 2] = {program};
    int count = collect_arguments(texts), argc = count + 1, error = 0;

    if (count < 0)
        return count;
    memcpy(arguments + 1, texts, (size_t)count * sizeof *texts);
    benchmark_initialize(&argc, arguments, NULL);
    if (argc > 1) {
        message("%s: Google Benchmark %s does not know it", arguments[1],
                benchmark_library_version());
        error = -EINVAL;
    }
    for (int i = 0; i < count; i++)
        free(texts[i]);
    return error;
}

int framework_initialize(struct framework *framework, int argc, char **argv)
{
    char *program = strrchr(argv[0], '/');
    int error = 0;

    for (size_t i = 0; error == 0 && i < FLAGS; i++)
        error = read_variable(i);
    for (int i = 1; error == 0 && i < argc; i++)
        error = read_flag(argv[i]);
    if (error == 0 && strchr(value_of(MIN_TIME), 'x') != NULL && !knows_units()) {
        message("--benchmark_min_time=%s: Google Benchmark %s knows seconds only",
                value_of(MIN_TIME), benchmark_library_version());
        error = -EINVAL;
    }
    if (error != 0)
        return error;
    read_framework(framework);
    /* The report names the program: without the path, which may be somebody's home. */
    error = hand_over(program != NULL ? program + 1 : argv[0]);
    return error != 0 ? error : framework_set_measurement();
}

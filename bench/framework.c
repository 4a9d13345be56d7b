/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "bench_mmap/kernel.h"
#include "progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Flags for which our defaults are not the framework's. */
static const struct {
    const char *name, *normally, *of_several_kinds, *warm_up;
} defaults[] = {
    {"min_time", "0", "0", "0"},
    {"min_warmup_time", "0", "0", "0"},
    {"repetitions", "20", "12", "1"},
    {"enable_random_interleaving", "true", "true", "false"},
};

enum { DEFAULTS = sizeof defaults / sizeof defaults[0] };

static const char *value_of(const struct options *options, const char *name)
{
    const char *value = benchmark_flag(name);
    bool is_several = options_kinds(options) > 1;

    for (size_t i = 0; value == NULL && i < DEFAULTS; i++) {
        if (strcmp(defaults[i].name, name) == 0)
            value = is_several ? defaults[i].of_several_kinds : defaults[i].normally;
    }
    return value != NULL ? value : "";
}

static bool is_true(const struct options *options, const char *name)
{
    return strcmp(value_of(options, name), "true") == 0;
}

int framework_set(const struct options *options, bool warm_up)
{
    int error = 0;

    for (size_t i = 0; error == 0 && i < DEFAULTS; i++)
        error = benchmark_set_flag(defaults[i].name, warm_up ? defaults[i].warm_up
                                                             : value_of(options, defaults[i].name));
    return error;
}

static enum benchmark_format format_of(const struct options *options, const char *name,
                                       enum benchmark_format normally)
{
    const char *value = value_of(options, name);

    if (*value == '\0')
        return normally;
    if (strcmp(value, "json") == 0)
        return BENCHMARK_FORMAT_JSON;
    return strcmp(value, "csv") == 0 ? BENCHMARK_FORMAT_CSV : BENCHMARK_FORMAT_CONSOLE;
}

/* "^(Mmap|Write)/" */
static const char *headline_filter(const struct options *options)
{
    static char filter[4000];
    size_t used = 0;

    for (size_t i = 0; i < bm_kernel_count() && used < sizeof filter; i++)
        if (bm_kernel_is_headline(i) && options_kind_of(options, bm_kernel_at(i)) >= 0)
            used += (size_t)snprintf(filter + used, sizeof filter - used, "%s%s",
                                     used == 0 ? "^(" : "|", bm_kernel_name(bm_kernel_at(i)));
    snprintf(filter + used, sizeof filter - used, ")/");
    return filter;
}

static void read_framework(struct framework *framework, const struct options *options)
{
    const char *min_time = value_of(options, "min_time");
    bool dry_run = is_true(options, "dry_run"),
         headline = !options->all && benchmark_flag("filter") == NULL;

    *framework = (struct framework){
        .repetitions = dry_run ? 1 : strtol(value_of(options, "repetitions"), NULL, 10),
        .min_time_s = strchr(min_time, 'x') != NULL ? 0 : strtod(min_time, NULL),
        .own_warm_up = benchmark_flag("min_warmup_time") == NULL && !dry_run,
        .list_tests = is_true(options, "list_tests"),
        .filter = headline ? headline_filter(options) : value_of(options, "filter"),
        .headline = headline,
        .own_display = benchmark_flag("format") == NULL,
        .display = format_of(options, "format", BENCHMARK_FORMAT_CONSOLE),
        .out_format = format_of(options, "out_format", BENCHMARK_FORMAT_JSON),
        .out_path = *value_of(options, "out") != '\0' ? value_of(options, "out") : NULL};
}

static bool initializing;

/* Over files of /sys that it cannot read, for want of memory say. */
static void at_exit(void)
{
    if (initializing)
        message("Google Benchmark ended the program; nothing was created");
}

int framework_initialize(struct framework *framework, const struct options *options, int argc,
                         char **argv)
{
    char *slash = strrchr(argv[0], '/');
    int error = 0;

    /* The report names the program: without the path, which may be somebody's home. */
    argv[0] = slash != NULL ? slash + 1 : argv[0];
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--benchmark_out=") == 0) {
            message("--benchmark_out=: empty; name the file that is to keep the run");
            return -EINVAL;
        }
    }
    initializing = atexit(at_exit) == 0;
    benchmark_initialize(&argc, argv, NULL);
    initializing = false;
    if (benchmark_refusal() != NULL) {
        const char *refusal = benchmark_refusal();
        char meant[OPTION_MEANT];
        if (strstr(refusal, ": not known; --help") == NULL)
            meant[0] = '\0';
        else if (*refusal != '-')
            snprintf(meant, sizeof meant, "--benchmark_filter=REGEX chooses kernels ");
        else
            (void)options_meant(refusal, meant);
        message("%s%s%.*s", refusal, *meant != '\0' ? "; " : "",
                (int)(strlen(meant) - (*meant != '\0')), meant);
        return -EINVAL;
    }
    read_framework(framework, options);
    /* Otherwise the framework's console has a row for every sample. */
    if (!framework->own_display && framework->display == BENCHMARK_FORMAT_CONSOLE &&
        benchmark_flag("display_aggregates_only") == NULL)
        error = benchmark_set_flag("display_aggregates_only", "true");
    return error != 0 ? error : framework_set(options, false);
}

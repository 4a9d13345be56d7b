/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/show.h"
#include "commands.h"
#include "src/analysis/verdict.h"
#include "src/base/number.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct show_values {
    struct tool_view view;
    const char *metric;
    uint64_t chunk;
    struct option_list pairs;
    struct option_list predict;
    int lesson;
    int strict;
};

static const struct option_row options[] = {
    {"--metric", "NAME", OPTION_TEXT, offsetof(struct show_values, metric),
     "time (default), throughput, cpu, fill, faults, calls, ... in the tables"},
    {"--pair", "A:B", OPTION_LIST, offsetof(struct show_values, pairs),
     "writers whose crossover to show (default: the best of each family, Mmap:Write)"},
    {"--chunk", "SIZE", OPTION_BYTES, offsetof(struct show_values, chunk),
     "chunk size at which to show where the time goes (default 4K)"},
    {"--predict", "SIZE", OPTION_LIST, offsetof(struct show_values, predict),
     "chunk sizes for which to predict the time: 12K,48K"},
    {"--lesson", NULL, OPTION_FLAG, offsetof(struct show_values, lesson),
     "only the two tables of the textbook exercise and its conclusion"},
    {"--strict", NULL, OPTION_FLAG, offsetof(struct show_values, strict),
     "exit with status 4 when the run's figures are doubtful"},
    TOOL_VIEW_OPTIONS(struct show_values, view),
};

static int parse_metric(const struct tool_command *command, const char *name, enum metric *metric)
{
    char names[400] = "";

    if (name == NULL || metric_find(name, metric) == 0)
        return 0;
    for (int m = 0; m < METRICS; m++) {
        size_t at = strlen(names);
        snprintf(names + at, sizeof names - at, "%s%s", m > 0 ? ", " : "",
                 metric_info((enum metric)m)->option);
    }
    tool_complain(command, "there is no metric '%s'; there are: %s.", name, names);
    return -1;
}

static int parse_predictions(const struct tool_command *command, const struct option_list *list,
                             uint64_t *sizes)
{
    for (size_t i = 0; i < list->count; i++) {
        if (number_parse_bytes(list->items[i], &sizes[i]) != 0 || sizes[i] == 0) {
            tool_complain(command, "--predict takes sizes such as 12K, not '%s'.", list->items[i]);
            return -1;
        }
    }
    return 0;
}

static int check_pairs(const struct tool_command *command, const struct option_list *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const char *colon = strchr(pairs->items[i], ':');
        if (colon == NULL || colon == pairs->items[i] || colon[1] == '\0') {
            tool_complain(command, "--pair takes two writers, such as Mmap:Write, not '%s'.",
                          pairs->items[i]);
            return -1;
        }
    }
    return 0;
}

static int explain(const struct tool_command *command, const char *path,
                   const struct show_values *values, int error)
{
    if (error == -ENODATA && values->lesson)
        return tool_complain(command,
                             "%s has no chunk sizes for both Mmap and Write; --lesson "
                             "needs them.",
                             path);
    if (error == -ENODATA)
        return tool_complain(command, "no row of %s has the metric '%s'.", path,
                             values->metric != NULL ? values->metric : "time");
    if (error == -ENOENT)
        return tool_complain(command, "a writer of --pair is not in %s; names are as in the table.",
                             path);
    return tool_complain(command, "%s could not be shown: %s.", path, strerror(-error));
}

static int show_file(const struct tool_command *command, const char *path,
                     const struct show_values *values, const struct view *view,
                     const struct show_options *how)
{
    struct run *run;
    struct verdict verdict = {0};

    if (tool_load(command, path, &run) != 0)
        return TOOL_ERROR;
    int error =
        values->lesson ? report_lesson(stdout, run, view, how) : report_run(stdout, run, view, how);
    if (error == 0 && values->strict)
        error = verdict_make(run, &verdict);
    run_free(run);
    if (error != 0)
        return explain(command, path, values, error);
    return verdict.doubts > 0 ? TOOL_UNSURE : TOOL_OK;
}

static int run_show(const struct tool_command *command, int argc, char **argv)
{
    struct show_values values = {0};
    struct option_list words = {0};
    uint64_t predict[OPTION_LIST_MAX];
    struct show_options how = {.predict = predict};
    struct view view;

    int parsed = tool_parse(command, argc, argv, &values, &words);
    if (parsed != 0)
        return parsed > 0 ? TOOL_OK : TOOL_ERROR;
    if (words.count != 1)
        return tool_complain(command, "name one run file; bench_results show --help says more.");
    if (tool_make_view(command, &values.view, &view) != 0 ||
        parse_metric(command, values.metric, &how.metric) != 0 ||
        parse_predictions(command, &values.predict, predict) != 0 ||
        check_pairs(command, &values.pairs) != 0)
        return TOOL_ERROR;
    how.chunk_bytes = values.chunk;
    how.predict_count = values.predict.count;
    how.replicates = values.view.replicates;
    how.seed = values.view.seed;
    if (values.pairs.count > 0)
        how.pairs = (const char *const *)values.pairs.items;
    return show_file(command, words.items[0], &values, &view, &how);
}

const struct tool_command command_show = {
    .name = "show",
    .summary = "Says what a run says: tables, crossovers, where the time goes, what a call costs",
    .usage = "RUN.json [options]",
    .details = "RUN.json is the JSON of any Google Benchmark program; - is standard input.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_show,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/show.h"
#include "src/analysis/verdict.h"
#include "tool.h"

#include <errno.h>
#include <math.h>

struct sizes {
    size_t count;
    uint64_t bytes[OPTION_LIST_MAX];
};

struct show_values {
    struct tool_values common;
    enum metric metric;
    uint64_t chunk;
    struct option_list pairs;
    struct sizes predict;
    int answer;
    int rows;
    int lesson;
    int strict;
};

static int take_metric(const char *prefix, const struct option_row *row, char *text, void *value)
{
    const char *names[METRICS + 1] = {NULL};

    for (int m = 0; m < METRICS; m++)
        names[m] = metric_info((enum metric)m)->option;
    return metric_find(text, value) == 0 ? 0
                                         : option_complain_of_name(prefix, row->name, text, names);
}

static int take_pairs(const char *prefix, const struct option_row *row, char *text, void *value)
{
    const struct option_list *list = value;
    int error = option_words.take(prefix, row, text, value);

    for (size_t i = 0; error == 0 && i < list->count; i++) {
        const char *pair = list->items[i], *colon = strchr(pair, ':');
        if (colon == NULL || colon == pair || colon[1] == '\0')
            error = option_complain(prefix, "%s=%s: give two kernels, such as Mmap:Write",
                                    row->name, pair);
    }
    return error;
}

static int take_sizes(const char *prefix, const struct option_row *row, char *text, void *value)
{
    struct sizes *into = value;
    struct option_list list = {.count = into->count};
    int error = option_words.take(prefix, row, text, &list);

    for (; error == 0 && into->count < list.count; into->count++)
        error = option_take_size(prefix, row, list.items[into->count], &into->bytes[into->count]);
    return error;
}

static const struct option_kind metric = {.take = take_metric, .normally = "time"};
static const struct option_kind pairs = {.take = take_pairs};
static const struct option_kind sizes = {.take = take_sizes};

static const struct option_row options[] = {
    {"--metric", "NAME", &metric, offsetof(struct show_values, metric),
     "time, throughput, cpu, fill, faults, calls, ... in the tables"},
    {"--pair", "A:B", &pairs, offsetof(struct show_values, pairs),
     "kernels whose crossover to show (default: the best of each family, and Mmap:Write, "
     "ReadMmap:ReadCall, ChannelSlots:ChannelPipe)"},
    {"--chunk", "SIZE", OPTION_BYTES, offsetof(struct show_values, chunk),
     "chunk size at which to show where the time goes (default 4K)"},
    {"--predict", "SIZE", &sizes, offsetof(struct show_values, predict),
     "chunk sizes for which to predict the time: 12K,48K"},
    {"--answer", NULL, OPTION_FLAG, offsetof(struct show_values, answer),
     "only the answer, on one screen, as bench_mmap prints it"},
    {"--rows", NULL, OPTION_FLAG, offsetof(struct show_values, rows),
     "a row a cell, too, without what is the same in all of them"},
    {"--lesson", NULL, OPTION_FLAG, offsetof(struct show_values, lesson),
     "only the tables of the textbook exercise and its conclusions"},
    {"--strict", NULL, OPTION_FLAG, offsetof(struct show_values, strict),
     "exit with status 4 when the run's figures are doubtful"},
    TOOL_LOOK_OPTIONS,
    TOOL_BOOTSTRAP_OPTIONS,
};

static int has_name(const struct run *run, const char *name, size_t length)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct span *series = &run->cells[i].parts.series;
        if (series->length == length && strncmp(series->text, name, length) == 0)
            return 1;
    }
    return 0;
}

static int complain_of_name(const struct tool_command *command, const struct run *run,
                            const char *pair, const char *name)
{
    char tried[64], best[64], meant[OPTION_MEANT];
    struct nearest nearest;

    nearest_begin(&nearest, name);
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct span *series = &run->cells[i].parts.series;
        snprintf(tried, sizeof tried, "%.*s", (int)series->length, series->text);
        nearest_try(&nearest, tried);
        if (nearest.name == tried)
            nearest.name = strcpy(best, tried);
    }
    return tool_complain(command, "--pair=%s: '%.50s' was not measured; %sthe table has the names.",
                         pair, name, option_meant(&nearest, meant));
}

static int check_pairs(const struct tool_command *command, const struct run *run,
                       const struct option_list *asked)
{
    for (size_t i = 0; i < asked->count; i++) {
        const char *pair = asked->items[i], *second = strchr(pair, ':') + 1;
        size_t length = (size_t)(second - 1 - pair);
        char first[64];

        snprintf(first, sizeof first, "%.*s", (int)length, pair);
        if (strcmp(first, second) == 0)
            return tool_complain(command, "--pair=%s: give two different kernels.", pair);
        if (!has_name(run, pair, length))
            return complain_of_name(command, run, pair, first);
        if (!has_name(run, second, strlen(second)))
            return complain_of_name(command, run, pair, second);
    }
    return TOOL_OK;
}

/* What is asked for must be there, and something to show. */
static int check_run(const struct tool_command *command, const char *path, const struct run *run,
                     const struct show_values *values)
{
    int has_chunk = values->chunk == 0, has_rows = 0;
    const struct cell *failed = NULL;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        has_chunk = has_chunk || cell->parts.chunk_bytes == values->chunk;
        has_rows = has_rows || cell->samples + cell->skipped > 0 || !isnan(cell->aggregate_ns);
        failed = failed == NULL && cell->errors > 0 ? cell : failed;
    }
    if (!has_rows && failed != NULL)
        return tool_complain(command, "%s: nothing was measured, everything failed; %s: %s.", path,
                             failed->name,
                             failed->error != NULL ? failed->error : "no reason given");
    if (!has_rows)
        return tool_complain(command, "no row of %s has a usable time.", path);
    if (!has_chunk)
        return tool_complain(command, "--chunk=%llu: %s has no chunks of so many bytes.",
                             (unsigned long long)values->chunk, path);
    return check_pairs(command, run, &values->pairs);
}

static int explain(const struct tool_command *command, const char *path,
                   const struct show_values *values, int error)
{
    if (error == -ENODATA && values->lesson)
        return tool_complain(
            command,
            "%s has no chunk sizes for both Mmap and Write, ReadMmap and ReadCall, or ChannelSlots "
            "and ChannelPipe; --lesson needs them.",
            path);
    if (error == -ENODATA)
        return tool_complain(command, "no row of %s has the metric '%s'.", path,
                             metric_info(values->metric)->option);
    return tool_complain(command, "%s could not be shown: %s.", path, show_problem(error));
}

static int show_file(const struct tool_command *command, const char *path,
                     const struct show_values *values, const struct show_options *how)
{
    const struct view *view = &values->common.view;
    struct run *run;
    struct verdict verdict = {0};

    if (tool_load(command, path, &run) != 0)
        return TOOL_ERROR;
    if (check_run(command, path, run, values) != TOOL_OK) {
        run_free(run);
        return TOOL_ERROR;
    }
    int error =
        values->lesson ? report_lesson(stdout, run, view, how) : report_run(stdout, run, view, how);
    if (error == 0 && values->strict)
        error = verdict_make(run, &verdict);
    run_free(run);
    if (error != 0)
        return explain(command, path, values, error);
    return verdict.doubts > 0 ? TOOL_UNSURE : TOOL_OK;
}

static int run_show(const struct tool_command *command, const struct tool_words *words,
                    void *values)
{
    const struct show_values *from = values;
    struct show_options how = {.answer = from->answer ? ANSWER_OF_FILE : ANSWER_IN_FULL,
                               .rows = from->rows,
                               .path = words->items[0],
                               .metric = from->metric,
                               .chunk_bytes = from->chunk,
                               .predict = from->predict.bytes,
                               .predict_count = from->predict.count,
                               .replicates = (size_t)from->common.replicates,
                               .seed = from->common.seed};

    if (from->pairs.count > 0)
        how.pairs = (const char *const *)from->pairs.items;
    return show_file(command, words->items[0], from, &how);
}

const struct tool_command command_show = {
    .name = "show",
    .summary = "Says what a run says: tables, crossovers, where the time goes, what a call costs",
    .usage = "RUN.json [options]",
    .details = "RUN.json is the JSON of any Google Benchmark program; - is standard input.",
    TOOL_OPTIONS(options, struct show_values),
    .words = {1, 1, "name one run file"},
    .run = run_show,
};

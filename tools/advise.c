/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/show.h"
#include "src/report/words.h"
#include "tool.h"

#include <errno.h>

struct advise_values {
    struct tool_values common;
    struct question question;
};

static const char *const kind_names[] = {"any", [1 + BM_KIND_WRITER] = "write",
                                         [1 + BM_KIND_READER] = "read",
                                         [1 + BM_KIND_CHANNEL] = "channel", NULL};
static const struct option_kind kind = {
    .take = option_take_word, .normally = "any", .words = kind_names};

static const struct option_row options[] = {
    {"--chunk", "SIZE", OPTION_BYTES, offsetof(struct advise_values, question.chunk_bytes),
     "how much the program moves at a time: 4K (required)"},
    {"--kind", "KIND", &kind, offsetof(struct advise_values, question.of_kind),
     "what it does: write, read, or channel (from process to process); any: the run's first"},
    {"--file", "STATE", OPTION_TEXT, offsetof(struct advise_values, question.file),
     "file state, such as new or overwrite (default: the run's first)"},
    {"--sync", "MODE", OPTION_TEXT, offsetof(struct advise_values, question.sync),
     "sync mode, such as none or fdatasync (default: the run's first)"},
    {"--size", "SIZE", OPTION_BYTES, offsetof(struct advise_values, question.size_bytes),
     "file size (default: the run's first)"},
    {"--order", "ORDER", OPTION_TEXT,
     offsetof(struct advise_values, question.axis[NAME_AXIS_ORDER]),
     "order of the chunks, sequential or random (default: the run's first)"},
    {"--mode", "MODE", OPTION_TEXT, offsetof(struct advise_values, question.axis[NAME_AXIS_MODE]),
     "of channels, stream or roundtrip (default: the run's first)"},
    TOOL_LOOK_OPTIONS,
    TOOL_BOOTSTRAP_OPTIONS,
};

static int explain(const struct tool_command *command, const char *path,
                   const struct question *question, int error)
{
    const char *order = question->axis[NAME_AXIS_ORDER], *mode = question->axis[NAME_AXIS_MODE];
    const char *what = question->of_kind > 0 ? kind_word[question->of_kind - 1] : "kernel";

    if (error == -ENXIO)
        return tool_complain(command, "%s has no %s; bench_results show %s lists what it has.",
                             path, what, path);
    if (error == -ENOENT)
        return tool_complain(
            command,
            "%s has no chunk sizes for file:%s sync:%s%s%s%s%s; bench_results show %s lists "
            "what it has.",
            path, question->file != NULL ? question->file : "(any)",
            question->sync != NULL ? question->sync : "(any)", order != NULL ? " order:" : "",
            order != NULL ? order : "", mode != NULL ? " mode:" : "", mode != NULL ? mode : "",
            path);
    if (error == -ERANGE) {
        tool_complain(command,
                      "%s measured no %s at %llu bytes or on both sides of it, and nothing is "
                      "guessed beyond what was measured.",
                      path, what, (unsigned long long)question->chunk_bytes);
        return TOOL_UNSURE;
    }
    return tool_complain(command, "%s could not be read out: %s.", path, show_problem(error));
}

static int run_advise(const struct tool_command *command, const struct tool_words *words,
                      void *values)
{
    const struct advise_values *from = values;
    const struct advice_options how = {.question = from->question,
                                       .replicates = from->common.replicates,
                                       .seed = from->common.seed};
    const char *path = words->items[0];
    struct run *run;

    if (how.question.chunk_bytes == 0)
        return tool_complain(command, "say how much is moved at a time: --chunk=4K.");
    if (tool_load(command, path, &run) != TOOL_OK)
        return TOOL_ERROR;
    int inconclusive = report_advice(stdout, run, &from->common.view, &how);
    run_free(run);
    if (inconclusive < 0)
        return explain(command, path, &how.question, inconclusive);
    return inconclusive ? TOOL_UNSURE : TOOL_OK;
}

const struct tool_command command_advise = {
    .name = "advise",
    .summary = "Says which kernel is fastest for a case, and which cannot be told from it",
    .usage = "RUN.json --chunk=SIZE [options]",
    .details = "The exit status is 4 when the run cannot rank the kernels.",
    TOOL_OPTIONS(options, struct advise_values),
    .words = {1, 1, "name one run file"},
    .run = run_advise,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/claims_report.h"
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct claims_values {
    struct tool_values common;
    const char *file;
};

static const struct option_row options[] = {
    {"--file", "CLAIMS", OPTION_TEXT, offsetof(struct claims_values, file),
     "claims of your own instead of those that were published"},
    TOOL_LOOK_OPTIONS,
    TOOL_BOOTSTRAP_OPTIONS,
};

static int load_claims(const struct tool_command *command, const char *path, struct claims *claims)
{
    struct claims_problem problem = {0};
    char said[CLAIMS_PROBLEM_MAX], *text = NULL;
    size_t length = 0;
    int error =
        path == NULL ? claims_published(claims) : load_bytes(path, RUN_BYTES_MOST, &text, &length);

    if (path != NULL && error == 0) {
        error = claims_parse(text, length, claims, &problem);
        if (error == -EINVAL) {
            claims_say_problem(&problem, said);
            tool_complain(command, "%s:%s", path, said);
        }
    }
    if (error != 0 && error != -EINVAL)
        tool_complain(command, "%s cannot be read: %s.", path == NULL ? "a claim" : path,
                      strerror(-error));
    free(text);
    return error == 0 ? TOOL_OK : TOOL_ERROR;
}

static int judge(const struct tool_command *command, const struct claims *claims,
                 const struct run *run, const struct claims_values *values)
{
    struct claim_result *results = calloc(claims->count + 1, sizeof *results);
    int error = results == NULL ? -ENOMEM
                                : claims_judge(run, claims, (size_t)values->common.replicates,
                                               values->common.seed, results);

    if (error == 0)
        error = report_claims(stdout, &values->common.view, claims, results);
    if (error != 0) {
        free(results);
        return tool_complain(command, "the claims could not be judged: %s.", strerror(-error));
    }
    struct claims_verdict verdict = claims_verdict_of(claims, results);
    free(results);
    return verdict.must[CLAIM_FAILS] > 0                                             ? TOOL_SLOWER
           : verdict.must[CLAIM_INCONCLUSIVE] + verdict.must[CLAIM_NOT_MEASURED] > 0 ? TOOL_UNSURE
                                                                                     : TOOL_OK;
}

static int run_claims(const struct tool_command *command, const struct tool_words *words,
                      void *values)
{
    const struct claims_values *from = values;
    struct claims claims = {0};
    struct run *run = NULL;
    int status = load_claims(command, from->file, &claims);

    if (status == TOOL_OK)
        status = tool_load(command, words->items[0], &run);
    if (status == TOOL_OK)
        status = judge(command, &claims, run, from);
    run_free(run);
    claims_free(&claims);
    return status;
}

const struct tool_command command_claims = {
    .name = "claims",
    .summary = "Checks statements about which way is faster, published ones or your own",
    .usage = "RUN.json [options]",
    .details =
        "A file of claims has a few lines for each, the last two as you like:\n\n"
        "    claim NAME [must]\n"
        "      holds  Mmap < 0.9 Write where file:new, chunk:..1K\n"
        "      says   a sentence\n"
        "      source who said it\n\n"
        "Conditions: SIDE [METRIC] < | <= | > | >= [FACTOR] SIDE, a NUMBER, pages or\n"
        "chunks; where AXIS:LIST or RANGE, ... A SIDE may fix a part of the name:\n"
        "Mmap/file:overwrite < Mmap/file:new. Metrics are those of show --metric, and\n"
        "fs is the file system. The exit status is 3 when a claim marked must does not\n"
        "hold, 4 when such a one cannot be told or was not measured.",
    TOOL_OPTIONS(options, struct claims_values),
    .words = {1, 1, "name one run file"},
    .run = run_claims,
};

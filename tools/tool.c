/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_LEFT = 22 };

int tool_complain(const struct tool_command *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "bench_results %s: ", command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return TOOL_ERROR;
}

static struct option_table table_of(const struct tool_command *command, const char *prefix)
{
    return (struct option_table){prefix, command->options, command->option_count};
}

static void print_help(const struct tool_command *command)
{
    const struct option_table table = table_of(command, "");

    printf("Usage: bench_results %s %s\n\n%s.\n", command->name, command->usage, command->summary);
    if (command->details != NULL)
        printf("%s\n", command->details);
    printf("\n");
    option_table_print(&table, HELP_LEFT);
    printf("  %-*s %s\n", HELP_LEFT, "--help", "this text");
}

int tool_parse_words(const struct tool_command *command, int argc, char **argv, void *values,
                     char **words, size_t *count)
{
    char prefix[64];
    const struct option_table table = table_of(command, prefix);
    int options = 1;

    snprintf(prefix, sizeof prefix, "bench_results %s", command->name);
    *count = 0;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--help") == 0) {
            print_help(command);
            return 1;
        }
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            int taken = option_table_take(&table, argc, argv, &i, values);
            if (taken == 0)
                tool_complain(command,
                              "there is no option '%.*s'; bench_results %s --help lists them.",
                              (int)strcspn(argv[i], "="), argv[i], command->name);
            if (taken <= 0)
                return -1;
        } else {
            words[(*count)++] = argv[i];
        }
    }
    return 0;
}

int tool_parse(const struct tool_command *command, int argc, char **argv, void *values,
               struct option_list *words)
{
    char **all = calloc((size_t)argc + 1, sizeof *all);
    size_t count;

    if (all == NULL) {
        tool_complain(command, "not enough memory.");
        return -1;
    }
    int parsed = tool_parse_words(command, argc, argv, values, all, &count);
    if (parsed == 0 && count > OPTION_LIST_MAX) {
        tool_complain(command, "more than %d files are too many.", OPTION_LIST_MAX);
        parsed = -1;
    }
    if (parsed == 0) {
        memcpy(words->items, all, count * sizeof *all);
        words->count = count;
    }
    free(all);
    return parsed;
}

void tool_complain_run(const struct tool_command *command, const char *path,
                       const struct load_problem *problem)
{
    if (problem->line > 0 && problem->column > 0)
        tool_complain(command,
                      "%s, line %zu, column %zu: %s; give a JSON file of Google Benchmark.", path,
                      problem->line, problem->column, problem->what);
    else if (problem->line > 0)
        tool_complain(command, "%s, line %zu: %s.", path, problem->line, problem->what);
    else
        tool_complain(command, "%s cannot be read: %s.", path, problem->what);
}

int tool_load(const struct tool_command *command, const char *path, struct run **run)
{
    struct load_problem problem;

    if (run_load(path, run, &problem) == 0)
        return 0;
    tool_complain_run(command, path, &problem);
    return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include "src/base/number.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void print_help(const struct tool_command *command)
{
    printf("Usage: bench_results %s %s\n\n%s.\n", command->name, command->usage, command->summary);
    if (command->details != NULL)
        printf("%s\n", command->details);
    printf("\n");
    for (size_t i = 0; i < command->option_count; i++) {
        const struct tool_option *option = &command->options[i];
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", option->name, option->argument != NULL ? "=" : "",
                 option->argument != NULL ? option->argument : "");
        printf("  %-22s %s\n", left, option->help);
    }
    printf("  %-22s %s\n", "--help", "this text");
}

static const struct tool_option *find_option(const struct tool_command *command, const char *word,
                                             size_t length)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (strlen(command->options[i].name) == length &&
            memcmp(command->options[i].name, word, length) == 0)
            return &command->options[i];
    return NULL;
}

static int add_words(struct tool_list *list, char *text)
{
    char *rest = NULL;
    for (char *word = strtok_r(text, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        if (list->count == TOOL_LIST_MAX)
            return -1;
        list->items[list->count++] = word;
    }
    return 0;
}

static int parse_count(const char *text, uint64_t *value)
{
    char *after;

    errno = 0;
    *value = strtoull(text, &after, 10);
    return *text < '0' || *text > '9' || *after != '\0' || errno != 0 ? -1 : 0;
}

static int take(const struct tool_command *command, const struct tool_option *option, char *text,
                void *values)
{
    void *value = (char *)values + option->offset;

    switch (option->kind) {
    case TOOL_FLAG:
        *(int *)value = 1;
        return 0;
    case TOOL_TEXT:
        *(const char **)value = text;
        return 0;
    case TOOL_BYTES:
        if (number_parse_bytes(text, value) == 0)
            return 0;
        tool_complain(command, "%s takes a size such as 4096, 4K or 10M, not '%s'.", option->name,
                      text);
        return -1;
    case TOOL_COUNT:
        if (parse_count(text, value) == 0)
            return 0;
        tool_complain(command, "%s takes a whole number, not '%s'.", option->name, text);
        return -1;
    case TOOL_LIST:
        if (add_words(value, text) == 0)
            return 0;
        tool_complain(command, "%s takes at most %d values.", option->name, TOOL_LIST_MAX);
        return -1;
    }
    return -1;
}

/* One option at argv[*at]; moves on by its value where that stands in a word of its own. */
static int take_option(const struct tool_command *command, int argc, char **argv, int *at,
                       void *values)
{
    char *word = argv[*at], *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct tool_option *option = find_option(command, word, length);

    if (option == NULL) {
        tool_complain(command, "there is no option '%.*s'; bench_results %s --help lists them.",
                      (int)length, word, command->name);
        return -1;
    }
    if (option->kind == TOOL_FLAG && equals != NULL) {
        tool_complain(command, "%s takes no value.", option->name);
        return -1;
    }
    if (option->kind == TOOL_FLAG)
        return take(command, option, NULL, values);
    if (equals != NULL)
        return take(command, option, equals + 1, values);
    if (*at + 1 >= argc) {
        tool_complain(command, "%s wants a value: %s=%s.", option->name, option->name,
                      option->argument);
        return -1;
    }
    return take(command, option, argv[++*at], values);
}

int tool_parse_words(const struct tool_command *command, int argc, char **argv, void *values,
                     char **words, size_t *count)
{
    int options = 1;

    *count = 0;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--help") == 0) {
            print_help(command);
            return 1;
        }
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (take_option(command, argc, argv, &i, values) != 0)
                return -1;
        } else {
            words[(*count)++] = argv[i];
        }
    }
    return 0;
}

int tool_parse(const struct tool_command *command, int argc, char **argv, void *values,
               struct tool_list *words)
{
    char **all = calloc((size_t)argc + 1, sizeof *all);
    size_t count;

    if (all == NULL) {
        tool_complain(command, "not enough memory.");
        return -1;
    }
    int parsed = tool_parse_words(command, argc, argv, values, all, &count);
    if (parsed == 0 && count > TOOL_LIST_MAX) {
        tool_complain(command, "more than %d files are too many.", TOOL_LIST_MAX);
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

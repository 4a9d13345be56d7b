/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"
#include "src/base/utf8.h"

#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>

enum { HELP_LEFT = 22, WIDTH_MAX = 1000, REPLICATES_LEAST = 100, REPLICATES_MAX = 100000 };

int tool_complain(const struct tool_command *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "bench_results %s: ", command->name);
    va_start(arguments, format);
    utf8_vprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return TOOL_ERROR;
}

static const char *const format_names[] = {
#define FORMAT(name) #name,
#include "src/report/formats.def"
#undef FORMAT
    NULL};

const char tool_format_help[] = "how to write it (default text):"
#define FORMAT(name) " " #name
#include "src/report/formats.def"
#undef FORMAT
    ;

static int take_format(const char *prefix, const struct option_row *row, char *text, void *value)
{
    int place, error = option_take_word(prefix, row, text, &place);

    if (error == 0)
        *(const struct format **)value = format_find(text);
    return error;
}

static int take_width(const char *prefix, const struct option_row *row, char *text, void *value)
{
    uint64_t width = 0;
    int error = option_take_count(prefix, row, text, &width);

    if (width > 0)
        *(int *)value = (int)width;
    return error;
}

static int take_color(const char *prefix, const struct option_row *row, char *text, void *value)
{
    int place = 0, error = option_take_word(prefix, row, text, &place);

    if (place > 0) /* not auto */
        *(int *)value = place == 1;
    return error;
}

static int take_share(const char *prefix, const struct option_row *row, char *text, void *value)
{
    char *after;
    double share = strtod(text, &after);

    if (after != text && strcmp(after, "%") == 0) {
        share /= 100;
        after++;
    }
    if (after == text || *after != '\0' || !(share > 0 && share < 1))
        return option_complain(prefix, "%s=%s: give a share such as 2%% or 0.02", row->name, text);
    *(double *)value = share;
    return 0;
}

static int take_regex(const char *prefix, const struct option_row *row, char *text, void *value)
{
    regex_t regex;
    char reason[200];
    int error = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);

    if (error != 0) {
        regerror(error, &regex, reason, sizeof reason);
        return option_complain(prefix, "%s=%s: no extended regular expression: %s", row->name, text,
                               reason);
    }
    regfree(&regex);
    *(const char **)value = text;
    return 0;
}

static const char *const color_words[] = {"auto", "always", "never", NULL};

const struct option_kind tool_format = {.take = take_format, .words = format_names};
const struct option_kind tool_width = {.take = take_width, .least = 1, .most = WIDTH_MAX};
const struct option_kind tool_color = {.take = take_color, .words = color_words};
const struct option_kind tool_replicates = {
    .take = option_take_count, .least = REPLICATES_LEAST, .most = REPLICATES_MAX};
const struct option_kind tool_margin = {.take = take_share, .normally = "2%"};
const struct option_kind tool_alpha = {.take = take_share, .normally = "0.05"};
const struct option_kind tool_confidence = {.take = take_share, .normally = "0.95"};
const struct option_kind tool_must_see = {.take = take_share, .normally = "10%"};
const struct option_kind tool_regex = {.take = take_regex};

/* Paragraphs; one that begins with a space stays as it is. */
static void print_details(const char *text)
{
    char paragraph[1200];

    while (*text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t bytes = end != NULL ? (size_t)(end - text) : strlen(text);
        snprintf(paragraph, sizeof paragraph, "%.*s", (int)bytes, text);
        if (*text == ' ')
            printf("\n%s\n\n", paragraph);
        else
            option_help_fold(stdout, "", 0, paragraph);
        text += bytes + (end != NULL ? 2 : 0);
    }
}

static void print_help(const struct tool_command *command, const struct option_table *table)
{
    char text[200];

    snprintf(text, sizeof text, "bench_results %s %s", command->name, command->usage);
    option_help_fold(stdout, "Usage:", 7, text);
    snprintf(text, sizeof text, "%s.", command->summary);
    putchar('\n');
    option_help_fold(stdout, "", 0, text);
    if (command->details != NULL)
        print_details(command->details);
    putchar('\n');
    option_table_print(table, HELP_LEFT);
    option_help_fold(stdout, "  --help", HELP_LEFT + 3, "this text");
}

static void complain_of_option(const struct tool_command *command, const struct option_table *table,
                               const char *word)
{
    char name[OPTION_MEANT], meant[OPTION_MEANT];
    struct nearest nearest;

    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    nearest_begin(&nearest, name);
    option_table_try(table, &nearest);
    tool_complain(command, "there is no option '%s'; %sbench_results %s --help lists them.", name,
                  option_meant(&nearest, meant), command->name);
}

/* 0: go on; 1: help was printed; -1: a sentence was printed. */
static int parse(const struct tool_command *command, const struct option_table *table, int argc,
                 char **argv, void *values, struct tool_words *words)
{
    int options = 1;

    if (option_table_begin(table, values) != 0)
        return -1;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--help") == 0) {
            print_help(command, table);
            return 1;
        }
        if (options && strcmp(argv[i], "--") == 0) {
            options = 0;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            int taken = option_table_take(table, argc, argv, &i, values);
            if (taken == 0)
                complain_of_option(command, table, argv[i]);
            if (taken <= 0)
                return -1;
        } else {
            words->items[words->count++] = argv[i];
        }
    }
    if (words->count >= command->words.least && words->count <= command->words.most)
        return 0;
    tool_complain(command, "%s; bench_results %s --help says more.", command->words.wanted,
                  command->name);
    return -1;
}

int tool_run(const struct tool_command *command, int argc, char **argv)
{
    char prefix[64];
    const struct option_table table = {prefix, command->options, command->option_count};
    struct tool_values *values = calloc(1, command->values_size);
    struct tool_words words = {0, calloc((size_t)argc + 1, sizeof(char *))};
    int status = TOOL_ERROR;

    snprintf(prefix, sizeof prefix, "bench_results %s", command->name);
    if (values == NULL || words.items == NULL) {
        tool_complain(command, "not enough memory.");
    } else {
        values->view = view_for(stdout);
        int parsed = parse(command, &table, argc, argv, values, &words);
        status = parsed > 0    ? TOOL_OK
                 : parsed == 0 ? command->run(command, &words, values)
                               : TOOL_ERROR;
    }
    free(values);
    free(words.items);
    return status;
}

int tool_complain_run(const struct tool_command *command, const char *path,
                      const struct load_problem *problem)
{
    if (problem->line > 0 && problem->column > 0)
        return tool_complain(command,
                             "%s, line %zu, column %zu: %s; give a JSON file of Google Benchmark.",
                             path, problem->line, problem->column, problem->what);
    if (problem->line > 0)
        return tool_complain(command, "%s, line %zu: %s.", path, problem->line, problem->what);
    return tool_complain(command, "%s cannot be read: %s.", path, problem->what);
}

int tool_load(const struct tool_command *command, const char *path, struct run **run)
{
    struct load_problem problem;

    return run_load(path, run, &problem) == 0 ? TOOL_OK
                                              : tool_complain_run(command, path, &problem);
}

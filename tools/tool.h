/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every sub-command of bench_results is made of: a table line, a table of options, a function.
 * A new one is a file with a `const struct tool_command`, a line in commands.def and one in
 * sources.txt; its help is printed from the tables.
 */
#ifndef BENCH_MMAP_TOOLS_TOOL_H
#define BENCH_MMAP_TOOLS_TOOL_H

#include "src/report/option_table.h"
#include "src/report/view.h"
#include "src/run/load.h"

#include <stddef.h>
#include <stdint.h>

enum tool_exit {
    TOOL_OK = 0,
    TOOL_ERROR = 1,  /* bad input, or something failed */
    TOOL_SLOWER = 3, /* a regression */
    TOOL_UNSURE = 4, /* cannot tell, or not comparable */
};

struct tool_command {
    const char *name;
    const char *summary;
    const char *usage; /* behind the name: "RUN.json [options]" */
    const char *details;
    const struct option_row *options;
    size_t option_count;
    int (*run)(const struct tool_command *command, int argc, char **argv); /* a tool_exit */
};

/*
 * Reads argv[1...] by the command's table into `values`; --flag=value and --flag value are the
 * same, and "--" ends the options. What is no option goes to words. 0: go on; 1: help was printed;
 * -1: a sentence was printed. It changes argv's strings where a list is cut.
 */
int tool_parse(const struct tool_command *command, int argc, char **argv, void *values,
               struct option_list *words);

/* The same for any number of words: an array of argc, and how many it holds then. */
int tool_parse_words(const struct tool_command *command, int argc, char **argv, void *values,
                     char **words, size_t *count);

/* "bench_results show: SENTENCE" on stderr; returns TOOL_ERROR. */
int tool_complain(const struct tool_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Loads, and complains with the file, the place and the reason. */
int tool_load(const struct tool_command *command, const char *path, struct run **run);

/* Complains about a file that run_load() or run_load_text() refused. */
void tool_complain_run(const struct tool_command *command, const char *path,
                       const struct load_problem *problem);

struct tool_view {
    const char *format;
    const char *colour;
    uint64_t width;
    uint64_t seed;
    uint64_t replicates;
    int ascii;
};

/* Lists what formats.def has. */
extern const char tool_format_help[];

#define TOOL_VIEW_OPTIONS_OF(type, member, seed_help, replicates_help)                             \
    {"--format", "FORM", OPTION_TEXT, offsetof(type, member.format), tool_format_help},            \
        {"--width", "COLUMNS", OPTION_COUNT, offsetof(type, member.width),                         \
         "fold tables at that width (default: the terminal's, else 100)"},                         \
        {"--color", "WHEN", OPTION_TEXT, offsetof(type, member.colour),                            \
         "auto (default: on a terminal, unless NO_COLOR is set), always or never"},                \
        {"--ascii", NULL, OPTION_FLAG, offsetof(type, member.ascii),                               \
         "nothing but ASCII (default where the locale is not UTF-8)"},                             \
        {"--seed", "N", OPTION_COUNT, offsetof(type, member.seed), seed_help},                     \
    {                                                                                              \
        "--replicates", "N", OPTION_COUNT, offsetof(type, member.replicates), replicates_help      \
    }

#define TOOL_VIEW_OPTIONS(type, member)                                                            \
    TOOL_VIEW_OPTIONS_OF(type, member, "seed of the bootstrap (default 0)",                        \
                         "resamples of the bootstrap (default 1000)")

/* Makes a view of them; complains. 0 or -1. */
int tool_make_view(const struct tool_command *command, const struct tool_view *from,
                   struct view *view);

#endif

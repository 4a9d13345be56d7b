/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every sub-command of bench_results is made of: a table line, a table of options, a function.
 * A new one is a file with a `const struct tool_command`, a line in commands.def and one in
 * sources.txt; its help is printed from the tables.
 */
#ifndef BENCH_MMAP_TOOLS_TOOL_H
#define BENCH_MMAP_TOOLS_TOOL_H

#include "src/report/document.h"
#include "src/report/option_table.h"
#include "src/run/load.h"

#include <stddef.h>
#include <stdint.h>

enum tool_exit {
    TOOL_OK = 0,
    TOOL_ERROR = 1,  /* bad input, or something failed */
    TOOL_SLOWER = 3, /* a regression */
    TOOL_UNSURE = 4, /* cannot tell, or not comparable */
};

/* What the options that several commands have are read into. A command's own struct of values
 * begins with it. */
struct tool_values {
    struct view view; /* before the options: what suits stdout */
    uint64_t seed;
    uint64_t replicates;
    const char *db;
    const char *machine;
    double margin;
    int all;
};

/* The words that are no options. */
struct tool_words {
    size_t count;
    char **items;
};

struct tool_command {
    const char *name;
    const char *summary;
    const char *usage; /* behind the name: "RUN.json [options]" */
    const char *details;
    const struct option_row *options;
    size_t option_count;
    size_t values_size;
    struct {
        size_t least, most;
        const char *wanted; /* what to say where there are fewer or more */
    } words;
    int (*run)(const struct tool_command *command, const struct tool_words *words,
               void *values); /* a tool_exit */
};

#define TOOL_OPTIONS(rows, values)                                                                 \
    .options = rows, .option_count = sizeof rows / sizeof rows[0], .values_size = sizeof(values)

#define COMMAND(name) extern const struct tool_command command_##name;
#include "commands.def"
#undef COMMAND

/* Reads argv[1...] by the command's table and runs it; a tool_exit. "--" ends the options. It
 * changes argv's strings where a list is cut. */
int tool_run(const struct tool_command *command, int argc, char **argv);

/* "bench_results show: SENTENCE" on stderr; returns TOOL_ERROR. */
int tool_complain(const struct tool_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Loads, and complains with the file, the place and the reason. TOOL_OK, TOOL_ERROR. */
int tool_load(const struct tool_command *command, const char *path, struct run **run);

/* Complains about a file that run_load() or run_load_text() refused; returns TOOL_ERROR. */
int tool_complain_run(const struct tool_command *command, const char *path,
                      const struct load_problem *problem);

extern const struct option_kind tool_format, tool_width, tool_color, tool_replicates;
/* A share, "2%" or "0.02", into 0.02. */
extern const struct option_kind tool_margin, tool_alpha, tool_confidence, tool_must_see;
/* An extended regular expression, as text: it compiles. */
extern const struct option_kind tool_regex;
/* What formats.def has. */
extern const char tool_format_help[];

/* A row that fills a member of the common values. */
#define TOOL_OPTION(name, argument, kind, member, help)                                            \
    {                                                                                              \
        name, argument, kind, offsetof(struct tool_values, member), help                           \
    }

#define TOOL_LOOK_OPTIONS                                                                          \
    TOOL_OPTION("--format", "FORM", &tool_format, view.format, tool_format_help),                  \
        TOOL_OPTION("--width", "COLUMNS", &tool_width, view.width,                                 \
                    "fold tables at that width (default: the terminal's, else 80)"),               \
        TOOL_OPTION("--color", "WHEN", &tool_color, view.colour,                                   \
                    "auto (on a terminal, unless NO_COLOR is set), always or never"),              \
        TOOL_OPTION("--ascii", NULL, OPTION_FLAG, view.ascii,                                      \
                    "nothing but ASCII (default where the locale is not UTF-8)")

#define TOOL_DRAW_OPTIONS(seed_help, replicates_help)                                              \
    TOOL_OPTION("--seed", "N", OPTION_COUNT, seed, seed_help),                                     \
        TOOL_OPTION("--replicates", "N", &tool_replicates, replicates, replicates_help)

#define TOOL_BOOTSTRAP_OPTIONS                                                                     \
    TOOL_DRAW_OPTIONS("seed of the bootstrap (default 0)",                                         \
                      "resamples of the bootstrap (default 1000)")

#define TOOL_MARGIN_OPTION                                                                         \
    TOOL_OPTION("--margin", "SHARE", &tool_margin, margin, "ignore changes smaller than that")
#define TOOL_ALL_OPTION(help) TOOL_OPTION("--all", NULL, OPTION_FLAG, all, help)

#endif

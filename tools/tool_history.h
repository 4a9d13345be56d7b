/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that use the history share. */
#ifndef BENCH_MMAP_TOOLS_TOOL_HISTORY_H
#define BENCH_MMAP_TOOLS_TOOL_HISTORY_H

#include "src/history/history.h"
#include "src/watch/run_window.h"
#include "tool.h"

#include <stddef.h>

#define TOOL_DB_OPTION                                                                             \
    TOOL_OPTION("--db", "URL", OPTION_TEXT, db,                                                    \
                "the store: a file (default " HISTORY_DEFAULT                                      \
                ") or postgresql://USER@HOST/NAME; a password "                                    \
                "belongs in ~/.pgpass")
#define TOOL_MACHINE_OPTION(help) TOOL_OPTION("--machine", "KEY", OPTION_TEXT, machine, help)
#define TOOL_WATCH_MACHINE_OPTION                                                                  \
    TOOL_MACHINE_OPTION(                                                                           \
        "the machine, or the beginning of its key (default: that of the newest run)")

/* Opens the store; url NULL: the default. NULL after a sentence. */
struct history *tool_open_history(const struct tool_command *command, const char *url,
                                  enum history_mode mode);

/* "bench_results add: STORE: what, and what to do." on stderr; returns TOOL_ERROR. */
int tool_complain_history(const struct tool_command *command, const struct history *history,
                          int error);

/* Complains that no machine, or more than one, has a key that begins with `wanted`; returns
 * TOOL_ERROR. */
int tool_complain_machine(const struct tool_command *command, struct history *history,
                          const char *wanted);

/* Complains about an id that history_find() or another function refused; returns TOOL_ERROR. */
int tool_complain_id(const struct tool_command *command, const struct history *history,
                     const char *id, int error);

/* The id of the run that `word` means: a file's, which is read, or `word` itself, which is then an
 * id. NULL after a sentence. */
const char *tool_identify(const struct tool_command *command, const char *word,
                          char id[HISTORY_ID + 1]);

/* Complains of a machine (-ENOKEY) or a date (-EDOM) that was given; returns TOOL_ERROR. */
int tool_complain_origin(const struct tool_command *command, const char *machine, const char *date,
                         int error);

/* Opens the store to write, and does it with each of the words until one fails. */
int tool_amend(const struct tool_command *command, const struct tool_words *words,
               const struct tool_values *values,
               int (*amend)(const struct tool_command *command, struct history *history,
                            const char *word, const void *values));
/* Says how many accepted changes are gone with a run; returns TOOL_OK. */
int tool_tell_blessings(const struct history_amended *amended);

/* Reads it from the store at `url` (NULL: the default), which is closed again; word is what the
 * user called the run. TOOL_OK, or another tool_exit after a sentence. */
int tool_read_window(const struct tool_command *command, const char *url,
                     const struct run_window_query *query, const char *word,
                     struct run_window *window);

#endif

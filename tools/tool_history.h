/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that use the history share. */
#ifndef BENCH_MMAP_TOOLS_TOOL_HISTORY_H
#define BENCH_MMAP_TOOLS_TOOL_HISTORY_H

#include "src/history/history.h"
#include "tool.h"

#include <stddef.h>

#define TOOL_DB_OPTION(type, member)                                                               \
    {                                                                                              \
        "--db", "URL", OPTION_TEXT, offsetof(type, member),                                        \
            "the store: a file (default " HISTORY_DEFAULT ") or postgresql://..."                  \
    }

/* Opens the store; url NULL: the default. NULL after a sentence. */
struct history *tool_open_history(const struct tool_command *command, const char *url,
                                  enum history_mode mode);

/* "bench_results add: STORE: what, and what to do." on stderr; returns TOOL_ERROR. */
int tool_complain_history(const struct tool_command *command, const struct history *history,
                          int error);

/* Complains that no machine, or more than one, has a key that begins with `wanted`. */
int tool_complain_machine(const struct tool_command *command, struct history *history,
                          const char *wanted);

/* Complains about an id that history_find() or another function refused; returns TOOL_ERROR. */
int tool_complain_id(const struct tool_command *command, const struct history *history,
                     const char *id, int error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that use the history share. */
#ifndef TOOLS_TOOL_HISTORY_H
#define TOOLS_TOOL_HISTORY_H

#include "bench_mmap/history.h"

#include "tool.h"

#define TOOL_DB_OPTION(type, member)                                                               \
    {                                                                                              \
        "--db", "URL", TOOL_TEXT, offsetof(type, member),                                          \
            "the store: a file (default " HISTORY_DEFAULT ") or postgresql://..."                  \
    }

/* Opens the store; url NULL: the default. NULL after a sentence. */
struct history *tool_open_history(const struct tool_command *command, const char *url,
                                  enum history_mode mode);

/* "bench_results add: STORE: what, and what to do." on stderr; returns TOOL_ERROR. */
int tool_complain_history(const struct tool_command *command, const struct history *history,
                          int error);

/*
 * The machine that is meant: `wanted` is a key or the beginning of one that no other has; NULL is
 * the only machine of the store. NULL after a sentence, else for free().
 */
char *tool_pick_machine(const struct tool_command *command, struct history *history,
                        const char *wanted);

/* Complains about an id that history_find() or another function refused; returns TOOL_ERROR. */
int tool_complain_id(const struct tool_command *command, const struct history *history,
                     const char *id, int error);

/* "2026-11-23 02:39:49" in UTC. */
enum { TOOL_DATE = 32 };
void tool_date(int64_t date_s, char text[TOOL_DATE]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that use the history share. */
#ifndef BENCH_MMAP_TOOLS_TOOL_HISTORY_H
#define BENCH_MMAP_TOOLS_TOOL_HISTORY_H

#include "src/history/history.h"
#include "tool.h"

#include <stddef.h>
#include <stdint.h>

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

struct tool_store {
    struct history *history;
    char *machine; /* its whole key; NULL: none was asked for */
};

/*
 * Opens a store and finds the machine that is meant: `wanted` is a key or the beginning of one that
 * no other has, or NULL. 0, and tool_close_store(); or TOOL_ERROR after a sentence.
 */
int tool_open_store(const struct tool_command *command, const char *url, enum history_mode mode,
                    const char *wanted, struct tool_store *store);
void tool_close_store(struct tool_store *store);

/* Complains about an id that history_find() or another function refused; returns TOOL_ERROR. */
int tool_complain_id(const struct tool_command *command, const struct history *history,
                     const char *id, int error);

/* "2026-11-23 02:39:49" in UTC. */
enum { TOOL_DATE = 32 };
void tool_date(int64_t date_s, char text[TOOL_DATE]);

#endif

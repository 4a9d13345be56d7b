/* SPDX-License-Identifier: Apache-2.0 */
/* What check and history share. */
#ifndef BENCH_MMAP_TOOLS_TOOL_WATCH_H
#define BENCH_MMAP_TOOLS_TOOL_WATCH_H

#include "src/watch/run_window.h"
#include "tool.h"

#include <stddef.h>

#define TOOL_WATCH_MACHINE_OPTION(type, member)                                                    \
    {                                                                                              \
        "--machine", "KEY", OPTION_TEXT, offsetof(type, member),                                   \
            "the machine, or the beginning of its key (default: that of the newest run)"           \
    }

/* The id of the run that `word` means: a file's, which is read, or `word` itself, which is then an
 * id. NULL after a sentence. */
const char *tool_identify(const struct tool_command *command, const char *word,
                          char id[HISTORY_ID + 1]);

/* Complains about what run_window_read() refused: word is what the user called the run, machine
 * whose it is. A tool_exit. */
int tool_complain_past(const struct tool_command *command, const struct history *history,
                       const struct run_window_query *query, const char *word, const char *machine,
                       int error);

#endif

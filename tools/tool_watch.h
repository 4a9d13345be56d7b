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

/* Reads it from the store at `url` (NULL: the default), which is closed again; word is what the
 * user called the run. TOOL_OK, or another tool_exit after a sentence. */
int tool_read_window(const struct tool_command *command, const char *url,
                     const struct run_window_query *query, const char *word,
                     struct run_window *window);

#endif

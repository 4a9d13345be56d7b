/* SPDX-License-Identifier: Apache-2.0 */
/* What check and history share. */
#ifndef TOOLS_TOOL_WATCH_H
#define TOOLS_TOOL_WATCH_H

#include "bench_mmap/watch.h"

#include "tool_history.h"

#define TOOL_WATCH_MACHINE_OPTION(type, member)                                                    \
    {                                                                                              \
        "--machine", "KEY", TOOL_TEXT, offsetof(type, member),                                     \
            "the machine, or the beginning of its key (default: that of the newest run)"           \
    }

/* The id of the run that `word` means: a file's, which is read, or `word` itself, which is then an
 * id. NULL after a sentence. */
const char *tool_identify(const struct tool_command *command, const char *word,
                          char id[HISTORY_ID + 1]);

/* Complains about what history_past() refused: word is what the user called the run, machine whose
 * it is. A tool_exit. */
int tool_complain_past(const struct tool_command *command, const struct history *history,
                       const struct history_past_query *query, const char *word,
                       const char *machine, int error);

#endif

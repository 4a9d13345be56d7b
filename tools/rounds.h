/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of fresh processes: what ab and selftest run. */
#ifndef BENCH_MMAP_TOOLS_ROUNDS_H
#define BENCH_MMAP_TOOLS_ROUNDS_H

#include "src/base/random.h"
#include "tool_compare.h"

#include <stddef.h>
#include <stdint.h>

enum { ROUNDS_MOST = 10000, ROUNDS_WORDS_MOST = 64 /* commands and flags */ };

extern const struct option_kind rounds_timeout;
#define ROUNDS_OPTIONS(type)                                                                       \
    {"--timeout", "SECONDS", &rounds_timeout, offsetof(type, timeout),                             \
     "end a process that takes longer"},                                                           \
    {                                                                                              \
        "--keep", "DIR", OPTION_TEXT, offsetof(type, keep),                                        \
            "keep every run, in DIR/old and DIR/new, for bench_results compare"                    \
    }

struct rounds_plan {
    const struct tool_command *command; /* who complains */
    const char *programs[2];            /* old, new: a path, or a line for the shell */
    struct tool_words flags;            /* for both */
    size_t rounds;                      /* at most so many */
    double timeout_s;                   /* of one process */
    double max_time_s;                  /* of all; 0: no limit */
    const char *keep;                   /* directory for the runs, or NULL */
    uint64_t seed;                      /* of the order */
    int may_end_early;
};

struct rounds {
    const struct rounds_plan *plan;
    struct random random;
    char directory[200]; /* DIRECTORY/old/1.json ... */
    int is_temporary;
    size_t done;              /* rounds of which both sides are there */
    struct tool_runs runs[2]; /* [side]: of the rounds done */
    double begin_s;
};

/* Makes the directories, catches signals and says how many rounds there will be, of which seed. A
 * tool_exit; rounds_end() in any case. */
int rounds_begin(struct rounds *rounds, const struct rounds_plan *plan);

/* Runs until so many rounds are done. TOOL_OK; TOOL_UNSURE: stopped, with what it has, after a
 * sentence; TOOL_ERROR after a sentence, the runs taken so far are kept. */
int rounds_go_on(struct rounds *rounds, size_t until);

/* result: of the functions above. Where they failed the runs are kept, and it says where. */
void rounds_end(struct rounds *rounds, int result);

#endif

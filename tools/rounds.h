/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of fresh processes: what ab and selftest run. */
#ifndef BENCH_MMAP_TOOLS_ROUNDS_H
#define BENCH_MMAP_TOOLS_ROUNDS_H

#include "lockstep.h"
#include "round_directory.h"
#include "tool_compare.h"

#include <stddef.h>
#include <stdint.h>

enum { ROUNDS_MOST = 10000, ROUNDS_WORDS_MOST = 64 /* commands and flags */ };

struct rounds_values {
    uint64_t timeout, hang;
    const char *keep;
    int cpu;   /* -1: any */
    int never; /* in lockstep */
};

extern const struct option_kind rounds_timeout, rounds_hang, rounds_lockstep, rounds_cpu;
#define ROUNDS_OPTIONS(type)                                                                       \
    {"--timeout", "SECONDS", &rounds_timeout, offsetof(type, how.timeout),                         \
     "end a process that takes longer"},                                                           \
        {"--hang", "SECONDS", &rounds_hang, offsetof(type, how.hang),                              \
         "end a pair whose turn takes longer, and ten times as long as the slowest one"},          \
        {"--lockstep", "WHEN", &rounds_lockstep, offsetof(type, how.never),                        \
         "take turns before every sample: auto (where both can), never"},                          \
        {"--cpu", "N", &rounds_cpu, offsetof(type, how.cpu),                                       \
         "the processor that both run on: last (of those there are), a number, or any"},           \
    {                                                                                              \
        "--keep", "DIR", OPTION_TEXT, offsetof(type, how.keep),                                    \
            "keep every run, in DIR/old and DIR/new, for bench_results compare"                    \
    }

struct rounds_plan {
    const struct tool_command *command; /* who complains */
    const char *programs[2];            /* old, new: a path, or a line for the shell */
    struct tool_words flags;            /* for both */
    const struct rounds_values *how;
    size_t rounds;     /* at most so many */
    double max_time_s; /* of all; 0: no limit */
    uint64_t seed;     /* of the order */
    int may_end_early;
};

struct rounds {
    const struct rounds_plan *plan;
    struct random random;
    struct round_directory directory;
    struct lockstep_list lists[2];
    int in_lockstep, cpu;
    double slowest_s;         /* turn in lockstep */
    size_t done;              /* rounds of which both sides are there */
    struct tool_runs runs[2]; /* [side]: of the rounds done */
    double begin_s;
};

/* Makes the directories, catches signals, asks both programs whether they take turns, and says how
 * many rounds there will be, of which seed, and how. A tool_exit; rounds_end() in any case. */
int rounds_begin(struct rounds *rounds, const struct rounds_plan *plan);

/* Runs until so many rounds are done. TOOL_OK; TOOL_UNSURE: stopped, with what it has, after a
 * sentence; TOOL_ERROR after a sentence, the runs taken so far are kept. */
int rounds_go_on(struct rounds *rounds, size_t until);

/* result: of the functions above. Where they failed the runs are kept, and it says where. */
void rounds_end(struct rounds *rounds, int result);

#endif

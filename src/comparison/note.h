/* SPDX-License-Identifier: Apache-2.0 */
/* What a comparison tells besides its rows: why there is no verdict, what was left out and what to
 * doubt. Facts only; src/report/note_words.c has the sentences. */
#ifndef BENCH_MMAP_COMPARISON_NOTE_H
#define BENCH_MMAP_COMPARISON_NOTE_H

#include "src/analysis/model.h"
#include "src/analysis/verdict.h"
#include "src/base/arena.h"
#include "src/run/run.h"

#include <stddef.h>

enum note_kind {
    NOTE_NONE,
    /* Why there is no verdict. */
    NOTE_NO_ROUND,       /* no round has both sides */
    NOTE_FEW_PROCESSES,  /* count: of the old and the new side */
    NOTE_FEW_ROUNDS,     /* count[0] of them have no outcome as rare as alpha, the number, asks */
    NOTE_ORDER_UNKNOWN,  /* the runs carry neither rounds nor dates */
    NOTE_IN_BLOCKS,      /* one side was measured after the other */
    NOTE_OTHER_MACHINES, /* differences; count[0]: the ratios are there all the same */
    NOTE_NO_CELL,        /* can be compared; count[0] of them for the most frequent fault */
    NOTE_OTHER_SIZES,    /* no cell in common writes files of the same size */
    NOTE_COPIES,         /* count[0] runs have the same samples as another */
    NOTE_UNEVEN_SIDES,   /* count: of the old and the new side, which were to be paired in order */
    NOTE_PAIRS_APART,    /* count[0] of count[1] pairs have other runs between their two */
    NOTE_FEW_MACHINES,   /* count[0] of count[1] machines have a verdict of their own */
    /* What was left out. */
    NOTE_UNPAIRED_RUNS,    /* count[0], for lack of the round's other side */
    NOTE_CELLS_LEFT_OUT,   /* names, for that fault; finding.reason: what the first that failed says
                            */
    NOTE_INTERRUPTED_RUNS, /* count[0] of count[1] of that side */
    NOTE_CELLS_DRAWN,      /* count[0] cells have unequal repetitions: as few are drawn of each */
    NOTE_MACHINE_LEFT_OUT, /* names[0], which only that side has */
    /* What to doubt. */
    NOTE_SETTINGS_DIFFER,  /* differences that do not make other machines */
    NOTE_NO_MODEL,         /* of the writer names[0] on that side; model: what refuses it */
    NOTE_DOUBTFUL_RUNS,    /* count[0] of count[1] of that side; finding: the first one's first */
    NOTE_MISSING_CONTROLS, /* names: the sides do not both have them, of the same sizes */
    NOTE_FEW_RUNS,         /* a side has too few for an interval over its processes */
    NOTE_KINDS
};

/* Why a cell cannot be compared. */
enum cell_fault {
    FAULT_NONE,
    FAULT_NEW_FAILED, /* on the new side alone: as bad as slower */
    FAULT_FAILED,     /* on the old side, or on both */
    FAULT_OLD_ONLY,
    FAULT_GONE, /* the same, as allow_missing expects it */
    FAULT_NEW_ONLY,
    FAULT_SOME,       /* not in every run */
    FAULT_AGGREGATES, /* no repetitions, but what was made of them */
    FAULT_NO_ROWS,    /* no usable repetitions */
    FAULT_ZERO,       /* times of zero or less */
    FAULT_SIZE,       /* the same name for files of other sizes */
    CELL_FAULTS
};

/* What the old side has, but cannot be compared. */
int fault_is_missing(enum cell_fault fault);

struct context_difference {
    const struct context_key *field;
    const char *value[2]; /* "unknown" where a side does not say it */
};

struct context_differences {
    size_t count;
    struct context_difference *items;
};

struct note {
    enum note_kind kind;
    size_t count[2];
    double number;
    int side; /* 0: old, 1: new */
    enum cell_fault fault;
    size_t name_count;
    char **names;
    struct context_differences differences;
    struct verdict_finding finding;
    struct model model; /* without its draws */
};

struct notes {
    size_t count;
    struct note *items;
};

/* What these functions add is the arena's, which remembers whether memory was short. */
void notes_add(struct arena *arena, struct notes *notes, struct note note);
void note_add_name(struct arena *arena, struct note *note, const char *name);

void context_differences_add(struct arena *arena, struct context_differences *differences,
                             const struct context_key *field, const char *const value[2]);

/* Whether the runs say different things of that key: what the first one says and the first that
 * differs from it, NULL for nothing. */
int context_differs(const struct run *const *runs, size_t count, const char *key,
                    const char *value[2]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what was decided below. What is said lives as long as its document. */
#ifndef BENCH_MMAP_REPORT_WORDS_H
#define BENCH_MMAP_REPORT_WORDS_H

#include "bench_mmap/kernel.h"
#include "document.h"
#include "src/comparison/note.h"
#include "src/statistics/finding.h"

/* What our kernels of each kind are called. */
extern const char *const kind_word[BM_KINDS], *const kind_words[BM_KINDS]; /* one, several */

/* What the cells of several names are, but for controls: 1 << kind, and KINDS_FOREIGN for those of
 * other programs; KINDS_TRIPS and _TIMED for those of round trips, and with a clock between the
 * chunks. */
enum {
    KINDS_FOREIGN = 1 << BM_KINDS,
    KINDS_TRIPS = KINDS_FOREIGN << 1,
    KINDS_TIMED = KINDS_TRIPS << 1
};
unsigned kinds_add(unsigned kinds, const char *name);
/* "writer"; "kernel" where they are of several kinds, "benchmark" where some are of other programs.
 */
const char *kinds_say(unsigned kinds);
/* For readers: what the times of runs are that are set against each other. */
void pace_put(struct document *document);
/* What of the times is not that of a file, for readers; nothing where all are. */
void kinds_put_times(struct document *document, unsigned kinds);

/* The slow-downs that a verdict would have seen: of the worst kernel, of the median cell and of
 * everything; NaN: unknown. */
struct seen {
    double kernel, cell, all;
    unsigned kinds;
};
/* "6 % of a writer, 7 % of a cell, 9 % of everything"; "" where none is known. */
const char *seen_say(struct document *document, const struct seen *seen);
/* What of the slow-downs that must be seen could have been missed: a sentence without its point. */
const char *seen_say_missed(struct document *document, const struct seen *seen, double must_see);

/* What a context says of a field, in words: "rotating" where the file has "1". */
const char *context_value_say(const struct context_key *field, const char *value);

/* The words for a finding, the same in every verdict. */
extern const char *const finding_change_word[], *const finding_kind_word[ROW_KINDS];

/* Why a cost model does not hold. For programs; NULL where it holds. The word is older than the
 * code and kept. */
struct model_refusal_words {
    const char *word, *code;
};
extern const struct model_refusal_words model_refusal_words[];
/* A phrase; "" where it holds. */
const char *model_refusal_say(struct document *document, const struct model *model);

/* One sentence of the verdict on a run; then all of it, as a part of a document; briefly: readers
 * get a line or two. */
const char *verdict_say(struct document *document, const struct verdict_finding *finding);
void report_verdict(struct document *document, const struct run *run, int briefly);

/* What a comparison tells besides its rows: a sentence; of what refuses a verdict, a phrase that
 * goes on behind a colon. */
const char *note_say(struct document *document, const struct note *note);

/* The members "refusal" (the phrase), "refusal_code" and "refusal_detail". */
void note_put_refusal(struct document *document, const struct note *refusal);
/* For readers: "LEAD: why."; nothing where there is a verdict. */
void note_put_paragraph(struct document *document, const char *lead, const struct note *refusal);

/* The members "notes" (sentences) and "notes_detail" (codes and figures). */
void notes_put_members(struct document *document, const struct notes *notes);
/* For readers: a paragraph each; with a lead, notes that begin with it and with what they are
 * about. */
void notes_put(struct document *document, const struct notes *notes, const char *lead,
               const char *about);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences for what a comparison tells besides its rows. */
#ifndef BENCH_MMAP_REPORT_NOTE_WORDS_H
#define BENCH_MMAP_REPORT_NOTE_WORDS_H

#include "document.h"
#include "src/comparison/note.h"

/* A sentence; of what refuses a verdict, a phrase that goes on behind a colon. The caller's; NULL:
 * no memory. */
char *note_text(const struct note *note);

/* The members "refusal" (the phrase), "refusal_code" and "refusal_detail". */
void note_put_refusal(struct document *document, const struct note *refusal);

/* The members "notes" (sentences) and "notes_detail" (codes and figures). */
void notes_put_members(struct document *document, const struct notes *notes);

/* For readers: "LEAD: why."; nothing where there is a verdict. */
void note_put_paragraph(struct document *document, const char *lead, const struct note *refusal);

/* For readers: a paragraph each; with a lead, notes that begin with it and with what they are
 * about.
 */
void notes_put(struct document *document, const struct notes *notes, const char *lead,
               const char *about);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on a run in words. */
#ifndef BENCH_MMAP_REPORT_VERDICT_WORDS_H
#define BENCH_MMAP_REPORT_VERDICT_WORDS_H

#include "document.h"
#include "src/analysis/verdict.h"

enum { VERDICT_TEXT = 300 };

/* One sentence, for document_note(). */
void verdict_text(const struct verdict_finding *finding, char text[VERDICT_TEXT]);

/* The verdict on the run as a part of a document. */
void report_verdict(struct document *document, const struct run *run);

#endif

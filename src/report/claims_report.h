/* SPDX-License-Identifier: Apache-2.0 */
/* What a run says of claims. */
#ifndef BENCH_MMAP_REPORT_CLAIMS_REPORT_H
#define BENCH_MMAP_REPORT_CLAIMS_REPORT_H

#include "document.h"
#include "src/analysis/claims.h"

/* How many of those that must hold ended in each way. */
struct claims_verdict {
    size_t must[CLAIM_OUTCOMES];
};

/* All of it: results[claims->count] of claims_judge(). Errors: of writing to
 * out, -ENOMEM. */
int report_claims(FILE *out, const struct view *view, const struct claims *claims,
                  const struct claim_result *results);

/* The same as a part of a document. */
void claims_put(struct document *document, const struct claims *claims,
                const struct claim_result *results);

struct claims_verdict claims_verdict_of(const struct claims *claims,
                                        const struct claim_result *results);

/* What is wrong in a file of claims: "LINE:COLUMN: what, what to do". */
enum { CLAIMS_PROBLEM_MAX = 300 };
void claims_say_problem(const struct claims_problem *problem, char text[CLAIMS_PROBLEM_MAX]);

#endif

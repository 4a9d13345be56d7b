/* SPDX-License-Identifier: Apache-2.0 */
/* The words for a finding, the same in every verdict. */
#ifndef BENCH_MMAP_REPORT_FINDING_WORDS_H
#define BENCH_MMAP_REPORT_FINDING_WORDS_H

#include "src/statistics/finding.h"

const char *finding_change_word(enum change change);
const char *finding_kind_word(enum row_kind kind);

#endif

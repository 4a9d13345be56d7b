/* SPDX-License-Identifier: Apache-2.0 */
#include "finding_words.h"

static const char *const change_words[] = {
    [CHANGE_SLOWER] = "slower",         [CHANGE_FASTER] = "faster",
    [CHANGE_EQUIVALENT] = "equivalent", [CHANGE_INCONCLUSIVE] = "inconclusive",
    [CHANGE_DIVERGED] = "diverged",
};

static const char *const kind_words[ROW_KINDS] = {
    [ROW_ALL] = "all",
    [ROW_WRITER] = "writer",
    [ROW_CELL] = "cell",
    [ROW_CONTROL] = "control",
};

const char *finding_change_word(enum change change) { return change_words[change]; }
const char *finding_kind_word(enum row_kind kind) { return kind_words[kind]; }

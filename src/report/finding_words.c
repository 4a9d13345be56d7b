/* SPDX-License-Identifier: Apache-2.0 */
#include "finding_words.h"

#include <math.h>

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

static int rank_of(const struct finding *finding)
{
    static const int ranks[] = {
        [CHANGE_SLOWER] = 3,
        [CHANGE_DIVERGED] = 2,
        [CHANGE_FASTER] = 1,
    };

    if (finding->change == CHANGE_EQUIVALENT || finding->change == CHANGE_INCONCLUSIVE)
        return 0;
    return finding->kind == ROW_CONTROL ? 4 : ranks[finding->change];
}

int finding_is_change(const struct finding *finding) { return rank_of(finding) > 0; }

double finding_size(const struct finding *finding)
{
    int by_peers = (finding->by_relative || finding->change == CHANGE_DIVERGED) &&
                   !isnan(finding->relative.estimate);

    return fabs(log(by_peers ? finding->relative.estimate : finding->ratio.estimate));
}

static const struct finding *finding_at(const struct findings *findings, size_t row)
{
    return (const void *)((const char *)findings->rows + row * findings->row_size);
}

static int comes_before(const struct findings *findings, size_t a_row, size_t b_row)
{
    const struct finding *a = finding_at(findings, a_row), *b = finding_at(findings, b_row);
    int a_rank = rank_of(a), b_rank = rank_of(b);

    if (a_rank != b_rank)
        return a_rank > b_rank;
    if (findings->pulled != NULL && findings->pulled[a_row] != findings->pulled[b_row])
        return findings->pulled[b_row];
    if (a_rank > 0 && a->kind + b->kind == ROW_ALL + ROW_WRITER)
        return a->kind == ROW_ALL ? finding_size(a) >= findings->mean_share * finding_size(b)
                                  : findings->mean_share * finding_size(a) > finding_size(b);
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a_rank > 0 && finding_size(a) > finding_size(b);
}

void findings_order(const struct findings *findings, size_t *order)
{
    for (size_t i = 0; i < findings->count; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(findings, i, order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

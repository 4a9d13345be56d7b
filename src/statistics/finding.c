/* SPDX-License-Identifier: Apache-2.0 */
#include "finding.h"

static int rank_of(const struct finding *finding)
{
    static const int ranks[] = {
        [CHANGE_SLOWER] = 3,       [CHANGE_DIVERGED] = 2,   [CHANGE_FASTER] = 1,
        [CHANGE_INCONCLUSIVE] = 0, [CHANGE_EQUIVALENT] = 0,
    };
    int rank = ranks[finding->change];

    return rank > 0 && finding->kind == ROW_CONTROL ? 4 : rank;
}

int finding_moved(const struct finding *finding)
{
    return finding->change == CHANGE_SLOWER || finding->change == CHANGE_FASTER;
}

int finding_is_change(const struct finding *finding) { return rank_of(finding) > 0; }

/* The log of the change by which it was found, without its sign. */
static double size_of(const struct finding *finding)
{
    int by_peers = (finding->by_relative || finding->change == CHANGE_DIVERGED) &&
                   finding->relative.estimate > 0;

    return fabs(log(by_peers ? finding->relative.estimate : finding->ratio.estimate));
}

static int comes_before(const struct finding *a, const struct finding *b, double mean_share)
{
    if (rank_of(a) != rank_of(b))
        return rank_of(a) > rank_of(b);
    if (rank_of(a) > 0 && a->kind + b->kind == ROW_ALL + ROW_WRITER)
        return a->kind == ROW_ALL ? size_of(a) >= mean_share * size_of(b)
                                  : mean_share * size_of(a) > size_of(b);
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return rank_of(a) > 0 && size_of(a) > size_of(b);
}

int finding_order(const struct finding *a, const struct finding *b, double mean_share)
{
    return comes_before(b, a, mean_share) - comes_before(a, b, mean_share);
}

void findings_order(const void *rows, size_t row_size, size_t count, double mean_share,
                    size_t *order)
{
    for (size_t i = 0; i < count; i++) {
        const struct finding *added = (const void *)((const char *)rows + i * row_size);
        size_t at = i;
        for (; at > 0; at--) {
            const struct finding *other =
                (const void *)((const char *)rows + order[at - 1] * row_size);
            if (!comes_before(added, other, mean_share))
                break;
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
}

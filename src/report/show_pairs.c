/* SPDX-License-Identifier: Apache-2.0 */
/* The crossovers in sentences. */
#include "format.h"
#include "show_common.h"
#include "src/analysis/crossover.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "1.2 times", "1.2 to 5.3 times" */
static void put_times(double low, double high, char text[FORMAT_MAX])
{
    char a[FORMAT_MAX], b[FORMAT_MAX];

    format_number(low, a);
    format_number(high, b);
    if (strcmp(a, b) == 0)
        snprintf(text, FORMAT_MAX, "%.12s times", a);
    else
        snprintf(text, FORMAT_MAX, "%.12s to %.12s times", a, b);
}

static int width_of(struct span span) { return (int)(span.length < 80 ? span.length : 80); }

static void put_crossover(struct show *show, struct span below, struct span above,
                          const struct crossover *crossover)
{
    char at[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX], interval[FORMAT_MAX * 3] = "";
    char from[FORMAT_MAX], to[FORMAT_MAX];

    format_bytes((double)crossover->below_bytes, from);
    format_bytes((double)crossover->above_bytes, to);
    if (!crossover->interpolated) {
        document_note(&show->document, "  ",
                      "%.*s is faster up to %s, %.*s from %s: a time of zero hides "
                      "where between them.",
                      width_of(below), below.text, from, width_of(above), above.text, to);
        return;
    }
    format_bytes(crossover->chunk_bytes.estimate, at);
    if (!isnan(crossover->chunk_bytes.low)) {
        format_bytes(crossover->chunk_bytes.low, low);
        format_bytes(crossover->chunk_bytes.high, high);
        int open_low = crossover->chunk_bytes.low == 0,
            open_high = isinf(crossover->chunk_bytes.high);
        snprintf(interval, sizeof interval, "95 %% interval %s%s%s; ",
                 open_low ? "below the smallest size" : low, " to ",
                 open_high ? "beyond the largest" : high);
    }
    document_note(&show->document, "  ",
                  "below %s %.*s is faster, above it %.*s (%smeasured at %s and at %s)", at,
                  width_of(below), below.text, width_of(above), above.text, interval, from, to);
}

static void put_winner(struct show *show, struct span winner, struct span loser,
                       const struct pair *pair, int first_wins)
{
    char times[FORMAT_MAX], low_at[FORMAT_MAX], high_at[FORMAT_MAX];
    double lowest = first_wins ? pair->ratio_lowest : 1 / pair->ratio_highest;
    double highest = first_wins ? pair->ratio_highest : 1 / pair->ratio_lowest;

    put_times(lowest, highest, times);
    format_bytes((double)(first_wins ? pair->ratio_lowest_at : pair->ratio_highest_at), low_at);
    format_bytes((double)(first_wins ? pair->ratio_highest_at : pair->ratio_lowest_at), high_at);
    if (pair->told_count == pair->chunk_count)
        document_note(&show->document, "  ",
                      "%.*s is faster at every size measured: %.*s takes %s as long "
                      "(least at %s, most at %s)",
                      width_of(winner), winner.text, width_of(loser), loser.text, times, low_at,
                      high_at);
    else
        document_note(
            &show->document, "  ",
            "%.*s is faster at %zu of %zu sizes, at the others the two cannot be told apart; no "
            "crossover (%.*s takes %s as long, least at %s, most at %s)",
            width_of(winner), winner.text, pair->told_count, pair->chunk_count, width_of(loser),
            loser.text, times, low_at, high_at);
}

static void put_ends(struct show *show, const struct cell_table *table, const struct pair *pair)
{
    char low[FORMAT_MAX], high[FORMAT_MAX], low_at[FORMAT_MAX], high_at[FORMAT_MAX];
    struct span first = table->writers[pair->first], second = table->writers[pair->second];

    if (isnan(pair->ratio_lowest) || pair->ratio_lowest >= 1 || pair->ratio_highest <= 1)
        return;
    format_number(1 / pair->ratio_lowest, low);
    format_number(pair->ratio_highest, high);
    format_bytes((double)pair->ratio_lowest_at, low_at);
    format_bytes((double)pair->ratio_highest_at, high_at);
    document_note(&show->document, "  ",
                  "at %s %.*s takes %s times as long as %.*s, at %s %.*s %s times as long as %.*s",
                  high_at, width_of(second), second.text, high, width_of(first), first.text, low_at,
                  width_of(first), first.text, low, width_of(second), second.text);
}

static void put_pair(struct show *show, const struct cell_table *table, const struct pair *pair)
{
    struct span first = table->writers[pair->first], second = table->writers[pair->second];

    document_paragraph(&show->document, "", "%.*s and %.*s:", width_of(first), first.text,
                       width_of(second), second.text);
    switch (pair->state) {
    case PAIR_CROSSES:
        for (size_t i = 0; i < pair->crossover_count; i++) {
            int to_second = pair->crossovers[i].to_second;
            put_crossover(show, to_second ? first : second, to_second ? second : first,
                          &pair->crossovers[i]);
        }
        put_ends(show, table, pair);
        break;
    case PAIR_FIRST:
        put_winner(show, first, second, pair, 1);
        break;
    case PAIR_SECOND:
        put_winner(show, second, first, pair, 0);
        break;
    case PAIR_INCONCLUSIVE:
        document_note(&show->document, "  ",
                      "cannot be told apart at any of the %zu sizes measured", pair->chunk_count);
        break;
    case PAIR_MISSING:
        document_note(&show->document, "  ", "no chunk size was measured for both");
        break;
    }
    if (pair->zero_count > 0)
        document_note(&show->document, "  ",
                      "%zu sizes have a time of zero: faster than the clock could "
                      "see; they decide the winner, not the ratio",
                      pair->zero_count);
}

void show_pairs(struct show *show, const struct cell_table *table)
{
    size_t first, second;
    struct pair pair;

    for (size_t n = 0; show->document.error == 0 && show_next_pair(show, table, n, &first, &second);
         n++) {
        show->document.error = crossover_find(&show->bootstrap, table, first, second, &pair);
        if (show->document.error == 0) {
            put_pair(show, table, &pair);
            pair_free(&pair);
        }
    }
}

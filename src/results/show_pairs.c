/* SPDX-License-Identifier: Apache-2.0 */
/* The crossovers in sentences. */
#include "show.h"

#include "format.h"
#include "span.h"

#include <math.h>
#include <stdlib.h>

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

static int width_of(struct results_span span) { return (int)(span.length < 80 ? span.length : 80); }

static void put_crossover(struct show *show, struct results_span below, struct results_span above,
                          const struct results_crossover *crossover)
{
    char at[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX], interval[FORMAT_MAX * 3] = "";
    char from[FORMAT_MAX], to[FORMAT_MAX];

    format_bytes((double)crossover->below_bytes, from);
    format_bytes((double)crossover->above_bytes, to);
    if (!crossover->interpolated) {
        page_note(&show->page, "  ",
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
    page_note(&show->page, "  ",
              "below %s %.*s is faster, above it %.*s (%smeasured at %s and at %s)", at,
              width_of(below), below.text, width_of(above), above.text, interval, from, to);
}

static void put_winner(struct show *show, struct results_span winner, struct results_span loser,
                       const struct results_pair *pair, int first_wins)
{
    char times[FORMAT_MAX], low_at[FORMAT_MAX], high_at[FORMAT_MAX];
    double lowest = first_wins ? pair->ratio_lowest : 1 / pair->ratio_highest;
    double highest = first_wins ? pair->ratio_highest : 1 / pair->ratio_lowest;

    put_times(lowest, highest, times);
    format_bytes((double)(first_wins ? pair->ratio_lowest_at : pair->ratio_highest_at), low_at);
    format_bytes((double)(first_wins ? pair->ratio_highest_at : pair->ratio_lowest_at), high_at);
    if (pair->told_count == pair->chunk_count)
        page_note(&show->page, "  ",
                  "%.*s is faster at every size measured: %.*s takes %s as long "
                  "(least at %s, most at %s)",
                  width_of(winner), winner.text, width_of(loser), loser.text, times, low_at,
                  high_at);
    else
        page_note(
            &show->page, "  ",
            "%.*s is faster at %zu of %zu sizes, at the others the two cannot be told apart; no "
            "crossover (%.*s takes %s as long, least at %s, most at %s)",
            width_of(winner), winner.text, pair->told_count, pair->chunk_count, width_of(loser),
            loser.text, times, low_at, high_at);
}

static void put_ends(struct show *show, const struct results_table *table,
                     const struct results_pair *pair)
{
    char low[FORMAT_MAX], high[FORMAT_MAX], low_at[FORMAT_MAX], high_at[FORMAT_MAX];
    struct results_span first = table->writers[pair->first], second = table->writers[pair->second];

    if (isnan(pair->ratio_lowest) || pair->ratio_lowest >= 1 || pair->ratio_highest <= 1)
        return;
    format_number(1 / pair->ratio_lowest, low);
    format_number(pair->ratio_highest, high);
    format_bytes((double)pair->ratio_lowest_at, low_at);
    format_bytes((double)pair->ratio_highest_at, high_at);
    page_note(&show->page, "  ",
              "at %s %.*s takes %s times as long as %.*s, at %s %.*s %s times as long as %.*s",
              high_at, width_of(second), second.text, high, width_of(first), first.text, low_at,
              width_of(first), first.text, low, width_of(second), second.text);
}

static void put_pair(struct show *show, const struct results_table *table,
                     const struct results_pair *pair)
{
    struct results_span first = table->writers[pair->first], second = table->writers[pair->second];

    page_paragraph(&show->page, "", "%.*s and %.*s:", width_of(first), first.text, width_of(second),
                   second.text);
    switch (pair->state) {
    case RESULTS_PAIR_CROSSES:
        for (size_t i = 0; i < pair->crossover_count; i++) {
            int to_second = pair->crossovers[i].to_second;
            put_crossover(show, to_second ? first : second, to_second ? second : first,
                          &pair->crossovers[i]);
        }
        put_ends(show, table, pair);
        break;
    case RESULTS_PAIR_FIRST:
        put_winner(show, first, second, pair, 1);
        break;
    case RESULTS_PAIR_SECOND:
        put_winner(show, second, first, pair, 0);
        break;
    case RESULTS_PAIR_UNTOLD:
        page_note(&show->page, "  ", "cannot be told apart at any of the %zu sizes measured",
                  pair->chunk_count);
        break;
    case RESULTS_PAIR_MISSING:
        page_note(&show->page, "  ", "no chunk size was measured for both");
        break;
    }
    if (pair->zero_count > 0)
        page_note(&show->page, "  ",
                  "%zu sizes have a time of zero: faster than the clock could "
                  "see; they decide the winner, not the ratio",
                  pair->zero_count);
}

void show_pairs(struct show *show, const struct results_table *table)
{
    size_t first, second;
    struct results_pair pair;

    for (size_t n = 0; show->page.error == 0 && show_next_pair(show, table, n, &first, &second);
         n++) {
        show->page.error = results_pair(&show->bootstrap, table, first, second, &pair);
        if (show->page.error == 0) {
            put_pair(show, table, &pair);
            results_pair_free(&pair);
        }
    }
}

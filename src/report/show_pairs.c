/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of writers: which is faster, and where the winner changes. */
#include "show.h"
#include "src/analysis/crossover.h"

#include <errno.h>

/* "Mmap:Write" into the table's writers; -ENOENT when it lacks one. */
static int pair_of(const struct cell_table *table, const char *text, size_t *first, size_t *second)
{
    const char *colon = strchr(text, ':');
    int other = colon != NULL ? cell_table_writer(table, colon + 1) : -1;

    for (size_t i = 0; other >= 0 && i < table->writer_count; i++) {
        if (span_is((struct span){text, (size_t)(colon - text)}, table->writers[i])) {
            *first = i;
            *second = (size_t)other;
            return 0;
        }
    }
    return -ENOENT;
}

int show_check_pairs(const struct show *show)
{
    size_t first, second;

    for (const char *const *pair = show->options->pairs; pair != NULL && *pair != NULL; pair++) {
        size_t t = 0;
        while (t < show->tables.count &&
               pair_of(&show->tables.tables[t], *pair, &first, &second) != 0)
            t++;
        if (t == show->tables.count)
            return -ENOENT;
    }
    return 0;
}

int show_next_pair(const struct show *show, const struct cell_table *table, size_t n, size_t *first,
                   size_t *second)
{
    if (show->options->pairs != NULL) {
        for (const char *const *pair = show->options->pairs; *pair != NULL; pair++)
            if (pair_of(table, *pair, first, second) == 0 && n-- == 0)
                return 1;
        return 0;
    }
    int known[] = {cell_table_writer(table, show_known[table->kind][0]),
                   cell_table_writer(table, show_known[table->kind][1])};
    size_t best = crossover_best_pair(&show->bootstrap, table, first, second) == 0;
    if (n < best)
        return 1;
    if (n > best || known[0] < 0 || known[1] < 0 ||
        (best > 0 && *first == (size_t)known[0] && *second == (size_t)known[1]))
        return 0;
    *first = (size_t)known[0];
    *second = (size_t)known[1];
    return 1;
}

static struct figure bytes_of(uint64_t bytes) { return figure_bytes((double)bytes); }

/* "1.2 times", "1.2 to 5.3 times"; "" where all of one's times read zero. */
static const char *say_times(struct document *document, double low, double high)
{
    if (isnan(low))
        return "";
    struct figure least = figure_number(low), most = figure_number(high);
    int same = strcmp(least.text, most.text) == 0;

    return document_say(document, "%s%s%s times", least.text, same ? "" : " to ",
                        same ? "" : most.text);
}

static void word_crossover(struct document *document, const char *below, const char *above,
                           const struct crossover *crossover)
{
    const struct interval *bytes = &crossover->chunk_bytes;
    struct figure from = bytes_of(crossover->below_bytes), to = bytes_of(crossover->above_bytes);
    const char *interval = "";

    if (!crossover->interpolated) {
        document_note(document, "  ",
                      "%.80s is faster up to %s, %.80s from %s: a time of zero hides where between "
                      "them.",
                      below, from.text, above, to.text);
        return;
    }
    if (!isnan(bytes->low))
        interval = document_say(
            document, "95" FIGURE_GLUE "%% interval %s to %s; ",
            bytes->low == 0 ? "below the smallest size" : figure_bytes(bytes->low).text,
            isinf(bytes->high) ? "beyond the largest" : figure_bytes(bytes->high).text);
    document_note(document, "  ",
                  "below %s %.80s is faster, above it %.80s (%smeasured at %s and at %s)",
                  figure_bytes(bytes->estimate).text, below, above, interval, from.text, to.text);
}

static void word_winner(struct document *document, const char *winner, const char *loser,
                        const struct pair *pair)
{
    int first = pair->state == PAIR_FIRST;
    struct figure least = bytes_of(first ? pair->ratio_lowest_at : pair->ratio_highest_at);
    struct figure most = bytes_of(first ? pair->ratio_highest_at : pair->ratio_lowest_at);

    const char *times = say_times(document, first ? pair->ratio_lowest : 1 / pair->ratio_highest,
                                  first ? pair->ratio_highest : 1 / pair->ratio_lowest);
    const char *where =
        pair->ratio_lowest_at == pair->ratio_highest_at
            ? ""
            : document_say(document, ", least at %s, most at %s", least.text, most.text);
    const char *by = *times != '\0'
                         ? document_say(document, ": %.80s takes %s as long%s", loser, times, where)
                         : "";

    const char *at =
        pair->chunk_count == 1 ? "the size"
        : pair->told_count == pair->chunk_count
            ? "every size"
            : document_say(document, "%zu of the %zu sizes", pair->told_count, pair->chunk_count);

    document_note(document, "  ", "%.80s is faster at %s measured%s%s%s", winner, at,
                  pair->lacking_count > 0 ? " for both" : "",
                  pair->told_count < pair->chunk_count
                      ? ", and at the others the two cannot be told apart"
                      : "",
                  by);
}

static void word_ends(struct document *document, const char *first, const char *second,
                      const struct pair *pair)
{
    if (isnan(pair->ratio_lowest) || pair->ratio_lowest >= 1 || pair->ratio_highest <= 1)
        return;
    document_note(document, "  ",
                  "at %s %.80s takes %s times as long as %.80s, at %s %.80s %s times as long as "
                  "%.80s",
                  bytes_of(pair->ratio_highest_at).text, second,
                  figure_number(pair->ratio_highest).text, first,
                  bytes_of(pair->ratio_lowest_at).text, first,
                  figure_number(1 / pair->ratio_lowest).text, second);
}

/* "between 1 KiB and 2 KiB, between ..." */
static const char *say_possible(struct document *document, const struct pair *pair)
{
    const char *text = "";

    for (size_t i = 0; i < pair->possible_count; i++)
        text = document_say(document, "%s%sbetween %s and %s", text, i > 0 ? ", " : "",
                            bytes_of(pair->possible[i].below_bytes).text,
                            bytes_of(pair->possible[i].above_bytes).text);
    return text;
}

static void word_state(struct document *document, const char *first, const char *second,
                       const struct pair *pair)
{
    if (pair->state == PAIR_CROSSES)
        word_ends(document, first, second, pair);
    else if (pair->state == PAIR_FIRST)
        word_winner(document, first, second, pair);
    else if (pair->state == PAIR_SECOND)
        word_winner(document, second, first, pair);
    else if (pair->state == PAIR_INCONCLUSIVE)
        document_note(document, "  ",
                      pair->chunk_count == 1
                          ? "cannot be told apart at the size measured"
                          : "cannot be told apart at any of the %zu sizes measured",
                      pair->chunk_count);
    else
        document_note(document, "  ", "no chunk size was measured for both");
    if (pair->possible_count > 0)
        document_note(document, "  ", "whether they cross%s %s cannot be told",
                      pair->crossover_count > 0 ? " again" : "", say_possible(document, pair));
    if (pair->zero_count > 0)
        document_note(document, "  ",
                      "%zu sizes have a time of zero: faster than the clock could see; they decide "
                      "the winner, not the ratio",
                      pair->zero_count);
}

static const char *say_crossover_briefly(struct document *document, const char *first,
                                         const char *second, const struct crossover *crossover)
{
    const struct interval *bytes = &crossover->chunk_bytes;
    const char *at = document_say(document, "%s to %s", bytes_of(crossover->below_bytes).text,
                                  bytes_of(crossover->above_bytes).text);

    if (crossover->interpolated && bytes->low > 0 && isfinite(bytes->high))
        at = document_say(document, "%s (%s to %s)", figure_bytes(bytes->estimate).text,
                          figure_bytes(bytes->low).text, figure_bytes(bytes->high).text);
    return document_say(document, "Crossover at %s: %s below it, %s above it.", at,
                        crossover->to_second ? first : second,
                        crossover->to_second ? second : first);
}

/* NULL: they cross, or were not measured together. */
static const char *say_state_briefly(struct document *document, const char *first,
                                     const char *second, const struct pair *pair)
{
    int is_first = pair->state == PAIR_FIRST;
    double ratios[] = {is_first ? pair->ratio_lowest : 1 / pair->ratio_highest,
                       is_first ? pair->ratio_highest : 1 / pair->ratio_lowest};
    const char *times = say_times(document, ratios[0], ratios[1]);
    size_t maybe = pair->possible_count;

    if (pair->state == PAIR_INCONCLUSIVE)
        return document_say(document, "%s and %s cannot be told apart.", first, second);
    if (!is_first && pair->state != PAIR_SECOND)
        return NULL;
    return document_say(
        document, "%s is faster than %s at %s: %s%s.", is_first ? first : second,
        is_first ? second : first,
        pair->chunk_count == 1 && pair->zero_count == 0 ? bytes_of(pair->ratio_lowest_at).text
        : pair->told_count == pair->chunk_count
            ? document_say(document, "every chunk size%s",
                           pair->lacking_count > 0 ? " that both have" : "")
            : document_say(document, "%zu of %zu chunk sizes", pair->told_count, pair->chunk_count),
        *times != '\0' ? times : "its times read zero",
        maybe == 0   ? ""
        : maybe == 1 ? document_say(document, "; whether they cross %s cannot be told",
                                    say_possible(document, pair))
                     : "; at the others they cannot be told apart");
}

/* A line for one screen. */
static void word_briefly(struct document *document, const char *first, const char *second,
                         const struct pair *pair)
{
    const char *state = say_state_briefly(document, first, second, pair);

    for (size_t i = 0; i < pair->crossover_count; i++)
        document_note(document, "", "%s",
                      say_crossover_briefly(document, first, second, &pair->crossovers[i]));
    if (state != NULL)
        document_note(document, "", "%s", state);
}

static void word_fully(struct document *document, const char *first, const char *second,
                       const struct pair *pair)
{
    document_paragraph(document, "", "%.80s and %.80s:", first, second);
    for (size_t i = 0; i < pair->crossover_count; i++) {
        int to_second = pair->crossovers[i].to_second;
        word_crossover(document, to_second ? first : second, to_second ? second : first,
                       &pair->crossovers[i]);
    }
    word_state(document, first, second, pair);
}

static void put_pair(struct document *document, const char *first, const char *second,
                     const struct pair *pair)
{
    static const char *const states[] = {"crosses", "first", "second", "inconclusive", "missing"};

    document_open(document, NULL, '{');
    document_put(document, "first", first, "second", second, "faster", states[pair->state], "sizes",
                 pair->chunk_count, "sizes_told_apart", pair->told_count, "ratio_lowest",
                 pair->ratio_lowest, "ratio_highest", pair->ratio_highest, "text",
                 say_state_briefly(document, first, second, pair));
    document_open(document, "crossovers", '[');
    for (size_t i = 0; i < pair->crossover_count; i++) {
        const struct crossover *crossover = &pair->crossovers[i];
        document_object(document, NULL, "chunk_bytes",
                        PERHAPS(crossover->interpolated, crossover->chunk_bytes), "between_bytes",
                        crossover->below_bytes, "and_bytes", crossover->above_bytes, "faster_above",
                        crossover->to_second ? second : first, "text",
                        say_crossover_briefly(document, first, second, crossover));
    }
    document_close(document, ']');
    document_open(document, "possible_crossovers", '[');
    for (size_t i = 0; i < pair->possible_count; i++)
        document_object(document, NULL, "between_bytes", pair->possible[i].below_bytes, "and_bytes",
                        pair->possible[i].above_bytes);
    document_close(document, ']');
    document_close(document, '}');
}

/* One screen has room for one pair that nobody asked for: the textbook exercise's, where it is
 * there. */
void show_pairs(struct show *show, const struct cell_table *table)
{
    struct document *document = &show->document;
    int briefly = show->options->answer != ANSWER_IN_FULL, is_chosen = show->options->pairs != NULL;
    size_t first, second, next[2];
    struct pair pair;

    if (document_has_only_tables(document))
        return;
    document_open(document, "pairs", '[');
    for (size_t n = 0;
         !cell_table_has_latencies(table) && show_next_pair(show, table, n, &first, &second); n++) {
        const char *names[] = {table->writers[first], table->writers[second]};
        if (document->error == 0)
            document->error = crossover_find(&show->bootstrap, table, first, second, &pair);
        if (document->error != 0)
            break;
        put_pair(document, names[0], names[1], &pair);
        if (!briefly)
            word_fully(document, names[0], names[1], &pair);
        else if (is_chosen || !show_next_pair(show, table, n + 1, &next[0], &next[1]))
            word_briefly(document, names[0], names[1], &pair);
        pair_free(&pair);
    }
    document_close(document, ']');
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Who wins, in a sentence for small, middle and large chunks each. */
#include "show.h"
#include "words.h"

#include <errno.h>

enum { NAMED_MOST = 3 };

static const char *const band_codes[BANDS] = {"small", "middle", "large"};

static void rank(struct show *show, const struct cell_table *table)
{
    for (int band = 0; show->document.error == 0 && band < BANDS; band++) {
        advice_free(&show->bands[band]);
        if (cell_table_has_latencies(table))
            continue;
        int error =
            advice_for_band(&show->bootstrap, table, (enum chunk_band)band, &show->bands[band]);
        if (error != 0 && error != -ERANGE)
            show->document.error = error;
    }
}

/* "up to 4 KiB" */
static const char *say_sizes(struct document *document, const struct advice *advice,
                             enum chunk_band band)
{
    return advice->chunk_below == advice->chunk_above || band == BAND_MIDDLE
               ? document_say(document, "of %s", figure_bytes((double)advice->chunk_below).text)
           : band == BAND_SMALL
               ? document_say(document, "up to %s", figure_bytes((double)advice->chunk_above).text)
               : document_say(document, "from %s on",
                              figure_bytes((double)advice->chunk_below).text);
}

/* The n-th of the writers that may be the fastest, or (is_fast 0) of the others; NULL beyond them.
 */
static const struct advice_row *row_at(const struct advice *advice, size_t n, int is_fast)
{
    for (size_t i = 0; i < advice->count; i++)
        if ((advice->rows[i].mark != MARK_NONE) == is_fast && n-- == 0)
            return &advice->rows[i];
    return NULL;
}

static const char *name_of(const struct advice *advice, const struct advice_row *row)
{
    return row != NULL ? advice->table->writers[row->writer] : NULL;
}

/* "Mmap", "Mmap or Write", "Mmap, Write or one of 3 others" */
static const char *say_fastest(struct document *document, const struct advice *advice)
{
    const char *text = name_of(advice, &advice->rows[0]);
    size_t count = 1;

    while (row_at(advice, count, 1) != NULL)
        count++;
    size_t named = count > NAMED_MOST ? NAMED_MOST - 1 : count;
    for (size_t i = 1; i < named; i++)
        text = document_say(document, "%s%s%s", text, i + 1 == count ? " or " : ", ",
                            name_of(advice, row_at(advice, i, 1)));
    return named == count ? text
                          : document_say(document, "%s or one of %zu others", text, count - named);
}

static const char *say_band(struct document *document, const struct advice *advice,
                            enum chunk_band band)
{
    const struct advice_row *next = row_at(advice, 0, 0);
    const char *sizes = say_sizes(document, advice, band);

    return advice->inconclusive
               ? document_say(
                     document, "Chunks %s: %s was the fastest, but so few samples rank no %s.",
                     sizes, name_of(advice, &advice->rows[0]), kind_word[advice->table->kind])
               : document_say(document, "Chunks %s: %s %s%s.", sizes,
                              advice->table->kind == BM_KIND_READER ? "read with" : "use",
                              say_fastest(document, advice),
                              next == NULL ? ""
                              : !isfinite(next->ratio.estimate)
                                  ? ", whose time reads zero"
                                  : document_say(document, "; %s takes %s times as long",
                                                 name_of(advice, next),
                                                 figure_number(next->ratio.estimate).text));
}

static void put_band(struct document *document, const struct advice *advice, enum chunk_band band)
{
    const struct advice_row *next = row_at(advice, 0, 0), *tied;
    const char *text = advice->count > 1 ? say_band(document, advice, band) : NULL;

    document_open(document, NULL, '{');
    document_put(document, "chunks", band_codes[band], "least_bytes", advice->chunk_below,
                 "most_bytes", advice->chunk_above, "answer",
                 advice->inconclusive ? "inconclusive" : "ranked", "fastest",
                 name_of(advice, &advice->rows[0]));
    document_open(document, "tied", '[');
    for (size_t i = 1; (tied = row_at(advice, i, 1)) != NULL; i++)
        document_put(document, NULL, name_of(advice, tied));
    document_close(document, ']');
    document_put(document, "next", name_of(advice, next), "next_ratio",
                 PERHAPS(next != NULL, next->ratio), "text", PERHAPS(text != NULL, text));
    document_close(document, '}');
    if (text != NULL)
        document_note(document, "", "%s", text);
}

void show_winners(struct show *show, const struct cell_table *table)
{
    struct document *document = &show->document;

    if (document_has_only_tables(document))
        return;
    rank(show, table);
    document_open(document, "winners", '[');
    for (int band = 0; document->error == 0 && band < BANDS; band++)
        if (show->bands[band].count > 0)
            put_band(document, &show->bands[band], (enum chunk_band)band);
    document_close(document, ']');
}

/* The path of one's own run may be temporary. */
void show_more(struct show *show)
{
    const char *path = show->options->path;
    int is_own = show->options->answer == ANSWER_OF_OWN_RUN;

    document_note(&show->document, "", "More: %s%sbench_results show %s",
                  is_own ? "--rows; --all; " : "",
                  path == NULL ? "--benchmark_out=RUN.json and " : "", is_own ? "RUN.json" : path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One chunk size, measured in several file states, sync modes, sizes, numbers of threads or orders:
 * these go down the table, and the sentences below speak of them. */
#include "show.h"
#include "src/analysis/crossover.h"

static const char *const part_words[TABLE_PARTS + 1][2] = {{"at", "file size"},
                                                           {"in", "state"},
                                                           {"with", "sync mode"},
                                                           {"with", "number of threads"},
#define AXIS(symbol, key, normally) {"in", key},
#include "src/run/axes.def"
#undef AXIS
                                                           {"in", "case"}};

/* Of part_words: what the lines are; "case" where more than one part varies. */
static const char *const *words_of(const struct show *show)
{
    int found = TABLE_PARTS, count = 0;

    for (int part = 0; part < TABLE_PARTS; part++)
        if (show_varies(show, part) && count++ == 0)
            found = part;
    return part_words[count == 1 ? found : TABLE_PARTS];
}

/* How many times as long the loser takes there: "5.40 times (cold)". The lines stand for chunk
 * sizes and count from 1; 0: no line has a ratio. */
static const char *say_ratio(struct show *show, double ratio, uint64_t line)
{
    if (line == 0)
        return "";
    return document_say(&show->document, "%s times (%s)", figure_number(ratio).text,
                        show_parts(show, (size_t)line - 1, 1));
}

static void word_pair(struct show *show, const char *first, const char *second,
                      const struct pair *pair)
{
    struct document *document = &show->document;
    const char *const *kind = words_of(show);
    const char *of_second = say_ratio(show, pair->ratio_highest, pair->ratio_highest_at);
    const char *of_first = say_ratio(show, 1 / pair->ratio_lowest, pair->ratio_lowest_at);
    int is_first = pair->state == PAIR_FIRST;

    if (pair->state == PAIR_CROSSES)
        document_note(document, "",
                      "%s and %s: which is faster depends on the %s: %s takes up to %s as long, %s "
                      "up to %s.",
                      first, second, kind[1], second, of_second, first, of_first);
    else if (is_first || pair->state == PAIR_SECOND)
        document_note(document, "", "%s is faster than %s %s %s: %s takes up to %s as long.",
                      is_first ? first : second, is_first ? second : first, kind[0],
                      pair->told_count == pair->chunk_count
                          ? document_say(document, "every %s", kind[1])
                          : document_say(document,
                                         "%zu of %zu %ss, and cannot be told from it in the rest",
                                         pair->told_count, pair->chunk_count, kind[1]),
                      is_first ? second : first, is_first ? of_second : of_first);
    else if (pair->state == PAIR_INCONCLUSIVE)
        document_note(document, "", "%s and %s cannot be told apart %s any %s.", first, second,
                      kind[0], kind[1]);
}

static void word_pairs(struct show *show)
{
    size_t first, second;
    struct pair pair;

    for (size_t n = 0; !cell_table_has_latencies(show->turned) &&
                       show_next_pair(show, show->turned, n, &first, &second);
         n++) {
        if (show->document.error == 0)
            show->document.error =
                crossover_find(&show->bootstrap, show->turned, first, second, &pair);
        if (show->document.error != 0)
            return;
        word_pair(show, show->turned->writers[first], show->turned->writers[second], &pair);
        pair_free(&pair);
    }
}

void show_turned(struct show *show, const char *place)
{
    const struct cell *any = NULL;

    for (size_t i = 0; any == NULL; i++)
        any = show->turned->cells[i];
    const struct figure chunk = figure_bytes((double)any->parts.chunk_bytes);
    const char *common = show_parts(show, 0, 0);

    document_heading(&show->document, "%s%sn chunks of %s%s%s", common,
                     *common != '\0' ? ", i" : "I", chunk.text, *place != '\0' ? "; " : "", place);
    show_table(show, show->turned);
    word_pairs(show);
}

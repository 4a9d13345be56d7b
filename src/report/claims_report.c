/* SPDX-License-Identifier: Apache-2.0 */
#include "claims_report.h"

#include "src/base/nearest.h"
#include "table.h"

#include <stdio.h>

static const struct {
    const char *code, *words, *many;
} outcomes[CLAIM_OUTCOMES] = {
    [CLAIM_HOLDS] = {"holds", "holds here", "hold here"},
    [CLAIM_FAILS] = {"fails", "does not hold", "do not hold"},
    [CLAIM_INCONCLUSIVE] = {"inconclusive", "cannot be told", "cannot be told"},
    [CLAIM_NOT_MEASURED] = {"not_measured", "not measured", "were not measured"},
};

static const char *const missing_codes[] = {NULL,    "file_system", "series",
                                            "cells", "value",       "samples"};

/* A phrase. */
static const char *missing_words(struct document *document, const struct claim_result *result)
{
    int length = (int)(result->what.length < 60 ? result->what.length : 60);
    const char *what = result->what.text;

    switch (result->missing) {
    case MISSING_FILE_SYSTEM:
        return "the run is of another file system";
    case MISSING_SERIES:
        return document_say(document, "the run has no %.*s", length, what);
    case MISSING_VALUE:
        return document_say(document, "the run has no cells of %.*s", length, what);
    case MISSING_SAMPLES:
        return document_say(document, "%.200s failed, or lacks the figure", result->cell->name);
    default:
        return "the run has no cells of both sides that fit it";
    }
}

static const char *limit_words(struct document *document, const struct claim *claim)
{
    static const char *const signs[] = {"<", "<=", ">", ">="};
    const struct span series = claim->second.series;
    const char *sign = signs[claim->operation], *name = "pages";
    int length = 5;

    if (claim->against == AGAINST_NUMBER) {
        enum metric_kind kind = metric_info(claim->metric)->kind;
        const struct unit *unit = figure_unit(kind, claim->factor, claim->factor);
        return document_say(document, "%s %s" FIGURE_GLUE "%s", sign,
                            figure_in(claim->factor, unit).text, unit->name);
    }
    if (claim->against == AGAINST_CHUNKS)
        name = "chunks", length = 6;
    if (claim->against == AGAINST_SIDE)
        name = series.text, length = (int)(series.length < 60 ? series.length : 60);
    return claim->factor == 1 ? document_say(document, "%s %.*s", sign, length, name)
                              : document_say(document, "%s %s %.*s", sign,
                                             figure_number(claim->factor).text, length, name);
}

static const char *figure_words(struct document *document, const struct claim *claim,
                                struct interval figure)
{
    if (claim->against != AGAINST_NUMBER)
        return document_say(document, "%s", figure_ratio(figure).text);
    const struct unit *unit =
        figure_unit(metric_info(claim->metric)->kind, figure.estimate, figure.estimate);
    const char *value = document_say(document, "%s" FIGURE_GLUE "%s",
                                     figure_in(figure.estimate, unit).text, unit->name);
    return isnan(figure.low)
               ? value
               : document_say(document, "%s [%s, %s]", value, figure_in(figure.low, unit).text,
                              figure_in(figure.high, unit).text);
}

static void put_table(struct document *document, const struct claims *claims,
                      const struct claim_result *results)
{
    static const struct column columns[] = {
        {.heading = "claim", .key = "name", .csv = "name"},
        {.heading = "", .key = "must", .csv = "must"},
        {.heading = "here", .key = "outcome", .csv = "outcome"},
        {.heading = "figure", .key = "figure", .csv = "figure,figure_low,figure_high"},
        {.heading = "wanted", .key = "factor", .csv = "factor"},
        {.heading = "cells", .key = "cells", .csv = "cells", .align = ALIGN_RIGHT},
        {.key = "cell", .csv = "cell"},
        {.key = "missing", .csv = "missing"},
        {.key = "missing_what", .csv = "missing_what"},
        {.key = "condition", .csv = "condition"},
        {.key = "says", .csv = "says"},
        {.key = "source", .csv = "source"}};
    struct table out;

    table_of(&out, document, "claims", columns);
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->items[i];
        const struct claim_result *result = &results[i];
        int measured = result->outcome != CLAIM_NOT_MEASURED;
        table_row(&out);
        table_put(&out, claim->name, SHOWN(claim->must ? "yes" : "no", claim->must ? "must" : NULL),
                  SHOWN(outcomes[result->outcome].code, outcomes[result->outcome].words),
                  measured ? SHOWN(result->figure, figure_words(document, claim, result->figure))
                           : NOTHING,
                  SHOWN(claim->factor, limit_words(document, claim)), result->cells,
                  PERHAPS(result->cell != NULL, result->cell->name), missing_codes[result->missing],
                  PERHAPS(result->what.text != NULL, result->what), claim->condition, claim->says,
                  claim->source);
        if (!measured)
            table_hide_row(&out);
    }
    table_end(&out);
}

static void put_sentence(struct document *document, const struct claim *claim,
                         const struct claim_result *result)
{
    const char *says = claim->says != NULL ? claim->says : claim->condition;

    document_paragraph(document, "", "%s %s%s: %s", claim->name,
                       claim->must ? "must hold, and " : "", outcomes[result->outcome].words, says);
    if (claim->source != NULL)
        document_note(document, "  ", "said by: %s", claim->source);
    if (result->outcome == CLAIM_NOT_MEASURED)
        document_note(document, "  ", "not measured: %s", missing_words(document, result));
    else
        document_note(document, "  ", "decided by %.200s, %s of %zu cell%s", result->cell->name,
                      result->outcome == CLAIM_HOLDS ? "the nearest to the limit" : "the worst",
                      result->cells, result->cells == 1 ? "" : "s");
}

static void put_unmeasured(struct document *document, const struct claims *claims,
                           const struct claim_result *results)
{
    const char *text = "";
    size_t count = 0;

    for (size_t i = 0; i < claims->count; i++)
        if (results[i].outcome == CLAIM_NOT_MEASURED && !claims->items[i].must)
            text = document_say(document, "%s%s%s (%s)", text, count++ > 0 ? "; " : "",
                                claims->items[i].name, missing_words(document, &results[i]));
    if (count > 0)
        document_paragraph(document, "", "Not measured: %s.", text);
}

void claims_put(struct document *document, const struct claims *claims,
                const struct claim_result *results)
{
    size_t counts[CLAIM_OUTCOMES] = {0};
    const char *text = "";

    for (size_t i = 0; i < claims->count; i++)
        counts[results[i].outcome]++;
    for (int o = 0; o < CLAIM_OUTCOMES; o++) {
        document_put(document, outcomes[o].code, counts[o]);
        if (counts[o] > 0)
            text = document_say(document, "%s%s%zu %s", text, *text != '\0' ? ", " : "", counts[o],
                                counts[o] == 1 && o != CLAIM_NOT_MEASURED ? outcomes[o].words
                                : counts[o] == 1                          ? "was not measured"
                                                                          : outcomes[o].many);
    }
    document_paragraph(document, "", "Of %zu claim%s %s.", claims->count,
                       claims->count == 1 ? "" : "s", text);
    put_table(document, claims, results);
    document_note(document, "",
                  "figure: how many times as much the first side takes as the second, in the cell "
                  "that decides; in brackets an interval that holds for all cells of a claim at "
                  "once (95" FIGURE_GLUE "%%). It covers this process only.");
    for (size_t i = 0; document_has_readers(document) && i < claims->count; i++)
        if (results[i].outcome != CLAIM_NOT_MEASURED || claims->items[i].must)
            put_sentence(document, &claims->items[i], &results[i]);
    put_unmeasured(document, claims, results);
}

int report_claims(FILE *out, const struct view *view, const struct claims *claims,
                  const struct claim_result *results)
{
    struct document document = document_begin(out, view);

    claims_put(&document, claims, results);
    return document_finish(&document);
}

struct claims_verdict claims_verdict_of(const struct claims *claims,
                                        const struct claim_result *results)
{
    struct claims_verdict verdict = {{0}};

    for (size_t i = 0; i < claims->count; i++)
        verdict.must[results[i].outcome] += claims->items[i].must != 0;
    return verdict;
}

static const struct {
    const char *what, *remedy;
} faults[CLAIMS_FAULTS] = {
    [CLAIMS_TEXT] = {"this is no clean UTF-8 text", "save it as plain text"},
    [CLAIMS_NONE] = {"no claim is in it", "begin with 'claim NAME', and 'holds A < B' below it"},
    [CLAIMS_KEYWORD] = {"no line begins so", "use claim, says, source, holds, or # for a comment"},
    [CLAIMS_OUTSIDE] = {"this belongs to no claim", "put 'claim NAME' above it"},
    [CLAIMS_UNNAMED] = {"the claim has no name", "write 'claim NAME'"},
    [CLAIMS_NAME_TWICE] = {"a claim above has that name", "give it another"},
    [CLAIMS_LINE_TWICE] = {"the claim has such a line already", "remove one"},
    [CLAIMS_LINE_EMPTY] = {"nothing follows", "write the text behind it, on the same line"},
    [CLAIMS_NO_CONDITION] = {"the claim above has no condition", "add 'holds A < B'"},
    [CLAIMS_SERIES] = {"the name of a writer, reader, channel or series belongs here",
                       "write such as 'Mmap < Write'"},
    [CLAIMS_METRIC] = {"there is no such metric", "time, fill, faults, calls, ... are some"},
    [CLAIMS_OPERATOR] = {"an operator belongs here", "use <, <=, > or >="},
    [CLAIMS_NUMBER] = {"this number makes no sense", "use one that is finite and above 0"},
    [CLAIMS_UNIT] = {"this does not go with the metric",
                     "times want ns, us, ms or s (5ms), bytes may have K, M, G; pages and chunks "
                     "are for counts"},
    [CLAIMS_SIDES] = {"the sides fix different parts of the name",
                      "fix the same on both: 'Mmap/file:overwrite < Mmap/file:new'"},
    [CLAIMS_AXIS] = {"this is no AXIS:VALUE", "write such as 'where file:new, chunk:..1K'"},
    [CLAIMS_RANGE] = {"this is no range", "write 1K..64K, ..64K or 1K.., alone behind its axis"},
    [CLAIMS_REST] = {"nothing may follow here", "remove it, or put 'where' before conditions"},
};

void claims_say_problem(const struct claims_problem *problem, char text[CLAIMS_PROBLEM_MAX])
{
    struct nearest nearest = {0};
    int at = snprintf(text, CLAIMS_PROBLEM_MAX, "%zu:%zu: ", problem->line, problem->column);

    if (*problem->word != '\0')
        at += snprintf(text + at, CLAIMS_PROBLEM_MAX - (size_t)at, "'%s': ", problem->word);
    if (problem->fault == CLAIMS_METRIC) {
        nearest_begin(&nearest, problem->word);
        for (int m = 0; m < METRICS; m++)
            nearest_try(&nearest, metric_info((enum metric)m)->option);
    }
    at += snprintf(text + at, CLAIMS_PROBLEM_MAX - (size_t)at, "%s; ", faults[problem->fault].what);
    if (nearest.name != NULL)
        snprintf(text + at, CLAIMS_PROBLEM_MAX - (size_t)at, "is %s meant?", nearest.name);
    else
        snprintf(text + at, CLAIMS_PROBLEM_MAX - (size_t)at, "%s.", faults[problem->fault].remedy);
}

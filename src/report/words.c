/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "figure.h"

const char *const kind_word[BM_KINDS] = {
    [BM_KIND_WRITER] = "writer", [BM_KIND_READER] = "reader", [BM_KIND_CHANNEL] = "channel"};
const char *const kind_words[BM_KINDS] = {
    [BM_KIND_WRITER] = "writers", [BM_KIND_READER] = "readers", [BM_KIND_CHANNEL] = "channels"};

unsigned kinds_add(unsigned kinds, const char *name)
{
    struct name parts;

    name_parse(name, &parts);
    if (parts.plain || parts.file.text == NULL)
        return kinds | KINDS_FOREIGN;
    kinds |= parts.axis[NAME_AXIS_MODE].text != NULL ? KINDS_TRIPS : 0;
    kinds |= parts.axis[NAME_AXIS_LATENCY].text != NULL ? KINDS_TIMED : 0;
    return name_is_control(&parts) ? kinds : kinds | 1U << name_kind(&parts);
}

void pace_put(struct document *document)
{
    document_note(document, "",
                  "A time is the mean of the fastest quarter of a run's samples: less than the "
                  "median that show prints.");
}

void kinds_put_times(struct document *document, unsigned kinds)
{
    if (kinds & KINDS_TRIPS)
        document_note(document, "",
                      "The times of mode:roundtrip are those of all trips of a sample; show has "
                      "that of one.");
    if (kinds & KINDS_TIMED)
        document_note(document, "",
                      "The times of latency:each hold a reading of the clock a chunk.");
}

const char *kinds_say(unsigned kinds)
{
    if (kinds & KINDS_FOREIGN)
        return "benchmark";
    for (int kind = 0; kind < BM_KINDS; kind++)
        if ((kinds & (KINDS_FOREIGN - 1)) == 1U << kind)
            return kind_word[kind];
    return "kernel";
}

const char *seen_say(struct document *document, const struct seen *seen)
{
    const struct {
        double share;
        const char *lead, *of;
    } parts[] = {{seen->kernel, "a ", kinds_say(seen->kinds)},
                 {seen->cell, "a ", "cell"},
                 {seen->all, "", "everything"}};
    const char *text = "";

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (isfinite(parts[i].share))
            text = document_say(document, "%s%s%s of %s%s", text, *text != '\0' ? ", " : "",
                                figure_percent(parts[i].share).text, parts[i].lead, parts[i].of);
    return text;
}

const char *seen_say_missed(struct document *document, const struct seen *seen, double must_see)
{
    int is_kernel = seen->kernel > must_see;
    double share = is_kernel ? seen->kernel : seen->all;
    const char *of =
        is_kernel ? document_say(document, "a %s", kinds_say(seen->kinds)) : "everything";

    return isfinite(share)
               ? document_say(document, "a slow-down of %s by less than %s could have been missed",
                              of, figure_percent(share).text)
               : document_say(document, "any slow-down of %s could have been missed", of);
}

const char *context_value_say(const struct context_key *field, const char *value)
{
    static const char *const words[][3] = {{"rotational", "0", "not rotating"},
                                           {"rotational", "1", "rotating"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(field->key, words[i][0]) == 0 && strcmp(value, words[i][1]) == 0)
            return words[i][2];
    return value;
}

const char *const finding_change_word[] = {
    [CHANGE_SLOWER] = "slower",         [CHANGE_FASTER] = "faster",
    [CHANGE_EQUIVALENT] = "equivalent", [CHANGE_INCONCLUSIVE] = "inconclusive",
    [CHANGE_DIVERGED] = "diverged",
};

const char *const finding_kind_word[ROW_KINDS] = {
    [ROW_ALL] = "all",
    [ROW_WRITER] = "writer",
    [ROW_CELL] = "cell",
    [ROW_CONTROL] = "control",
};

const struct model_refusal_words model_refusal_words[] = {
    [MODEL_HOLDS] = {NULL, NULL},
    [MODEL_TOO_FEW] = {"too few sizes", "too_few_sizes"},
    [MODEL_STRUCTURE] = {"pattern in the residuals", "pattern"},
    [MODEL_SCATTER] = {"scatter", "scatter"},
    [MODEL_ZERO_TIMES] = {"times of zero", "zero_times"},
    [MODEL_NO_COUNTS] = {"no counts", "no_counts"},
};

const char *model_refusal_say(struct document *document, const struct model *model)
{
    switch (model->refusal) {
    case MODEL_HOLDS:
        break;
    case MODEL_TOO_FEW:
        return document_say(document, "%zu chunk sizes are too few", model->points);
    case MODEL_STRUCTURE:
        return document_say(document,
                            "its misses follow a pattern (%s %s than measured at %s): the cost of "
                            "a call changes with its size, as with large folios or caches",
                            figure_percent(fabs(model->worst_residual)).text,
                            model->worst_residual > 0 ? "less" : "more",
                            figure_bytes((double)model->worst_chunk_bytes).text);
    case MODEL_SCATTER:
        return document_say(document, "it would miss by %s", figure_percent(model->residual).text);
    case MODEL_NO_COUNTS:
        return "the run does not say how many chunks or calls a file took";
    case MODEL_ZERO_TIMES:
        return "some times read zero";
    }
    return "";
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What of the machines' contexts can explain what moved between them. */
#include "comparison_report.h"
#include "figure.h"
#include "words.h"

enum { VALUE_SHOWN_MAX = 40, REMAINDERS_SHOWN = 8, QUARTILES_FROM = 4 };
#define MOVED_LEAST 0.02
#define NOTHING_EXPLAINS "Nothing that differs in the contexts can explain it"

static const char *const layer_words[LAYERS] = {"hardware", "kernel", "file system", "build"};

static const char *const aspect_words[ASPECT_FILE] = {
    [ASPECT_CALL] = "An empty system call",
    [ASPECT_COPY] = "Copying memory",
    [ASPECT_FAULT] = "A page fault of fresh memory",
};

static int has_moved(struct interval ratio)
{
    return fabs(ratio.estimate - 1) > MOVED_LEAST && (ratio.low > 1 || ratio.high < 1);
}

/* The text with the difference behind it. */
static const char *say_difference(struct document *document, const char *text,
                                  const struct context_difference *difference)
{
    const char *const *value = difference->value;

    text =
        document_say(document, "%s%s%s", text, *text != '\0' ? ", " : "", difference->field->name);
    return strlen(value[0]) > VALUE_SHOWN_MAX || strlen(value[1]) > VALUE_SHOWN_MAX
               ? text
               : document_say(document, "%s (%s and %s)", text,
                              context_value_say(difference->field, value[0]),
                              context_value_say(difference->field, value[1]));
}

/* "the hardware: CPU model (A and B); the kernel: ..."; "" when nothing differs that could explain
 * it. */
static const char *say_reasons(struct document *document, const struct machine_costs *costs,
                               unsigned aspect)
{
    const char *reasons = "";

    for (int layer = 0; layer < LAYERS; layer++) {
        const char *text = "";
        for (size_t i = 0; i < costs->differences.count; i++) {
            const struct context_difference *difference = &costs->differences.items[i];
            if (difference->field->layer == (enum layer)layer &&
                (difference->field->explains & (1U << aspect)) != 0)
                text = say_difference(document, text, difference);
        }
        if (*text != '\0')
            reasons = document_say(document, "%s%sthe %s: %s", reasons,
                                   *reasons != '\0' ? "; " : "", layer_words[layer], text);
    }
    return reasons;
}

static void put_aspect(struct document *document, const struct machine_costs *costs,
                       unsigned aspect)
{
    struct interval ratio = costs->aspect[aspect];

    if (isnan(ratio.estimate))
        return;
    if (!has_moved(ratio)) {
        document_note(document, "- ", "%s: no clear difference, %s times as long on the new side.",
                      aspect_words[aspect], figure_ratio(ratio).text);
        return;
    }
    const char *reasons = say_reasons(document, costs, aspect);
    document_note(document, "- ", "%s takes %s times as long on the new side. %s%s.",
                  aspect_words[aspect], figure_ratio(ratio).text,
                  *reasons != '\0' ? "Can explain it: " : NOTHING_EXPLAINS, reasons);
}

/* The writers whose remainder moved, those first that moved most. */
static size_t moved_remainders(const struct machine_costs *costs,
                               const struct cost_remainder **moved)
{
    size_t count = 0;

    for (size_t i = 0; i < costs->remainder_count; i++) {
        const struct cost_remainder *remainder = &costs->remainders[i];
        if (remainder->cells == 0 || !has_moved(remainder->ratio))
            continue;
        size_t at = count++;
        for (; at > 0 &&
               fabs(log(remainder->ratio.estimate)) > fabs(log(moved[at - 1]->ratio.estimate));
             at--)
            moved[at] = moved[at - 1];
        moved[at] = remainder;
    }
    return count;
}

/* Of a few chunk sizes there are no quartiles. */
static const char *say_ratio(struct document *document, const struct cost_remainder *remainder)
{
    size_t cells = remainder->cells;

    return cells >= QUARTILES_FROM
               ? document_say(document, "%s", figure_ratio(remainder->ratio).text)
               : document_say(document, "%s, over %zu chunk size%s",
                              figure_number(remainder->ratio.estimate).text, cells,
                              cells == 1 ? "" : "s");
}

static void put_remainders(struct document *document, const struct machine_costs *costs,
                           const struct cost_remainder **moved, size_t count)
{
    const char *reasons = say_reasons(document, costs, ASPECT_FILE);
    unsigned kinds = 0;

    for (size_t i = 0; i < costs->breakdown_count; i++)
        kinds = kinds_add(kinds, costs->breakdowns[i].cell);
    document_note(
        document, "- ",
        "What remains of the times (page cache, file system, device) moved for %zu of %zu "
        "%ss. How many times as long it is on the new side (median and quartiles over the "
        "chunk sizes):",
        count, costs->remainder_count, kinds_say(kinds));
    for (size_t i = 0; i < count && i < REMAINDERS_SHOWN; i++) {
        enum metric phase = moved[i]->phase;
        document_note(document, "  - ", "%s: %s%s%s", moved[i]->writer,
                      say_ratio(document, moved[i]), phase < METRICS ? ", most of it in " : "",
                      phase < METRICS ? metric_info(phase)->option : "");
    }
    if (count > REMAINDERS_SHOWN)
        document_note(document, "  - ", "and %zu others, by less", count - REMAINDERS_SHOWN);
    document_note(document, "- ", "%s%s.",
                  *reasons != '\0' ? "Can explain the remainder: " : NOTHING_EXPLAINS, reasons);
}

/* What differs, but acts only on what did not move. */
static void put_idle(struct document *document, const struct machine_costs *costs, unsigned moved)
{
    const char *text = "";

    for (size_t i = 0; i < costs->differences.count; i++) {
        const struct context_difference *difference = &costs->differences.items[i];
        if (difference->field->explains != 0 && (difference->field->explains & moved) == 0)
            text = say_difference(document, text, difference);
    }
    if (*text != '\0')
        document_note(document, "- ",
                      "These differ, too, but nothing that they act on has moved: %s.", text);
}

void machine_costs_explain(struct document *document, const struct machine_costs *costs)
{
    const struct cost_remainder **moved =
        document_take(document, costs->remainder_count + 1, sizeof(struct cost_remainder *));
    unsigned bits = 0;

    if (moved == NULL)
        return;
    size_t count = moved_remainders(costs, moved);
    document_heading(document, "What can explain it");
    for (unsigned a = 0; a < ASPECT_FILE; a++) {
        put_aspect(document, costs, a);
        bits |= has_moved(costs->aspect[a]) ? 1U << a : 0;
    }
    if (count > 0)
        put_remainders(document, costs, moved, count);
    put_idle(document, costs, bits | (count > 0 ? 1U << ASPECT_FILE : 0));
}

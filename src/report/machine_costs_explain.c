/* SPDX-License-Identifier: Apache-2.0 */
/* What of the machines' contexts can explain what moved between them. */
#include "comparison_report.h"
#include "format.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SHOWN_MAX = 40, REMAINDERS_SHOWN = 8 };
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

static size_t append_difference(char *text, size_t size, size_t at,
                                const struct context_difference *difference)
{
    int length = 0;

    if (at >= size)
        return at;
    if (strlen(difference->value[0]) > VALUE_SHOWN_MAX ||
        strlen(difference->value[1]) > VALUE_SHOWN_MAX)
        length = snprintf(text + at, size - at, "%s", difference->field->name);
    else
        length = snprintf(text + at, size - at, "%s (%s and %s)", difference->field->name,
                          difference->value[0], difference->value[1]);
    return at + (size_t)length;
}

/* "hardware: CPU model (A and B); kernel: ..."; "" when nothing differs that could explain it. */
static void put_reasons(const struct machine_costs *costs, unsigned aspect, char *text, size_t size)
{
    size_t at = 0;

    *text = '\0';
    for (int layer = 0; layer < LAYERS; layer++) {
        int first = 1;
        for (size_t i = 0; i < costs->differences.count && at < size; i++) {
            const struct context_difference *difference = &costs->differences.items[i];
            if (difference->field->layer != (enum layer)layer ||
                (difference->field->explains & (1U << aspect)) == 0)
                continue;
            if (first)
                at += (size_t)snprintf(text + at, size - at, "%sthe %s: ", at > 0 ? "; " : "",
                                       layer_words[layer]);
            else
                at += (size_t)snprintf(text + at, size - at, ", ");
            first = 0;
            at = append_difference(text, size, at, difference);
        }
    }
}

static void put_aspect(struct document *document, const struct machine_costs *costs,
                       unsigned aspect)
{
    struct interval ratio = costs->aspect[aspect];
    char by[FORMAT_INTERVAL_MAX], reasons[1600];

    if (isnan(ratio.estimate))
        return;
    format_ratio(ratio, by);
    if (!has_moved(ratio)) {
        document_note(document, "- ", "%s: no clear difference, %s times as long on the new side.",
                      aspect_words[aspect], by);
        return;
    }
    put_reasons(costs, aspect, reasons, sizeof reasons);
    document_note(document, "- ", "%s takes %s times as long on the new side. %s%s.",
                  aspect_words[aspect], by,
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

static void put_remainders(struct document *document, const struct machine_costs *costs,
                           const struct cost_remainder **moved, size_t count)
{
    char reasons[1600], by[FORMAT_INTERVAL_MAX];

    document_note(
        document, "- ",
        "What remains of the times (page cache, file system, device) moved for %zu of %zu "
        "writers. So many times as long it is on the new side, median and quartiles over the "
        "chunk sizes:",
        count, costs->remainder_count);
    for (size_t i = 0; i < count && i < REMAINDERS_SHOWN; i++) {
        const struct cost_remainder *remainder = moved[i];
        format_ratio(remainder->ratio, by);
        if (remainder->phase < METRICS)
            document_note(document, "  - ", "%s: %s, most of it in %s", remainder->writer, by,
                          metric_info(remainder->phase)->option);
        else
            document_note(document, "  - ", "%s: %s", remainder->writer, by);
    }
    if (count > REMAINDERS_SHOWN)
        document_note(document, "  - ", "and %zu others, by less", count - REMAINDERS_SHOWN);
    put_reasons(costs, ASPECT_FILE, reasons, sizeof reasons);
    document_note(document, "- ", "%s%s.",
                  *reasons != '\0' ? "Can explain the remainder: " : NOTHING_EXPLAINS, reasons);
}

/* What differs, but acts only on what did not move. */
static void put_idle(struct document *document, const struct machine_costs *costs, unsigned moved)
{
    char text[1600] = "";
    size_t at = 0;

    for (size_t i = 0; i < costs->differences.count && at < sizeof text; i++) {
        const struct context_difference *difference = &costs->differences.items[i];
        if (difference->field->explains == 0 || (difference->field->explains & moved) != 0)
            continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", at > 0 ? ", " : "");
        at = append_difference(text, sizeof text, at, difference);
    }
    if (at > 0)
        document_note(document, "- ",
                      "These differ, too, but nothing that they act on has moved: %s.", text);
}

void machine_costs_explain(struct document *document, const struct machine_costs *costs)
{
    const struct cost_remainder **moved =
        calloc(costs->remainder_count + 1, sizeof(struct cost_remainder *));
    unsigned bits = 0;

    if (moved == NULL) {
        document->error = -ENOMEM;
        return;
    }
    size_t count = moved_remainders(costs, moved);
    document_heading(document, "What can explain it");
    for (unsigned a = 0; a < ASPECT_FILE; a++) {
        put_aspect(document, costs, a);
        bits |= has_moved(costs->aspect[a]) ? 1U << a : 0;
    }
    if (count > 0)
        put_remainders(document, costs, moved, count);
    put_idle(document, costs, bits | (count > 0 ? 1U << ASPECT_FILE : 0));
    free(moved);
}

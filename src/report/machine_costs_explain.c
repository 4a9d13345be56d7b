/* SPDX-License-Identifier: Apache-2.0 */
/* What of the machines' contexts can explain what moved between them. */
#include "machine_costs_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SHOWN_MAX = 40, RESTS_SHOWN = 8 };
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
                                const struct machine_difference *difference)
{
    int length = 0;

    if (at >= size)
        return at;
    if (strlen(difference->value[0]) > VALUE_SHOWN_MAX ||
        strlen(difference->value[1]) > VALUE_SHOWN_MAX)
        length = snprintf(text + at, size - at, "%s", difference->name);
    else
        length = snprintf(text + at, size - at, "%s (%s and %s)", difference->name,
                          difference->value[0], difference->value[1]);
    return at + (size_t)length;
}

/* "hardware: CPU model (A and B); kernel: ..."; "" when nothing differs that could explain it. */
static void put_reasons(const struct machine_costs *beside, unsigned aspect, char *text,
                        size_t size)
{
    size_t at = 0;

    *text = '\0';
    for (int layer = 0; layer < LAYERS; layer++) {
        int first = 1;
        for (size_t i = 0; i < beside->difference_count && at < size; i++) {
            const struct machine_difference *difference = &beside->differences[i];
            if (difference->layer != (enum layer)layer ||
                (difference->explains & (1U << aspect)) == 0)
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

static void put_aspect(struct document *document, const struct machine_costs *beside,
                       unsigned aspect)
{
    struct interval ratio = beside->aspect[aspect];
    char by[COSTS_RATIO_MAX], reasons[1600];

    if (isnan(ratio.estimate))
        return;
    format_ratio(ratio, by);
    if (!has_moved(ratio)) {
        document_note(document, "- ",
                      "%s: no difference can be told, %s times as long on the new side.",
                      aspect_words[aspect], by);
        return;
    }
    put_reasons(beside, aspect, reasons, sizeof reasons);
    document_note(document, "- ", "%s takes %s times as long on the new side. %s%s.",
                  aspect_words[aspect], by,
                  *reasons != '\0' ? "Can explain it: " : NOTHING_EXPLAINS, reasons);
}

/* The writers whose rest moved, those first that moved most. */
static size_t moved_rests(const struct machine_costs *beside, const struct cost_rest **moved)
{
    size_t count = 0;

    for (size_t i = 0; i < beside->rest_count; i++) {
        const struct cost_rest *rest = &beside->rests[i];
        if (rest->cells == 0 || !has_moved(rest->ratio))
            continue;
        size_t at = count++;
        for (; at > 0 && fabs(log(rest->ratio.estimate)) > fabs(log(moved[at - 1]->ratio.estimate));
             at--)
            moved[at] = moved[at - 1];
        moved[at] = rest;
    }
    return count;
}

static void put_rests(struct document *document, const struct machine_costs *beside,
                      const struct cost_rest **moved, size_t count)
{
    char reasons[1600], by[COSTS_RATIO_MAX];

    document_note(
        document, "- ",
        "What is left of the times (page cache, file system, device) moved for %zu of %zu "
        "writers; times as long on the new side, median and quartiles over the chunk sizes:",
        count, beside->rest_count);
    for (size_t i = 0; i < count && i < RESTS_SHOWN; i++) {
        const struct cost_rest *rest = moved[i];
        format_ratio(rest->ratio, by);
        if (rest->phase < METRICS)
            document_note(document, "  - ", "%s: %s, most of it in %s", rest->writer, by,
                          metric_info(rest->phase)->option);
        else
            document_note(document, "  - ", "%s: %s", rest->writer, by);
    }
    if (count > RESTS_SHOWN)
        document_note(document, "  - ", "and %zu others, by less", count - RESTS_SHOWN);
    put_reasons(beside, ASPECT_FILE, reasons, sizeof reasons);
    document_note(document, "- ", "%s%s.",
                  *reasons != '\0' ? "Can explain the rest: " : NOTHING_EXPLAINS, reasons);
}

/* What differs, but acts only on what did not move. */
static void put_idle(struct document *document, const struct machine_costs *beside, unsigned moved)
{
    char text[1600] = "";
    size_t at = 0;

    for (size_t i = 0; i < beside->difference_count && at < sizeof text; i++) {
        const struct machine_difference *difference = &beside->differences[i];
        if (difference->explains == 0 || (difference->explains & moved) != 0)
            continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", at > 0 ? ", " : "");
        at = append_difference(text, sizeof text, at, difference);
    }
    if (at > 0)
        document_note(document, "- ",
                      "These differ too, but nothing that they act on was seen to move: %s.", text);
}

void machine_costs_explain(struct document *document, const struct machine_costs *beside)
{
    const struct cost_rest **moved = calloc(beside->rest_count + 1, sizeof(struct cost_rest *));
    unsigned bits = 0;

    if (moved == NULL) {
        document->error = -ENOMEM;
        return;
    }
    size_t count = moved_rests(beside, moved);
    document_heading(document, "What can explain it");
    for (unsigned a = 0; a < ASPECT_FILE; a++) {
        put_aspect(document, beside, a);
        bits |= has_moved(beside->aspect[a]) ? 1U << a : 0;
    }
    if (count > 0)
        put_rests(document, beside, moved, count);
    put_idle(document, beside, bits | (count > 0 ? 1U << ASPECT_FILE : 0));
    free(moved);
}

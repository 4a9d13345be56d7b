/* SPDX-License-Identifier: Apache-2.0 */
/* What of the machines' contexts can explain what moved between them. */
#include "beside_show.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SHOWN_MAX = 40, RESTS_SHOWN = 8 };
#define MOVED_LEAST 0.02
#define NOTHING_EXPLAINS "Nothing that differs in the contexts can explain it"

static const char *const layer_words[RESULTS_LAYERS] = {"hardware", "kernel", "file system",
                                                        "build"};

static const char *const aspect_words[RESULTS_ASPECT_FILE] = {
    [RESULTS_ASPECT_CALL] = "An empty system call",
    [RESULTS_ASPECT_COPY] = "Copying memory",
    [RESULTS_ASPECT_FAULT] = "A page fault of fresh memory",
};

static int has_moved(struct results_interval ratio)
{
    return fabs(ratio.estimate - 1) > MOVED_LEAST && (ratio.low > 1 || ratio.high < 1);
}

static size_t append_difference(char *text, size_t size, size_t at,
                                const struct results_difference *difference)
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
static void put_reasons(const struct results_beside *beside, unsigned aspect, char *text,
                        size_t size)
{
    size_t at = 0;

    *text = '\0';
    for (int layer = 0; layer < RESULTS_LAYERS; layer++) {
        int first = 1;
        for (size_t i = 0; i < beside->difference_count && at < size; i++) {
            const struct results_difference *difference = &beside->differences[i];
            if (difference->layer != (enum results_layer)layer ||
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

static void put_aspect(struct page *page, const struct results_beside *beside, unsigned aspect)
{
    struct results_interval ratio = beside->aspect[aspect];
    char by[BESIDE_RATIO_MAX], reasons[1600];

    if (isnan(ratio.estimate))
        return;
    beside_put_ratio(ratio, by);
    if (!has_moved(ratio)) {
        page_note(page, "- ", "%s: no difference can be told, %s times as long on the new side.",
                  aspect_words[aspect], by);
        return;
    }
    put_reasons(beside, aspect, reasons, sizeof reasons);
    page_note(page, "- ", "%s takes %s times as long on the new side. %s%s.", aspect_words[aspect],
              by, *reasons != '\0' ? "Can explain it: " : NOTHING_EXPLAINS, reasons);
}

/* The writers whose rest moved, those first that moved most. */
static size_t moved_rests(const struct results_beside *beside, const struct results_rest **moved)
{
    size_t count = 0;

    for (size_t i = 0; i < beside->rest_count; i++) {
        const struct results_rest *rest = &beside->rests[i];
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

static void put_rests(struct page *page, const struct results_beside *beside,
                      const struct results_rest **moved, size_t count)
{
    char reasons[1600], by[BESIDE_RATIO_MAX];

    page_note(page, "- ",
              "What is left of the times (page cache, file system, device) moved for %zu of %zu "
              "writers; times as long on the new side, median and quartiles over the chunk sizes:",
              count, beside->rest_count);
    for (size_t i = 0; i < count && i < RESTS_SHOWN; i++) {
        const struct results_rest *rest = moved[i];
        beside_put_ratio(rest->ratio, by);
        if (rest->phase < RESULTS_METRICS)
            page_note(page, "  - ", "%s: %s, most of it in %s", rest->writer, by,
                      results_metric_info(rest->phase)->option);
        else
            page_note(page, "  - ", "%s: %s", rest->writer, by);
    }
    if (count > RESTS_SHOWN)
        page_note(page, "  - ", "and %zu others, by less", count - RESTS_SHOWN);
    put_reasons(beside, RESULTS_ASPECT_FILE, reasons, sizeof reasons);
    page_note(page, "- ", "%s%s.", *reasons != '\0' ? "Can explain the rest: " : NOTHING_EXPLAINS,
              reasons);
}

/* What differs, but acts only on what did not move. */
static void put_idle(struct page *page, const struct results_beside *beside, unsigned moved)
{
    char text[1600] = "";
    size_t at = 0;

    for (size_t i = 0; i < beside->difference_count && at < sizeof text; i++) {
        const struct results_difference *difference = &beside->differences[i];
        if (difference->explains == 0 || (difference->explains & moved) != 0)
            continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", at > 0 ? ", " : "");
        at = append_difference(text, sizeof text, at, difference);
    }
    if (at > 0)
        page_note(page, "- ",
                  "These differ too, but nothing that they act on was seen to move: %s.", text);
}

void beside_explain(struct page *page, const struct results_beside *beside)
{
    const struct results_rest **moved =
        calloc(beside->rest_count + 1, sizeof(struct results_rest *));
    unsigned bits = 0;

    if (moved == NULL) {
        page->error = -ENOMEM;
        return;
    }
    size_t count = moved_rests(beside, moved);
    page_heading(page, "What can explain it");
    for (unsigned a = 0; a < RESULTS_ASPECT_FILE; a++) {
        put_aspect(page, beside, a);
        bits |= has_moved(beside->aspect[a]) ? 1U << a : 0;
    }
    if (count > 0)
        put_rests(page, beside, moved, count);
    put_idle(page, beside, bits | (count > 0 ? 1U << RESULTS_ASPECT_FILE : 0));
    free(moved);
}

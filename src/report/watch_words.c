/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_words.h"

#include "comparison_text.h"
#include "src/run/name_segments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400 };

void run_put_date(const struct history_run *run, char text[DATE_TEXT])
{
    date_put(run->date_s, text);
    if (strlen(text) > 16)
        text[16] = '\0';
}

void run_put(const struct history_run *run, char text[RUN_TEXT])
{
    char date[DATE_TEXT];

    run_put_date(run, date);
    snprintf(text, RUN_TEXT, "%s (run %.*s%s%.*s)", date, RUN_SHOWN, run->id,
             run->revision != NULL ? ", revision " : "", REVISION_SHOWN,
             run->revision != NULL ? run->revision : "");
}

void past_show(struct document *document, const struct run_window *past, size_t cells,
               size_t controls, const char *common)
{
    const struct history_runs *runs = &past->series.runs;
    size_t older = past->machine_runs - past->newer;
    char first[DATE_TEXT], last[RUN_TEXT], looked[40] = "", span[2 * RUN_TEXT], beside[40] = "";
    char among[60] = "";

    run_put_date(&runs->runs[0], first);
    run_put(&runs->runs[runs->count - 1], last);
    if (past->machines > 1)
        snprintf(among, sizeof among, ", one of %zu in the store", past->machines);
    if (runs->count < older)
        snprintf(looked, sizeof looked, " of %zu", older);
    if (runs->count > 1)
        snprintf(span, sizeof span, "runs from %s to %s", first, last);
    else
        snprintf(span, sizeof span, "run of %s", last);
    if (controls > 0)
        snprintf(beside, sizeof beside, ", and %zu control%s", controls, controls > 1 ? "s" : "");
    document_paragraph(document, "", "Machine %s%s: %zu%s %s, %zu cell%s%s%s%s.", past->machine,
                       among, runs->count, looked, span, cells, cells != 1 ? "s" : "",
                       *common != '\0' ? ", all of " : "", common, beside);
}

void watch_put_change(double ratio, char text[FORMAT_MAX])
{
    char estimate[FORMAT_MAX];

    format_change(ratio, estimate);
    snprintf(text, FORMAT_MAX, "%.30s%s", estimate, strchr(estimate, 'x') == NULL ? " %" : "");
}

struct run_window_clock run_window_clock(const struct run_window *past)
{
    const struct history_runs *runs = &past->series.runs;
    struct run_window_clock clock = {.last_added = runs->count - 1};
    int64_t least = INT64_MAX;

    for (size_t i = runs->count; i-- > 0;) {
        const struct history_run *run = &runs->runs[i];
        if (run->sequence > runs->runs[clock.last_added].sequence)
            clock.last_added = i;
        clock.late += run->sequence > least;
        clock.future += run->date_s >= run->added_s + DAY_S;
        least = run->sequence < least ? run->sequence : least;
    }
    return clock;
}

static int is_control(const char *cell)
{
    struct name parts;

    name_parse(cell, &parts);
    return name_is_control(&parts);
}

char *watch_common(char *const *cells, size_t count)
{
    char **names = calloc(count + 1, sizeof *names), *common;
    size_t measured = 0;

    if (names == NULL)
        return NULL;
    for (size_t c = 0; c < count; c++)
        if (!is_control(cells[c]))
            names[measured++] = cells[c];
    if (measured == 0)
        for (; measured < count; measured++)
            names[measured] = cells[measured];
    common = name_segments_common(names, measured);
    free(names);
    return common;
}

char *watch_short_name(const char *cell, const char *common)
{
    char *name = name_segments_without(cell, common), *shorter;

    if (name == NULL || *common == '\0' || !is_control(cell))
        return name;
    shorter = name_segments_without(name, "file:none");
    free(name);
    return shorter;
}

/* Of a kernel the release, where that differs; of all else so much as a line takes. */
static int shown_length(const struct context_change *at, const char *value)
{
    const char *other = value == at->before ? at->after : at->before;
    size_t release = strcspn(value, " ");

    if (strcmp(at->key, "kernel") == 0 && other != NULL &&
        (release != strcspn(other, " ") || strncmp(value, other, release) != 0))
        return (int)release;
    return strlen(value) > 60 ? 60 : (int)strlen(value);
}

static void put_value(FILE *out, const struct context_change *at, const char *value)
{
    if (value == NULL)
        fputs("unknown", out);
    else
        fprintf(out, "%.*s%s", shown_length(at, value), value, strlen(value) > 60 ? "..." : "");
}

char *context_changes_text(const struct context_change *found, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        int later = found[i].runs_later;
        fprintf(out, "%s%s ", i > 0 ? ", " : "", found[i].name);
        put_value(out, &found[i], found[i].before);
        fputs(" -> ", out);
        put_value(out, &found[i], found[i].after);
        if (later != 0)
            fprintf(out, " (%d run%s %s)", abs(later), abs(later) > 1 ? "s" : "",
                    later > 0 ? "later" : "earlier");
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

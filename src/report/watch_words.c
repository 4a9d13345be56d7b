/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_words.h"

#include "src/run/name_segments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REVISION_SHOWN = 20, VALUE_SHOWN = 60 };

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

void run_members(struct document *document, const void *run)
{
    const struct history_run *of = run;
    char date[DATE_TEXT];

    date_put(of->date_s, date);
    document_text(document, "run", of->id);
    document_text(document, "date", date);
    document_text(document, "revision", of->revision);
}

void run_object(struct document *document, const char *key, const struct history_run *run)
{
    document_open(document, key, '{');
    run_members(document, run);
    document_close(document, '}');
}

void window_show(struct document *document, const struct run_window *window, size_t cells,
                 size_t controls, const char *common)
{
    const struct history_runs *runs = &window->series.runs;
    size_t older = window->machine_runs - window->newer;
    char first[DATE_TEXT], last[RUN_TEXT], read[40] = "", span[2 * RUN_TEXT], others[40] = "";
    char among[60] = "";

    document_text(document, "machine", window->machine);
    document_count(document, "machines", window->machines);
    document_count(document, "machine_runs", window->machine_runs);
    run_put_date(&runs->runs[0], first);
    run_put(&runs->runs[runs->count - 1], last);
    if (window->machines > 1)
        snprintf(among, sizeof among, ", one of %zu in the store", window->machines);
    if (runs->count < older)
        snprintf(read, sizeof read, " of %zu", older);
    if (runs->count > 1)
        snprintf(span, sizeof span, "runs from %s to %s", first, last);
    else
        snprintf(span, sizeof span, "run of %s", last);
    if (controls > 0)
        snprintf(others, sizeof others, ", and %zu control%s", controls, controls > 1 ? "s" : "");
    document_paragraph(document, "", "Machine %s%s: %zu%s %s, %zu cell%s%s%s%s.", window->machine,
                       among, runs->count, read, span, cells, cells != 1 ? "s" : "",
                       *common != '\0' ? ", all of " : "", common, others);
}

void window_show_accepted(struct document *document, const struct run_window *window, size_t most)
{
    size_t count = window->accepted_count, begin = count > most ? count - most : 0;

    document_open(document, "accepted", '[');
    for (size_t i = 0; i < count; i++) {
        const struct accepted_change *accepted = &window->accepted[i];
        const struct history_run *since = &window->series.runs.runs[accepted->run];
        char run[RUN_TEXT];
        run_put(since, run);
        if (i >= begin)
            document_paragraph(document, "", "Accepted: %s since %s: %s.",
                               accepted->cell != NULL ? accepted->cell : "all cells", run,
                               accepted->reason);
        document_open(document, NULL, '{');
        document_text(document, "cell", accepted->cell);
        run_object(document, "since", since);
        document_text(document, "reason", accepted->reason);
        document_close(document, '}');
    }
    document_close(document, ']');
    if (begin > 0)
        document_note(document, "", "%zu older changes were accepted, too.", begin);
}

void watch_put_change(double ratio, char text[FORMAT_MAX])
{
    char estimate[FORMAT_MAX];

    format_change(ratio, estimate);
    snprintf(text, FORMAT_MAX, "%.30s%s", estimate, strchr(estimate, 'x') == NULL ? " %" : "");
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

void watch_put_name(struct table *table, const char *name, const char *common)
{
    char *shorter = watch_short_name(name, common);

    table_text(table, name);
    if (shorter != NULL)
        table_words(table, "%s", shorter);
    else
        table->document->error = -ENOMEM;
    free(shorter);
}

/* Of Linux only the release where the release changed; of all other values what fits in a line. */
static int shown_length(const struct context_change *change, const char *value)
{
    const char *other = value == change->before ? change->after : change->before;
    size_t release = strcspn(value, " ");

    if (strcmp(change->key, "kernel") == 0 && other != NULL &&
        (release != strcspn(other, " ") || strncmp(value, other, release) != 0))
        return (int)release;
    return strlen(value) > VALUE_SHOWN ? VALUE_SHOWN : (int)strlen(value);
}

static void put_value(FILE *out, const struct context_change *change, const char *value)
{
    if (value == NULL)
        fputs("unknown", out);
    else
        fprintf(out, "%.*s%s", shown_length(change, value), value,
                strlen(value) > VALUE_SHOWN ? "..." : "");
}

char *context_changes_text(const struct context_change *changes, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        int later = changes[i].runs_later;
        fprintf(out, "%s%s ", i > 0 ? ", " : "", changes[i].name);
        put_value(out, &changes[i], changes[i].before);
        fputs(" -> ", out);
        put_value(out, &changes[i], changes[i].after);
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

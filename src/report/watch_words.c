/* SPDX-License-Identifier: Apache-2.0 */
#include "history_reports.h"

#include <stdlib.h>

enum { MINUTES_SHOWN = 16, REVISION_SHOWN = 20, VALUE_SHOWN = 60 };

const char *date_say(struct document *document, int64_t date_s)
{
    char text[DATE_TEXT];

    date_put(date_s, text);
    return document_say(document, "%s", text);
}

const char *run_say_date(struct document *document, const struct history_run *run)
{
    return document_say(document, "%.*s", MINUTES_SHOWN, date_say(document, run->date_s));
}

const char *run_say(struct document *document, const struct history_run *run)
{
    const char *revision = run->revision != NULL ? run->revision : "";

    return document_say(document, "%s (run %.*s%s%.*s)", run_say_date(document, run), RUN_SHOWN,
                        run->id, *revision != '\0' ? ", revision " : "", REVISION_SHOWN, revision);
}

void run_members(struct document *document, const void *run)
{
    const struct history_run *of = run;

    document_put(document, "run", of->id, "date", date_say(document, of->date_s), "revision",
                 of->revision);
}

void window_show(struct document *document, const struct run_window *window, size_t cells,
                 size_t controls, const char *common)
{
    const struct history_runs *runs = &window->series.runs;
    size_t older = window->machine_runs - window->newer;
    const char *last = run_say(document, &runs->runs[runs->count - 1]);
    const char *among = window->machines > 1
                            ? document_say(document, ", one of %zu in the store", window->machines)
                            : "";
    const char *read = runs->count < older ? document_say(document, " of %zu", older) : "";
    const char *span = runs->count > 1 ? document_say(document, "runs from %s to %s",
                                                      run_say_date(document, &runs->runs[0]), last)
                                       : document_say(document, "run of %s", last);
    const char *others = controls > 0 ? document_say(document, ", and %zu control%s", controls,
                                                     controls > 1 ? "s" : "")
                                      : "";

    document_put(document, "machine", window->machine, "machines", window->machines, "machine_runs",
                 window->machine_runs);
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
        if (i >= begin)
            document_paragraph(document, "", "%s: %s since %s: %s.",
                               accepted->is_gone ? "Taken away" : "Accepted",
                               accepted->cell != NULL ? accepted->cell : "all cells",
                               run_say(document, since), accepted->reason);
        document_object(document, NULL, "cell", accepted->cell, "since{}",
                        MEMBERS(run_members, since), "reason", accepted->reason, "gone",
                        PERHAPS(accepted->is_gone, 1));
    }
    document_close(document, ']');
    if (begin > 0)
        document_note(document, "", "%zu older changes were accepted, too.", begin);
}

static int is_control(const char *cell)
{
    struct name parts;

    name_parse(cell, &parts);
    return name_is_control(&parts);
}

const char *watch_common(struct document *document, const struct run_window *window,
                         const void *columns, size_t stride, size_t count)
{
    char **names = document_take(document, 2 * count + 1, sizeof *names), **all = names + count;
    size_t measured = 0;

    if (names == NULL)
        return "";
    for (size_t c = 0; c < count; c++) {
        const size_t *column = (const void *)((const char *)columns + c * stride);
        all[c] = window->series.cells[*column].name;
        if (!is_control(all[c]))
            names[measured++] = all[c];
    }
    return document_own(document, measured > 0 ? name_segments_common(names, measured)
                                               : name_segments_common(all, count));
}

const char *watch_short_name(struct document *document, const char *cell, const char *common)
{
    const char *name = document_own(document, name_segments_without(cell, common));

    return *common == '\0' || !is_control(cell)
               ? name
               : document_own(document, name_segments_without(name, "file:none"));
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

static const char *say_value(struct document *document, const struct context_change *change,
                             const char *value)
{
    return value == NULL ? "unknown"
                         : document_say(document, "%.*s%s", shown_length(change, value), value,
                                        strlen(value) > VALUE_SHOWN ? "..." : "");
}

const char *context_changes_say(struct document *document, const struct context_change *changes,
                                size_t count)
{
    const char *text = "";

    for (size_t i = 0; i < count; i++) {
        int later = changes[i].runs_later;
        text = document_say(document, "%s%s%s %s -> %s", text, i > 0 ? ", " : "", changes[i].name,
                            say_value(document, &changes[i], changes[i].before),
                            say_value(document, &changes[i], changes[i].after));
        if (later != 0)
            text = document_say(document, "%s (%d run%s %s)", text, abs(later),
                                abs(later) > 1 ? "s" : "", later > 0 ? "later" : "earlier");
    }
    return text;
}

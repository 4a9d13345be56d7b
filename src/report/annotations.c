/* SPDX-License-Identifier: Apache-2.0 */
/* What GitHub shows at the top of a workflow's run. */
#include "comparison_report.h"
#include "words.h"

enum { ANNOTATIONS_MOST = 10 };

/* GitHub cuts an annotation at its first line: what would end it, or begin an escape, is escaped;
 * in its title what would end that. */
static void put_escaped(FILE *out, const char *text, const char *escaped)
{
    for (; *text != '\0'; text++)
        if (strchr(escaped, *text) != NULL)
            fprintf(out, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, out);
}

static void put_begin(FILE *out, const char *kind, const char *title, const char *machine)
{
    fprintf(out, "::%s title=%s", kind, title);
    if (machine != NULL) {
        fputs(" on machine ", out);
        put_escaped(out, machine, "%\r\n:,");
    }
    fputs("::", out);
}

static void put_text(FILE *out, const char *text)
{
    put_escaped(out, text, "%\r\n");
    fputc('\n', out);
}

static void put_slower(FILE *out, const char *name, const struct finding *finding)
{
    char text[400];

    snprintf(text, sizeof text, "%.300s takes %.3f times as long%s",
             name != NULL ? name : "all cells",
             finding->by_relative ? finding->relative.estimate : finding->ratio.estimate,
             finding->by_relative ? ", against its peers" : "");
    put_text(out, text);
}

static void annotate(FILE *out, const struct comparison *comparison, const char *machine)
{
    size_t shown = 0;

    const struct view view = view_default();
    struct document document = document_begin(out, &view);

    for (size_t n = 0; n < comparison->notes.count; n++) {
        const struct note *note = &comparison->notes.items[n];
        if (note->kind != NOTE_CELLS_LEFT_OUT)
            continue;
        if (note->fault == FAULT_NEW_FAILED)
            put_begin(out, "error", "Failed", machine);
        else if (fault_is_missing(note->fault))
            put_begin(out, "warning", "Not compared", machine);
        else
            continue;
        put_text(out, note_say(&document, note));
    }
    if (comparison->refusal.kind != NOTE_NONE) {
        put_begin(out, "warning", "No verdict", machine);
        put_text(out, note_say(&document, &comparison->refusal));
    }
    document_finish(&document);
    for (size_t r = 0; r < comparison->table.count; r++) {
        const struct finding *row = &comparison->table.rows[r].finding;
        if (row->change != CHANGE_SLOWER || shown++ >= ANNOTATIONS_MOST)
            continue;
        put_begin(out, "error", "Slower", machine);
        put_slower(out, comparison_row_name(comparison, row), row);
    }
}

void report_annotations(FILE *out, const struct comparison *comparison)
{
    annotate(out, comparison, NULL);
}

void report_annotations_across(FILE *out, const struct across_machines *across)
{
    size_t shown = 0;

    for (size_t r = 0; r < across->row_count; r++) {
        const struct across_machines_row *row = &across->rows[r];
        if (row->finding.change != CHANGE_SLOWER || shown++ >= ANNOTATIONS_MOST)
            continue;
        fprintf(out, "::error title=Slower on %zu of %zu machines::", row->slower, row->machines);
        put_slower(out, row->name, &row->finding);
    }
    for (size_t m = 0; m < across->count; m++)
        annotate(out, &across->machines[m].comparison, across->machines[m].key);
}

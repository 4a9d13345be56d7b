/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on many machines, for a reader. */
#include "across_machines_text.h"
#include "table.h"

#include "comparison_text.h"
#include "finding_words.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_FROM = 12, KEY_SHOWN = 8 };

void across_machines_order(const struct across_machines *fleet, size_t *order)
{
    findings_order(&(struct findings){fleet->rows, sizeof *fleet->rows, fleet->row_count, 1, NULL},
                   order);
}

static void put_own_verdict(const struct comparison *comparison, char *text, size_t size)
{
    if (comparison->gate != GATE_OPEN)
        snprintf(text, size, "none: %s", compare_gate_word(comparison->gate));
    else if (comparison->slower > 0)
        snprintf(text, size, "slower: %d row%s", comparison->slower,
                 comparison->slower == 1 ? "" : "s");
    else if (comparison->apart > 0)
        snprintf(text, size, "something moved");
    else if (comparison->faster > 0)
        snprintf(text, size, "faster: %d row%s", comparison->faster,
                 comparison->faster == 1 ? "" : "s");
    else
        snprintf(text, size, "nothing slower");
}

static void put_machines(struct document *document, const struct across_machines *fleet)
{
    struct table grid;
    char verdict[80];

    table_begin(&grid, document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "machine");
    table_column(&grid, ALIGN_RIGHT, 1, "old");
    table_column(&grid, ALIGN_RIGHT, 1, "new");
    table_column(&grid, ALIGN_LEFT, 1, "its own verdict");
    for (size_t m = 0; m < fleet->count; m++) {
        const struct comparison *comparison = &fleet->machines[m].comparison;
        size_t row = table_row(&grid);
        put_own_verdict(comparison, verdict, sizeof verdict);
        table_set(&grid, row, 0, "%.*s", KEY_SHOWN, fleet->machines[m].key);
        table_set(&grid, row, 1, "%zu", comparison->old_count);
        table_set(&grid, row, 2, "%zu", comparison->new_count);
        table_set(&grid, row, 3, "%s", verdict);
    }
    table_end(&grid);
    for (size_t m = 0; m < fleet->count; m++)
        document_note(document, "  ", "%.*s: %s", KEY_SHOWN, fleet->machines[m].key,
                      fleet->machines[m].name);
}

/* As the first machine that has the row shows it: without what its cells have in common. */
static char *shown_name(const struct across_machines *fleet, const struct across_machines_row *row)
{
    for (size_t m = 0; m < fleet->count; m++) {
        const struct comparison *comparison = &fleet->machines[m].comparison;
        for (size_t r = 0; r < comparison->table.count; r++) {
            const struct comparison_row *of = &comparison->table.rows[r];
            if (of->finding.kind == row->finding.kind &&
                (row->finding.kind == ROW_ALL ||
                 strcmp(row->finding.kind == ROW_WRITER ? comparison->group_names[of->finding.index]
                                                        : comparison->cell_names[of->finding.index],
                        row->name) == 0))
                return compare_row_name(comparison, of);
        }
    }
    return strdup(row->name);
}

/* How many machines say what the combined estimate says. */
static void put_agreement(const struct across_machines *fleet,
                          const struct across_machines_row *row, char *text, size_t size)
{
    double by = log(row->finding.ratio.estimate), margin = log1p(fleet->options.margin);

    if (fabs(by) <= margin)
        snprintf(text, size, "%zu of %zu equivalent", row->machines - row->slower - row->faster,
                 row->machines);
    else
        snprintf(text, size, "%zu of %zu %s", by > 0 ? row->slower : row->faster, row->machines,
                 by > 0 ? "slower" : "faster");
}

static void put_row(struct table *grid, const struct across_machines *fleet,
                    const struct across_machines_row *row)
{
    char change[FORMAT_INTERVAL_MAX], agreement[60], p[FORMAT_MAX], *name = shown_name(fleet, row);
    double none = (double)NAN;
    size_t r = table_row(grid), column = 1;

    table_set(grid, r, 0, "%s", name != NULL ? name : "");
    free(name);
    for (size_t m = 0; m < fleet->count; m++, column++) {
        format_change_interval((struct interval){exp(row->log_ratio[m]), none, none}, change);
        table_set(grid, r, column, "%s", change);
    }
    put_agreement(fleet, row, agreement, sizeof agreement);
    format_change_interval(row->finding.ratio, change);
    format_p(row->finding.p, p);
    table_set(grid, r, column++, "%s", agreement);
    table_set(grid, r, column++, "%s", change);
    table_set(grid, r, column++, "%s", p);
    table_set(grid, r, column, "%s",
              fleet->gate == GATE_OPEN ? finding_change_word(row->finding.change) : "–");
}

static void put_rows(struct document *document, const struct across_machines *fleet, int all)
{
    size_t *order = calloc(fleet->row_count + 1, sizeof *order), folded = 0;
    struct table grid;

    if (order == NULL) {
        document->error = -ENOMEM;
        return;
    }
    across_machines_order(fleet, order);
    table_begin(&grid, document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "change, %%");
    for (size_t m = 0; m < fleet->count; m++)
        table_column(&grid, ALIGN_RIGHT, 1, "%.*s", KEY_SHOWN, fleet->machines[m].key);
    table_column(&grid, ALIGN_LEFT, 2, "agree");
    table_column(&grid, ALIGN_LEFT, 3, "combined [%g %%]", 100 * fleet->options.confidence);
    table_column(&grid, ALIGN_RIGHT, 3, "p");
    table_column(&grid, ALIGN_LEFT, 3, "verdict");
    for (size_t i = 0; i < fleet->row_count; i++) {
        const struct across_machines_row *row = &fleet->rows[order[i]];
        if (!all && fleet->row_count > FOLD_FROM && row->finding.kind == ROW_CELL &&
            !finding_is_change(&row->finding))
            folded++;
        else
            put_row(&grid, fleet, row);
    }
    table_end(&grid);
    free(order);
    if (folded > 0)
        document_note(document, "", "%zu cells without a finding are folded; --all shows them.",
                      folded);
}

static size_t machines_slower(const struct across_machines *fleet)
{
    size_t count = 0;
    for (size_t m = 0; m < fleet->count; m++)
        count += fleet->machines[m].comparison.slower > 0;
    return count;
}

static void put_headline(struct document *document, const struct across_machines *fleet)
{
    char by[FORMAT_INTERVAL_MAX], *name;
    const struct across_machines_row *worst = NULL;
    double none = (double)NAN;
    size_t *order = calloc(fleet->row_count + 1, sizeof *order);

    if (order == NULL) {
        document->error = -ENOMEM;
        return;
    }
    across_machines_order(fleet, order);
    if (fleet->row_count > 0 && finding_is_change(&fleet->rows[order[0]].finding))
        worst = &fleet->rows[order[0]];
    free(order);
    if (worst != NULL && (fleet->slower > 0 || machines_slower(fleet) == 0)) {
        name = shown_name(fleet, worst);
        format_change_interval((struct interval){worst->finding.ratio.estimate, none, none}, by);
        document_heading(document, "%s over %zu machines: %s (%s %%), %zu of them agree",
                         fleet->slower > 0 ? "Slower" : "Faster, and nothing became slower,",
                         worst->machines, name != NULL ? name : "", by,
                         fleet->slower > 0 ? worst->slower : worst->faster);
        free(name);
    } else if (machines_slower(fleet) > 0) {
        document_heading(document,
                         "Slower on %zu of %zu machines, and not told of the machines together",
                         machines_slower(fleet), fleet->count);
    } else if (fleet->gate != GATE_OPEN) {
        document_heading(document, "No verdict over %zu machines", fleet->count);
    } else {
        document_heading(document, "Nothing became slower over %zu machines", fleet->count);
    }
}

static void put_fleet(struct document *document, const struct across_machines *fleet, int all)
{
    put_headline(document, fleet);
    if (fleet->refusal != NULL)
        document_paragraph(document, "", "There is no verdict over the machines: %s.",
                           fleet->refusal);
    put_machines(document, fleet);
    put_rows(document, fleet, all);
    document_note(
        document, "",
        "A machine agrees when its ratio is beyond %g %%. Combined: the random-effects mean of "
        "the log ratios with Hartung and Knapp's interval. Half of the error of %g %% is the "
        "machines' own, half the combined rows'.",
        100 * fleet->options.margin, 100 * fleet->options.alpha);
    for (size_t m = 0; m < fleet->count; m++) {
        const struct comparison *comparison = &fleet->machines[m].comparison;
        if (comparison->refusal != NULL)
            document_note(document, "- ", "%.*s has no verdict of its own: %s.", KEY_SHOWN,
                          fleet->machines[m].key, comparison->refusal);
        for (size_t i = 0; i < comparison->note_count; i++)
            document_note(document, "- ", "%.*s: %s", KEY_SHOWN, fleet->machines[m].key,
                          comparison->notes[i]);
    }
}

int report_across_machines(FILE *out, const struct across_machines *fleet, const struct view *view,
                           int all)
{
    struct document document = document_begin(out, view);

    if (view->format == &format_csv)
        return across_machines_csv(out, fleet);
    if (view->format == &format_json)
        return across_machines_json(out, fleet);
    if (!fleet->is_beside)
        put_fleet(&document, fleet, all);
    for (size_t m = 0; fleet->is_beside && m < fleet->count; m++) {
        document_heading(&document, "Against %s", fleet->machines[m].name);
        compare_show_body(&document, &fleet->machines[m].comparison, all);
    }
    for (size_t i = 0; i < fleet->note_count; i++)
        document_paragraph(&document, "", "%s", fleet->notes[i]);
    return document_finish(&document);
}

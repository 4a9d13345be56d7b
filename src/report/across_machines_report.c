/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on many machines. */
#include "comparison_report.h"
#include "table.h"
#include "words.h"

enum { FOLD_FROM = 12 };

struct telling {
    struct document *document;
    const struct across_machines *across;
    size_t *order;
};

static const struct across_machines_row *row_at(const struct telling *telling, size_t i)
{
    return &telling->across->rows[telling->order[i]];
}

static void put_own_verdict(struct table *table, struct document *document,
                            const struct comparison *comparison)
{
    if (comparison->failed > 0)
        table_say(table, "failed: %s", comparison_say_left_out(document, comparison, 1));
    else if (comparison->gate != GATE_OPEN)
        table_say(table, "none: %s", comparison_gate_word(comparison->gate));
    else if (comparison->slower > 0)
        table_say(table, "slower: %s", comparison_say_first(document, comparison));
    else if (comparison->missing > 0)
        table_say(table, "not compared: %s", comparison_say_left_out(document, comparison, 0));
    else if (comparison->diverged > 0)
        table_say(table, "something moved");
    else if (comparison->faster > 0)
        table_say(table, "faster: %s", comparison_say_first(document, comparison));
    else
        table_say(table, "nothing slower");
}

static void put_machines(const struct telling *telling)
{
    static const struct column columns[] = {
        {.heading = "machine"},
        {.heading = "old", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "new", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "its own verdict", .family = 1},
    };
    const struct across_machines *across = telling->across;
    struct table table;

    table_of(&table, telling->document, NULL, columns);
    for (size_t m = 0; m < across->count; m++) {
        const struct machine_comparison *machine = &across->machines[m];
        table_row(&table);
        table_say(&table, "%.*s", KEY_SHOWN, machine->key);
        table_put(&table, machine->comparison.old_count, machine->comparison.new_count);
        put_own_verdict(&table, telling->document, &machine->comparison);
    }
    table_end(&table);
    for (size_t m = 0; m < across->count; m++)
        document_note(telling->document, "  ", "%.*s: %s", KEY_SHOWN, across->machines[m].key,
                      across->machines[m].name);
}

/* As the first machine that has the row shows it: without what its cells have in common. */
static const char *short_name(struct document *document, const struct across_machines *across,
                              const struct across_machines_row *row)
{
    for (size_t m = 0; m < across->count && row->name != NULL; m++) {
        const struct comparison *comparison = &across->machines[m].comparison;
        for (size_t r = 0; r < comparison->table.count; r++) {
            const struct finding *own = &comparison->table.rows[r].finding;
            if (own->kind == row->finding.kind &&
                strcmp(comparison_row_name(comparison, own), row->name) == 0)
                return comparison_short_name(document, comparison, own);
        }
    }
    return row->name != NULL ? row->name : "all cells";
}

/* What a machine's own comparison can say that the rows over all machines do not. */
enum trouble { TROUBLE_FAILED, TROUBLE_SLOWER, TROUBLE_MISSING, TROUBLE_DIVERGED };

static int has_trouble(const struct comparison *comparison, enum trouble trouble)
{
    const size_t rows[] = {comparison->failed, (size_t)comparison->slower, comparison->missing,
                           (size_t)comparison->diverged};

    return rows[trouble] > 0;
}

/* The first that moved apart from its peers. */
static const char *say_diverged(struct document *document, const struct comparison *comparison)
{
    size_t r = 0;

    while (comparison->table.rows[r].finding.change != CHANGE_DIVERGED)
        r++;
    return comparison_short_name(document, comparison, &comparison->table.rows[r].finding);
}

static const char *say_trouble(struct document *document, const struct comparison *comparison,
                               enum trouble trouble)
{
    return trouble == TROUBLE_SLOWER ? comparison_say_first(document, comparison)
           : trouble == TROUBLE_DIVERGED
               ? say_diverged(document, comparison)
               : comparison_say_left_out(document, comparison, trouble == TROUBLE_FAILED);
}

/* "A (+12 %) on the machine k, B (+9 %) on the machine l". */
static const char *say_troubled(const struct telling *telling, enum trouble trouble)
{
    struct document *document = telling->document;
    const char *text = "";

    for (size_t m = 0; m < telling->across->count; m++) {
        const struct machine_comparison *machine = &telling->across->machines[m];
        if (has_trouble(&machine->comparison, trouble))
            text = document_say(document, "%s%s%s on %.*s", text, *text != '\0' ? ", " : "",
                                say_trouble(document, &machine->comparison, trouble), KEY_SHOWN,
                                machine->key);
    }
    return text;
}

/* 0: no machine has it. */
static int put_trouble(const struct telling *telling, enum trouble trouble)
{
    static const char *const words[][2] = {
        [TROUBLE_FAILED] = {"Failed on the new side on", ""},
        [TROUBLE_SLOWER] = {"Slower on", ", with no finding for all of them together"},
        [TROUBLE_MISSING] = {"Cells could not be compared on", ""},
        [TROUBLE_DIVERGED] = {"Something moved, and may have become slower, on", ""}};
    size_t count = 0;

    for (size_t m = 0; m < telling->across->count; m++)
        count += (size_t)has_trouble(&telling->across->machines[m].comparison, trouble);
    if (count > 0)
        document_heading(telling->document, "%s %zu of %zu machines%s: %s", words[trouble][0],
                         count, telling->across->count, words[trouble][1],
                         say_troubled(telling, trouble));
    return count > 0;
}

static void put_combined(const struct telling *telling)
{
    const struct across_machines *across = telling->across;
    const struct across_machines_row *first = row_at(telling, 0);

    document_heading(telling->document, "%s over %zu machines: %s (%s %%), %zu of them agree",
                     across->slower > 0 ? "Slower" : "Faster, and nothing became slower,",
                     first->machines, short_name(telling->document, across, first),
                     figure_change(first->finding.ratio.estimate).text,
                     across->slower > 0 ? first->slower : first->faster);
}

/* In the order of the statuses that they stand for. */
static void put_headline(const struct telling *telling)
{
    const struct across_machines *across = telling->across;
    int is_found = across->row_count > 0 && finding_is_change(&row_at(telling, 0)->finding);

    if (put_trouble(telling, TROUBLE_FAILED))
        return;
    if (is_found && across->slower > 0) {
        put_combined(telling);
        return;
    }
    if (put_trouble(telling, TROUBLE_SLOWER))
        return;
    if (across->gate != GATE_OPEN)
        document_heading(telling->document, "No verdict over %zu machines", across->count);
    else if (put_trouble(telling, TROUBLE_MISSING) || put_trouble(telling, TROUBLE_DIVERGED))
        return;
    else if (is_found)
        put_combined(telling);
    else
        document_heading(telling->document, "Nothing became slower over %zu machines",
                         across->count);
}

struct ratios {
    const struct across_machines *across;
    const struct across_machines_row *row;
};

static void put_ratios(struct document *document, const void *subject)
{
    const struct ratios *ratios = subject;

    for (size_t m = 0; m < ratios->across->count; m++)
        document_put(document, ratios->across->machines[m].key, exp(ratios->row->log_ratio[m]));
}

/* How many machines say what the combined estimate says. */
static const char *say_agreement(const struct telling *telling,
                                 const struct across_machines_row *row)
{
    double by = log(row->finding.ratio.estimate), margin = log1p(telling->across->options.margin);
    enum change change = fabs(by) <= margin ? CHANGE_EQUIVALENT
                         : by > 0           ? CHANGE_SLOWER
                                            : CHANGE_FASTER;
    size_t agree = change == CHANGE_EQUIVALENT ? row->machines - row->slower - row->faster
                   : change == CHANGE_SLOWER   ? row->slower
                                               : row->faster;

    return document_say(telling->document, "%zu of %zu %s", agree, row->machines,
                        finding_change_word[change]);
}

static void put_row(struct table *table, const struct telling *telling,
                    const struct across_machines_row *row, const struct ratios *ratios)
{
    const struct across_machines *across = telling->across;
    const struct finding *finding = &row->finding;
    const char *change = finding_change_word[finding->change];

    table_put(table, "combined", finding_kind_word[finding->kind],
              SHOWN(row->name != NULL ? row->name : "all cells",
                    short_name(telling->document, across, row)),
              change);
    for (size_t m = 0; m < across->count; m++)
        table_put(table, WORDS(figure_change(exp(row->log_ratio[m])).text));
    table_put(table, WORDS(say_agreement(telling, row)), finding->ratio, finding->p,
              WORDS(across->gate == GATE_OPEN ? change : "–"), row->machines, row->slower,
              row->faster, row->heterogeneity, MEMBERS(put_ratios, ratios));
}

/* For readers also a column a machine. In CSV the rows stand below those of the comparisons. */
static void put_rows(const struct telling *telling, int all)
{
    static const struct column begin[] = {
        {.csv = "machine"},
        {.key = "kind", .csv = "kind"},
        {.heading = "change, %", .key = "name", .csv = "name"},
        {.key = "change", .csv = "change"},
    };
    static const struct column end[] = {
        {.heading = "agree", .family = 2},
        {.heading = "", .key = "ratio", .csv = "ratio,ratio_low,ratio_high", .family = 3},
        {"p", "p", "p_ratio", ALIGN_RIGHT, 3, figure_p},
        {.heading = "verdict", .family = 3},
        {.key = "machines", .csv = "machines"},
        {.key = "slower_on", .csv = "slower_on"},
        {.key = "faster_on", .csv = "faster_on"},
        {.key = "heterogeneity"},
        {.key = "ratio_by_machine{}"},
    };
    const struct across_machines *across = telling->across;
    struct ratios *ratios = document_take(telling->document, across->row_count + 1, sizeof *ratios);
    size_t folded = 0;
    struct table table;

    table_of(&table, telling->document, "rows", begin);
    for (size_t m = 0; m < across->count; m++)
        table_column(&table, ALIGN_RIGHT, 1, "%.*s", KEY_SHOWN, across->machines[m].key);
    table_add(&table, end, sizeof end / sizeof end[0]);
    table_heading(&table, sizeof begin / sizeof begin[0] + across->count + 1, "combined [%g %%]",
                  100 * across->options.confidence);
    for (size_t i = 0; i < across->row_count && ratios != NULL; i++) {
        const struct across_machines_row *row = row_at(telling, i);
        ratios[i] = (struct ratios){across, row};
        table_row(&table);
        if (!all && across->row_count > FOLD_FROM && row->finding.kind == ROW_CELL &&
            !finding_is_change(&row->finding)) {
            table_hide_row(&table);
            folded++;
        }
        put_row(&table, telling, row, &ratios[i]);
    }
    table_end(&table);
    document_folded(telling->document, folded, "cells without a finding are folded");
}

static void put_members(struct document *document, const struct across_machines *across)
{
    document_put(document, "gate", comparison_gate_word(across->gate));
    note_put_refusal(document, &across->refusal);
    document_put(document, "status", across_machines_status(across), "slower", across->slower,
                 "faster", across->faster, "margin", across->options.margin, "alpha",
                 across->options.alpha, "confidence", across->options.confidence);
    notes_put_members(document, &across->notes);
}

static void put_below(struct document *document, const struct across_machines *across)
{
    document_note(document, "",
                  "A machine agrees when its ratio is beyond %g %%. Combined: the random-effects "
                  "mean of the log ratios with Hartung and Knapp's interval. Half of the error of "
                  "%g %% is for the machines' own comparisons, half for the combined rows.",
                  100 * across->options.margin, 100 * across->options.alpha);
    for (size_t m = 0; m < across->count; m++) {
        const char *key = across->machines[m].key;
        const struct comparison *own = &across->machines[m].comparison;
        if (own->refusal.kind != NOTE_NONE)
            document_note(document, "- ", "%.*s has no verdict of its own: %s.", KEY_SHOWN, key,
                          note_say(document, &own->refusal));
        notes_put(document, &own->notes, "- ", document_say(document, "%.*s: ", KEY_SHOWN, key));
    }
}

int report_across_machines(FILE *out, const struct across_machines *across, const struct view *view,
                           int all)
{
    struct document document = document_begin(out, view);
    struct telling telling = {
        &document, across, document_take(&document, across->row_count + 1, sizeof *telling.order)};
    int common = across->outcome == MACHINES_COMMON;

    if (telling.order == NULL)
        return document_finish(&document);
    findings_order(across->rows, sizeof *across->rows, across->row_count, 1, telling.order);
    put_members(&document, across);
    if (common) {
        put_headline(&telling);
        note_put_paragraph(&document, "There is no verdict over the machines", &across->refusal);
        put_machines(&telling);
    }
    across_machines_put_each(&document, across, all);
    put_rows(&telling, all);
    if (common)
        put_below(&document, across);
    notes_put(&document, &across->notes, NULL, NULL);
    return document_finish(&document);
}

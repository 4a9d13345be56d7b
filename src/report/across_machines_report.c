/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on many machines. */
#include "comparison_report.h"
#include "table.h"
#include "words.h"

enum { FOLD_FROM = 12, KEY_SHOWN = 8 };

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
    if (comparison->gate != GATE_OPEN)
        table_say(table, "none: %s", comparison_gate_word(comparison->gate));
    else if (comparison->slower > 0)
        table_say(table, "slower: %s", comparison_say_first(document, comparison));
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

static size_t machines_slower(const struct across_machines *across)
{
    size_t count = 0;
    for (size_t m = 0; m < across->count; m++)
        count += across->machines[m].comparison.slower > 0;
    return count;
}

/* "A (+12 %) on the machine k, B (+9 %) on the machine l". */
static const char *say_slower(const struct telling *telling)
{
    const char *text = "";

    for (size_t m = 0; m < telling->across->count; m++) {
        const struct machine_comparison *machine = &telling->across->machines[m];
        if (machine->comparison.slower > 0)
            text =
                document_say(telling->document, "%s%s%s on %.*s", text, *text != '\0' ? ", " : "",
                             comparison_say_first(telling->document, &machine->comparison),
                             KEY_SHOWN, machine->key);
    }
    return text;
}

static void put_headline(const struct telling *telling)
{
    const struct across_machines *across = telling->across;
    struct document *document = telling->document;
    size_t slower = machines_slower(across);

    if (across->row_count > 0 && finding_is_change(&row_at(telling, 0)->finding) &&
        (across->slower > 0 || slower == 0)) {
        const struct across_machines_row *first = row_at(telling, 0);
        document_heading(document, "%s over %zu machines: %s (%s %%), %zu of them agree",
                         across->slower > 0 ? "Slower" : "Faster, and nothing became slower,",
                         first->machines, short_name(document, across, first),
                         figure_change(first->finding.ratio.estimate).text,
                         across->slower > 0 ? first->slower : first->faster);
    } else if (slower > 0) {
        document_heading(
            document, "Slower on %zu of %zu machines, with no finding for all of them together: %s",
            slower, across->count, say_slower(telling));
    } else if (across->gate != GATE_OPEN) {
        document_heading(document, "No verdict over %zu machines", across->count);
    } else {
        document_heading(document, "Nothing became slower over %zu machines", across->count);
    }
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

/* How far the cells' times are apart: the mean of the log ratios' sizes. Infinite: none is common.
 */
static double distance_of(const struct comparison *comparison)
{
    double sum = 0;
    size_t count = 0;

    for (size_t r = 0; r < comparison->table.count; r++) {
        const struct finding *row = &comparison->table.rows[r].finding;
        if (row->kind == ROW_CELL && row->ratio.estimate > 0) {
            sum += fabs(log(row->ratio.estimate));
            count++;
        }
    }
    return count > 0 ? sum / (double)count : (double)INFINITY;
}

/* The machines, the nearest first. NULL: no memory. */
static const struct machine_comparison **nearest_first(struct document *document,
                                                       const struct across_machines *across)
{
    const struct machine_comparison **order =
        document_take(document, across->count + 1, sizeof(struct machine_comparison *));

    for (size_t m = 0; order != NULL && m < across->count; m++) {
        double distance = distance_of(&across->machines[m].comparison);
        size_t at = m;
        for (; at > 0 && distance_of(&order[at - 1]->comparison) > distance; at--)
            order[at] = order[at - 1];
        order[at] = &across->machines[m];
    }
    return order;
}

static const char *say_differing(struct document *document, const struct comparison *comparison)
{
    const struct context_differences *differences = &comparison->refusal.differences;
    const char *text = "";

    for (size_t i = 0; i < differences->count; i++)
        text = document_say(document, "%s%s%s", text, i == 0 ? "; other " : ", ",
                            differences->items[i].field->name);
    return text;
}

/* For readers: a line a machine, and what it is. */
static void put_nearest(struct document *document, const struct across_machines *across,
                        const struct machine_comparison *const *order)
{
    static const struct column columns[] = {
        {.heading = "machine"},
        {.heading = "cells", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "apart by", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "all", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "a call", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "a copy", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "a page fault", .align = ALIGN_RIGHT, .family = 1},
    };
    struct table table;

    document_heading(document, "%zu machines beside the one on the new side, the nearest first",
                     across->count);
    table_of(&table, document, NULL, columns);
    for (size_t m = 0; m < across->count; m++) {
        const struct comparison *comparison = &order[m]->comparison;
        double distance = distance_of(comparison);
        table_row(&table);
        table_say(&table, "%.*s", KEY_SHOWN, order[m]->key);
        table_put(&table, comparison->samples.cells,
                  WORDS(isfinite(distance) ? figure_percent(expm1(distance)).text : "–"));
        const struct comparison_row *all = comparison->table.rows;
        table_put(&table, WORDS(comparison->table.count > 0 && all->finding.kind == ROW_ALL
                                    ? figure_change_of(all->finding.ratio.estimate).text
                                    : "–"));
        for (int a = 0; a < ASPECT_FILE; a++) {
            const struct interval *ratio =
                comparison->costs != NULL ? &comparison->costs->aspect[a] : NULL;
            table_put(&table, WORDS(ratio == NULL || isnan(ratio->estimate)
                                        ? "–"
                                        : figure_change_of(ratio->estimate).text));
        }
    }
    table_end(&table);
    document_note(document, "",
                  "apart by: how much the times of the same cells differ, mean over the cells; the "
                  "others: how much longer it takes on the new side");
    for (size_t m = 0; m < across->count; m++)
        document_note(document, "  ", "%.*s: %s%s", KEY_SHOWN, order[m]->key, order[m]->place,
                      say_differing(document, &order[m]->comparison));
}

/* The nearest that is another machine than the one on the new side. */
static size_t nearest_other(const struct across_machines *across,
                            const struct machine_comparison *const *order)
{
    size_t m = 0;

    while (m + 1 < across->count && order[m]->comparison.costs == NULL)
        m++;
    return m;
}

/* Readers see each machine's own comparison only where there is nothing else, and of several the
 * nearest one's. */
static void put_comparisons(struct document *document, const struct across_machines *across,
                            int all)
{
    const struct machine_comparison **order = nearest_first(document, across);
    int has_readers = document_has_readers(document);
    int against_one = across->outcome == MACHINES_AGAINST_ONE;
    size_t folded = 0, only = order != NULL ? nearest_other(across, order) : 0;

    if (order == NULL)
        return;
    if (has_readers && against_one)
        put_nearest(document, across, order);
    document_open(document, "comparisons", '[');
    for (size_t m = 0; m < across->count; m++) {
        const struct machine_comparison *machine = has_readers ? order[m] : &across->machines[m];
        if (has_readers && (!against_one || (!all && m != only))) {
            folded += (size_t)against_one;
            continue;
        }
        document_heading(document, "Against %s", machine->name);
        document_open(document, NULL, '{');
        document_put(document, "machine_key", machine->key, "machine", machine->name);
        comparison_put(document, &machine->comparison, all, machine->key);
        document_close(document, '}');
    }
    document_close(document, ']');
    document_folded(document, folded,
                    folded == 1 ? "machine is not shown in full"
                                : "machines are not shown in full");
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
    put_comparisons(&document, across, all);
    put_rows(&telling, all);
    if (common)
        put_below(&document, across);
    notes_put(&document, &across->notes, NULL, NULL);
    return document_finish(&document);
}

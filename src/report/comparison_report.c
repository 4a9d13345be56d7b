/* SPDX-License-Identifier: Apache-2.0 */
#include "comparison_report.h"

#include "src/statistics/quantiles.h"
#include "table.h"
#include "words.h"

#include <stdlib.h>

enum { FOLD_FROM = 12 };
/* Of a writer's change: the row over all cells that changed by less was pulled along by it. */
#define MEAN_SHARE 0.8

static const char *const gate_words[] = {
    [GATE_OPEN] = "open",           [GATE_FEW] = "too few processes",
    [GATE_BLOCKS] = "blocks",       [GATE_MACHINES] = "other machines",
    [GATE_DIFFERENT] = "different", [GATE_NOTHING] = "nothing in common",
    [GATE_PAIRS] = "pairs",
};

const char *comparison_gate_word(enum gate gate) { return gate_words[gate]; }

static const char *common_segments(struct document *document, const struct comparison *comparison)
{
    return document_own(document,
                        name_segments_common(comparison->cell_names, comparison->samples.cells));
}

const char *comparison_short_name(struct document *document, const struct comparison *comparison,
                                  const struct finding *row)
{
    const char *full = comparison_row_name(comparison, row);

    return full == NULL
               ? "all cells"
               : document_own(document,
                              name_segments_without(full, common_segments(document, comparison)));
}

/* NULL, with the document's error set: no memory. */
static size_t *order_of(struct document *document, const struct comparison_table *table)
{
    size_t *order = document_take(document, table->count + 1, sizeof *order);

    if (order != NULL)
        findings_order(table->rows, sizeof *table->rows, table->count, MEAN_SHARE, order);
    return order;
}

/* Why a row that differs for certain is called neither slower nor faster. */
static const char *say_inconclusive(struct document *document, const struct comparison *comparison,
                                    const struct comparison_row *row)
{
    double alpha = comparison->options.alpha, margin = comparison->options.margin;

    if (row->p_ratio <= alpha)
        return fabs(log(row->finding.ratio.estimate)) <= log1p(margin)
                   ? document_say(document, "moved, by about %g %% or less", 100 * margin)
                   : "a part of it moved";
    if (row->p_relative <= alpha)
        return fabs(log(row->finding.relative.estimate)) <= log1p(margin)
                   ? document_say(document, "inconclusive, at most by about %g %%", 100 * margin)
                   : "its peers moved";
    return "inconclusive";
}

static void put_verdict(struct table *table, const struct comparison *comparison,
                        const struct comparison_row *row)
{
    const struct finding *finding = &row->finding;

    if (comparison->gate != GATE_OPEN)
        table_say(table, "-");
    else if (finding->change == CHANGE_EQUIVALENT)
        table_say(table, "%s (%g %%)", finding_change_word[finding->change],
                  100 * comparison->options.margin);
    else if (finding->change == CHANGE_DIVERGED)
        table_say(table, finding->kind == ROW_ALL ? "part of it moved" : "it or its peers moved");
    else if (finding->change != CHANGE_INCONCLUSIVE)
        table_say(table, "%s%s", finding_change_word[finding->change],
                  finding->by_relative ? " than its peers" : "");
    else
        table_say(table, "%s", say_inconclusive(table->document, comparison, row));
}

/* With a machine all of them, else without the first and the last three. Across machines the rows
 * for what all of them say, and what things cost on two machines, follow below in the CSV. */
static const struct column columns[] = {
    {.csv = "machine"},
    {.key = "kind", .csv = "kind"},
    {.heading = "row", .key = "name", .csv = "name"},
    {.key = "change", .csv = "change"},
    {.key = "found_by"},
    {"old", "old_ns", "old_ns", ALIGN_RIGHT, 1, figure_time},
    {"new", "new_ns", "new_ns", ALIGN_RIGHT, 1, figure_time},
    {"change, %", "ratio", "ratio,ratio_low,ratio_high", ALIGN_LEFT, 2, NULL},
    {"against peers, %", "relative", "relative,relative_low,relative_high", ALIGN_LEFT, 3, NULL},
    {.heading = "p", .align = ALIGN_RIGHT, .family = 4, .as = figure_p},
    {.heading = "verdict", .family = 4},
    {.key = "p_ratio", .csv = "p_ratio"},
    {.key = "p_relative", .csv = "p_relative"},
    {.key = "visible", .csv = "visible"},
    {.key = "rounds_needed"},
    {.csv = "rounds_needed"},
    {.csv = "machines"},
    {.csv = "slower_on"},
    {.csv = "faster_on"},
};
enum {
    COLUMNS = sizeof columns / sizeof columns[0],
    OF_MACHINES = 3,
    RATIO_COLUMN = 7,
    RELATIVE_COLUMN,
    P_COLUMN,
    VERDICT_COLUMN
};

/* Readers get no column that says nothing: without a verdict, or a test; and what another machine
 * does to all cells is no change against peers. */
static void drop_columns(struct table *table, const struct comparison *comparison)
{
    const struct column *first = columns + (table->columns < COLUMNS);

    for (size_t i = 0; i < table->columns; i++) {
        size_t column = (size_t)(first - columns) + i;
        if ((column == RELATIVE_COLUMN && comparison->gate == GATE_MACHINES) ||
            (column == P_COLUMN && !comparison->table.tested) ||
            (column == VERDICT_COLUMN && comparison->gate != GATE_OPEN))
            table->column[i].heading = NULL;
    }
}

static const char *found_by(const struct finding *finding)
{
    if (finding->change != CHANGE_SLOWER && finding->change != CHANGE_FASTER)
        return NULL;
    return finding->by_relative ? "relative" : "ratio";
}

static void put_row(struct table *table, const struct comparison *comparison,
                    const struct comparison_row *row, const char *machine)
{
    table_row(table);
    if (machine != NULL)
        table_put(table, machine);
    table_put(table, finding_kind_word[row->finding.kind],
              comparison_short_name(table->document, comparison, &row->finding),
              finding_change_word[row->finding.change], found_by(&row->finding), row->old_ns,
              row->new_ns, row->finding.ratio, row->finding.relative, row->finding.p);
    put_verdict(table, comparison, row);
    table_put(table, row->p_ratio, row->p_relative, row->finding.visible, row->rounds_needed);
    if (isfinite(row->rounds_needed))
        table_say(table, "%.0f", row->rounds_needed);
}

/* A cell that became slower with its writer, and no more than its writer, tells nothing new. */
static int follows_writer(const struct comparison *comparison, const struct comparison_row *row)
{
    for (size_t r = 0; r < comparison->table.count; r++) {
        const struct finding *writer = &comparison->table.rows[r].finding;
        if (writer->kind == ROW_WRITER &&
            writer->index == comparison->samples.group[row->finding.index])
            return writer->change == row->finding.change && !row->finding.by_relative &&
                   row->p_relative > row->finding.p;
    }
    return 0;
}

static int is_folded(const struct comparison *comparison, const struct comparison_row *row)
{
    return row->finding.kind == ROW_CELL &&
           (!finding_is_change(&row->finding) || follows_writer(comparison, row));
}

static unsigned kinds_of(const struct comparison *comparison)
{
    unsigned kinds = 0;

    for (size_t c = 0; c < comparison->samples.cells; c++)
        kinds = kinds_add(kinds, comparison->cell_names[c]);
    return kinds;
}

static void put_rows(struct document *document, const struct comparison *comparison, int all,
                     const char *machine)
{
    const struct comparison_table *rows = &comparison->table;
    int alone = machine == NULL;
    int fold = document_has_readers(document) && !all && rows->count > FOLD_FROM;
    size_t *order = order_of(document, rows), folded = 0;
    struct table table;

    table_begin(&table, document, "rows", columns + alone,
                (size_t)COLUMNS - (alone ? 1 + OF_MACHINES : 0));
    table_heading(&table, RATIO_COLUMN - (size_t)alone, "change, %% [%g %%]",
                  100 * comparison->options.confidence);
    drop_columns(&table, comparison);
    for (size_t i = 0; i < rows->count && order != NULL; i++) {
        const struct comparison_row *row = &rows->rows[order[i]];
        if (fold && is_folded(comparison, row)) {
            folded++;
            continue;
        }
        put_row(&table, comparison, row, machine);
    }
    table_end(&table);
    document_folded(document, folded,
                    document_say(document,
                                 "cells are folded: they have no finding, or only follow their %s",
                                 kinds_say(kinds_of(comparison))));
}

double comparison_median_visible(const struct comparison_table *table, int of_cells, double *values)
{
    size_t count = 0;

    for (size_t r = 0; values != NULL && r < table->count; r++) {
        const struct finding *row = &table->rows[r].finding;
        if ((row->kind == ROW_CELL) == of_cells && isfinite(row->visible))
            values[count++] = row->visible;
    }
    return stats_median_of(values, count);
}

static struct seen seen_of(struct document *document, const struct comparison *comparison)
{
    double *room = document_take(document, comparison->table.count + 1, sizeof *room);

    return (struct seen){comparison_seen(comparison, ROW_WRITER),
                         comparison_median_visible(&comparison->table, 1, room),
                         comparison_seen(comparison, ROW_ALL), kinds_of(comparison)};
}

const char *comparison_say_first(struct document *document, const struct comparison *comparison)
{
    size_t *order = order_of(document, &comparison->table);
    int count = comparison->slower > 0 ? comparison->slower : comparison->faster;

    if (order == NULL)
        return "";
    const struct finding *first = &comparison->table.rows[order[0]].finding;
    const char *against = first->by_relative
                              ? document_say(document, ", %s against its peers",
                                             figure_change_of(first->relative.estimate).text)
                              : "";
    return document_say(document, "%s (%s%s)%s", comparison_short_name(document, comparison, first),
                        figure_change_of(first->ratio.estimate).text, against,
                        count > 1 ? document_say(document, " and %d more", count - 1) : "");
}

const char *comparison_say_left_out(struct document *document, const struct comparison *comparison,
                                    int failed)
{
    const char *first = NULL;
    size_t count = 0;

    for (size_t n = 0; n < comparison->notes.count; n++) {
        const struct note *note = &comparison->notes.items[n];
        if (note->kind != NOTE_CELLS_LEFT_OUT ||
            !(failed ? note->fault == FAULT_NEW_FAILED : fault_is_missing(note->fault)))
            continue;
        first = first == NULL ? note->names[0] : first;
        count += note->name_count;
    }
    return count > 1 ? document_say(document, "%s and %zu more", first, count - 1) : first;
}

static void put_headline(struct document *document, const struct comparison *comparison)
{
    const struct seen seen = seen_of(document, comparison);
    const char *missing = "";

    if (comparison->missing > 0)
        missing = document_say(document, "%zu of %zu cells could not be compared: %s",
                               comparison->missing,
                               comparison->missing + comparison->failed + comparison->samples.cells,
                               comparison_say_left_out(document, comparison, 0));
    const char *joint = *missing != '\0' ? "; " : "";
    if (comparison->failed > 0)
        document_heading(document, "Failed on the new side: %s%s%s",
                         comparison_say_left_out(document, comparison, 1), joint, missing);
    else if (comparison->gate != GATE_OPEN)
        document_heading(document, "No verdict%s%s", joint, missing);
    else if (comparison->slower > 0)
        document_heading(document, "Slower: %s%s%s", comparison_say_first(document, comparison),
                         joint, missing);
    else if (comparison->missing > 0)
        document_heading(document, "%s", missing);
    else if (comparison->diverged > 0)
        document_heading(document,
                         "Something moved, and it is uncertain whether it became slower or the "
                         "others faster");
    else if (!comparison_sees_enough(comparison))
        document_heading(document, "Nothing slower was found, but %s",
                         seen_say_missed(document, &seen, comparison->options.must_see));
    else if (comparison->faster > 0)
        document_heading(document, "Faster, and nothing became slower: %s",
                         comparison_say_first(document, comparison));
    else
        document_heading(document, "Nothing became slower; %s would have been seen",
                         seen_say(document, &seen));
}

static void put_design(struct document *document, const struct comparison *comparison)
{
    const char *common = common_segments(document, comparison);
    static const char *const how[] = {[TURNS_UNKNOWN] = "",
                                      [TURNS_ROUNDS] = ", one after the other",
                                      [TURNS_SAMPLES] = ", which took turns before every sample"};
    const char *sides = comparison->samples.rounds > 0
                            ? document_say(document, "%zu rounds of old and new%s",
                                           comparison->samples.rounds, how[comparison->turns])
                            : document_say(document, "%zu old and %zu new processes",
                                           comparison->old_count, comparison->new_count);

    document_paragraph(document, "", "%s, %zu cells%s%s.", sides, comparison->samples.cells,
                       *common != '\0' ? ", all of " : "", common);
}

static void put_members(struct document *document, const struct comparison *comparison)
{
    static const char *const turns[] = {
        [TURNS_ROUNDS] = "one_after_the_other", [TURNS_SAMPLES] = "lockstep"};

    document_put(document, "gate", gate_words[comparison->gate]);
    note_put_refusal(document, &comparison->refusal);
    document_put(document, "status", comparison_status(comparison), "slower", comparison->slower,
                 "faster", comparison->faster, "missing", comparison->missing, "failed",
                 comparison->failed, "must_see", comparison->options.must_see, "seen_writer",
                 comparison_seen(comparison, ROW_WRITER), "seen_all",
                 comparison_seen(comparison, ROW_ALL));
    document_put(document, "old_processes", comparison->old_count, "new_processes",
                 comparison->new_count, "rounds", comparison->samples.rounds, "cells",
                 comparison->samples.cells, "margin", comparison->options.margin, "alpha",
                 comparison->options.alpha, "confidence", comparison->options.confidence, "seed",
                 comparison->options.seed);
    document_put(document, "p_exact", comparison->table.exact, "turns", turns[comparison->turns]);
    notes_put_members(document, &comparison->notes);
}

void comparison_put(struct document *document, const struct comparison *comparison, int all,
                    const char *machine)
{
    put_members(document, comparison);
    note_put_paragraph(document, "There is no verdict", &comparison->refusal);
    if (comparison->compared)
        put_design(document, comparison);
    put_rows(document, comparison, all, machine);
    if (comparison->table.count > 0)
        pace_put(document);
    kinds_put_times(document, kinds_of(comparison));
    if (comparison->compared && comparison->table.tested) {
        const struct seen seen = seen_of(document, comparison);
        if (*seen_say(document, &seen) != '\0')
            document_paragraph(document, "", "Of slow-downs, %s would have been seen.",
                               seen_say(document, &seen));
        document_note(document, "",
                      "Slower or faster is what holds with an error of %g %% over the whole table "
                      "and is beyond %g %%. p is %s.",
                      100 * comparison->options.alpha, 100 * comparison->options.margin,
                      comparison->table.exact ? "exact" : "of sampled permutations");
    }
    notes_put(document, &comparison->notes, NULL, NULL);
    if (comparison->costs != NULL)
        machine_costs_put(document, comparison->costs, all, machine);
}

int report_comparison(FILE *out, const struct comparison *comparison, const struct view *view,
                      int all)
{
    struct document document = document_begin(out, view);

    put_headline(&document, comparison);
    comparison_put(&document, comparison, all, NULL);
    return document_finish(&document);
}

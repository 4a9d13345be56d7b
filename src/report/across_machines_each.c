/* SPDX-License-Identifier: Apache-2.0 */
/* Many machines: each one's own comparison, the nearest machine first. */
#include "comparison_report.h"
#include "table.h"
#include "words.h"

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

/* Costs are set side by side where the machines are others. */
static int is_own(const struct machine_comparison *machine)
{
    return machine->comparison.costs == NULL;
}

static const char *say_differing(struct document *document,
                                 const struct machine_comparison *machine)
{
    const struct context_differences *differences = &machine->comparison.refusal.differences;
    const char *text = is_own(machine) ? "; the machine of the new side" : "";

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
    size_t others = 0;

    for (size_t m = 0; m < across->count; m++)
        others += !is_own(order[m]);
    document_heading(document, "%zu machine%s beside the one on the new side, the nearest first",
                     others, others == 1 ? "" : "s");
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
                      say_differing(document, order[m]));
}

/* The nearest that is another machine than the one on the new side. */
static size_t nearest_other(const struct across_machines *across,
                            const struct machine_comparison *const *order)
{
    size_t m = 0;

    while (m + 1 < across->count && is_own(order[m]))
        m++;
    return m;
}

/* Readers see each machine's own comparison only where there is nothing else, and of several the
 * nearest one's. */
void across_machines_put_each(struct document *document, const struct across_machines *across,
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side for a reader: what things cost, and where a difference comes from. */
#include "machine_costs_text.h"
#include "table.h"

#include "format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FOLD_FROM = 14 };

/* "184 ns [146, 231]". */
static void put_time(struct interval ns, int at_most, char text[4 * FORMAT_MAX])
{
    char estimate[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];
    const struct unit *unit = format_unit(METRIC_KIND_TIME, ns.estimate / 10, ns.estimate);

    format_number(ns.estimate / unit->divisor, estimate);
    format_number(ns.low / unit->divisor, low);
    format_number(ns.high / unit->divisor, high);
    if (isnan(ns.estimate))
        snprintf(text, (size_t)4 * FORMAT_MAX, "–");
    else if (isnan(ns.low))
        snprintf(text, (size_t)4 * FORMAT_MAX, "%s%s" FORMAT_GLUE "%s", at_most ? "≤ " : "",
                 estimate, unit->name);
    else
        snprintf(text, (size_t)4 * FORMAT_MAX, "%s%s" FORMAT_GLUE "%s [%s, %s]",
                 at_most ? "≤ " : "", estimate, unit->name, low, high);
}

void format_ratio(struct interval ratio, char text[COSTS_RATIO_MAX])
{
    char estimate[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

    format_number(ratio.estimate, estimate);
    format_number(ratio.low, low);
    format_number(ratio.high, high);
    if (isnan(ratio.low))
        snprintf(text, COSTS_RATIO_MAX, "%s", estimate);
    else
        snprintf(text, COSTS_RATIO_MAX, "%s [%s, %s]", estimate, low, high);
}

static size_t writer_length(const char *name) { return strcspn(name, "/"); }

/* The cost that a sentence names: the controls, and the first call and fault of a writer. */
static int is_spoken(const struct machine_costs *beside, size_t at)
{
    const struct machine_cost *cost = &beside->costs[at];

    if (isnan(cost->ns[0].estimate) || isnan(cost->ns[1].estimate))
        return 0;
    if (isnan(cost->ratio.estimate) && !cost->at_most[0] && !cost->at_most[1])
        return 0; /* of other sizes */
    if (cost->is_control)
        return 1;
    if (strcmp(cost->what, "a call") != 0 && strcmp(cost->what, "a page fault") != 0)
        return 0;
    for (size_t i = 0; i < at; i++)
        if (beside->costs[i].what == cost->what && is_spoken(beside, i))
            return 0;
    return 1;
}

static void put_sentences(struct document *document, const struct machine_costs *beside)
{
    for (size_t i = 0; i < beside->cost_count; i++) {
        const struct machine_cost *cost = &beside->costs[i];
        char there[FORMAT_MAX], here[FORMAT_MAX];
        if (!is_spoken(beside, i))
            continue;
        format_time(cost->ns[0].estimate, there);
        format_time(cost->ns[1].estimate, here);
        document_note(
            document, "- ", "%c%s%s%.*s costs %s%s on the old side and %s%s on the new one.",
            cost->what[0] - 'a' + 'A', cost->what + 1, cost->is_control ? "" : " of ",
            cost->is_control ? 0 : (int)writer_length(cost->writer), cost->writer,
            cost->at_most[0] ? "at most " : "", there, cost->at_most[1] ? "at most " : "", here);
    }
}

/* What stands behind the writer up to the chunk, when all names share it: then it is said once. */
static size_t own_length(const char *name, const char *common)
{
    const char *chunk = strstr(name, "/chunk:");
    size_t all = chunk != NULL ? (size_t)(chunk - name) : strlen(name);
    size_t behind = strlen(common);

    return all > behind && strncmp(name + all - behind, common, behind) == 0 ? all - behind : all;
}

static void share_part(const char *name, char *common, size_t size, int *first)
{
    size_t begin = writer_length(name), end = own_length(name, "");

    if (*first)
        snprintf(common, size, "%.*s", (int)(end - begin), name + begin);
    else if (strlen(common) != end - begin || strncmp(common, name + begin, end - begin) != 0)
        common[0] = '\0';
    *first = 0;
}

/* Without --all: what a machine charges for, not what is left of a model. */
static int is_folded(const struct machine_cost *cost)
{
    return !cost->is_control && strcmp(cost->what, "a call") != 0 &&
           strcmp(cost->what, "a page fault") != 0;
}

static void put_costs(struct document *document, const struct machine_costs *beside, int all)
{
    struct table grid;
    char common[200] = "";
    size_t folded = 0;
    int first = 1;

    for (size_t i = 0; i < beside->cost_count; i++)
        if (!beside->costs[i].is_control)
            share_part(beside->costs[i].writer, common, sizeof common, &first);
    if (beside->cost_count == 0)
        return;
    table_begin(&grid, document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "cost");
    table_column(&grid, ALIGN_LEFT, 1, "old [95 %%]");
    table_column(&grid, ALIGN_LEFT, 1, "new [95 %%]");
    table_column(&grid, ALIGN_LEFT, 1, "new / old");
    for (size_t i = 0; i < beside->cost_count; i++) {
        const struct machine_cost *cost = &beside->costs[i];
        char text[4 * FORMAT_MAX];
        if (!all && beside->cost_count > FOLD_FROM && is_folded(cost)) {
            folded++;
            continue;
        }
        size_t row = table_row(&grid);
        if (cost->is_control)
            table_set(&grid, row, 0, "%s", cost->what);
        else
            table_set(&grid, row, 0, "%.*s: %s", (int)own_length(cost->writer, common),
                      cost->writer, cost->what);
        for (int side = 0; side < 2; side++) {
            put_time(cost->ns[side], cost->at_most[side], text);
            table_set(&grid, row, 1 + (size_t)side, "%s", text);
        }
        format_ratio(cost->ratio, text);
        table_set(&grid, row, 3, "%s", isnan(cost->ratio.estimate) ? "–" : text);
    }
    table_end(&grid);
    if (folded > 0)
        document_note(document, "",
                      "%zu other terms of the cost models are folded; --all shows them.", folded);
}

static uint64_t shown_chunk(const struct machine_costs *beside, uint64_t wanted)
{
    uint64_t best = 0;
    double least = (double)INFINITY, target = wanted > 0 ? (double)wanted : 4096;

    for (size_t i = 0; i < beside->parts_count; i++) {
        double away = fabs(log((double)beside->parts[i].chunk_bytes / target));
        if (away < least) {
            least = away;
            best = beside->parts[i].chunk_bytes;
        }
    }
    return best;
}

static void put_signed(double ns, char text[FORMAT_MAX])
{
    char size[FORMAT_MAX];

    format_time(fabs(ns), size);
    if (isnan(ns))
        snprintf(text, FORMAT_MAX, "–");
    else
        snprintf(text, FORMAT_MAX, "%s%.30s", ns < 0 ? "−" : "+", size);
}

static void put_parts_row(struct table *grid, const struct cost_breakdown *parts,
                          const char *common)
{
    char text[FORMAT_MAX];
    size_t row = table_row(grid);

    table_set(grid, row, 0, "%.*s", (int)own_length(parts->writer, common), parts->writer);
    for (int side = 0; side < 2; side++) {
        format_time(parts->time_ns[side], text);
        table_set(grid, row, 1 + (size_t)side, "%s", text);
    }
    put_signed(parts->time_ns[1] - parts->time_ns[0], text);
    table_set(grid, row, 3, "%s", text);
    for (size_t a = 0; a < ASPECTS; a++) {
        put_signed(parts->part_ns[a][1] - parts->part_ns[a][0], text);
        table_set(grid, row, 4 + a, "%s", text);
    }
}

static void put_parts(struct document *document, const struct machine_costs *beside)
{
    struct table grid;
    char chunk[FORMAT_MAX], common[200] = "";
    uint64_t at = shown_chunk(beside, document->view->chunk_bytes);
    int first = 1;

    if (beside->parts_count == 0)
        return;
    for (size_t i = 0; i < beside->parts_count; i++)
        if (beside->parts[i].chunk_bytes == at)
            share_part(beside->parts[i].writer, common, sizeof common, &first);
    format_bytes((double)at, chunk);
    document_heading(document, "Where the difference comes from, at chunks of %s%s%s", chunk,
                     *common != '\0' ? ", " : "", *common != '\0' ? common + 1 : "");
    table_begin(&grid, document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "time of");
    table_column(&grid, ALIGN_RIGHT, 1, "old");
    table_column(&grid, ALIGN_RIGHT, 1, "new");
    table_column(&grid, ALIGN_RIGHT, 1, "difference");
    table_column(&grid, ALIGN_RIGHT, 1, "of it calls");
    table_column(&grid, ALIGN_RIGHT, 1, "copy");
    table_column(&grid, ALIGN_RIGHT, 1, "faults");
    table_column(&grid, ALIGN_RIGHT, 1, "the rest");
    for (size_t i = 0; i < beside->parts_count; i++)
        if (beside->parts[i].chunk_bytes == at)
            put_parts_row(&grid, &beside->parts[i], common);
    table_end(&grid);
    document_note(
        document, "",
        "Calls, copy and faults: as many empty calls, the same bytes by Memcpy, as many faults "
        "of fresh memory. The rest: page cache, file system, device.");
}

void machine_costs_show(struct document *document, const struct machine_costs *beside, int all)
{
    static const char *const leads[2] = {"old: ", "new: "};

    document_heading(document, "The machines side by side");
    for (int side = 0; side < 2; side++)
        document_note(document, leads[side], "%s; %zu run%s", beside->machine[side],
                      beside->runs[side], beside->runs[side] == 1 ? "" : "s");
    put_sentences(document, beside);
    put_costs(document, beside, all);
    put_parts(document, beside);
    machine_costs_explain(document, beside);
    for (size_t i = 0; i < beside->note_count; i++)
        document_note(document, "- ", "%s", beside->notes[i]);
}

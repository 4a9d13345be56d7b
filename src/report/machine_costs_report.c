/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side: what things cost, and where a difference comes from. */
#include "comparison_report.h"
#include "table.h"
#include "words.h"

enum { FOLD_FROM = 14 };
#define FAULTS_DIFFER 0.1 /* log */

static const char *const control_words[ASPECT_FILE] = {
    [ASPECT_CALL] = "an empty system call",
    [ASPECT_COPY] = "copying a MiB of memory",
    [ASPECT_FAULT] = "a page fault of fresh memory",
};

static const char *const term_words[TERMS] = {
    [TERM_FIXED] = "the fixed part of a file",
    [TERM_CHUNK] = "a chunk",
    [TERM_CALL] = "a call",
    [TERM_FAULT] = "a page fault",
    [TERM_FOLIO] = "a page-cache piece",
    [TERM_BYTE] = "a byte",
};

static const char *const aspect_keys[ASPECTS] = {"call", "copy", "fault", "rest"};
static const char *const layer_keys[LAYERS] = {"hardware", "kernel", "file_system", "build"};

static const char *what_of(const struct machine_cost *cost)
{
    return cost->kind.is_control ? control_words[cost->kind.aspect] : term_words[cost->kind.term];
}

/* What a machine charges for, and not what remains of a model. */
static int is_charge(const struct machine_cost *cost)
{
    return cost->kind.is_control || cost->kind.term == TERM_CALL || cost->kind.term == TERM_FAULT;
}

/* "184 ns [146, 231]". */
static const char *say_time(struct document *document, struct interval ns, int at_most)
{
    const struct unit *unit = figure_unit(METRIC_KIND_TIME, ns.estimate / 10, ns.estimate);
    const char *text = document_say(document, "%s%s %s", at_most ? "≤ " : "",
                                    figure_number(ns.estimate / unit->divisor).text, unit->name);

    return isnan(ns.estimate) ? "–"
           : isnan(ns.low)    ? text
                              : document_say(document, "%s [%s, %s]", text,
                                             figure_number(ns.low / unit->divisor).text,
                                             figure_number(ns.high / unit->divisor).text);
}

static size_t writer_length(const char *name) { return strcspn(name, "/"); }

/* Whether the two sides differ for certain; a bound has no interval. */
static int is_clear(struct interval ratio)
{
    return isnan(ratio.low) || ratio.low > 1 || ratio.high < 1;
}

/* Of some controls the cost depends on the size of the chunks. */
static void put_chunks(struct document *document, const struct machine_costs *costs)
{
    const char *text = "";

    for (size_t i = 0; i < costs->cost_count; i++)
        if (costs->costs[i].chunk_bytes > 0)
            text = document_say(document, "%s%s%s in chunks of %s", text, *text != '\0' ? ", " : "",
                                what_of(&costs->costs[i]),
                                figure_bytes((double)costs->costs[i].chunk_bytes).text);
    if (*text != '\0')
        document_note(document, "", "%c%s.", text[0] - 'a' + 'A', text + 1);
}

/* What stands behind the writer up to the chunk, when all names share it: then it is said once. */
static size_t own_length(const char *name, const char *common)
{
    const char *chunk = strstr(name, "/chunk:");
    size_t all = chunk != NULL ? (size_t)(chunk - name) : strlen(name);
    size_t behind = strlen(common);

    return all > behind && strncmp(name + all - behind, common, behind) == 0 ? all - behind : all;
}

/* What the names up to this one share; common: of those before it, NULL: there are none. */
static const char *share_segment(struct document *document, const char *name, const char *common)
{
    size_t begin = writer_length(name);
    const char *own =
        document_say(document, "%.*s", (int)(own_length(name, "") - begin), name + begin);

    return common == NULL || strcmp(common, own) == 0 ? own : "";
}

/* The first only with a machine. In CSV the rows stand below those of the comparison. */
static const struct column cost_columns[] = {
    {.csv = "machine"},
    {.csv = "kind"},
    {.heading = "cost", .csv = "name"},
    {.key = "writer"},
    {.key = "what"},
    {.csv = "old_ns"},
    {.csv = "new_ns"},
    {.heading = "old [95 %]", .key = "old_ns", .family = 1},
    {.heading = "new [95 %]", .key = "new_ns", .family = 1},
    {.key = "old_at_most"},
    {.key = "new_at_most"},
    {.heading = "new / old", .key = "ratio", .csv = "ratio,ratio_low,ratio_high", .family = 1},
};
enum { COST_COLUMNS = sizeof cost_columns / sizeof cost_columns[0] };

static void put_cost(struct table *table, const struct machine_cost *cost, const char *common,
                     const char *machine)
{
    struct document *document = table->document;
    const char *what = what_of(cost);

    table_row(table);
    if (machine != NULL)
        table_put(table, machine);
    table_put(table, "cost");
    if (!document_has_readers(document))
        table_say(table, "%.200s: %s", cost->writer, what);
    else if (cost->kind.is_control)
        table_put(table, WORDS(what));
    else
        table_say(table, "%.*s: %s", (int)own_length(cost->writer, common), cost->writer, what);
    table_put(
        table, cost->writer, what, cost->ns[0].estimate, cost->ns[1].estimate,
        SHOWN(cost->ns[0], say_time(document, cost->ns[0], cost->at_most[0])),
        SHOWN(cost->ns[1], say_time(document, cost->ns[1], cost->at_most[1])), cost->at_most[0],
        cost->at_most[1],
        SHOWN(cost->ratio, isnan(cost->ratio.estimate) ? "–" : figure_ratio(cost->ratio).text));
}

static void put_costs(struct document *document, const struct machine_costs *costs, int all,
                      const char *machine)
{
    int alone = machine == NULL;
    int fold = document_has_readers(document) && !all && costs->cost_count > FOLD_FROM;
    struct table table;
    const char *common = NULL;
    size_t folded = 0;

    for (size_t i = 0; i < costs->cost_count; i++)
        if (!costs->costs[i].kind.is_control)
            common = share_segment(document, costs->costs[i].writer, common);
    table_begin(&table, document, "costs", cost_columns + alone, COST_COLUMNS - (size_t)alone);
    for (size_t i = 0; i < costs->cost_count; i++) {
        if (fold && !is_charge(&costs->costs[i]))
            folded++;
        else
            put_cost(&table, &costs->costs[i], common != NULL ? common : "", machine);
    }
    table_end(&table);
    document_folded(document, folded, "other terms of the cost models are folded");
}

/* The chunk size nearest to 4 KiB. */
static uint64_t shown_chunk(const struct machine_costs *costs)
{
    uint64_t best = 0;
    double least = (double)INFINITY;

    for (size_t i = 0; i < costs->breakdown_count; i++) {
        double away = fabs(log((double)costs->breakdowns[i].chunk_bytes / 4096));
        if (away < least) {
            least = away;
            best = costs->breakdowns[i].chunk_bytes;
        }
    }
    return best;
}

static struct datum signed_of(struct document *document, double ns, int is_sure)
{
    return WORDS(isnan(ns) ? "–"
                           : document_say(document, "%s%s%s", is_sure || ns == 0 ? "" : "≈",
                                          ns < 0 ? "−" : "+", figure_time(fabs(ns)).text));
}

static void put_side(struct document *document, const struct cost_breakdown *breakdown, int side)
{
    document_put(document, "time", breakdown->time_ns[side]);
    for (int a = 0; a < ASPECTS; a++)
        document_put(document, aspect_keys[a], breakdown->share_ns[a][side]);
}

static void put_old_side(struct document *document, const void *subject)
{
    put_side(document, subject, 0);
}

static void put_new_side(struct document *document, const void *subject)
{
    put_side(document, subject, 1);
}

static void put_breakdown(struct table *table, const struct machine_costs *costs,
                          const struct cost_breakdown *breakdown, const char *common)
{
    struct document *document = table->document;

    table_row(table);
    table_put(table,
              SHOWN(breakdown->cell,
                    document_say(document, "%.*s", (int)own_length(breakdown->cell, common),
                                 breakdown->cell)),
              MEMBERS(put_old_side, breakdown), MEMBERS(put_new_side, breakdown),
              breakdown->faults[0], breakdown->faults[1], breakdown->time_ns[0],
              breakdown->time_ns[1],
              signed_of(document, breakdown->time_ns[1] - breakdown->time_ns[0], 1));
    for (int a = 0; a < ASPECTS; a++)
        table_put(table, signed_of(document, breakdown->share_ns[a][1] - breakdown->share_ns[a][0],
                                   a == ASPECT_FILE || is_clear(costs->aspect[a])));
}

/* A part of the faults can differ although one costs the same: a fault may map more pages. */
static void put_faults(struct document *document, const struct machine_costs *costs,
                       uint64_t chunk_bytes)
{
    const char *text = "";

    for (size_t i = 0; i < costs->breakdown_count; i++) {
        const struct cost_breakdown *breakdown = &costs->breakdowns[i];
        const double *faults = breakdown->faults;
        if (breakdown->chunk_bytes == chunk_bytes && faults[0] > 0 && faults[1] > 0 &&
            fabs(log(faults[1] / faults[0])) > FAULTS_DIFFER)
            text =
                document_say(document, "%s%s%.*s takes %s and %s", text, *text != '\0' ? ", " : "",
                             (int)writer_length(breakdown->cell), breakdown->cell,
                             figure_count(faults[0]).text, figure_count(faults[1]).text);
    }
    if (*text != '\0')
        document_note(document, "",
                      "The numbers of page faults differ, old and new: %s a file. The fewer they "
                      "are, the more pages each of them maps.",
                      text);
}

/* Readers get those of one chunk size. */
static void put_breakdowns(struct document *document, const struct machine_costs *costs)
{
    static const struct column columns[] = {
        {.heading = "time of", .key = "cell"},
        {.key = "old_ns{}"},
        {.key = "new_ns{}"},
        {.key = "old_faults"},
        {.key = "new_faults"},
        {"old", NULL, NULL, ALIGN_RIGHT, 1, figure_time},
        {"new", NULL, NULL, ALIGN_RIGHT, 1, figure_time},
        {.heading = "difference", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "of it calls", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "copy", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "faults", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "remainder", .align = ALIGN_RIGHT, .family = 1},
    };
    struct table table;
    const char *common = NULL;
    uint64_t at = shown_chunk(costs);

    for (size_t i = 0; i < costs->breakdown_count; i++)
        if (costs->breakdowns[i].chunk_bytes == at)
            common = share_segment(document, costs->breakdowns[i].cell, common);
    if (costs->breakdown_count > 0)
        document_heading(document, "Where the difference comes from, at chunks of %s%s%s",
                         figure_bytes((double)at).text, *common != '\0' ? ", " : "",
                         *common != '\0' ? common + 1 : "");
    table_of(&table, document, "parts", columns);
    for (size_t i = 0; i < costs->breakdown_count; i++)
        if (!document_has_readers(document) || costs->breakdowns[i].chunk_bytes == at)
            put_breakdown(&table, costs, &costs->breakdowns[i], common);
    table_end(&table);
    if (costs->breakdown_count > 0)
        document_note(document, "",
                      "Calls, copy and faults: as many empty calls, the same bytes by Memcpy in "
                      "such chunks, as "
                      "many faults of fresh memory; ≈: what a single one costs does not differ "
                      "clearly. The remainder: page cache, file system, device.");
    put_faults(document, costs, at);
}

static void put_remainders(struct document *document, const struct machine_costs *costs)
{
    static const struct column columns[] = {
        {.key = "writer"}, {.key = "cells"}, {.key = "ratio_quartiles"}, {.key = "phase"}};
    struct table table;

    table_of(&table, document, "rests", columns);
    for (size_t i = 0; i < costs->remainder_count; i++) {
        const struct cost_remainder *remainder = &costs->remainders[i];
        table_row(&table);
        table_put(&table, remainder->writer, remainder->cells, remainder->ratio,
                  remainder->phase < METRICS ? metric_info(remainder->phase)->option : NULL);
    }
    table_end(&table);
}

static void put_explained(struct document *document, const void *subject)
{
    const struct context_key *field = subject;

    for (int a = 0; a < ASPECTS; a++)
        if (field->explains & (1U << a))
            document_put(document, NULL, aspect_keys[a]);
}

static void put_differences(struct document *document,
                            const struct context_differences *differences)
{
    static const struct column columns[] = {
        {.key = "key"}, {.key = "layer"}, {.key = "old"}, {.key = "new"}, {.key = "can_explain[]"}};
    struct table table;

    table_of(&table, document, "differences", columns);
    for (size_t i = 0; i < differences->count; i++) {
        const struct context_difference *difference = &differences->items[i];
        table_row(&table);
        table_put(&table, difference->field->key, layer_keys[difference->field->layer],
                  difference->value[0], difference->value[1],
                  MEMBERS(put_explained, difference->field));
    }
    table_end(&table);
}

void machine_costs_put(struct document *document, const struct machine_costs *costs, int all,
                       const char *machine)
{
    static const char *const sides[2] = {"old", "new"}, *const leads[2] = {"old: ", "new: "};

    document_open(document, "machines", '{');
    document_heading(document, "The machines side by side");
    for (int side = 0; side < 2; side++) {
        const char *name = costs->machine[side];
        name = *name != '\0' ? name : "an unknown machine";
        document_put(document, sides[side], name);
        document_note(document, leads[side], "%s; %zu run%s", name, costs->runs[side],
                      costs->runs[side] == 1 ? "" : "s");
    }
    put_costs(document, costs, all, machine);
    put_chunks(document, costs);
    put_breakdowns(document, costs);
    document_open(document, "aspects", '{');
    for (int a = 0; a < ASPECT_FILE; a++)
        document_put(document, aspect_keys[a], costs->aspect[a]);
    document_close(document, '}');
    put_remainders(document, costs);
    put_differences(document, &costs->differences);
    machine_costs_explain(document, costs);
    notes_put_members(document, &costs->notes);
    notes_put(document, &costs->notes, "- ", "");
    document_close(document, '}');
}

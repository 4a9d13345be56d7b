/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that the text form says, for programs. Times in nanoseconds, sizes in bytes. */
#include "show_common.h"
#include "src/analysis/crossover.h"
#include "src/analysis/model.h"
#include "src/analysis/summary.h"
#include "src/analysis/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static void put_cell(struct show *show, struct json_write *json, const struct cell *cell,
                     enum mark mark)
{
    static const char *const marks[] = {NULL, "tied", "best"};
    struct summary summary;
    int error = cell_summarise(cell, show->view->metric, &summary);

    if (error != 0 && error != -ENODATA) {
        show->document.error = error;
        return;
    }
    json_write_open(json, NULL, '{');
    json_write_text(json, "name", cell->name);
    json_write_span(json, "writer", cell->parts.series);
    if (!cell->parts.plain)
        json_write_count(json, "chunk_bytes", cell->parts.chunk_bytes);
    json_write_count(json, "samples", summary.samples);
    json_write_number(json, "median", summary.samples > 0 ? summary.median : cell->aggregate_ns);
    json_write_number(json, "median_low", summary.median_low);
    json_write_number(json, "median_high", summary.median_high);
    json_write_number(json, "fast_half_mean", summary.location);
    json_write_number(json, "lowest", summary.minimum);
    json_write_number(json, "highest", summary.maximum);
    json_write_text(json, "mark", marks[mark]);
    json_write_count(json, "errors", cell->errors);
    if (cell->error != NULL)
        json_write_text(json, "error", cell->error);
    json_write_close(json, '}');
}

static void put_cells(struct show *show, struct json_write *json, const struct cell_table *table)
{
    enum mark *marks = calloc(table->writer_count + 1, sizeof *marks);

    if (marks == NULL)
        show->document.error = -ENOMEM;
    json_write_open(json, "cells", '[');
    for (size_t i = 0; show->document.error == 0 && i < table->chunk_count; i++) {
        show->document.error = show_marks(show, table, i, marks);
        for (size_t w = 0; show->document.error == 0 && w < table->writer_count; w++)
            if (cell_table_at(table, i, w) != NULL)
                put_cell(show, json, cell_table_at(table, i, w), marks[w]);
    }
    json_write_close(json, ']');
    free(marks);
}

static void put_pair(struct json_write *json, const struct cell_table *table,
                     const struct pair *pair)
{
    static const char *const states[] = {"crosses", "first", "second", "cannot tell", "missing"};

    json_write_open(json, NULL, '{');
    json_write_span(json, "first", table->writers[pair->first]);
    json_write_span(json, "second", table->writers[pair->second]);
    json_write_text(json, "faster", states[pair->state]);
    json_write_count(json, "sizes", pair->chunk_count);
    json_write_count(json, "sizes_told_apart", pair->told_count);
    json_write_number(json, "ratio_lowest", pair->ratio_lowest);
    json_write_number(json, "ratio_highest", pair->ratio_highest);
    json_write_open(json, "crossovers", '[');
    for (size_t i = 0; i < pair->crossover_count; i++) {
        const struct crossover *crossover = &pair->crossovers[i];
        json_write_open(json, NULL, '{');
        if (crossover->interpolated)
            json_write_interval(json, "chunk_bytes", crossover->chunk_bytes);
        json_write_count(json, "between_bytes", crossover->below_bytes);
        json_write_count(json, "and_bytes", crossover->above_bytes);
        json_write_span(json, "faster_above",
                        table->writers[crossover->to_second ? pair->second : pair->first]);
        json_write_close(json, '}');
    }
    json_write_close(json, ']');
    json_write_close(json, '}');
}

static void put_pairs(struct show *show, struct json_write *json, const struct cell_table *table)
{
    size_t first, second;
    struct pair pair;

    json_write_open(json, "pairs", '[');
    for (size_t n = 0; show->document.error == 0 && show_next_pair(show, table, n, &first, &second);
         n++) {
        show->document.error = crossover_find(&show->bootstrap, table, first, second, &pair);
        if (show->document.error == 0) {
            put_pair(json, table, &pair);
            pair_free(&pair);
        }
    }
    json_write_close(json, ']');
}

static void put_model(struct show *show, struct json_write *json, const struct cell_table *table,
                      const struct model *model)
{
    static const char *const terms[TERMS] = {"fixed_ns",     "per_chunk_ns", "per_call_ns",
                                             "per_fault_ns", "per_folio_ns", "per_byte_ns"};
    static const char *const refusals[] = {NULL,      "too few sizes", "pattern in the residuals",
                                           "scatter", "times of zero", "no counts"};
    json_write_open(json, NULL, '{');
    json_write_span(json, "writer", table->writers[model->writer]);
    json_write_text(json, "refused", refusals[model->refusal]);
    json_write_number(json, "residual", model->points > 0 ? model->residual : (double)NAN);
    for (int t = 0; t < TERMS; t++)
        if (model->used[t])
            json_write_interval(json, terms[t], model->cost_ns[t]);
    json_write_open(json, "predictions", '[');
    for (size_t p = 0; p < show->view->predict_count; p++) {
        struct interval time;
        int error = model_predict(model, table, show->view->predict[p], &time);
        if (error == -ENOMEM)
            show->document.error = error;
        json_write_open(json, NULL, '{');
        json_write_count(json, "chunk_bytes", show->view->predict[p]);
        json_write_interval(json, "time_ns", time);
        json_write_close(json, '}');
    }
    json_write_close(json, ']');
    json_write_close(json, '}');
}

static void put_models(struct show *show, struct json_write *json, size_t index)
{
    const struct cell_table *table = &show->tables.tables[index];

    json_write_open(json, "models", '[');
    for (size_t w = 0; show->document.error == 0 && w < table->writer_count; w++) {
        struct model model;
        show->document.error = model_fit(&show->bootstrap, &show->tables, index, w, &model);
        if (show->document.error == 0) {
            put_model(show, json, table, &model);
            model_free(&model);
        }
    }
    json_write_close(json, ']');
}

static void put_verdict(struct show *show, struct json_write *json)
{
    struct verdict verdict;

    if (show->document.error == 0)
        show->document.error = verdict_make(show->run, &verdict);
    if (show->document.error != 0)
        return;
    json_write_open(json, "verdict", '{');
    json_write_text(json, "doubtful", verdict.doubts > 0 ? "yes" : "no");
    json_write_number(json, "spread", verdict.spread);
    json_write_number(json, "stolen", verdict.stolen);
    json_write_number(json, "drift", verdict.drift);
    json_write_open(json, "findings", '[');
    for (size_t i = 0; i < verdict.count; i++) {
        json_write_open(json, NULL, '{');
        json_write_text(json, "kind", verdict.findings[i].doubt ? "doubt" : "note");
        json_write_text(json, "text", verdict.findings[i].text);
        json_write_close(json, '}');
    }
    json_write_close(json, ']');
    json_write_close(json, '}');
}

static void put_table(struct show *show, struct json_write *json, size_t index)
{
    const struct cell_table *table = &show->tables.tables[index];

    json_write_open(json, NULL, '{');
    json_write_span(json, "file", table->file);
    json_write_span(json, "sync", table->sync);
    if (table->size_bytes > 0)
        json_write_count(json, "size_bytes", table->size_bytes);
    json_write_count(json, "threads", table->threads);
    put_cells(show, json, table);
    put_pairs(show, json, table);
    put_models(show, json, index);
    json_write_close(json, '}');
}

int show_json(struct show *show)
{
    struct json_write json = {.out = show->document.out};

    json_write_open(&json, NULL, '{');
    json_write_text(&json, "metric", metric_info(show->view->metric)->option);
    json_write_open(&json, "tables", '[');
    for (size_t t = 0; show->document.error == 0 && t < show->tables.count; t++)
        put_table(show, &json, t);
    json_write_close(&json, ']');
    json_write_open(&json, "others", '[');
    for (size_t i = 0; show->document.error == 0 && i < show->tables.plain_count; i++)
        put_cell(show, &json, show->tables.plain[i], MARK_NONE);
    json_write_close(&json, ']');
    put_verdict(show, &json);
    json_write_close(&json, '}');
    return document_finish(&show->document);
}

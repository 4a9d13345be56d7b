/* SPDX-License-Identifier: Apache-2.0 */
/* The cost model: a row a writer, then the refusals, then the predictions. */
#include "format.h"
#include "model_words.h"
#include "show_common.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name;
    const char *key;
} terms[TERMS] = {{"fixed", "fixed_ns"},         {"per chunk", "per_chunk_ns"},
                  {"per call", "per_call_ns"},   {"per fault", "per_fault_ns"},
                  {"per folio", "per_folio_ns"}, {"per byte", "per_byte_ns"}};

static void put_cost(struct table *out, size_t row, size_t column, const struct interval *cost,
                     const struct unit *unit)
{
    char text[FORMAT_MAX], percent[FORMAT_MAX];

    format_number(cost->estimate / unit->divisor, text);
    table_set(out, row, column, "%s", text);
    double half = format_half_width(cost->estimate, cost->low, cost->high);
    if (isfinite(half)) {
        format_percent(half, percent);
        table_tail(out, row, column, half > 1 ? "±>100 %%" : "±%s", percent);
    }
}

static void put_bound(struct table *out, size_t row, size_t column, double cost_ns,
                      const struct unit *unit)
{
    char text[FORMAT_MAX];

    format_number(cost_ns / unit->divisor, text);
    table_set(out, row, column, "≤ %s", text);
}

/* Which terms any of the models uses: only these become columns. */
static size_t used_terms(const struct model *models, size_t count, size_t *columns)
{
    size_t holding = 0;

    for (int t = 0; t < TERMS; t++)
        columns[t] = 0;
    for (size_t w = 0; w < count; w++) {
        holding += models[w].refusal == MODEL_HOLDS;
        for (int t = 0; t < TERMS; t++)
            columns[t] |= models[w].refusal == MODEL_HOLDS && models[w].used[t];
        columns[TERM_FAULT] |= isfinite(model_fault_bound(&models[w])) != 0;
    }
    size_t at = 1;
    for (int t = 0; t < TERMS; t++)
        columns[t] = columns[t] ? at++ : 0;
    return holding;
}

/* The unit in which a term's costs are read best. */
static const struct unit *unit_of(const struct model *models, size_t count, int term)
{
    double lowest = (double)NAN, highest = (double)NAN;

    for (size_t w = 0; w < count; w++) {
        double cost = models[w].cost_ns[term].estimate;
        if (term == TERM_FAULT && isfinite(model_fault_bound(&models[w])))
            cost = model_fault_bound(&models[w]);
        if (models[w].refusal != MODEL_HOLDS || !(cost > 0))
            continue;
        highest = fmax(highest, cost);
        lowest = fmin(lowest, cost);
    }
    return format_unit(METRIC_KIND_TIME, term == TERM_FIXED ? lowest : lowest / 10, highest);
}

static void put_costs(struct document *document, const struct cell_table *table,
                      const struct model *models)
{
    struct table out;
    size_t columns[TERMS], last = 1;
    const struct unit *units[TERMS] = {NULL};
    char percent[FORMAT_MAX];

    if (used_terms(models, table->writer_count, columns) == 0)
        return;
    table_begin(&out, document, NULL, NULL, 0);
    table_column(&out, ALIGN_LEFT, 0, "writer");
    for (int t = 0; t < TERMS; t++) {
        if (columns[t] == 0)
            continue;
        units[t] = unit_of(models, table->writer_count, t);
        table_column(&out, ALIGN_NUMBER, 1, "%s, %s", terms[t].name, units[t]->name);
        last++;
    }
    table_column(&out, ALIGN_RIGHT, 1, "misfit");
    for (size_t w = 0; w < table->writer_count; w++) {
        if (models[w].refusal != MODEL_HOLDS)
            continue;
        size_t row = table_row(&out);
        table_set(&out, row, 0, "%s", table->writers[w]);
        for (int t = 0; t < TERMS; t++)
            if (columns[t] != 0 && models[w].used[t])
                put_cost(&out, row, columns[t], &models[w].cost_ns[t], units[t]);
        if (isfinite(model_fault_bound(&models[w])))
            put_bound(&out, row, columns[TERM_FAULT], model_fault_bound(&models[w]),
                      units[TERM_FAULT]);
        format_percent(models[w].residual, percent);
        table_set(&out, row, last, "%s", percent);
    }
    table_end(&out);
}

static void put_predictions(struct show *show, const struct cell_table *table,
                            const struct model *models)
{
    struct document *document = &show->document;
    const struct show_options *options = show->options;
    struct table out;
    char text[FORMAT_MAX];
    int missing = 0;

    if (options->predict_count == 0)
        return;
    const struct unit *unit = unit_of(models, table->writer_count, TERM_FIXED);
    table_begin(&out, document, NULL, NULL, 0);
    table_column(&out, ALIGN_LEFT, 0, "predicted, %s", unit->name);
    for (size_t p = 0; p < options->predict_count; p++) {
        format_bytes((double)options->predict[p], text);
        table_column(&out, ALIGN_NUMBER, 1, "%s", text);
    }
    for (size_t w = 0; w < table->writer_count; w++) {
        size_t row = table_row(&out);
        table_set(&out, row, 0, "%s", table->writers[w]);
        for (size_t p = 0; document->error == 0 && p < options->predict_count; p++) {
            struct interval time;
            int error = model_predict(&models[w], table, options->predict[p], &time);
            missing |= error != 0;
            if (error == -ENOMEM)
                document->error = error;
            if (error != 0)
                table_set(&out, row, p + 1, "–");
            else
                put_cost(&out, row, p + 1, &time, unit);
        }
    }
    table_end(&out);
    if (missing)
        document_note(document, "", "–: no model, or outside the sizes measured");
}

static void put_for_readers(struct show *show, const struct cell_table *table,
                            const struct model *models)
{
    struct document *document = &show->document;
    int bounded = 0, folios = 0;
    char refusal[MODEL_REFUSAL_MAX];

    for (size_t w = 0; w < table->writer_count; w++) {
        bounded |= isfinite(model_fault_bound(&models[w]));
        folios |= models[w].used[TERM_FOLIO];
    }
    document_heading(document, "What it costs");
    document_note(
        document, "",
        "time per file = fixed + cost × count, fitted over the chunk sizes; ± 95 %% interval; "
        "misfit: how far the model is from the measured times%s%s",
        bounded ? "; ≤: the number of faults does not vary, so that they are within the fixed cost"
                : "",
        folios ? "; folio: a piece of the page cache, as large as the chunk and at least a page"
               : "");
    put_costs(document, table, models);
    for (size_t w = 0; w < table->writer_count; w++)
        if (model_refusal_text(&models[w], refusal) != 0)
            document_note(document, "  ", "%.80s: no model, %s", table->writers[w], refusal);
    put_predictions(show, table, models);
}

static void put_for_programs(struct show *show, const struct cell_table *table,
                             const struct model *model)
{
    struct document *document = &show->document;
    const struct show_options *options = show->options;

    document_open(document, NULL, '{');
    document_text(document, "writer", table->writers[model->writer]);
    model_refusal_members(document, model);
    document_number(document, "residual", model->points > 0 ? model->residual : (double)NAN);
    for (int t = 0; t < TERMS; t++)
        if (model->used[t])
            document_interval(document, terms[t].key, model->cost_ns[t]);
    document_open(document, "predictions", '[');
    for (size_t p = 0; p < options->predict_count; p++) {
        struct interval time;
        if (model_predict(model, table, options->predict[p], &time) == -ENOMEM)
            document->error = -ENOMEM;
        document_open(document, NULL, '{');
        document_count(document, "chunk_bytes", options->predict[p]);
        document_interval(document, "time_ns", time);
        document_close(document, '}');
    }
    document_close(document, ']');
    document_close(document, '}');
}

void show_models(struct show *show, size_t index)
{
    struct document *document = &show->document;
    const struct cell_table *table = &show->tables.tables[index];
    struct model *models = NULL;
    size_t made = 0, enough = 0;

    if (document_has_only_tables(document))
        return;
    models = calloc(table->writer_count + 1, sizeof *models);
    if (models == NULL)
        document->error = -ENOMEM;
    document_open(document, "models", '[');
    for (; document->error == 0 && made < table->writer_count; made++) {
        document->error = model_fit(&show->bootstrap, &show->tables, index, made, &models[made]);
        if (document->error != 0)
            break;
        put_for_programs(show, table, &models[made]);
        enough += models[made].refusal != MODEL_TOO_FEW;
    }
    document_close(document, ']');
    if (document->error == 0 && document_has_readers(document) &&
        (enough > 0 || show->options->predict_count > 0))
        put_for_readers(show, table, models);
    for (size_t w = 0; models != NULL && w < made; w++)
        model_free(&models[w]);
    free(models);
}

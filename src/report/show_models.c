/* SPDX-License-Identifier: Apache-2.0 */
/* The cost model: a row a writer, then the refusals, then the predictions. */
#include "format.h"
#include "model_words.h"
#include "show_common.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const char *const term_names[TERMS] = {"fixed",     "per chunk", "per call",
                                              "per fault", "per folio", "per byte"};

static void put_cost(struct table *grid, size_t row, size_t column, const struct interval *cost,
                     const struct unit *unit)
{
    char text[FORMAT_MAX], percent[FORMAT_MAX];

    format_number(cost->estimate / unit->divisor, text);
    table_set(grid, row, column, "%s", text);
    double half = format_half_width(cost->estimate, cost->low, cost->high);
    if (isfinite(half)) {
        format_percent(half, percent);
        table_tail(grid, row, column, half > 1 ? "±>100 %%" : "±%s", percent);
    }
}

static void put_bound(struct table *grid, size_t row, size_t column, double cost_ns,
                      const struct unit *unit)
{
    char text[FORMAT_MAX];

    format_number(cost_ns / unit->divisor, text);
    table_set(grid, row, column, "≤ %s", text);
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

static void put_models(struct show *show, const struct cell_table *table,
                       const struct model *models)
{
    struct table grid;
    size_t columns[TERMS], last = 1;
    const struct unit *units[TERMS] = {NULL};
    char percent[FORMAT_MAX];

    if (used_terms(models, table->writer_count, columns) == 0)
        return;
    table_begin(&grid, &show->document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "writer");
    for (int t = 0; t < TERMS; t++) {
        if (columns[t] == 0)
            continue;
        units[t] = unit_of(models, table->writer_count, t);
        table_column(&grid, ALIGN_NUMBER, 1, "%s, %s", term_names[t], units[t]->name);
        last++;
    }
    table_column(&grid, ALIGN_RIGHT, 1, "misfit");
    for (size_t w = 0; show->document.error == 0 && w < table->writer_count; w++) {
        if (models[w].refusal != MODEL_HOLDS)
            continue;
        size_t row = table_row(&grid);
        table_set(&grid, row, 0, "%.*s", (int)table->writers[w].length, table->writers[w].text);
        for (int t = 0; t < TERMS; t++)
            if (columns[t] != 0 && models[w].used[t])
                put_cost(&grid, row, columns[t], &models[w].cost_ns[t], units[t]);
        if (isfinite(model_fault_bound(&models[w])))
            put_bound(&grid, row, columns[TERM_FAULT], model_fault_bound(&models[w]),
                      units[TERM_FAULT]);
        format_percent(models[w].residual, percent);
        table_set(&grid, row, last, "%s", percent);
    }
    table_end(&grid);
}

/* 1 when there is none. */
static int put_prediction(struct show *show, const struct cell_table *table,
                          const struct model *model, size_t p, struct table *grid, size_t row,
                          const struct unit *unit)
{
    char text[FORMAT_MAX], percent[FORMAT_MAX];
    struct interval time;
    int error = model_predict(model, table, show->view->predict[p], &time);

    if (error == -ENOMEM)
        show->document.error = error;
    format_number(time.estimate / unit->divisor, text);
    table_set(grid, row, p + 1, "%s", error == 0 ? text : "–");
    double half = format_half_width(time.estimate, time.low, time.high);
    format_percent(half, percent);
    if (error == 0 && isfinite(half))
        table_tail(grid, row, p + 1, "±%s", percent);
    return error != 0;
}

static void put_predictions(struct show *show, const struct cell_table *table,
                            const struct model *models)
{
    struct table grid;
    char text[FORMAT_MAX];
    int missing = 0;

    if (show->view->predict_count == 0)
        return;
    const struct unit *unit = unit_of(models, table->writer_count, TERM_FIXED);
    table_begin(&grid, &show->document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "predicted, %s", unit->name);
    for (size_t p = 0; p < show->view->predict_count; p++) {
        format_bytes((double)show->view->predict[p], text);
        table_column(&grid, ALIGN_NUMBER, 1, "%s", text);
    }
    for (size_t w = 0; show->document.error == 0 && w < table->writer_count; w++) {
        size_t row = table_row(&grid);
        table_set(&grid, row, 0, "%.*s", (int)table->writers[w].length, table->writers[w].text);
        for (size_t p = 0; show->document.error == 0 && p < show->view->predict_count; p++)
            missing |= put_prediction(show, table, &models[w], p, &grid, row, unit);
    }
    table_end(&grid);
    if (missing)
        document_note(&show->document, "", "–: no model, or outside the sizes measured");
}

static void put_all(struct show *show, const struct cell_table *table, const struct model *models)
{
    int bounded = 0, folios = 0;
    char refusal[MODEL_REFUSAL_MAX];

    for (size_t w = 0; w < table->writer_count; w++)
        bounded |= isfinite(model_fault_bound(&models[w]));
    for (size_t w = 0; w < table->writer_count; w++)
        folios |= models[w].used[TERM_FOLIO];
    document_heading(&show->document, "What it costs");
    document_note(
        &show->document, "",
        "time per file = fixed + cost × count, fitted over the chunk sizes; ± 95 %% interval; "
        "misfit: "
        "how far the model is from the measured times%s%s",
        bounded ? "; ≤: the number of faults does not vary, so that they are within the fixed cost"
                : "",
        folios ? "; folio: a piece of the page cache, as large as the chunk and at least a page"
               : "");
    put_models(show, table, models);
    for (size_t w = 0; w < table->writer_count; w++)
        if (model_refusal_text(&models[w], refusal) != 0)
            document_note(&show->document, "  ", "%.*s: no model, %s",
                          (int)(table->writers[w].length < 80 ? table->writers[w].length : 80),
                          table->writers[w].text, refusal);
    put_predictions(show, table, models);
}

void show_models(struct show *show, size_t index)
{
    const struct cell_table *table = &show->tables.tables[index];
    struct model *models = calloc(table->writer_count + 1, sizeof *models);
    size_t made = 0, enough = 0;

    if (models == NULL)
        show->document.error = -ENOMEM;
    for (; show->document.error == 0 && made < table->writer_count; made++) {
        int error = model_fit(&show->bootstrap, &show->tables, index, made, &models[made]);
        if (error != 0) {
            show->document.error = error;
            break;
        }
        enough += models[made].refusal != MODEL_TOO_FEW;
    }
    if (show->document.error == 0 && (enough > 0 || show->view->predict_count > 0))
        put_all(show, table, models);
    for (size_t w = 0; models != NULL && w < made; w++)
        model_free(&models[w]);
    free(models);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The cost model: a row a writer, then the refusals, then the predictions. */
#include "show.h"
#include "words.h"

#include <errno.h>

enum { FIRST_TERM = 6 }; /* a column a term from there on */

/* One writer's model. */
struct fitted {
    struct model model;
    const struct show *show;
    const struct cell_table *table;
    const char *refusal;
};

static void put_predictions(struct document *document, const void *subject)
{
    const struct fitted *fitted = subject;
    const struct show_options *options = fitted->show->options;

    for (size_t p = 0; p < options->predict_count; p++) {
        struct interval time;
        double ns[TERMS];
        if (model_predict(&fitted->model, fitted->table, options->predict[p], &time) == -ENOMEM)
            document->error = -ENOMEM;
        (void)model_terms(&fitted->model, fitted->table, options->predict[p], ns);
        document_open(document, NULL, '{');
        document_put(document, "chunk_bytes", options->predict[p], "time_ns", time);
        document_object(document, "terms_ns", "fixed", ns[TERM_FIXED], "chunk", ns[TERM_CHUNK],
                        "call", ns[TERM_CALL], "fault", ns[TERM_FAULT], "folio", ns[TERM_FOLIO],
                        "byte", ns[TERM_BYTE]);
        document_close(document, '}');
    }
}

static double cost_of(const struct model *model, int term)
{
    return model->used[term]    ? model->cost_ns[term].estimate
           : term == TERM_FAULT ? model_fault_bound(model)
                                : (double)NAN;
}

/* The unit in which a term's costs are read best; NULL: no model has it. */
static const struct unit *unit_of(const struct fitted *fitted, size_t count, int term)
{
    double lowest = (double)NAN, highest = (double)NAN;
    int used = 0;

    for (size_t w = 0; w < count; w++) {
        double cost = cost_of(&fitted[w].model, term);
        used |= !isnan(cost);
        if (!(cost > 0))
            continue;
        highest = fmax(highest, cost);
        lowest = fmin(lowest, cost);
    }
    return used ? figure_unit(METRIC_KIND_TIME, term == TERM_FIXED ? lowest : lowest / 10, highest)
                : NULL;
}

static void put_cost(struct table *out, struct interval cost, const struct unit *unit)
{
    double half = figure_half_width(cost);

    table_put(out, SHOWN(cost, figure_in(cost.estimate, unit).text));
    if (isfinite(half))
        table_tail(out, half > 1 ? "±>100 %%" : "±%s", figure_percent(half).text);
}

static void put_model(struct table *out, const struct fitted *fitted,
                      const struct unit *const units[TERMS])
{
    const struct model *model = &fitted->model;
    int refused = model->refusal != MODEL_HOLDS;

    table_row(out);
    if (refused)
        table_hide_row(out);
    table_put(out, fitted->table->writers[model->writer], model_refusal_words[model->refusal].word,
              model_refusal_words[model->refusal].code, refused ? fitted->refusal : NULL,
              model->points, model->points > 0 ? model->residual : (double)NAN);
    for (int t = 0; t < TERMS; t++) {
        if (model->used[t])
            put_cost(out, model->cost_ns[t], units[t]);
        else if (!isnan(cost_of(model, t)))
            table_say(out, "≤ %s", figure_number(cost_of(model, t) / units[t]->divisor).text);
        else
            table_put(out, NOTHING);
    }
    table_put(out, WORDS(figure_percent(model->residual).text), MEMBERS(put_predictions, fitted));
}

static void put_costs(struct document *document, const struct fitted *fitted, size_t count)
{
    static const struct column columns[] = {
        {.heading = "", .key = "writer"},
        {.key = "refused"},
        {.key = "code"},
        {.key = "text"},
        {.key = "sizes"},
        {.key = "residual"},
        [FIRST_TERM] = {"", "fixed_ns", .align = ALIGN_NUMBER, .family = 1},
        {"", "per_chunk_ns", .align = ALIGN_NUMBER, .family = 1},
        {"", "per_call_ns", .align = ALIGN_NUMBER, .family = 1},
        {"", "per_fault_ns", .align = ALIGN_NUMBER, .family = 1},
        {"", "per_folio_ns", .align = ALIGN_NUMBER, .family = 1},
        {"", "per_byte_ns", .align = ALIGN_NUMBER, .family = 1},
        {.heading = "misfit", .align = ALIGN_RIGHT, .family = 1},
        {.key = "predictions[]"}};
    static const char *const terms[TERMS] = {"fixed",     "per chunk", "per call",
                                             "per fault", "per folio", "per byte"};
    const struct unit *units[TERMS];
    struct table out;

    table_of(&out, document, "models", columns);
    table_heading(&out, 0, "%s", kind_word[count > 0 ? fitted[0].table->kind : BM_KIND_WRITER]);
    for (int t = 0; t < TERMS; t++) {
        units[t] = unit_of(fitted, count, t);
        if (units[t] != NULL)
            table_heading(&out, FIRST_TERM + (size_t)t, "%s, %s", terms[t], units[t]->name);
    }
    for (size_t w = 0; w < count; w++)
        put_model(&out, &fitted[w], units);
    table_end(&out);
}

/* For readers: writers down, sizes across. */
static void put_predicted(struct show *show, const struct fitted *fitted, size_t count)
{
    struct document *document = &show->document;
    const struct show_options *options = show->options;
    const struct unit *unit = unit_of(fitted, count, TERM_FIXED);
    struct table out;
    int missing = 0;

    if (options->predict_count == 0)
        return;
    if (unit == NULL)
        unit = figure_unit(METRIC_KIND_TIME, (double)NAN, (double)NAN);
    table_begin(&out, document, NULL, NULL, 0);
    table_column(&out, ALIGN_LEFT, 0, "predicted, %s", unit->name);
    for (size_t p = 0; p < options->predict_count; p++)
        table_column(&out, ALIGN_NUMBER, 1, "%s", figure_bytes((double)options->predict[p]).text);
    for (size_t w = 0; w < count; w++) {
        table_row(&out);
        table_put(&out, fitted[w].table->writers[w]);
        for (size_t p = 0; document->error == 0 && p < options->predict_count; p++) {
            struct interval time;
            int error =
                model_predict(&fitted[w].model, fitted[w].table, options->predict[p], &time);
            if (error == -ENOMEM)
                document->error = error;
            if (error == 0)
                put_cost(&out, time, unit);
            else
                table_put(&out, WORDS("–"));
            missing |= error != 0;
        }
    }
    table_end(&out);
    if (missing)
        document_note(document, "", "–: no model, or outside the sizes measured");
}

static void put_heading(struct document *document, const struct fitted *fitted, size_t count)
{
    int bounded = 0, folios = 0;

    for (size_t w = 0; w < count; w++) {
        bounded |= isfinite(model_fault_bound(&fitted[w].model));
        folios |= fitted[w].model.used[TERM_FOLIO];
    }
    document_heading(document, "What it costs");
    document_note(
        document, "",
        "time per file = fixed + cost × count, fitted over the chunk sizes; ± 95" FIGURE_GLUE
        "%% interval; "
        "misfit: how far the model is from the measured times%s%s",
        bounded ? "; ≤: the number of faults does not vary, so that they are within the fixed cost"
                : "",
        folios ? "; folio: a piece of the page cache, as large as the chunk and at least a page"
               : "");
}

static void put_all(struct show *show, const struct fitted *fitted, size_t count)
{
    struct document *document = &show->document;
    size_t enough = 0;

    for (size_t w = 0; w < count; w++)
        enough += fitted[w].model.refusal != MODEL_TOO_FEW;
    int shown = enough > 0 || show->options->predict_count > 0;
    if (shown)
        put_heading(document, fitted, count);
    put_costs(document, fitted, count);
    if (!shown)
        return;
    for (size_t w = 0; w < count; w++)
        if (fitted[w].model.refusal != MODEL_HOLDS)
            document_note(document, "  ", "%.80s: no model, %s", fitted[w].table->writers[w],
                          fitted[w].refusal);
    put_predicted(show, fitted, count);
}

void show_models(struct show *show, size_t index)
{
    struct document *document = &show->document;
    const struct cell_table *table = &show->tables.tables[index];
    struct fitted *fitted = NULL;
    size_t made = 0;

    if (document_has_only_tables(document))
        return;
    fitted = document_take(document, table->writer_count + 1, sizeof *fitted);
    while (document->error == 0 && made < table->writer_count) {
        struct fitted *next = &fitted[made];
        next->show = show;
        next->table = table;
        document->error = model_fit(&show->bootstrap, &show->tables, index, made, &next->model);
        next->refusal = model_refusal_say(document, &next->model);
        made += document->error == 0;
    }
    if (document->error == 0)
        put_all(show, fitted, made);
    for (size_t w = 0; w < made; w++)
        model_free(&fitted[w].model);
}

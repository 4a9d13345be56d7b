/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include <errno.h>

enum { NAME_SHOWN = 60 };

static int has_metric(const struct run *run, enum metric metric)
{
    for (size_t i = 0; i < run->cell_count; i++)
        if (run->cells[i].values[metric] != NULL)
            return 1;
    /* Without a single sample the table of errors or aggregates is still worth showing. */
    return run->sample_count == 0 && metric == METRIC_TIME;
}

int show_begin(struct show *show, FILE *out, const struct run *run, const struct view *view,
               const struct show_options *options)
{
    *show = (struct show){.run = run, .options = options, .document = document_begin(out, view)};
    (void)run_planned(run, &show->planned);
    if (!has_metric(run, options->metric))
        return -ENODATA;
    int error = cell_tables_make(run, &show->tables);
    if (error == 0)
        error =
            bootstrap_make(run, METRIC_TIME, options->replicates, options->seed, &show->bootstrap);
    if (error == 0 && options->metric != METRIC_TIME &&
        metric_info(options->metric)->kind == METRIC_KIND_TIME)
        error =
            bootstrap_make(run, options->metric, options->replicates, options->seed, &show->metric);
    return error;
}

int show_end(struct show *show, int error)
{
    int finished = document_finish(&show->document);

    for (int band = 0; band < BANDS; band++)
        advice_free(&show->bands[band]);
    bootstrap_free(&show->bootstrap);
    bootstrap_free(&show->metric);
    cell_tables_free(&show->tables);
    return error != 0 ? error : finished;
}

int show_summarise(const struct cell *cell, enum metric metric, struct summary *summary)
{
    int error = cell_summarise(cell, metric, summary);
    if (error == -ENODATA && metric == METRIC_TIME && isfinite(cell->aggregate_ns))
        summary->median = cell->aggregate_ns;
    return error == -ENODATA ? 0 : error;
}

static const char *append(struct document *document, const char *text, const char *prefix,
                          struct span span)
{
    if (span.text == NULL)
        return text;
    return document_say(document, "%s%s%s%.*s", text, *text != '\0' ? ", " : "", prefix,
                        (int)(span.length < NAME_SHOWN ? span.length : NAME_SHOWN), span.text);
}

const char *show_table_name(struct document *document, const struct cell_table *table)
{
    const char *name = "";

    if (table->size_bytes > 0)
        name = document_say(document, "%s", figure_bytes((double)table->size_bytes).text);
    name = append(document, name, "file ", table->file);
    name = append(document, name, "sync ", table->sync);
    return table->threads > 1 ? document_say(document, "%s%s%u threads", name,
                                             *name != '\0' ? ", " : "", table->threads)
                              : name;
}

const char *show_mark(enum mark mark)
{
    return mark == MARK_BEST ? "best" : mark == MARK_TIED ? "tied" : NULL;
}

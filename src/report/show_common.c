/* SPDX-License-Identifier: Apache-2.0 */
#include "show_common.h"

#include "format.h"

#include <errno.h>
#include <string.h>

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

void show_end(struct show *show)
{
    bootstrap_free(&show->bootstrap);
    bootstrap_free(&show->metric);
    cell_tables_free(&show->tables);
}

static void append(char text[SHOW_NAME_MAX], const char *prefix, struct span span)
{
    size_t at = strlen(text);

    if (span.text != NULL)
        snprintf(text + at, SHOW_NAME_MAX - at, "%s%s%.*s", at > 0 ? ", " : "", prefix,
                 (int)(span.length < 60 ? span.length : 60), span.text);
}

void show_table_name(const struct cell_table *table, char text[SHOW_NAME_MAX])
{
    size_t at;

    text[0] = '\0';
    if (table->size_bytes > 0)
        snprintf(text, SHOW_NAME_MAX, "%s", figure_bytes((double)table->size_bytes).text);
    append(text, "file ", table->file);
    append(text, "sync ", table->sync);
    at = strlen(text);
    if (table->threads > 1)
        snprintf(text + at, SHOW_NAME_MAX - at, "%s%u threads", at > 0 ? ", " : "", table->threads);
}

const char *show_mark(enum mark mark)
{
    return mark == MARK_BEST ? "best" : mark == MARK_TIED ? "tied" : NULL;
}

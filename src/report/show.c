/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include "src/run/run.h"
#include "words.h"

static void put_banner(struct show *show)
{
    char text[CONTEXT_MACHINE_MAX];
    size_t measured = 0;

    context_machine(show->run, text);
    for (size_t i = 0; i < show->run->cell_count; i++)
        measured += show->run->cells[i].samples > 0;
    document_paragraph(&show->document, "", "%s%s%zu cell%s, %zu sample%s", text,
                       *text != '\0' ? "; " : "", measured, measured == 1 ? "" : "s",
                       show->run->sample_count, show->run->sample_count == 1 ? "" : "s");
}

static void put_one_table(struct show *show, size_t index, int all)
{
    const struct cell_table *table = &show->tables.tables[index];
    struct document *document = &show->document;

    document_open(document, NULL, '{');
    document_put(document, "file", table->file, "sync", table->sync, "size_bytes",
                 PERHAPS(table->size_bytes > 0, table->size_bytes), "threads", table->threads);
    show_table(show, table);
    show_pairs(show, table);
    if (all)
        show_phases(show, table);
    if (all)
        show_models(show, index);
    document_close(document, '}');
}

static int put_run(FILE *out, const struct run *run, const struct view *view,
                   const struct show_options *options, int all)
{
    struct show show;
    struct document *document = &show.document;
    int error = show_begin(&show, out, run, view, options);

    if (error == 0)
        error = show_check_pairs(&show);
    if (error == 0) {
        document_put(document, "metric", metric_info(options->metric)->option);
        put_banner(&show);
        document_open(document, "tables", '[');
        for (size_t t = 0; document->error == 0 && t < show.tables.count; t++)
            put_one_table(&show, t, all);
        document_close(document, ']');
        show_plain(&show);
        report_verdict(document, run);
    }
    return show_end(&show, error);
}

int report_run(FILE *out, const struct run *run, const struct view *view,
               const struct show_options *options)
{
    return put_run(out, run, view, options, 1);
}

int report_summary(FILE *out, const struct run *run, const struct view *view)
{
    return put_run(out, run, view, &(struct show_options){0}, 0);
}

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

/* Where it stands in for several, it comes at the first of them. */
static int is_first(const struct show *show, size_t index)
{
    for (size_t t = 0; t < index; t++)
        if (show->turned != NULL && show->tables.turned[t] == show->turned)
            return 0;
    return 1;
}

/* On one screen the place stands behind the name of the first table. */
static void put_tables(struct show *show, size_t index)
{
    const struct cell_table *table = &show->tables.tables[index];
    const char *name = show_table_name(&show->document, table);
    char place[CONTEXT_MACHINE_MAX] = "";

    if (show->options->answer != ANSWER_IN_FULL && index == 0)
        context_place(show->run, place);
    if (show->turned != NULL && is_first(show, index))
        show_turned(show, place);
    if (show->turned != NULL)
        return;
    document_heading(&show->document, "%s%s%s", *name != '\0' ? name : "By chunk size",
                     *place != '\0' ? "; " : "", place);
    show_winners(show, table);
    show_table(show, table);
    show_pairs(show, table);
}

static void put_one_table(struct show *show, size_t index)
{
    const struct cell_table *table = &show->tables.tables[index];
    struct document *document = &show->document;

    document_open(document, NULL, '{');
    document_put(document, "name", show_table_name(document, table), "kind", kind_word[table->kind],
                 "file", table->file, "sync", table->sync, "size_bytes",
                 PERHAPS(table->size_bytes > 0, table->size_bytes), "threads", table->threads);
    show_put_axes(document, table);
    show->turned = document_has_readers(document) ? show->tables.turned[index] : NULL;
    put_tables(show, index);
    if (cell_table_has_latencies(table))
        show_latencies(show, table);
    if (show->options->answer == ANSWER_IN_FULL) {
        show_phases(show, table);
        /* Trips have bounds. */
        if (table->axis[NAME_AXIS_MODE].text == NULL && !cell_table_has_latencies(table))
            show_models(show, index);
    }
    document_close(document, '}');
}

static void put_run(struct show *show)
{
    struct document *document = &show->document;
    int briefly = show->options->answer != ANSWER_IN_FULL;

    document_put(document, "metric", metric_info(show->options->metric)->option);
    if (!briefly || show->tables.count == 0)
        put_banner(show);
    document_open(document, "tables", '[');
    for (size_t t = 0; document->error == 0 && t < show->tables.count; t++)
        put_one_table(show, t);
    document_close(document, ']');
    show_plain(show);
    /* Where there are controls only, their rows are the answer. */
    int is_bare = show->tables.count + show->tables.plain_count == 0;
    if (is_bare)
        show_rows(show);
    report_verdict(document, show->run, briefly);
    if (briefly)
        show_more(show);
    if (show->options->rows && !is_bare)
        show_rows(show);
}

int report_run(FILE *out, const struct run *run, const struct view *view,
               const struct show_options *options)
{
    struct show show;
    int error = show_begin(&show, out, run, view, options);

    if (error == 0)
        error = show_check_pairs(&show);
    if (error == 0)
        put_run(&show);
    return show_end(&show, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One row a cell, full precision, plain units: for spreadsheets and scripts. */
#include "show_common.h"
#include "src/analysis/summary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put_text(FILE *out, const char *text, size_t length)
{
    int quoted = 0;
    for (size_t i = 0; i < length; i++)
        quoted |= text[i] == ',' || text[i] == '"';
    if (quoted)
        fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            fputc('"', out);
        fputc(text[i], out);
    }
    fputs(quoted ? "\"," : ",", out);
}

static void put_value(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.10g", value);
    fputc(',', out);
}

static void put_cell(struct show *show, const struct cell *cell, enum mark mark)
{
    static const char *const marks[] = {"", "tied", "best"};
    static const char *const units[] = {"ns", "", "bytes", "bytes/s"};
    const struct metric_info *info = metric_info(show->view->metric);
    const struct name *parts = &cell->parts;
    FILE *out = show->document.out;
    struct summary summary;

    int error = cell_summarise(cell, show->view->metric, &summary);
    if (error != 0 && error != -ENODATA) {
        show->document.error = error;
        return;
    }
    put_text(out, parts->series.text, parts->series.length);
    put_text(out, parts->file.text, parts->file.length);
    put_text(out, parts->sync.text, parts->sync.length);
    fprintf(out, "%llu,%llu,%u,%s,%s,", (unsigned long long)parts->size_bytes,
            (unsigned long long)parts->chunk_bytes, parts->threads, info->option,
            units[info->kind]);
    fprintf(out, "%zu,", summary.samples);
    put_value(out, summary.samples > 0 || show->view->metric != METRIC_TIME ? summary.median
                                                                            : cell->aggregate_ns);
    put_value(out, summary.median_low);
    put_value(out, summary.median_high);
    put_value(out, summary.location);
    put_value(out, summary.minimum);
    put_value(out, summary.maximum);
    fprintf(out, "%s,%zu\n", marks[mark], cell->errors);
}

static void put_table(struct show *show, const struct cell_table *table)
{
    enum mark *marks = calloc(table->writer_count + 1, sizeof *marks);

    if (marks == NULL)
        show->document.error = -ENOMEM;
    for (size_t i = 0; show->document.error == 0 && i < table->chunk_count; i++) {
        show->document.error = show_marks(show, table, i, marks);
        for (size_t w = 0; show->document.error == 0 && w < table->writer_count; w++)
            if (cell_table_at(table, i, w) != NULL)
                put_cell(show, cell_table_at(table, i, w), marks[w]);
    }
    free(marks);
}

int show_csv(struct show *show)
{
    fputs(
        "writer,file,sync,size_bytes,chunk_bytes,threads,metric,unit,samples,median,"
        "median_low,median_high,fast_half_mean,lowest,highest,mark,errors\n",
        show->document.out);
    for (size_t t = 0; t < show->tables.count; t++)
        put_table(show, &show->tables.tables[t]);
    for (size_t i = 0; i < show->tables.plain_count; i++)
        put_cell(show, show->tables.plain[i], MARK_NONE);
    return document_finish(&show->document);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "advice.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const struct cell_table *table_for(const struct cell_tables *tables,
                                          const struct question *question)
{
    for (size_t t = 0; t < tables->count; t++) {
        const struct cell_table *table = &tables->tables[t];
        if ((question->file == NULL || span_is(table->file, question->file)) &&
            (question->sync == NULL || span_is(table->sync, question->sync)) &&
            (question->size_bytes == 0 || table->size_bytes == question->size_bytes))
            return table;
    }
    return NULL;
}

/* The measured sizes around the one asked for. */
static int bracket(const struct cell_table *table, uint64_t chunk_bytes, size_t *below,
                   size_t *above)
{
    if (table->chunk_count == 0 || chunk_bytes < table->chunk_bytes[0] ||
        chunk_bytes > table->chunk_bytes[table->chunk_count - 1])
        return -ERANGE;
    *above = 0;
    while (table->chunk_bytes[*above] < chunk_bytes)
        ++*above;
    *below = table->chunk_bytes[*above] == chunk_bytes ? *above : *above - 1;
    return 0;
}

/*
 * A run of its own for one row: the bootstrap of the chunk size asked for, the logs of the two
 * neighbours mixed in proportion where it was not measured. Its cells hold the number of samples
 * only.
 */
struct row {
    struct run run;
    struct bootstrap bootstrap;
    const struct cell **cells; /* [writer], NULL: not known */
};

static void row_free(struct row *row)
{
    free(row->run.cells);
    free(row->cells);
    bootstrap_free(&row->bootstrap);
}

static int row_make(const struct bootstrap *from, const struct cell_table *table,
                    uint64_t chunk_bytes, size_t below, size_t above, struct row *row)
{
    size_t count = table->writer_count, replicates = from->replicates;
    double low = log((double)table->chunk_bytes[below]),
           high = log((double)table->chunk_bytes[above]);
    double part = high > low ? (log((double)chunk_bytes) - low) / (high - low) : 0;

    *row = (struct row){.bootstrap = {.replicates = replicates}};
    row->run.cells = calloc(count + 1, sizeof *row->run.cells);
    row->run.cell_count = count;
    row->cells = calloc(count + 1, sizeof(struct cell *));
    row->bootstrap.estimate = calloc(count + 1, sizeof *row->bootstrap.estimate);
    row->bootstrap.log = calloc(count * replicates + 1, sizeof *row->bootstrap.log);
    if (row->run.cells == NULL || row->cells == NULL || row->bootstrap.estimate == NULL ||
        row->bootstrap.log == NULL)
        return -ENOMEM;
    for (size_t w = 0; w < count; w++) {
        const struct cell *a = cell_table_at(table, below, w);
        const struct cell *b = cell_table_at(table, above, w);
        if (a == NULL || b == NULL || a->samples == 0 || b->samples == 0)
            continue;
        size_t ia = (size_t)(a - table->run->cells), ib = (size_t)(b - table->run->cells);
        row->cells[w] = &row->run.cells[w];
        row->run.cells[w].samples = a->samples < b->samples ? a->samples : b->samples;
        row->bootstrap.estimate[w] =
            a == b ? from->estimate[ia]
                   : (1 - part) * from->estimate[ia] + part * from->estimate[ib];
        for (size_t i = 0; i < replicates; i++)
            row->bootstrap.log[w * replicates + i] =
                a == b ? from->log[ia * replicates + i]
                       : (1 - part) * from->log[ia * replicates + i] +
                             part * from->log[ib * replicates + i];
    }
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    const struct advice_row *x = a, *y = b;
    return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

static int rank(struct row *row, const struct cell_table *table, struct advice *advice)
{
    size_t best = 0, count = table->writer_count;
    int error = 0;
    enum mark *marks = calloc(count + 1, sizeof *marks);

    advice->rows = calloc(count + 1, sizeof *advice->rows);
    if (marks == NULL || advice->rows == NULL)
        error = -ENOMEM;
    row->bootstrap.run = &row->run;
    if (error == 0)
        error = best_set_mark(&row->bootstrap, row->cells, count, marks);
    while (error == 0 && best < count && marks[best] != MARK_BEST)
        best++;
    for (size_t w = 0; error == 0 && w < count; w++) {
        if (row->cells[w] == NULL)
            continue;
        struct advice_row *out = &advice->rows[advice->count++];
        out->writer = w;
        out->time_ns = exp(row->bootstrap.estimate[w]);
        out->mark = marks[w];
        if (row->cells[w]->samples < 3)
            advice->inconclusive = 1;
        error = bootstrap_ratio(&row->bootstrap, row->cells[w], row->cells[best], &out->ratio);
    }
    if (error == 0 && advice->count > 0)
        qsort(advice->rows, advice->count, sizeof *advice->rows, compare_rows);
    free(marks);
    return error == 0 && advice->count == 0 ? -ERANGE : error;
}

int advice_make(const struct bootstrap *bootstrap, const struct cell_tables *tables,
                const struct question *question, struct advice *advice)
{
    struct row row = {0};
    size_t below, above;

    *advice = (struct advice){.table = table_for(tables, question)};
    if (advice->table == NULL)
        return -ENOENT;
    int error = bracket(advice->table, question->chunk_bytes, &below, &above);
    if (error != 0)
        return error;
    advice->chunk_below = advice->table->chunk_bytes[below];
    advice->chunk_above = advice->table->chunk_bytes[above];
    error = row_make(bootstrap, advice->table, question->chunk_bytes, below, above, &row);
    if (error == 0)
        error = rank(&row, advice->table, advice);
    row_free(&row);
    if (error != 0)
        advice_free(advice);
    return error;
}

void advice_free(struct advice *advice)
{
    free(advice->rows);
    *advice = (struct advice){0};
}

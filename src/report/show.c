/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include "format.h"
#include "show_common.h"
#include "src/analysis/crossover.h"
#include "src/analysis/verdict.h"
#include "src/run/context.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "Mmap:Write" into the table's writers; -ENOENT when it lacks one. */
static int pair_of(const struct cell_table *table, const char *text, size_t *first, size_t *second)
{
    const char *colon = strchr(text, ':');
    int found = 0;

    if (colon == NULL)
        return -ENOENT;
    for (size_t i = 0; i < table->writer_count; i++) {
        if (span_equal(table->writers[i], (struct span){text, (size_t)(colon - text)})) {
            *first = i;
            found |= 1;
        }
        if (span_is(table->writers[i], colon + 1)) {
            *second = i;
            found |= 2;
        }
    }
    return found == 3 ? 0 : -ENOENT;
}

static int check_pairs(const struct show *show)
{
    size_t first, second;

    for (const char *const *pair = show->view->pairs; pair != NULL && *pair != NULL; pair++) {
        size_t t = 0;
        while (t < show->tables.count &&
               pair_of(&show->tables.tables[t], *pair, &first, &second) != 0)
            t++;
        if (t == show->tables.count)
            return -ENOENT;
    }
    return 0;
}

static int has_metric(const struct show *show)
{
    for (size_t i = 0; i < show->run->cell_count; i++)
        if (show->run->cells[i].values[show->view->metric] != NULL)
            return 1;
    /* Without a single sample the table of errors or aggregates is still worth showing. */
    return show->run->sample_count == 0 && show->view->metric == METRIC_TIME;
}

int show_begin(struct show *show, FILE *out, const struct run *run, const struct view *view)
{
    *show = (struct show){.run = run, .view = view, .document = document_begin(out, view)};
    if (!has_metric(show))
        return -ENODATA;
    int error = cell_tables_make(run, &show->tables);
    if (error == 0)
        error = check_pairs(show);
    if (error == 0)
        error = bootstrap_make(run, METRIC_TIME, view->replicates, view->seed, &show->bootstrap);
    if (error == 0 && view->metric != METRIC_TIME &&
        metric_info(view->metric)->kind == METRIC_KIND_TIME)
        error = bootstrap_make(run, view->metric, view->replicates, view->seed, &show->metric);
    return error;
}

void show_end(struct show *show)
{
    bootstrap_free(&show->bootstrap);
    bootstrap_free(&show->metric);
    cell_tables_free(&show->tables);
}

static size_t append(char *text, size_t size, size_t at, const char *format, const char *prefix,
                     struct span span)
{
    if (span.text == NULL || at >= size)
        return at;
    int length = snprintf(text + at, size - at, format, at > 0 ? ", " : "", prefix,
                          (int)(span.length < 60 ? span.length : 60), span.text);
    return at + (length > 0 ? (size_t)length : 0);
}

void show_table_name(const struct cell_table *table, char *text, size_t size)
{
    char bytes[FORMAT_MAX], threads[FORMAT_MAX];
    size_t at = 0;

    text[0] = '\0';
    if (table->size_bytes > 0) {
        format_bytes((double)table->size_bytes, bytes);
        at = append(text, size, at, "%s%s%.*s", "", (struct span){bytes, strlen(bytes)});
    }
    at = append(text, size, at, "%s%s%.*s", "file ", table->file);
    at = append(text, size, at, "%s%s%.*s", "sync ", table->sync);
    if (table->threads > 1) {
        snprintf(threads, sizeof threads, "%u threads", table->threads);
        append(text, size, at, "%s%s%.*s", "", (struct span){threads, strlen(threads)});
    }
}

int show_next_pair(const struct show *show, const struct cell_table *table, size_t n, size_t *first,
                   size_t *second)
{
    if (show->view->pairs != NULL) {
        for (const char *const *pair = show->view->pairs; *pair != NULL; pair++)
            if (pair_of(table, *pair, first, second) == 0 && n-- == 0)
                return 1;
        return 0;
    }
    int mmap = cell_table_writer(table, "Mmap"), write = cell_table_writer(table, "Write");
    int both = mmap >= 0 && write >= 0;
    if (crossover_best_pair(&show->bootstrap, table, first, second) == 0 && n == 0)
        return 1;
    if (both && n == 1 && !(*first == (size_t)mmap && *second == (size_t)write)) {
        *first = (size_t)mmap;
        *second = (size_t)write;
        return 1;
    }
    return 0;
}

size_t show_chunk(const struct show *show, const struct cell_table *table)
{
    double wanted = log(show->view->chunk_bytes > 0 ? (double)show->view->chunk_bytes : 4096.0);
    size_t best = 0;

    for (size_t i = 1; i < table->chunk_count; i++)
        if (fabs(log((double)table->chunk_bytes[i]) - wanted) <
            fabs(log((double)table->chunk_bytes[best]) - wanted))
            best = i;
    return best;
}

int show_marks(const struct show *show, const struct cell_table *table, size_t chunk,
               enum mark *marks)
{
    enum metric metric = show->view->metric;
    enum metric_kind kind = metric_info(metric)->kind;
    const struct bootstrap *bootstrap = show->metric.run != NULL ? &show->metric : &show->bootstrap;

    for (size_t w = 0; w < table->writer_count; w++)
        marks[w] = MARK_NONE;
    /* Of counts and of stolen time none is "the best"; the throughput is the time upside down. */
    if (table->writer_count < 2 || kind == METRIC_KIND_COUNT || kind == METRIC_KIND_BYTES ||
        metric == METRIC_STOLEN)
        return 0;
    return best_set_mark(bootstrap, &table->cells[chunk * table->writer_count], table->writer_count,
                         marks);
}

void show_banner(struct show *show)
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

void show_verdict(struct show *show)
{
    struct verdict verdict;

    if (show->document.error == 0)
        show->document.error = verdict_make(show->run, &verdict);
    if (show->document.error != 0)
        return;
    if (verdict.count == 0) {
        document_paragraph(&show->document, "",
                           "This run: nothing found that would make its figures doubtful.");
        return;
    }
    document_heading(&show->document, "%s",
                     verdict.doubts > 0 ? "This run is doubtful" : "This run: worth knowing");
    for (size_t i = 0; i < verdict.count; i++)
        document_note(&show->document, verdict.findings[i].doubt ? "! " : "- ", "%s",
                      verdict.findings[i].text);
}

static int show_text(struct show *show, int all)
{
    show_banner(show);
    for (size_t t = 0; t < show->tables.count; t++) {
        show_table(show, &show->tables.tables[t]);
        show_pairs(show, &show->tables.tables[t]);
        if (all)
            show_phases(show, &show->tables.tables[t]);
        if (all)
            show_models(show, t);
    }
    show_plain(show);
    show_verdict(show);
    return document_finish(&show->document);
}

int report_run(FILE *out, const struct run *run, const struct view *view)
{
    struct show show;
    int error = show_begin(&show, out, run, view);

    if (error == 0 && view->format == &format_csv)
        error = show_csv(&show);
    else if (error == 0 && view->format == &format_json)
        error = show_json(&show);
    else if (error == 0)
        error = show_text(&show, 1);
    show_end(&show);
    return error;
}

int report_summary(FILE *out, const struct run *run, const struct view *view)
{
    struct show show;
    int error = show_begin(&show, out, run, view);

    if (error == 0)
        error = show_text(&show, 0);
    show_end(&show);
    return error;
}

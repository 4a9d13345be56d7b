/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { NAME_SHOWN = 60 };

const char *const show_known[BM_KINDS][SHOW_KNOWN_MOST] = {
    [BM_KIND_WRITER] = {"Mmap", "Write"},
    [BM_KIND_READER] = {"ReadMmap", "ReadCall"},
    [BM_KIND_CHANNEL] = {"ChannelSlots", "ChannelPipe", "ChannelSlotsFutex", "ChannelRing",
                         "ChannelSocket"},
};

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

enum metric show_metric(const struct span axes[NAME_AXES], enum metric metric)
{
    return metric != METRIC_TIME                  ? metric
           : axes[NAME_AXIS_MODE].text != NULL    ? METRIC_TRIP
           : axes[NAME_AXIS_LATENCY].text != NULL ? METRIC_P50
                                                  : METRIC_TIME;
}

int show_summarise(const struct cell *cell, enum metric metric, struct summary *summary)
{
    int error = cell_summarise(cell, show_metric(cell->parts.axis, metric), summary);
    if (error == -ENODATA && metric == METRIC_TIME && isfinite(cell->aggregate_ns))
        summary->median = cell->aggregate_ns;
    return error == -ENODATA ? 0 : error;
}

static const char *say_axis(struct document *document, const struct cell_table *table,
                            enum name_axis axis, int is_label)
{
    const struct span span = name_axis_value(table->axis, axis);
    int length = (int)(span.length < NAME_SHOWN ? span.length : NAME_SHOWN);

    /* A word says by itself what it is, a number does not. */
    if (is_label && !isdigit((unsigned char)span.text[0]))
        return document_say(document, "%.*s", length, span.text);
    return table->axis[axis].text == NULL && !is_label
               ? NULL
               : document_say(document, "%s %.*s", name_axis_key(axis), length, span.text);
}

void show_put_axes(struct document *document, const struct cell_table *table)
{
    for (int axis = 0; axis < NAME_AXES; axis++)
        document_put(document, name_axis_key((enum name_axis)axis), table->axis[axis]);
}

/* NULL: the table's names have no such part, or it is not worth a word. is_label: of a file state
 * its name alone. */
static const char *say_part(struct document *document, const struct cell_table *table, int part,
                            int is_label)
{
    const struct span span = part == TABLE_FILE ? table->file : table->sync;
    int length = (int)(span.length < NAME_SHOWN ? span.length : NAME_SHOWN);

    if (part == TABLE_SYNC && table->kind != BM_KIND_WRITER)
        return NULL; /* nothing is written that could be made durable */
    if (part == TABLE_FILE && table->kind == BM_KIND_CHANNEL)
        return NULL; /* what channels have is theirs, and new every time */
    if (part >= TABLE_AXES)
        return say_axis(document, table, (enum name_axis)(part - TABLE_AXES), is_label);
    if (part == TABLE_THREADS)
        return table->threads > 1 || is_label
                   ? document_say(document, "%u thread%s", table->threads,
                                  table->threads > 1 ? "s" : "")
                   : NULL;
    if (part == TABLE_SIZE)
        return table->size_bytes > 0
                   ? document_say(document, "%s", figure_bytes((double)table->size_bytes).text)
                   : NULL;
    return span.text == NULL ? NULL
                             : document_say(document, "%s%.*s",
                                            part == TABLE_SYNC ? "sync "
                                            : is_label         ? ""
                                                               : "file ",
                                            length, span.text);
}

static const char *join(struct document *document, const char *text, const char *more)
{
    return more == NULL ? text
                        : document_say(document, "%s%s%s", text, *text != '\0' ? ", " : "", more);
}

static const char *const kind_names[BM_KINDS] = {[BM_KIND_WRITER] = "",
                                                 [BM_KIND_READER] = "reading",
                                                 [BM_KIND_CHANNEL] = "from process to process"};

const char *show_table_name(struct document *document, const struct cell_table *table)
{
    const char *name = kind_names[table->kind];

    for (int part = 0; part < TABLE_PARTS; part++)
        name = join(document, name, say_part(document, table, part, 0));
    return name;
}

static const struct cell_table *line_table(const struct show *show, size_t line)
{
    size_t t = 0;

    while (show->tables.turned[t] != show->turned || line-- > 0)
        t++;
    return &show->tables.tables[t];
}

int show_varies(const struct show *show, int part)
{
    const struct cell_table *first = line_table(show, 0);

    for (size_t line = 1; line < show->turned->chunk_count; line++) {
        const struct cell_table *table = line_table(show, line);
        if (part >= TABLE_AXES
                ? !span_equal(table->axis[part - TABLE_AXES], first->axis[part - TABLE_AXES])
            : part == TABLE_SIZE ? table->size_bytes != first->size_bytes
            : part == TABLE_FILE ? !span_equal(table->file, first->file)
            : part == TABLE_SYNC ? !span_equal(table->sync, first->sync)
                                 : table->threads != first->threads)
            return 1;
    }
    return 0;
}

const char *show_parts(struct show *show, size_t line, int varying)
{
    const struct cell_table *table = line_table(show, line);
    const char *text = varying ? "" : kind_names[table->kind];

    for (int part = 0; part < TABLE_PARTS; part++)
        if (show_varies(show, part) == varying)
            text = join(&show->document, text, say_part(&show->document, table, part, varying));
    return text;
}

const char *show_mark(enum mark mark)
{
    return mark == MARK_BEST ? "best" : mark == MARK_TIED ? "tied" : NULL;
}

const char *show_problem(int error)
{
    return error == -E2BIG ? "its kernels by its chunk sizes are more cells than a table may have"
                           : strerror(-error);
}

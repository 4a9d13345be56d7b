/* SPDX-License-Identifier: Apache-2.0 */
#include "show_cells.h"

/* Beyond it an interval is as wide as the figure itself. */
#define HALF_MOST 1.0

const struct bootstrap *cells_bootstrap(const struct show *show)
{
    return show->metric.run != NULL ? &show->metric : &show->bootstrap;
}

static void extend(struct range *range, const struct summary *summary)
{
    if (summary->median > 0 || summary->samples == 0)
        range->lowest = fmin(range->lowest, summary->median);
    range->highest = fmax(range->highest, summary->median);
    if (summary->samples == 0)
        return;
    if (range->fewest == 0 || summary->samples < range->fewest)
        range->fewest = summary->samples;
    if (summary->samples > range->most)
        range->most = summary->samples;
    range->intervals |= isfinite(summary->median_low) && summary->median > 0;
}

void cells_begin(struct cells *cells, struct show *show, const struct cell *const *cell,
                 size_t count)
{
    struct document *document = &show->document;

    *cells = (struct cells){.cell = cell,
                            .count = count,
                            .summary = document_take(document, count + 1, sizeof *cells->summary),
                            .estimate =
                                document_take(document, count + 1, sizeof(struct cell_estimate *)),
                            .mark = document_take(document, count + 1, sizeof *cells->mark),
                            .range = {.lowest = (double)NAN, .highest = (double)NAN}};
    for (size_t i = 0; show->document.error == 0 && i < count; i++) {
        if (cell[i] == NULL)
            continue;
        cells->estimate[i] = bootstrap_of(cells_bootstrap(show), cell[i]);
        show->document.error = show_summarise(cell[i], show->options->metric, &cells->summary[i]);
        extend(&cells->range, &cells->summary[i]);
    }
}

/* The share of an interrupted run's samples that the cell lacks. */
static double missing_of(const struct show *show, const struct cell *cell)
{
    double planned = show->planned;
    return planned > 0 ? fmax(0, 1 - (double)(cell->samples + cell->errors) / planned) : 0;
}

static void put_one(struct show *show, struct table *out, const struct cell *cell,
                    const struct summary *summary, enum mark mark)
{
    static const char *const units[] = {"ns", "", "bytes", "bytes/s"};
    const struct metric_info *info =
        metric_info(show_metric(cell->parts.axis, show->options->metric));

    table_row(out);
    table_put(out, cell->name, cell->parts.series, cell->parts.file, cell->parts.sync,
              cell->parts.size_bytes,
              cell->parts.plain ? WORDS("0") : DATUM(cell->parts.chunk_bytes), cell->parts.threads,
              info->option, units[info->kind]);
    table_put(out, summary->samples, summary->median, summary->median_low, summary->median_high,
              summary->location, summary->minimum, summary->maximum, show_mark(mark), cell->errors,
              PERHAPS(cell->error != NULL, cell->error),
              PERHAPS(show->planned > 0, missing_of(show, cell)));
    for (int axis = 0; axis < NAME_AXES; axis++)
        table_put(out, cell->parts.axis[axis]);
}

void cells_put(struct show *show, const char *key, const struct cells *cells)
{
    static const struct column columns[] = {
        {.key = "name"},
        {.key = "writer", .csv = "writer"},
        {.csv = "file"},
        {.csv = "sync"},
        {.csv = "size_bytes"},
        {.key = "chunk_bytes", .csv = "chunk_bytes"},
        {.csv = "threads"},
        {.csv = "metric"},
        {.csv = "unit"},
        {.key = "samples", .csv = "samples"},
        {.key = "median", .csv = "median"},
        {.key = "median_low", .csv = "median_low"},
        {.key = "median_high", .csv = "median_high"},
        {.key = "fast_half_mean", .csv = "fast_half_mean"},
        {.key = "lowest", .csv = "lowest"},
        {.key = "highest", .csv = "highest"},
        {.key = "mark", .csv = "mark"},
        {.key = "errors", .csv = "errors"},
        {.key = "error"},
        {.key = "missing"},
#define AXIS(symbol, key, normally) {.csv = key},
#include "src/run/axes.def"
#undef AXIS
    };
    struct table out;

    table_of(&out, &show->document, key, columns);
    for (size_t i = 0; show->document.error == 0 && i < cells->count; i++)
        if (cells->cell[i] != NULL)
            put_one(show, &out, cells->cell[i], &cells->summary[i], cells->mark[i]);
    table_end(&out);
}

double cell_half_width(const struct summary *summary)
{
    return figure_half_width(
        (struct interval){summary->median, summary->median_low, summary->median_high});
}

void cell_put_value(struct show *show, struct table *out, const struct cell *cell,
                    const struct summary *summary, const struct unit *unit, double half)
{
    if (cell == NULL) {
        table_put(out, NOTHING);
    } else if (summary->samples == 0 && !(isfinite(summary->median) && summary->median > 0)) {
        table_put(out, cell->errors > 0 ? "error" : cell->skipped > 0 ? "skipped" : "-");
    } else {
        table_put(out, WORDS(figure_in(summary->median, unit).text));
        if (cell->errors > 0)
            table_tail(out, "%zu failed", cell->errors);
        else if (missing_of(show, cell) > 0)
            table_tail(out, "%zu of %.0f", cell->samples, show->planned);
        else if (isfinite(half) && half > 0)
            table_tail(out, half > HALF_MOST ? "±>100 %%" : "±%s", figure_percent(half).text);
    }
}

const char *cells_caption(struct show *show, const char *label, const char *unit,
                          const struct range *range)
{
    struct document *document = &show->document;
    const char *samples = "as the file has it";

    if (range->most == 1)
        samples = "a single sample";
    else if (range->most == range->fewest && range->most > 1)
        samples = document_say(document, "median of %zu samples", range->most);
    else if (range->most > 1)
        samples =
            document_say(document, "median of %zu to %zu samples", range->fewest, range->most);
    return document_say(document, "%s%s%s: %s", label, *unit != '\0' ? " in " : "", unit, samples);
}

void cells_put_caption(struct show *show, const char *caption, const struct range *range)
{
    document_note(&show->document, "", "%s%s", caption,
                  range->intervals ? ", ± the wider side of the median's 95 % interval (in this "
                                     "process; another run of the same may differ by more)"
                                   : "");
}

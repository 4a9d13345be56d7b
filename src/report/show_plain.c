/* SPDX-License-Identifier: Apache-2.0 */
/* The plain table: rows of other projects. */
#include "show_cells.h"

/* unit NULL: the rows differ too much for one unit, each has its own. */
static void put_plain_row(struct show *show, struct table *out, const struct cell *cell,
                          const struct summary *summary, const struct unit *common)
{
    enum metric_kind kind = metric_info(show->options->metric)->kind;
    const struct unit *unit =
        common != NULL ? common : figure_unit(kind, summary->median / 10, summary->median);

    table_row(out);
    table_put(out, cell->name);
    cell_put_value(show, out, cell, summary, unit, cell_half_width(summary));
    table_put(out, WORDS(common == NULL && isfinite(summary->median) ? unit->name : NULL));
    if (summary->samples > 0)
        table_put(out, WORDS(figure_in(summary->minimum, unit).text),
                  WORDS(figure_in(summary->maximum, unit).text),
                  WORDS(document_say(out->document, "%zu", summary->samples)));
    else
        table_put(out, NOTHING, NOTHING, NOTHING);
    if (cell->error == NULL || cell->samples > 0)
        return;
    table_say(out, "%.60s", cell->error);
    table_heading(out, 6, "error");
}

/* Rows that hold nothing at all, such as a complexity's aggregate, would only be in the way. */
static int is_worth_a_row(const struct cell *cell)
{
    return cell->samples + cell->errors + cell->skipped + cell->unusable > 0 ||
           isfinite(cell->aggregate_ns);
}

static void put_plain(struct show *show, const struct cells *cells)
{
    static const struct column columns[] = {{.heading = "name"},
                                            {.heading = "value", .align = ALIGN_NUMBER},
                                            {.heading = ""},
                                            {.heading = "lowest", .align = ALIGN_NUMBER},
                                            {.heading = "highest", .align = ALIGN_NUMBER},
                                            {.heading = "samples", .align = ALIGN_RIGHT},
                                            {.heading = ""}};
    const struct metric_info *info = metric_info(show->options->metric);
    int is_time = show->options->metric == METRIC_TIME;
    const struct range *range = &cells->range;
    const struct unit *unit = figure_unit(info->kind, range->lowest, range->highest);
    struct table out;

    if (range->highest / range->lowest > 1e5 && info->kind != METRIC_KIND_COUNT)
        unit = NULL;
    document_heading(&show->document, "Benchmarks");
    cells_put_caption(show,
                      cells_caption(show, is_time ? "time per iteration" : info->label,
                                    unit != NULL ? unit->name : "", range),
                      range);
    table_of(&out, &show->document, NULL, columns);
    if (is_time)
        table_heading(&out, 1, "median");
    for (size_t i = 0; show->document.error == 0 && i < cells->count; i++)
        if (is_worth_a_row(cells->cell[i]))
            put_plain_row(show, &out, cells->cell[i], &cells->summary[i], unit);
    table_end(&out);
}

void show_plain(struct show *show)
{
    struct cells cells;

    cells_begin(&cells, show, show->tables.plain, show->tables.plain_count);
    cells_put(show, "others", &cells);
    if (cells.count > 0)
        put_plain(show, &cells);
}

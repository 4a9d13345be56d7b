/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison for programs: all rows, ratios in full precision. */
#include "comparison_text.h"
#include "finding_words.h"
#include "machine_costs_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void compare_csv_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.10g", value);
    fputc(',', out);
}

void compare_csv_interval(FILE *out, struct interval interval)
{
    compare_csv_number(out, interval.estimate);
    compare_csv_number(out, interval.low);
    compare_csv_number(out, interval.high);
}

void compare_csv_name(FILE *out, const char *name)
{
    fputc('"', out);
    for (; *name != '\0'; name++)
        fprintf(out, "%s%c", *name == '"' ? "\"" : "", *name);
    fputs("\",", out);
}

void compare_csv_heading(FILE *out, const char *before, const char *behind)
{
    fprintf(out,
            "%skind,name,change,old_ns,new_ns,ratio,ratio_low,ratio_high,relative,relative_low,"
            "relative_high,p_ratio,p_relative,visible,rounds_needed%s\n",
            before, behind);
}

int compare_csv_rows(FILE *out, const struct comparison *comparison, const char *before,
                     const char *behind)
{
    size_t *order = calloc(comparison->table.count + 1, sizeof *order);

    if (order == NULL)
        return -ENOMEM;
    compare_order(comparison, order);
    for (size_t i = 0; i < comparison->table.count; i++) {
        const struct comparison_row *row = &comparison->table.rows[order[i]];
        char *name = compare_row_name(comparison, row);
        fprintf(out, "%s%s,", before, finding_kind_word(row->finding.kind));
        compare_csv_name(out, name != NULL ? name : "");
        free(name);
        fprintf(out, "%s,", finding_change_word(row->finding.change));
        compare_csv_number(out, row->old_ns);
        compare_csv_number(out, row->new_ns);
        compare_csv_interval(out, row->finding.ratio);
        compare_csv_interval(out, row->finding.relative);
        compare_csv_number(out, row->p_ratio);
        compare_csv_number(out, row->p_relative);
        compare_csv_number(out, row->finding.visible);
        if (isfinite(row->rounds_needed))
            fprintf(out, "%.0f", row->rounds_needed);
        fprintf(out, "%s\n", behind);
    }
    free(order);
    if (comparison->beside != NULL)
        machine_costs_csv(out, comparison->beside, before, behind);
    return ferror(out) ? -EIO : 0;
}

int compare_write_csv(FILE *out, const struct comparison *comparison)
{
    compare_csv_heading(out, "", "");
    return compare_csv_rows(out, comparison, "", "");
}

static void write_row(struct json_write *json, const struct comparison *comparison,
                      const struct comparison_row *row)
{
    char *name = compare_row_name(comparison, row);

    json_write_open(json, NULL, '{');
    json_write_text(json, "kind", finding_kind_word(row->finding.kind));
    json_write_text(json, "name", name);
    json_write_text(json, "change", finding_change_word(row->finding.change));
    json_write_text(json, "found_by",
                    row->finding.change != CHANGE_SLOWER && row->finding.change != CHANGE_FASTER
                        ? NULL
                    : row->finding.by_relative ? "relative"
                                               : "ratio");
    json_write_number(json, "old_ns", row->old_ns);
    json_write_number(json, "new_ns", row->new_ns);
    json_write_interval(json, "ratio", row->finding.ratio);
    json_write_interval(json, "relative", row->finding.relative);
    json_write_number(json, "p_ratio", row->p_ratio);
    json_write_number(json, "p_relative", row->p_relative);
    json_write_number(json, "visible", row->finding.visible);
    json_write_number(json, "rounds_needed", row->rounds_needed);
    json_write_close(json, '}');
    free(name);
}

int compare_json_members(struct json_write *json, const struct comparison *comparison)
{
    size_t *order = calloc(comparison->table.count + 1, sizeof *order);

    if (order == NULL)
        return -ENOMEM;
    compare_order(comparison, order);
    json_write_text(json, "gate", compare_gate_word(comparison->gate));
    json_write_text(json, "refusal", comparison->refusal);
    json_write_count(json, "status", (uint64_t)comparison_status(comparison));
    json_write_count(json, "slower", (uint64_t)comparison->slower);
    json_write_count(json, "faster", (uint64_t)comparison->faster);
    json_write_count(json, "old_processes", comparison->old_count);
    json_write_count(json, "new_processes", comparison->new_count);
    json_write_count(json, "rounds", comparison->samples.rounds);
    json_write_count(json, "cells", comparison->samples.cells);
    json_write_number(json, "margin", comparison->options.margin);
    json_write_number(json, "alpha", comparison->options.alpha);
    json_write_number(json, "confidence", comparison->options.confidence);
    json_write_count(json, "seed", comparison->options.seed);
    json_write_count(json, "p_exact", (uint64_t)comparison->table.exact);
    json_write_texts(json, "notes", comparison->notes, comparison->note_count);
    json_write_open(json, "rows", '[');
    for (size_t i = 0; i < comparison->table.count; i++)
        write_row(json, comparison, &comparison->table.rows[order[i]]);
    json_write_close(json, ']');
    if (comparison->beside != NULL)
        machine_costs_json(json, comparison->beside);
    free(order);
    return 0;
}

int compare_write_json(FILE *out, const struct comparison *comparison)
{
    struct json_write json = {.out = out};

    json_write_open(&json, NULL, '{');
    int error = compare_json_members(&json, comparison);
    json_write_close(&json, '}');
    return error == 0 && ferror(out) ? -EIO : error;
}

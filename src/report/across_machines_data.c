/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on many machines, for programs. */
#include "across_machines_text.h"
#include "comparison_text.h"
#include "finding_words.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int across_machines_csv(FILE *out, const struct across_machines *fleet)
{
    size_t *order = calloc(fleet->row_count + 1, sizeof *order);
    int error = order == NULL ? -ENOMEM : 0;

    compare_csv_heading(out, "machine,", ",machines,slower_on,faster_on");
    for (size_t i = 0; error == 0 && i < fleet->count; i++) {
        char before[100];
        snprintf(before, sizeof before, "%.64s,", fleet->machines[i].key);
        error = compare_csv_rows(out, &fleet->machines[i].comparison, before, ",,,");
    }
    if (error == 0)
        across_machines_order(fleet, order);
    for (size_t i = 0; error == 0 && i < fleet->row_count; i++) {
        const struct across_machines_row *row = &fleet->rows[order[i]];
        fprintf(out, "combined,%s,", finding_kind_word(row->finding.kind));
        compare_csv_name(out, row->name);
        fprintf(out, "%s,,,", finding_change_word(row->finding.change));
        compare_csv_interval(out, row->finding.ratio);
        fputs(",,,", out);
        compare_csv_number(out, row->finding.p);
        fprintf(out, ",,,%zu,%zu,%zu\n", row->machines, row->slower, row->faster);
    }
    free(order);
    return error == 0 && ferror(out) ? -EIO : error;
}

static void write_row(struct json_write *json, const struct across_machines *fleet,
                      const struct across_machines_row *row)
{
    json_write_open(json, NULL, '{');
    json_write_text(json, "kind", finding_kind_word(row->finding.kind));
    json_write_text(json, "name", row->name);
    json_write_text(json, "change", finding_change_word(row->finding.change));
    json_write_count(json, "machines", row->machines);
    json_write_count(json, "slower_on", row->slower);
    json_write_count(json, "faster_on", row->faster);
    json_write_interval(json, "ratio", row->finding.ratio);
    json_write_number(json, "heterogeneity", row->heterogeneity);
    json_write_number(json, "p", row->finding.p);
    json_write_open(json, "ratio_by_machine", '{');
    for (size_t m = 0; m < fleet->count; m++)
        json_write_number(json, fleet->machines[m].key, exp(row->log_ratio[m]));
    json_write_close(json, '}');
    json_write_close(json, '}');
}

static int write_machine(struct json_write *json, const struct machine_comparison *machine)
{
    json_write_open(json, NULL, '{');
    json_write_text(json, "machine_key", machine->key);
    json_write_text(json, "machine", machine->name);
    int error = compare_json_members(json, &machine->comparison);
    json_write_close(json, '}');
    return error;
}

int across_machines_json(FILE *out, const struct across_machines *fleet)
{
    struct json_write json = {.out = out};
    size_t *order = calloc(fleet->row_count + 1, sizeof *order);
    int error = order == NULL ? -ENOMEM : 0;

    if (error == 0)
        across_machines_order(fleet, order);
    json_write_open(&json, NULL, '{');
    json_write_text(&json, "gate", compare_gate_word(fleet->gate));
    json_write_text(&json, "refusal", fleet->refusal);
    json_write_count(&json, "status", (uint64_t)across_machines_status(fleet));
    json_write_count(&json, "slower", (uint64_t)fleet->slower);
    json_write_count(&json, "faster", (uint64_t)fleet->faster);
    json_write_number(&json, "margin", fleet->options.margin);
    json_write_number(&json, "alpha", fleet->options.alpha);
    json_write_number(&json, "confidence", fleet->options.confidence);
    json_write_texts(&json, "notes", fleet->notes, fleet->note_count);
    json_write_open(&json, "rows", '[');
    for (size_t i = 0; error == 0 && i < fleet->row_count; i++)
        write_row(&json, fleet, &fleet->rows[order[i]]);
    json_write_close(&json, ']');
    json_write_open(&json, "comparisons", '[');
    for (size_t m = 0; error == 0 && m < fleet->count; m++)
        error = write_machine(&json, &fleet->machines[m]);
    json_write_close(&json, ']');
    json_write_close(&json, '}');
    free(order);
    return error == 0 && ferror(out) ? -EIO : error;
}

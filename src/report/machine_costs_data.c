/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines side by side for programs. */
#include "comparison_text.h"
#include "machine_costs_text.h"

#include <stdio.h>

static const char *const aspect_keys[ASPECTS] = {"call", "copy", "fault", "rest"};
static const char *const layer_keys[LAYERS] = {"hardware", "kernel", "file_system", "build"};

void machine_costs_csv(FILE *out, const struct machine_costs *beside, const char *before,
                       const char *behind)
{
    for (size_t i = 0; i < beside->cost_count; i++) {
        const struct machine_cost *cost = &beside->costs[i];
        char name[300];
        snprintf(name, sizeof name, "%.200s: %s", cost->writer, cost->what);
        fprintf(out, "%scost,", before);
        compare_csv_name(out, name);
        fputc(',', out);
        compare_csv_number(out, cost->ns[0].estimate);
        compare_csv_number(out, cost->ns[1].estimate);
        compare_csv_interval(out, cost->ratio);
        fprintf(out, ",,,,,,%s\n", behind);
    }
}

static void write_cost(struct json_write *json, const struct machine_cost *cost)
{
    json_write_open(json, NULL, '{');
    json_write_text(json, "writer", cost->writer);
    json_write_text(json, "what", cost->what);
    json_write_interval(json, "old_ns", cost->ns[0]);
    json_write_interval(json, "new_ns", cost->ns[1]);
    json_write_count(json, "old_at_most", (uint64_t)cost->at_most[0]);
    json_write_count(json, "new_at_most", (uint64_t)cost->at_most[1]);
    json_write_interval(json, "ratio", cost->ratio);
    json_write_close(json, '}');
}

static void write_parts(struct json_write *json, const struct cost_breakdown *parts)
{
    json_write_open(json, NULL, '{');
    json_write_text(json, "cell", parts->writer);
    for (int side = 0; side < 2; side++) {
        json_write_open(json, side == 0 ? "old_ns" : "new_ns", '{');
        json_write_number(json, "time", parts->time_ns[side]);
        for (int a = 0; a < ASPECTS; a++)
            json_write_number(json, aspect_keys[a], parts->part_ns[a][side]);
        json_write_close(json, '}');
    }
    json_write_close(json, '}');
}

static void write_rest(struct json_write *json, const struct cost_rest *rest)
{
    json_write_open(json, NULL, '{');
    json_write_text(json, "writer", rest->writer);
    json_write_count(json, "cells", rest->cells);
    json_write_interval(json, "ratio_quartiles", rest->ratio);
    json_write_text(json, "phase", rest->phase < METRICS ? metric_info(rest->phase)->option : NULL);
    json_write_close(json, '}');
}

static void write_difference(struct json_write *json, const struct machine_difference *difference)
{
    json_write_open(json, NULL, '{');
    json_write_text(json, "key", difference->key);
    json_write_text(json, "layer", layer_keys[difference->layer]);
    json_write_text(json, "old", difference->value[0]);
    json_write_text(json, "new", difference->value[1]);
    json_write_open(json, "can_explain", '[');
    for (int a = 0; a < ASPECTS; a++)
        if (difference->explains & (1U << a))
            json_write_text(json, NULL, aspect_keys[a]);
    json_write_close(json, ']');
    json_write_close(json, '}');
}

void machine_costs_json(struct json_write *json, const struct machine_costs *beside)
{
    json_write_open(json, "machines", '{');
    json_write_text(json, "old", beside->machine[0]);
    json_write_text(json, "new", beside->machine[1]);
    json_write_open(json, "costs", '[');
    for (size_t i = 0; i < beside->cost_count; i++)
        write_cost(json, &beside->costs[i]);
    json_write_close(json, ']');
    json_write_open(json, "parts", '[');
    for (size_t i = 0; i < beside->parts_count; i++)
        write_parts(json, &beside->parts[i]);
    json_write_close(json, ']');
    json_write_open(json, "aspects", '{');
    for (int a = 0; a < ASPECT_FILE; a++)
        json_write_interval(json, aspect_keys[a], beside->aspect[a]);
    json_write_close(json, '}');
    json_write_open(json, "rests", '[');
    for (size_t i = 0; i < beside->rest_count; i++)
        write_rest(json, &beside->rests[i]);
    json_write_close(json, ']');
    json_write_open(json, "differences", '[');
    for (size_t i = 0; i < beside->difference_count; i++)
        write_difference(json, &beside->differences[i]);
    json_write_close(json, ']');
    json_write_texts(json, "notes", beside->notes, beside->note_count);
    json_write_close(json, '}');
}

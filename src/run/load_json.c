/* SPDX-License-Identifier: Apache-2.0 */
/* Google Benchmark's JSON, as its json_reporter.cc of 1.7 to 1.9 writes it. */
#include "run_build.h"
#include "src/base/json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* One row as it stands in the file. */
struct raw_row {
    struct run_row row;
    const char *run_name;
    const char *run_type;
    const char *aggregate_name;
    const char *time_unit;
    int error_occurred;
    int skipped;
};

static const char **text_field(struct raw_row *row, const char *key)
{
    const struct {
        const char *key;
        const char **field;
    } fields[] = {
        {"name", &row->row.name},          {"run_name", &row->run_name},
        {"run_type", &row->run_type},      {"aggregate_name", &row->aggregate_name},
        {"time_unit", &row->time_unit},    {"error_message", &row->row.error},
        {"skip_message", &row->row.error},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(key, fields[i].key) == 0)
            return fields[i].field;
    return NULL;
}

static double *number_field(struct raw_row *row, const char *key)
{
    if (strcmp(key, "repetition_index") == 0)
        return &row->row.repetition;
    for (int m = 0; m < METRICS; m++)
        if (strcmp(key, metric_info((enum metric)m)->key) == 0)
            return &row->row.values[m];
    return NULL;
}

double load_unit_ns(const char *unit)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].unit) == 0)
            return units[i].ns;
    return 0;
}

/* The value of one key, its type decided by the key; another type there is passed over. */
static int read_field(struct json *json, struct raw_row *row, const char *key)
{
    int next = json_peek(json);
    const char **text = next == '"' ? text_field(row, key) : NULL;
    if (text != NULL)
        return json_string(json, text);
    int number_begins = next == '-' || next == 'N' || next == 'I' || (next >= '0' && next <= '9');
    double *number = number_begins ? number_field(row, key) : NULL;
    if (number != NULL)
        return json_number(json, number);
    if (next == 't' || next == 'f') {
        if (strcmp(key, "error_occurred") == 0)
            return json_boolean(json, &row->error_occurred);
        if (strcmp(key, "skipped") == 0)
            return json_boolean(json, &row->skipped);
    }
    return json_skip(json);
}

static int aggregate_rank(const char *name)
{
    if (name == NULL)
        return 0;
    return strcmp(name, "median") == 0 ? 2 : strcmp(name, "mean") == 0;
}

static int finish_row(struct raw_row *raw, struct run *run)
{
    struct run_row *row = &raw->row;

    if (raw->run_name != NULL)
        row->name = raw->run_name;
    if (row->name == NULL)
        return -EPROTO;
    double unit = raw->time_unit == NULL ? 1 : load_unit_ns(raw->time_unit);
    if (unit == 0)
        unit = (double)NAN; /* an aggregate without a unit, such as a coefficient of variation */
    row->values[METRIC_TIME] *= unit;
    row->values[METRIC_CPU] *= unit;
    if (raw->run_type != NULL && strcmp(raw->run_type, "aggregate") == 0) {
        row->kind = RUN_ROW_AGGREGATE;
        row->aggregate_rank = aggregate_rank(raw->aggregate_name);
        /* 1.7 writes an aggregate of a failed benchmark too: the error comes with its rows. */
    } else if (raw->error_occurred) {
        row->kind = RUN_ROW_ERROR;
    } else if (raw->skipped) {
        row->kind = RUN_ROW_SKIPPED;
    }
    return run_add_row(run, row);
}

static int read_row(struct json *json, struct run *run)
{
    struct raw_row row = {.row = run_row_empty()};
    const char *key;
    int more = json_enter(json, '{');

    while (more >= 0 && (more = json_next_key(json, &key)) > 0)
        more = read_field(json, &row, key);
    return more < 0 ? more : finish_row(&row, run);
}

static int read_rows(struct json *json, struct run *run)
{
    int more = json_enter(json, '[');

    while (more >= 0 && (more = json_next_element(json)) > 0) {
        if (json_peek(json) != '{') {
            char *here = json->at;
            more = json_skip(json) == 0 ? -EPROTO : json->error;
            json->at = json->error == 0 ? here : json->at;
            break;
        }
        more = read_row(json, run);
    }
    return more;
}

/* A list of numbers (load_avg) is kept as text, longer things are not. */
static int context_raw(struct json *json, struct run *run, const char *key)
{
    enum { RAW_MAX = 120 };
    char raw[RAW_MAX];
    const char *begin = json->at;
    int scalar = json_peek(json) != '{' && json_peek(json) != '[';
    begin = json->at + (json_peek(json) == '[');
    int error = json_skip(json);
    if (error != 0)
        return error;
    size_t length = (size_t)(json->at - begin) - !scalar;
    if (json->at - begin <= 0 || length >= RAW_MAX || memchr(begin, '{', length) != NULL ||
        memchr(begin, '"', length) != NULL)
        return 0;
    memcpy(raw, begin, length);
    raw[length] = '\0';
    return run_add_context(run, key, raw);
}

static int read_context(struct json *json, struct run *run)
{
    const char *key, *value;
    int more = json_peek(json) == '{' ? json_enter(json, '{') : -EPROTO;

    while (more >= 0 && (more = json_next_key(json, &key)) > 0) {
        if (json_peek(json) != '"')
            more = context_raw(json, run, key);
        else if ((more = json_string(json, &value)) == 0)
            more = run_add_context(run, key, value);
    }
    return more;
}

static int read_document(struct json *json, struct run *run)
{
    const char *key;
    int found = 0;
    int more =
        json_peek(json) == '{' || json_peek(json) == 0 ? json_enter(json, '{') : json_skip(json);

    if (more == 0 && json->depth == 0) { /* valid, but a list or a single value */
        more = json_finish(json);
        return more == 0 ? -EPROTO : more;
    }
    while (more >= 0 && (more = json_next_key(json, &key)) > 0) {
        if (strcmp(key, "benchmarks") == 0 && json_peek(json) == '[') {
            found = 1;
            more = read_rows(json, run);
        } else if (strcmp(key, "context") == 0) {
            more = read_context(json, run);
        } else {
            more = json_skip(json);
        }
    }
    if (more == 0)
        more = json_finish(json);
    return more == 0 && !found ? -EPROTO : more;
}

int load_json(char *text, size_t length, struct run *run, struct load_problem *problem)
{
    struct json json;

    json_open(&json, text, length);
    int error = read_document(&json, run);
    if (json.error != 0 || error == -EPROTO) {
        problem->what =
            json.error != 0 ? json.what : "it is JSON, but not a run of Google Benchmark";
        json_place(&json, &problem->line, &problem->column);
    }
    return error;
}

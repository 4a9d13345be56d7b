/* SPDX-License-Identifier: Apache-2.0 */
/* Google Benchmark's JSON, as its json_reporter.cc of 1.7 to 1.9 writes it. */
#include "build.h"
#include "src/base/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One row as it stands in the file. The texts are copied: the reader reuses its buffer. */
struct raw_row {
    char *name;
    char *run_name;
    char *run_type;
    char *aggregate_name;
    char *time_unit;
    char *error_message;
    int error_occurred;
    int skipped;
    double repetition;
    double values[METRICS];
};

static char **text_field(struct raw_row *row, const char *key)
{
    const struct {
        const char *key;
        char **field;
    } fields[] = {
        {"name", &row->name},
        {"run_name", &row->run_name},
        {"run_type", &row->run_type},
        {"aggregate_name", &row->aggregate_name},
        {"time_unit", &row->time_unit},
        {"error_message", &row->error_message},
        {"skip_message", &row->error_message},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(key, fields[i].key) == 0)
            return fields[i].field;
    return NULL;
}

static double *number_field(struct raw_row *row, const char *key)
{
    if (strcmp(key, "repetition_index") == 0)
        return &row->repetition;
    for (int m = 0; m < METRICS; m++)
        if (strcmp(key, metric_info((enum metric)m)->key) == 0)
            return &row->values[m];
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

static int take_text(struct json *json, char **field)
{
    const char *text;
    int error = json_string(json, &text);
    if (error != 0)
        return error;
    free(*field);
    *field = strdup(text);
    return *field == NULL ? -ENOMEM : 0;
}

/* The value of one key, its type decided by the key; another type there is passed over. */
static int read_field(struct json *json, struct raw_row *row, const char *key)
{
    int next = json_peek(json);
    char **text = next == '"' ? text_field(row, key) : NULL;
    if (text != NULL)
        return take_text(json, text);
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

static void clear_row(struct raw_row *row)
{
    free(row->name);
    free(row->run_name);
    free(row->run_type);
    free(row->aggregate_name);
    free(row->time_unit);
    free(row->error_message);
    *row = (struct raw_row){.repetition = RUN_NO_REPETITION};
    for (int m = 0; m < METRICS; m++)
        row->values[m] = (double)NAN;
}

static int aggregate_rank(const char *name)
{
    if (name == NULL)
        return 0;
    return strcmp(name, "median") == 0 ? 2 : strcmp(name, "mean") == 0;
}

static int finish_row(const struct raw_row *raw, struct run *run)
{
    if (raw->name == NULL && raw->run_name == NULL)
        return -EPROTO;
    struct run_row row = {.name = raw->run_name != NULL ? raw->run_name : raw->name,
                          .error = raw->error_message,
                          .repetition = raw->repetition};
    memcpy(row.values, raw->values, sizeof row.values);
    double unit = raw->time_unit == NULL ? 1 : load_unit_ns(raw->time_unit);
    if (unit == 0)
        unit = (double)NAN; /* an aggregate without a unit, such as a coefficient of variation */
    row.values[METRIC_TIME] *= unit;
    row.values[METRIC_CPU] *= unit;
    if (raw->run_type != NULL && strcmp(raw->run_type, "aggregate") == 0) {
        row.kind = RUN_ROW_AGGREGATE;
        row.aggregate_rank = aggregate_rank(raw->aggregate_name);
        /* 1.7 writes an aggregate of a failed benchmark too: the error comes with its rows. */
    } else if (raw->error_occurred) {
        row.kind = RUN_ROW_ERROR;
    } else if (raw->skipped) {
        row.kind = RUN_ROW_SKIPPED;
    }
    return run_add_row(run, &row);
}

static int read_row(struct json *json, struct raw_row *row, struct run *run)
{
    const char *key;
    char name[64];
    int more = json_enter(json, '{');

    clear_row(row);
    while (more >= 0 && (more = json_next_key(json, &key)) > 0) {
        size_t length = strlen(key);
        if (length >= sizeof name) { /* longer than any key that is looked for */
            more = json_skip(json);
            continue;
        }
        memcpy(name, key, length + 1);
        more = read_field(json, row, name);
    }
    return more < 0 ? more : finish_row(row, run);
}

static int read_rows(struct json *json, struct run *run)
{
    struct raw_row row = {0};
    int more = json_enter(json, '[');

    while (more >= 0 && (more = json_next_element(json)) > 0) {
        if (json_peek(json) != '{') {
            const char *here = json->at;
            more = json_skip(json) == 0 ? -EPROTO : json->error;
            json->at = json->error == 0 ? here : json->at;
            break;
        }
        more = read_row(json, &row, run);
    }
    clear_row(&row);
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
    const char *key;
    char *name = NULL;
    int more = json_peek(json) == '{' ? json_enter(json, '{') : -EPROTO;

    while (more >= 0 && (more = json_next_key(json, &key)) > 0) {
        free(name);
        name = strdup(key);
        if (name == NULL) {
            more = -ENOMEM;
        } else if (json_peek(json) == '"') {
            more = json_string(json, &key);
            if (more == 0)
                more = run_add_context(run, name, key);
        } else {
            more = context_raw(json, run, name);
        }
    }
    free(name);
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

int load_json(const char *text, size_t length, struct run *run, struct load_problem *problem)
{
    struct json json;

    json_open(&json, text, length);
    int error = read_document(&json, run);
    if (json.error != 0) {
        problem->what = json.what;
        json_place(&json, &problem->line, &problem->column);
    } else if (error == -EPROTO) {
        problem->what = "it is JSON, but not a run of Google Benchmark";
        json_place(&json, &problem->line, &problem->column);
    }
    json_close(&json);
    return error;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The machines of a store, and what distinguishes them. */
#include "machines_text.h"

#include "src/base/date.h"
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the machine key is made of. Other programs know the number of processors only. */
static const struct {
    const char *key;
    const char *other_key;
    const char *label;
} traits[] = {
    {"cpu_model", NULL, "processor"},           {"cores", "num_cpus", "cores"},
    {"architecture", NULL, "architecture"},     {"memory_class", NULL, "memory"},
    {"virtualisation", NULL, "virtualisation"}, {"file_system", NULL, "file system"},
    {"mount_options", NULL, "mount options"},   {"block_device", NULL, "device"},
    {"rotational", NULL, "rotational"},         {"host_name", NULL, "host"},
};

enum { TRAITS = sizeof traits / sizeof traits[0] };

static const char *value_of(const struct history_machines *machines, size_t machine, size_t trait)
{
    const struct history_run *run = &machines->newest.runs[machine];
    const char *value = history_context(run, traits[trait].key);

    if (value == NULL && traits[trait].other_key != NULL)
        value = history_context(run, traits[trait].other_key);
    return value;
}

static int differs(const struct history_machines *machines, size_t trait)
{
    const char *first = value_of(machines, 0, trait);

    for (size_t m = 1; m < machines->count; m++) {
        const char *value = value_of(machines, m, trait);
        if ((first == NULL) != (value == NULL) || (value != NULL && strcmp(first, value) != 0))
            return 1;
    }
    return 0;
}

static void put_rows(struct document *document, const struct history_machines *machines)
{
    struct table grid;
    char first[DATE_TEXT], last[DATE_TEXT];
    size_t column;

    table_begin(&grid, document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "machine");
    table_column(&grid, ALIGN_RIGHT, 1, "runs");
    table_column(&grid, ALIGN_LEFT, 2, "first");
    table_column(&grid, ALIGN_LEFT, 3, "last");
    for (size_t t = 0; t < TRAITS; t++)
        if (differs(machines, t))
            table_column(&grid, ALIGN_LEFT, 4 + (int)t, "%s", traits[t].label);
    for (size_t m = 0; m < machines->count; m++) {
        size_t row = table_row(&grid);
        date_put(machines->machines[m].first_date_s, first);
        date_put(machines->machines[m].last_date_s, last);
        table_set(&grid, row, 0, "%s", machines->machines[m].key);
        table_set(&grid, row, 1, "%zu", machines->machines[m].runs);
        table_set(&grid, row, 2, "%.16s", first);
        table_set(&grid, row, 3, "%.16s", last);
        column = 4;
        for (size_t t = 0; t < TRAITS; t++) {
            const char *value = value_of(machines, m, t);
            if (differs(machines, t))
                table_set(&grid, row, column++, "%s", value != NULL ? value : "-");
        }
    }
    table_end(&grid);
}

static char *shared_text(const struct history_machines *machines)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    for (size_t t = 0; t < TRAITS; t++) {
        const char *value = value_of(machines, 0, t);
        if (value != NULL && !differs(machines, t))
            fprintf(out, "%s%s %s", ftell(out) > 0 ? ", " : "", traits[t].label, value);
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int show_page(FILE *out, const struct history_machines *machines, const struct view *view)
{
    struct document document = document_begin(out, view);
    char *shared;

    if (machines->count == 0) {
        document_paragraph(&document, "", "There is no run in the store.");
        return document_finish(&document);
    }
    put_rows(&document, machines);
    shared = shared_text(machines);
    if (shared == NULL)
        return -ENOMEM;
    if (*shared != '\0')
        document_paragraph(&document, "", "%s: %s.", machines->count > 1 ? "All" : "It is", shared);
    free(shared);
    return document_finish(&document);
}

static void put_field(FILE *out, const char *text, const char *end)
{
    int quoted = text != NULL && strpbrk(text, ",\"") != NULL;

    if (quoted)
        fputc('"', out);
    for (; text != NULL && *text != '\0'; text++)
        fprintf(out, "%s%c", *text == '"' ? "\"" : "", *text);
    fprintf(out, "%s%s", quoted ? "\"" : "", end);
}

static void write_csv(FILE *out, const struct history_machines *machines)
{
    fputs("machine,runs,first_date_s,last_date_s", out);
    for (size_t t = 0; t < TRAITS; t++)
        fprintf(out, ",%s", traits[t].key);
    fputc('\n', out);
    for (size_t m = 0; m < machines->count; m++) {
        const struct history_machine *machine = &machines->machines[m];
        put_field(out, machine->key, "");
        fprintf(out, ",%zu,%lld,%lld,", machine->runs, (long long)machine->first_date_s,
                (long long)machine->last_date_s);
        for (size_t t = 0; t < TRAITS; t++)
            put_field(out, value_of(machines, m, t), t + 1 < TRAITS ? "," : "\n");
    }
}

static void write_json(FILE *out, const struct history_machines *machines)
{
    struct json_write json = {.out = out};

    json_write_open(&json, NULL, '{');
    json_write_open(&json, "machines", '[');
    for (size_t m = 0; m < machines->count; m++) {
        const struct history_machine *machine = &machines->machines[m];
        json_write_open(&json, NULL, '{');
        json_write_text(&json, "machine", machine->key);
        json_write_count(&json, "runs", machine->runs);
        json_write_integer(&json, "first_date_s", machine->first_date_s);
        json_write_integer(&json, "last_date_s", machine->last_date_s);
        json_write_text(&json, "newest_run", machines->newest.runs[m].id);
        for (size_t t = 0; t < TRAITS; t++)
            json_write_text(&json, traits[t].key, value_of(machines, m, t));
        json_write_close(&json, '}');
    }
    json_write_close(&json, ']');
    json_write_close(&json, '}');
}

int report_machines(FILE *out, const struct history_machines *machines, const struct view *view)
{
    if (view->format == &format_csv)
        write_csv(out, machines);
    else if (view->format == &format_json)
        write_json(out, machines);
    else
        return show_page(out, machines, view);
    return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "history_reports.h"

#include "src/base/number.h"
#include "table.h"
#include "words.h"

/* What the machine key is made of. Other programs know the number of processors only. */
static const struct {
    const char *key;
    const char *other_key;
    const char *label;
} traits[] = {
    {"cpu_model", NULL, "processor"},
    {"cores", "num_cpus", "cores"},
    {"architecture", NULL, "architecture"},
    {"memory_class", NULL, "memory"},
    {"virtualisation", NULL, "virtualisation"},
    {"file_system", NULL, "file system"},
    {"mount_options", NULL, "mount options"},
    {"block_device", NULL, "device"},
    {"rotational", NULL, "disk"},
    {"host_name", NULL, "host"},
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

/* "rotating" */
static const char *say(size_t trait, const char *value)
{
    return value == NULL
               ? "-"
               : context_value_say(&(struct context_key){.key = traits[trait].key}, value);
}

static int differs(const struct history_machines *machines, size_t trait)
{
    const char *first = machines->count > 0 ? value_of(machines, 0, trait) : NULL;

    for (size_t m = 1; m < machines->count; m++) {
        const char *value = value_of(machines, m, trait);
        if ((first == NULL) != (value == NULL) || (value != NULL && strcmp(first, value) != 0))
            return 1;
    }
    return 0;
}

static const struct column columns[] = {
    {.heading = "machine", .key = "machine", .csv = "machine"},
    {.heading = "runs", .key = "runs", .csv = "runs", .align = ALIGN_RIGHT, .family = 1},
    {.heading = "first", .key = "first_date_s", .csv = "first_date_s", .family = 2},
    {.heading = "last", .key = "last_date_s", .csv = "last_date_s", .family = 3},
    {.key = "newest_run"},
};

static struct datum date_of(struct document *document, int64_t date_s)
{
    char date[DATE_TEXT];

    date_put(date_s, date);
    return SHOWN(date_s, document_say(document, "%.16s", date));
}

static void put_machines(struct document *document, const struct history_machines *machines)
{
    struct table table;

    table_of(&table, document, "machines", columns);
    for (size_t t = 0; t < TRAITS; t++) {
        const char *key = traits[t].key, *label = differs(machines, t) ? traits[t].label : NULL;
        table_add(&table, &(struct column){label, key, key, ALIGN_LEFT, 4 + (int)t, NULL}, 1);
    }
    for (size_t m = 0; m < machines->count; m++) {
        const struct history_machine *machine = &machines->machines[m];
        table_row(&table);
        table_put(&table, machine->key,
                  SHOWN(machine->runs, document_say(document, "%zu", machine->runs)),
                  date_of(document, machine->first_date_s), date_of(document, machine->last_date_s),
                  machines->newest.runs[m].id);
        for (size_t t = 0; t < TRAITS; t++) {
            const char *value = value_of(machines, m, t);
            table_put(&table, SHOWN(value, say(t, value)));
        }
    }
    table_end(&table);
}

static void put_shared(struct document *document, const struct history_machines *machines)
{
    const char *text = "";

    for (size_t t = 0; t < TRAITS; t++) {
        const char *value = value_of(machines, 0, t);
        if (value != NULL && !differs(machines, t))
            text = document_say(document, "%s%s%s %s", text, *text != '\0' ? ", " : "",
                                traits[t].label, say(t, value));
    }
    if (*text != '\0')
        document_paragraph(document, "", "%s: %s.", machines->count > 1 ? "All" : "It is", text);
}

int report_machines(FILE *out, const struct history_machines *machines, const struct view *view)
{
    struct document document = document_begin(out, view);

    put_machines(&document, machines);
    if (machines->count > 0)
        put_shared(&document, machines);
    else
        document_paragraph(&document, "", "There is no run in the store.");
    return document_finish(&document);
}

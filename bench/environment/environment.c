/* SPDX-License-Identifier: Apache-2.0 */
/* Reads every field of the context, and makes the machine key of those that are in it. */
#include "readers.h"
#include "src/base/hash.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct environment_entry *find(const struct environment *environment, const char *key)
{
    for (size_t i = 0; i < environment->count; i++)
        if (strcmp(environment->entries[i].key, key) == 0)
            return &environment->entries[i];
    return NULL;
}

const char *environment_get(const struct environment *environment, const char *key)
{
    const struct environment_entry *entry = find(environment, key);

    return entry ? entry->value : NULL;
}

/* Of the wall time since environment_collect(), times the CPUs that share it. */
static void percent_since(const struct environment_source *source, const char *key,
                          double seconds_now, environment_value value)
{
    const struct environment *before = source->environment;
    double seconds, cpus;
    double wall = environment_uptime_seconds(source->root) - before->uptime_seconds;

    if (sscanf(environment_get(before, key), "%lf", &seconds) == 1 &&
        sscanf(environment_get(before, "cpus_online"), "%lf", &cpus) == 1 && cpus > 0 &&
        seconds_now >= seconds && before->uptime_seconds >= 0 && wall > 0)
        snprintf(value, sizeof(environment_value), "%.2f",
                 (seconds_now - seconds) / (wall * cpus) * 100);
}

void environment_stolen_percent(const struct environment_source *source, environment_value value)
{
    percent_since(source, "stolen_seconds_before", environment_stolen_seconds(source->root), value);
}

void environment_others_percent(const struct environment_source *source, environment_value value)
{
    percent_since(source, "others_seconds_before", environment_others_seconds(source->root), value);
}

/* The fields of the machine key that this machine does not tell. */
void environment_machine_key_lacks(const struct environment_source *source, environment_value value)
{
    for (size_t i = 0; i < source->environment->count; i++) {
        const struct environment_entry *entry = &source->environment->entries[i];

        if (entry->in_machine_key && strcmp(entry->value, "unknown") == 0)
            environment_append(value, ',', entry->key);
    }
    if (value[0] == '\0')
        environment_set(value, "nothing");
}

/* Made of the entries before, so it comes last. */
static void machine_key(const struct environment_source *source, environment_value value)
{
    uint64_t hash = HASH_BEGIN;

    for (size_t i = 0; i < source->environment->count; i++) {
        const struct environment_entry *entry = &source->environment->entries[i];

        if (!entry->in_machine_key)
            continue;
        hash = hash_text(hash_text(hash, entry->key), "=");
        hash = hash_text(hash_text(hash, entry->value), "\n");
    }
    snprintf(value, sizeof(environment_value), "%016llx", (unsigned long long)hash);
}

#define CONTEXT_FIELD(key, name, in_machine_key, layer, explains)                                  \
    {#key, environment_##key, in_machine_key, false},
#define CONTEXT_OF_FRAMEWORK(key, name, in_machine_key, layer, explains)
#define CONTEXT_RECORD(key) {#key, environment_##key, false, false},
#define CONTEXT_RECORD_AFTER(key) {#key, environment_##key, false, true},
static const struct {
    const char *key;
    environment_reader *read;
    bool in_machine_key;
    bool after; /* the measurement */
} table[] = {
#include "src/run/context_fields.def"
    {"machine_key", machine_key, false, false},
};
enum { TABLE_ROWS = sizeof table / sizeof table[0] };

/* Adds the entry of a row of the table or replaces its value. An entry that comes after the machine
 * key goes before it. */
static int collect_row(struct environment *environment, const struct environment_source *source,
                       size_t row)
{
    struct environment_entry *entry = find(environment, table[row].key);
    environment_value value = "";
    char *copy;

    table[row].read(source, value);
    environment_sanitise(value);
    copy = strdup(value[0] ? value : "unknown");
    if (!copy)
        return -ENOMEM;
    if (entry) {
        free(entry->value);
        entry->value = copy;
        return 0;
    }
    entry = &environment->entries[environment->count];
    if (table[row].after) {
        entry--;
        entry[1] = entry[0];
    }
    environment->count++;
    *entry = (struct environment_entry){table[row].key, copy, table[row].in_machine_key};
    return 0;
}

int environment_collect(struct environment *environment, int dir_fd, const char *root)
{
    struct environment_source source = {.root = root ? root : "", .environment = environment};

    *environment = (struct environment){0};
    environment->entries = calloc(TABLE_ROWS, sizeof environment->entries[0]);
    if (!environment->entries)
        return -ENOMEM;
    environment->uptime_seconds = environment_uptime_seconds(source.root);
    environment_read_storage(&source.storage, dir_fd, source.root);
    for (size_t row = 0; row < TABLE_ROWS; row++) {
        if (!table[row].after && collect_row(environment, &source, row) != 0) {
            environment_free(environment);
            return -ENOMEM;
        }
    }
    environment_copy(environment->machine_key, sizeof environment->machine_key,
                     environment_get(environment, "machine_key"));
    return 0;
}

int environment_collect_after(struct environment *environment, const char *root)
{
    const struct environment_source source = {.root = root ? root : "", .environment = environment};
    int result = 0;

    for (size_t row = 0; row < TABLE_ROWS && result == 0; row++)
        if (table[row].after)
            result = collect_row(environment, &source, row);
    return result;
}

bool environment_is_memory_backed(const struct environment *environment)
{
    static const char *const names[] = {"tmpfs", "ramfs", "devtmpfs", "hugetlbfs"};
    const char *file_system = environment_get(environment, "file_system");

    for (size_t i = 0; file_system && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(file_system, names[i]) == 0)
            return true;
    return false;
}

void environment_free(struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++)
        free(environment->entries[i].value);
    free(environment->entries);
    *environment = (struct environment){0};
}

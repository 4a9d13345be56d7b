/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of everything that a run says about its environment, and the machine key over it.
 */
#include "environment.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef BENCH_MMAP_VERSION
#define BENCH_MMAP_VERSION "unknown"
#endif
#ifndef BENCH_MMAP_REVISION
#define BENCH_MMAP_REVISION "unknown"
#endif
#ifndef BENCH_MMAP_COMPILER_FLAGS
#define BENCH_MMAP_COMPILER_FLAGS "unknown"
#endif
#ifndef BENCH_MMAP_BUILD_TYPE
#define BENCH_MMAP_BUILD_TYPE "unknown"
#endif

#define TEXT_OF(macro) #macro
#define VALUE_OF(macro) TEXT_OF(macro)
/* clang's own version text may hold the path of the tree that it was built from. */
#ifdef __clang__
#define COMPILER                                                                                   \
    "clang " VALUE_OF(__clang_major__) "." VALUE_OF(__clang_minor__) "." VALUE_OF(                 \
        __clang_patchlevel__)
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

/* What a collector may look at. */
struct environment_source {
    const char *root;
    const struct environment *environment; /* the entries of the rows before */
    struct environment_storage storage;
};

/* `value` is "" when a collector is called and stays so when the machine does not tell. */
typedef void collector(const struct environment_source *source, const char *argument,
                       environment_value value);

static void collect_text(const struct environment_source *source, const char *argument,
                         environment_value value)
{
    (void)source;
    environment_copy(value, sizeof(environment_value), argument);
}

/* Flags such as -ffile-prefix-map=/home/... tell where somebody's tree lies: paths are cut off. */
static void collect_flags(const struct environment_source *source, const char *argument,
                          environment_value value)
{
    size_t used = 0;
    bool in_path = false;

    (void)source;
    for (const char *c = argument; *c && used + sizeof "<path>" < sizeof(environment_value); c++) {
        if (*c == ' ')
            in_path = false;
        if (in_path)
            continue;
        if (*c == '/') {
            used += (size_t)sprintf(value + used, "<path>");
            in_path = true;
        } else {
            value[used++] = *c;
        }
    }
    value[used] = '\0';
}

static void collect_line(const struct environment_source *source, const char *argument,
                         environment_value value)
{
    environment_read_line(source->root, argument, value);
}

static void collect_choice(const struct environment_source *source, const char *argument,
                           environment_value value)
{
    environment_read_choice(source->root, argument, value);
}

/* The functions of the other files that need nothing but the root. */
#define COLLECT_BY(name)                                                                           \
    static void collect_##name(const struct environment_source *source, const char *argument,      \
                               environment_value value)                                            \
    {                                                                                              \
        (void)argument;                                                                            \
        environment_##name(source->root, value);                                                   \
    }
COLLECT_BY(kernel)
COLLECT_BY(architecture)
COLLECT_BY(cpu_model)
COLLECT_BY(cpu_microcode)
COLLECT_BY(cores)
COLLECT_BY(cpus_online)
COLLECT_BY(turbo)
COLLECT_BY(mitigations)
COLLECT_BY(memory_bytes)
COLLECT_BY(memory_class)
COLLECT_BY(page_size)
COLLECT_BY(governor)
COLLECT_BY(virtualisation)

#define COLLECT_STORAGE(field)                                                                     \
    static void collect_##field(const struct environment_source *source, const char *argument,     \
                                environment_value value)                                           \
    {                                                                                              \
        (void)argument;                                                                            \
        environment_copy(value, sizeof(environment_value), source->storage.field);                 \
    }
COLLECT_STORAGE(file_system)
COLLECT_STORAGE(mount_options)
COLLECT_STORAGE(block_device)
COLLECT_STORAGE(rotational)
COLLECT_STORAGE(io_scheduler)
COLLECT_STORAGE(write_cache)
COLLECT_STORAGE(free_bytes)

/* The average over the last minute. */
static void collect_load(const struct environment_source *source, const char *argument,
                         environment_value value)
{
    environment_read_line(source->root, argument, value);
    value[strcspn(value, " ")] = '\0';
}

static void collect_stolen_seconds(const struct environment_source *source, const char *argument,
                                   environment_value value)
{
    double seconds = environment_stolen_seconds(source->root);

    (void)argument;
    if (seconds >= 0)
        snprintf(value, sizeof(environment_value), "%.2f", seconds);
}

/* Of the wall time since environment_collect() times the CPUs that share it. */
static void collect_stolen_percent(const struct environment_source *source, const char *argument,
                                   environment_value value)
{
    const struct environment *before = source->environment;
    double stolen_before =
        environment_parse_seconds(environment_get(before, "stolen_seconds_before"));
    double cpus = environment_parse_seconds(environment_get(before, "cpus_online"));
    double stolen = environment_stolen_seconds(source->root);
    double wall = environment_uptime_seconds(source->root) - before->uptime_seconds;

    (void)argument;
    if (stolen_before >= 0 && stolen >= stolen_before && before->uptime_seconds >= 0 && wall > 0 &&
        cpus > 0)
        snprintf(value, sizeof(environment_value), "%.2f",
                 (stolen - stolen_before) / (wall * cpus) * 100);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static void collect_machine_key(const struct environment_source *source, const char *argument,
                                environment_value value)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    (void)argument;
    for (size_t i = 0; i < source->environment->count; i++) {
        const struct environment_entry *entry = &source->environment->entries[i];

        if (!entry->in_machine_key)
            continue;
        hash = hash_text(hash_text(hash, entry->key), "=");
        hash = hash_text(hash_text(hash, entry->value), "\n");
    }
    snprintf(value, sizeof(environment_value), "%016llx", (unsigned long long)hash);
}

enum { IN_KEY = 1, AFTER = 2 };

static const struct {
    const char *key;
    collector *collect;
    const char *argument;
    unsigned int flags;
} table[] = {
    {"schema", collect_text, "bench_mmap/1", 0},
    {"bench_mmap_version", collect_text, BENCH_MMAP_VERSION, 0},
    {"git_revision", collect_text, BENCH_MMAP_REVISION, 0},
    {"compiler", collect_text, COMPILER, 0},
    {"compiler_flags", collect_flags, BENCH_MMAP_COMPILER_FLAGS, 0},
    {"build_type", collect_text, BENCH_MMAP_BUILD_TYPE, 0},
    {"kernel", collect_kernel, NULL, 0},
    {"architecture", collect_architecture, NULL, IN_KEY},
    {"cpu_model", collect_cpu_model, NULL, IN_KEY},
    {"microcode", collect_cpu_microcode, NULL, 0},
    {"cores", collect_cores, NULL, IN_KEY},
    {"cpus_online", collect_cpus_online, NULL, 0},
    {"memory_bytes", collect_memory_bytes, NULL, 0},
    {"memory_class", collect_memory_class, NULL, IN_KEY},
    {"page_size_bytes", collect_page_size, NULL, 0},
    {"virtualisation", collect_virtualisation, NULL, IN_KEY},
    {"file_system", collect_file_system, NULL, IN_KEY},
    {"mount_options", collect_mount_options, NULL, IN_KEY},
    {"block_device", collect_block_device, NULL, IN_KEY},
    {"rotational", collect_rotational, NULL, IN_KEY},
    {"io_scheduler", collect_io_scheduler, NULL, 0},
    {"write_cache", collect_write_cache, NULL, 0},
    {"free_bytes", collect_free_bytes, NULL, 0},
    {"transparent_hugepage", collect_choice, "/sys/kernel/mm/transparent_hugepage/enabled", 0},
    {"shmem_enabled", collect_choice, "/sys/kernel/mm/transparent_hugepage/shmem_enabled", 0},
    {"dirty_ratio", collect_line, "/proc/sys/vm/dirty_ratio", 0},
    {"dirty_background_ratio", collect_line, "/proc/sys/vm/dirty_background_ratio", 0},
    {"dirty_bytes", collect_line, "/proc/sys/vm/dirty_bytes", 0},
    {"dirty_background_bytes", collect_line, "/proc/sys/vm/dirty_background_bytes", 0},
    {"dirty_expire_centisecs", collect_line, "/proc/sys/vm/dirty_expire_centisecs", 0},
    {"governor", collect_governor, NULL, 0},
    {"turbo", collect_turbo, NULL, 0},
    {"mitigations", collect_mitigations, NULL, 0},
    {"io_uring_disabled", collect_line, "/proc/sys/kernel/io_uring_disabled", 0},
    {"load_before", collect_load, "/proc/loadavg", 0},
    {"stolen_seconds_before", collect_stolen_seconds, NULL, 0},
    {"load_after", collect_load, "/proc/loadavg", AFTER},
    {"stolen_seconds_after", collect_stolen_seconds, NULL, AFTER},
    {"stolen_percent", collect_stolen_percent, NULL, AFTER},
    {"machine_key", collect_machine_key, NULL, 0}, /* the last: it reads the others */
};
enum { TABLE_ROWS = sizeof table / sizeof table[0] };

static struct environment_entry *find(const struct environment *environment, const char *key)
{
    for (size_t i = 0; i < environment->count; i++)
        if (strcmp(environment->entries[i].key, key) == 0)
            return &environment->entries[i];
    return NULL;
}

/* Adds the entry of a row of the table or replaces its value. An entry that comes after the machine
 * key goes before it. */
static int collect_row(struct environment *environment, const struct environment_source *source,
                       size_t row)
{
    struct environment_entry *entry = find(environment, table[row].key);
    environment_value value = "";
    char *copy;

    table[row].collect(source, table[row].argument, value);
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
    if (table[row].flags & AFTER) {
        entry--;
        entry[1] = entry[0];
    }
    environment->count++;
    *entry = (struct environment_entry){table[row].key, copy, (table[row].flags & IN_KEY) != 0};
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
        if (!(table[row].flags & AFTER) && collect_row(environment, &source, row) != 0) {
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
        if (table[row].flags & AFTER)
            result = collect_row(environment, &source, row);
    return result;
}

const char *environment_get(const struct environment *environment, const char *key)
{
    const struct environment_entry *entry = find(environment, key);

    return entry ? entry->value : NULL;
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

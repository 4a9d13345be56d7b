/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a run's context, and what the machine key hangs on. */
#include "tests/support/make_environment.h"

#include <stdio.h>
#include <string.h>

#define CONTEXT_FIELD(key, name, in_machine_key, layer, explains) #key,
#define CONTEXT_OF_FRAMEWORK(key, name, in_machine_key, layer, explains)
#define CONTEXT_RECORD(key) #key,
#define CONTEXT_RECORD_AFTER(key)
static const char *const keys_before[] = {
#include "src/run/context_fields.def"
};
#undef CONTEXT_FIELD
#undef CONTEXT_RECORD
#undef CONTEXT_RECORD_AFTER
#define CONTEXT_FIELD(key, name, in_machine_key, layer, explains)
#define CONTEXT_RECORD(key)
#define CONTEXT_RECORD_AFTER(key) #key,
static const char *const keys_after[] = {
#include "src/run/context_fields.def"
};
/* A field that joins these makes every machine a new one: on purpose a list of its own. */
static const char *const keys_hashed[] = {"architecture",  "cpu_model",      "cores",
                                          "memory_class",  "virtualisation", "file_system",
                                          "mount_options", "block_device",   "rotational"};

static void no_key_is_missing_and_the_machine_key_is_the_last(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        struct environment environment;
        char root[4096];

        fixture_root(fixtures[i], root);
        collect(&environment, root);
        assert_int_equal(environment.count, COUNT(keys_before) + 1);
        assert_string_equal(environment.entries[environment.count - 1].key, "machine_key");
        assert_null(environment_get(&environment, "load_after"));
        /* Twice: the second call must replace, not add. */
        assert_int_equal(environment_collect_after(&environment, root), 0);
        assert_int_equal(environment_collect_after(&environment, root), 0);
        assert_int_equal(environment.count, COUNT(keys_before) + COUNT(keys_after) + 1);
        for (size_t key = 0; key < COUNT(keys_before); key++)
            assert_non_null(environment_get(&environment, keys_before[key]));
        for (size_t key = 0; key < COUNT(keys_after); key++)
            assert_non_null(environment_get(&environment, keys_after[key]));
        assert_string_equal(environment.entries[environment.count - 1].key, "machine_key");
        assert_value(&environment, "schema", "bench_mmap/1");
        assert_value(&environment, "machine_key", environment.machine_key);
        assert_null(environment_get(&environment, "hostname"));
        environment_free(&environment);
    }
}

static uint64_t fnv_1a(uint64_t hash, const char *text)
{
    while (*text)
        hash = (hash ^ (uint8_t)*text++) * 1099511628211U;
    return hash;
}

static void machine_key_is_the_hash_of_exactly_nine_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        uint64_t hash = 14695981039346656037U;
        struct environment environment;
        char root[4096], text[17];
        size_t hashed = 0;

        fixture_root(fixtures[i], root);
        collect(&environment, root);
        for (size_t key = 0; key < COUNT(keys_hashed); key++) {
            hash = fnv_1a(fnv_1a(hash, keys_hashed[key]), "=");
            hash = fnv_1a(fnv_1a(hash, environment_get(&environment, keys_hashed[key])), "\n");
        }
        snprintf(text, sizeof text, "%016llx", (unsigned long long)hash);
        assert_string_equal(environment.machine_key, text);
        for (size_t entry = 0; entry < environment.count; entry++)
            hashed += environment.entries[entry].in_machine_key;
        assert_int_equal(hashed, COUNT(keys_hashed));
        environment_free(&environment);
    }
}

struct change {
    const char *path, *from, *to;
    const char *key; /* the value that must be another one, NULL when no value shows the change */
};

static void assert_changes(const struct change *change, bool machine_key_changes)
{
    struct environment before, after;
    struct tree tree;

    tree_copy(&tree, "x86_nvme_ext4");
    collect(&before, tree.root);
    tree_replace(tree.root, change->path, change->from, change->to);
    collect(&after, tree.root);
    if (change->key)
        assert_string_not_equal(environment_get(&before, change->key),
                                environment_get(&after, change->key));
    if (machine_key_changes == (strcmp(before.machine_key, after.machine_key) == 0))
        fail_msg("the machine key %s with %s", machine_key_changes ? "stays" : "changes",
                 change->path);
    environment_free(&before);
    environment_free(&after);
    tree_remove(&tree);
}

static void machine_key_ignores_what_may_differ(void **state)
{
    static const struct change changes[] = {
        {"proc/sys/kernel/osrelease", "6.1.0-18", "6.12.9", "kernel"},
        {"proc/sys/kernel/version", "#1 SMP", "#2 SMP", "kernel"},
        {"proc/sys/kernel/hostname", "ada-workstation", "other", NULL},
        {"proc/cpuinfo", "0xf4", "0xfa", "microcode"},
        {"proc/cpuinfo", "@ 3.70GHz", "@ 4.10GHz", NULL},
        {"proc/cpuinfo", "cpu MHz\t\t: 3", "cpu MHz\t\t: 1", NULL},
        {"proc/cpuinfo", "7399.70", "7400.02", NULL},
        {"proc/loadavg", "0.42", "9.42", "load_before"},
        {"proc/stat", " 980 0 0 0", " 980 77 0 0", "stolen_seconds_before"},
        {"proc/meminfo", "32594180", "32401996", "memory_bytes"},
        {"proc/sys/vm/dirty_ratio", "20", "40", "dirty_ratio"},
        {"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave", "performance",
         "governor"},
        {"sys/devices/system/cpu/intel_pstate/no_turbo", "0", "1", "turbo"},
        {"sys/kernel/mm/transparent_hugepage/enabled", "always [madvise]", "[always] madvise",
         "transparent_hugepage"},
        {"sys/devices/system/cpu/vulnerabilities/mds", "Mitigation", "Vulnerable", "mitigations"},
        {"sys/class/block/nvme0n1/queue/scheduler", "[none] mq-deadline", "none [mq-deadline]",
         "io_scheduler"},
        {"sys/class/block/nvme0n1/queue/write_cache", "back", "through", "write_cache"},
        {"proc/self/mountinfo", "rw,errors=remount-ro", "rw,resuid=1001,errors=remount-ro", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++)
        assert_changes(&changes[i], false);
}

static void machine_key_hangs_on_each_of_the_nine(void **state)
{
    static const struct change changes[COUNT(keys_hashed)] = {
        {"proc/sys/kernel/arch", "x86_64", "i686", "architecture"},
        {"proc/cpuinfo", "E-2176G", "E-2286G", "cpu_model"},
        {"proc/self/status", "0-3", "0-2", "cores"},
        {"proc/meminfo", "32594180", "65594180", "memory_class"},
        {"proc/cpuinfo", " aes ", " aes hypervisor ", "virtualisation"},
        {"proc/self/mountinfo", "- ext4 ", "- ext3 ", "file_system"},
        {"proc/self/mountinfo", "noatime", "relatime", "mount_options"},
        {"sys/class/block/nvme0n1/device/model", "980", "990", "block_device"},
        {"sys/class/block/nvme0n1/queue/rotational", "0", "1", "rotational"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        assert_string_equal(changes[i].key, keys_hashed[i]);
        assert_changes(&changes[i], true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_key_is_missing_and_the_machine_key_is_the_last),
        cmocka_unit_test(machine_key_is_the_hash_of_exactly_nine_values),
        cmocka_unit_test(machine_key_ignores_what_may_differ),
        cmocka_unit_test(machine_key_hangs_on_each_of_the_nine),
    };

    return cmocka_run_group_tests(tests, open_fixture_fd, close_fixture_fd);
}

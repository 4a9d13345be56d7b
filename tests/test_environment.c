/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of a run: what it says about known machines (trees of fixtures), about this
 * machine and about machines that answer nonsense, and what the machine key hangs on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "environment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#ifndef TEST_DATA_DIR
#error "TEST_DATA_DIR must name the folder tests/data"
#endif

/* The fixtures hold proc/self/fdinfo/99. */
enum { FIXTURE_FD = 99 };

static const char *const fixtures[] = {"x86_nvme_ext4", "arm_mmc_ext4", "kvm_virtio_xfs",
                                       "container_overlay", "btrfs_dm_crypt"};
enum { FIXTURES = sizeof fixtures / sizeof fixtures[0] };

static const char *const keys_before[] = {"schema",
                                          "bench_mmap_version",
                                          "git_revision",
                                          "compiler",
                                          "compiler_flags",
                                          "build_type",
                                          "kernel",
                                          "architecture",
                                          "cpu_model",
                                          "microcode",
                                          "cores",
                                          "cpus_online",
                                          "memory_bytes",
                                          "memory_class",
                                          "page_size_bytes",
                                          "virtualisation",
                                          "file_system",
                                          "mount_options",
                                          "block_device",
                                          "rotational",
                                          "io_scheduler",
                                          "write_cache",
                                          "free_bytes",
                                          "transparent_hugepage",
                                          "shmem_enabled",
                                          "dirty_ratio",
                                          "dirty_background_ratio",
                                          "dirty_bytes",
                                          "dirty_background_bytes",
                                          "dirty_expire_centisecs",
                                          "governor",
                                          "turbo",
                                          "mitigations",
                                          "io_uring_disabled",
                                          "load_before",
                                          "stolen_seconds_before"};
static const char *const keys_after[] = {"load_after", "stolen_seconds_after", "stolen_percent"};
static const char *const keys_hashed[] = {"architecture",  "cpu_model",      "cores",
                                          "memory_class",  "virtualisation", "file_system",
                                          "mount_options", "block_device",   "rotational"};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A private copy of a fixture that a test may change. */
struct tree {
    char root[64];
};

static void path_in(const char *root, const char *path, char *full)
{
    int length = snprintf(full, 4096, "%s/%s", root, path);

    assert_in_range(length, 1, 4095);
}

static void fixture_root(const char *name, char *root)
{
    path_in(TEST_DATA_DIR "/environment", name, root);
}

static void write_bytes(const char *root, const char *path, const char *bytes, size_t size)
{
    char full[4096];
    FILE *file;

    path_in(root, path, full);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(full, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const char *root, const char *path, const char *text)
{
    write_bytes(root, path, text, strlen(text));
}

static size_t read_text(const char *full, char *text, size_t size)
{
    FILE *file = fopen(full, "r");
    size_t length;

    assert_non_null(file);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return length;
}

/* Replaces every `from`, which must be there. */
static void replace_text(const char *root, const char *path, const char *from, const char *to)
{
    char full[4096], before[32768], after[65536];
    size_t used = 0;
    const char *at;

    path_in(root, path, full);
    read_text(full, before, sizeof before);
    if (!strstr(before, from))
        fail_msg("%s does not hold \"%s\"", path, from);
    for (at = before; *at;) {
        bool match = strncmp(at, from, strlen(from)) == 0;

        assert_true(used + strlen(to) + 1 < sizeof after);
        if (match) {
            memcpy(after + used, to, strlen(to));
            used += strlen(to);
            at += strlen(from);
        } else {
            after[used++] = *at++;
        }
    }
    write_bytes(root, path, after, used);
}

static char copy_from[4096], copy_to[64];

static int copy_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    const char *below = path + strlen(copy_from);
    char target[4096], text[32768];
    ssize_t length;

    (void)status;
    (void)walk;
    below += *below == '/';
    if (type == FTW_F) {
        size_t size = read_text(path, text, sizeof text);

        write_bytes(copy_to, below, text, size);
        return 0;
    }
    path_in(copy_to, below, target);
    if (type != FTW_SL && type != FTW_SLN)
        return *below && mkdir(target, 0700) != 0;
    length = readlink(path, text, sizeof text - 1);
    assert_true(length > 0);
    text[length] = '\0';
    return symlink(text, target);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void tree_create(struct tree *tree)
{
    const char *folder = getenv("TMPDIR");

    if (!folder || strlen(folder) > 40)
        folder = "/tmp";
    snprintf(tree->root, sizeof tree->root, "%s/environment-XXXXXX", folder);
    assert_non_null(mkdtemp(tree->root));
}

static void tree_copy(struct tree *tree, const char *fixture)
{
    tree_create(tree);
    fixture_root(fixture, copy_from);
    memcpy(copy_to, tree->root, sizeof copy_to);
    assert_int_equal(nftw(copy_from, copy_one, 16, FTW_PHYS), 0);
}

static void tree_remove(const struct tree *tree)
{
    assert_int_equal(nftw(tree->root, remove_one, 16, FTW_PHYS | FTW_DEPTH), 0);
}

static void collect(struct environment *environment, const char *root)
{
    assert_int_equal(environment_collect(environment, FIXTURE_FD, root), 0);
}

static void assert_value(const struct environment *environment, const char *key, const char *value)
{
    const char *found = environment_get(environment, key);

    assert_non_null(found);
    if (strcmp(found, value) != 0)
        fail_msg("%s is \"%s\" instead of \"%s\"", key, found, value);
}

/* What one file of the x86 fixture must change. NULL text removes the file. */
static void assert_value_with(const char *path, const char *text, const char *key,
                              const char *value)
{
    struct environment environment;
    struct tree tree;
    char full[4096];

    tree_copy(&tree, "x86_nvme_ext4");
    path_in(tree.root, path, full);
    if (text)
        write_text(tree.root, path, text);
    else
        assert_int_equal(unlink(full), 0);
    collect(&environment, tree.root);
    assert_value(&environment, key, value);
    environment_free(&environment);
    tree_remove(&tree);
}

static void assert_clean_values(const struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++) {
        const char *at = environment->entries[i].value;
        mbstate_t state = {0};
        wchar_t character;
        size_t length;

        assert_in_range(strlen(at), 1, ENVIRONMENT_VALUE_SIZE - 1);
        for (; *at; at += length) {
            length = mbrtowc(&character, at, strlen(at), &state);
            if (length > 4 || iswcntrl((wint_t)character))
                fail_msg("%s is no clean line of text", environment->entries[i].key);
        }
    }
}

static void known_machines_are_described(void **state)
{
    static const struct {
        const char *fixture, *key, *value;
    } expected[] = {
        {"x86_nvme_ext4", "kernel",
         "6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)"},
        {"x86_nvme_ext4", "architecture", "x86_64"},
        {"x86_nvme_ext4", "cpu_model", "Intel(R) Xeon(R) E-2176G CPU"},
        {"x86_nvme_ext4", "microcode", "0xf4"},
        {"x86_nvme_ext4", "memory_bytes", "33376440320"},
        {"x86_nvme_ext4", "memory_class", "32 GiB"},
        {"x86_nvme_ext4", "virtualisation", "none"},
        {"x86_nvme_ext4", "file_system", "ext4"},
        {"x86_nvme_ext4", "mount_options", "errors=remount-ro,noatime,rw"},
        {"x86_nvme_ext4", "block_device", "Samsung SSD 980 PRO 1TB"},
        {"x86_nvme_ext4", "rotational", "0"},
        {"x86_nvme_ext4", "io_scheduler", "none"},
        {"x86_nvme_ext4", "write_cache", "write back"},
        {"x86_nvme_ext4", "transparent_hugepage", "madvise"},
        {"x86_nvme_ext4", "shmem_enabled", "never"},
        {"x86_nvme_ext4", "governor", "powersave"},
        {"x86_nvme_ext4", "turbo", "on"},
        {"x86_nvme_ext4", "mitigations",
         "gather_data_sampling,mds,meltdown,retbleed,spectre_v1,spectre_v2; vulnerable: srbds"},
        {"x86_nvme_ext4", "load_before", "0.42"},
        {"arm_mmc_ext4", "architecture", "aarch64"},
        {"arm_mmc_ext4", "cpu_model", "implementer 0x41 part 0xd08"},
        {"arm_mmc_ext4", "memory_class", "4 GiB"},
        {"arm_mmc_ext4", "microcode", "unknown"},
        {"arm_mmc_ext4", "virtualisation", "none"},
        {"arm_mmc_ext4", "block_device", "SD SC32G"},
        {"arm_mmc_ext4", "io_scheduler", "mq-deadline"},
        {"kvm_virtio_xfs", "cpu_model", "Intel Xeon Processor (Skylake, IBRS)"},
        {"kvm_virtio_xfs", "virtualisation", "kvm"},
        {"kvm_virtio_xfs", "file_system", "xfs"},
        {"kvm_virtio_xfs", "mount_options",
         "attr2,inode64,logbsize=32k,logbufs=8,noquota,relatime,rw,seclabel"},
        {"kvm_virtio_xfs", "block_device", "virtio"},
        {"kvm_virtio_xfs", "rotational", "1"},
        {"kvm_virtio_xfs", "stolen_seconds_before", "12.50"},
        {"kvm_virtio_xfs", "mitigations", "off"},
        {"container_overlay", "virtualisation", "container docker"},
        {"container_overlay", "file_system", "overlay"},
        {"container_overlay", "mount_options", "nouserxattr,relatime,rw"},
        {"container_overlay", "block_device", "unknown"},
        {"container_overlay", "turbo", "on"},
        {"container_overlay", "mitigations", "not affected"},
        {"btrfs_dm_crypt", "file_system", "btrfs"},
        {"btrfs_dm_crypt", "mount_options",
         "compress=zstd:1,discard=async,noatime,rw,seclabel,space_cache=v2,ssd"},
        {"btrfs_dm_crypt", "block_device", "dm crypt on WDC WDS500G1B0A-"},
        {"btrfs_dm_crypt", "io_scheduler", "bfq"},
        {"btrfs_dm_crypt", "cores", "1"}, /* may use 1-3, of which 0-1 are online */
        {"btrfs_dm_crypt", "cpus_online", "2"},
        {"btrfs_dm_crypt", "turbo", "off"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(expected); i++) {
        struct environment environment;
        char root[4096];

        fixture_root(expected[i].fixture, root);
        collect(&environment, root);
        assert_value(&environment, expected[i].key, expected[i].value);
        assert_false(environment_is_memory_backed(&environment));
        environment_free(&environment);
    }
}

static void no_key_is_missing_and_the_machine_key_is_the_last(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        struct environment environment;
        char root[4096];
        size_t at = 0;

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
            assert_string_equal(environment.entries[at++].key, keys_before[key]);
        for (size_t key = 0; key < COUNT(keys_after); key++)
            assert_string_equal(environment.entries[at++].key, keys_after[key]);
        assert_string_equal(environment.entries[at].key, "machine_key");
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
    replace_text(tree.root, change->path, change->from, change->to);
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

static void mount_options_lose_order_paths_and_people(void **state)
{
    static const struct {
        const char *line, *options;
    } mounts[] = {
        {"29 1 0:9 / / rw,noatime - nfs4 h:/x rw,vers=4.2,addr=10.0.0.1,clientaddr=10.0.0.2",
         "noatime,rw,vers=4.2"},
        {"29 1 0:9 / / noatime,rw shared:1 master:2 - nfs4 h:/x vers=4.2,rw",
         "noatime,rw,vers=4.2"},
        {"29 1 0:9 / / ro,nosuid - cifs //h/x rw,username=ada,uid=1000,forceuid,domain=HOME",
         "forceuid,nosuid,ro"},
        {"29 1 0:9 / / rw - ext4 x "
         "rw,context=\"system_u:object_r:a,b,c\",grpid,resgid=5,data=ordered",
         "data=ordered,grpid,rw"},
        {"29 1 0:9 / / rw - tmpfs tmpfs rw,size=1024k,nr_inodes=77,mode=700,huge=always",
         "huge=always,rw"},
        {"29 1 0:9 / / rw - fuse.sshfs ada@h:/x rw,user_id=1000,group_id=1000,allow_other",
         "allow_other,rw"},
        {"29 1 0:9 / / rw - tmpfs tmpfs", "rw"},
        {"29 1 0:9 / / rw", "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(mounts); i++)
        assert_value_with("proc/self/mountinfo", mounts[i].line, "mount_options",
                          mounts[i].options);
}

static void memory_class_forgives_what_a_kernel_reserves(void **state)
{
    static const struct {
        unsigned long kibibytes;
        const char *name;
    } sizes[] = {
        {16 << 20, "16 GiB"}, {16777216 - 1, "16 GiB"}, {15204352, "16 GiB"}, {14 << 20, "14 GiB"},
        {24682416, "24 GiB"}, {65659032, "64 GiB"},     {7876404, "8 GiB"},   {4015000, "4 GiB"},
        {1977000, "2 GiB"},   {480000, "512 MiB"},      {700000, "768 MiB"},  {3, "1 MiB"},
        {33554433, "40 GiB"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char text[64];

        snprintf(text, sizeof text, "MemTotal:       %lu kB\n", sizes[i].kibibytes);
        assert_value_with("proc/meminfo", text, "memory_class", sizes[i].name);
    }
    assert_value_with("proc/meminfo", "MemTotal: many kB\n", "memory_class", "unknown");
    assert_value_with("proc/meminfo", "MemTotal: 99999999999999999999 kB\n", "memory_class",
                      "unknown");
}

static void every_architecture_has_a_model(void **state)
{
    static const struct {
        const char *cpuinfo, *model;
    } machines[] = {
        {"model name : Intel(R) Pentium(R) 4 CPU 2.80GHz\n", "Intel(R) Pentium(R) 4 CPU"},
        {"model name : Some CPU @2.6GHz v2\n", "Some CPU v2"},
        {"model name : Some CPU @ 2600 MHz\n", "Some CPU 2600 MHz"},
        {"processor : 0\nmodel name : ARMv7 Processor rev 4 (v7l)\nCPU implementer : 0x41\n"
         "CPU part : 0xd03\n\nprocessor : 1\nCPU implementer : 0x41\nCPU part : 0xd03\n\n"
         "processor : 2\nCPU implementer : 0x41\nCPU part : 0xd08\n",
         "implementer 0x41 part 0xd03 0xd08"},
        {"processor : 0\ncpu : POWER9 (architected), altivec supported\nclock : 2166.0MHz\n",
         "POWER9 (architected), altivec supported"},
        {"processor : 0\nhart : 0\nisa : rv64imafdc_zicntr_zicsr\nmmu : sv39\nuarch : "
         "sifive,u74-mc\n",
         "sifive,u74-mc"},
        {"processor : 0\nhart : 0\nisa : rv64imafdc_zicntr_zicsr\nmmu : sv39\n", "rv64imafdc"},
        {"vendor_id : IBM/S390\n# processors : 1\n"
         "processor 0: version = FF, identification = 2C1B5A, machine = 8561\n",
         "machine 8561"},
        {"Model Name : Loongson-3A5000\n", "Loongson-3A5000"},
        {"nothing of use\n", "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(machines); i++)
        assert_value_with("proc/cpuinfo", machines[i].cpuinfo, "cpu_model", machines[i].model);
}

static void block_devices_are_walked_down_to_the_disk(void **state)
{
    struct environment environment;
    struct tree tree;
    char path[4096];

    (void)state;
    tree_copy(&tree, "x86_nvme_ext4");
    write_text(tree.root, "proc/self/mountinfo", "29 1 9:0 / / rw - ext4 /dev/md0 rw\n");
    write_text(tree.root, "sys/dev/block/9:0/md/level", "raid1\n");
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "sys/dev/block/9:0/slaves/sd%c/device/model", 'f' - i);
        write_text(tree.root, path, i == 5 ? "ST4000NM0035\n" : "other\n");
        snprintf(path, sizeof path, "sys/dev/block/9:0/slaves/sd%c/device/vendor", 'f' - i);
        write_text(tree.root, path, "SEAGATE \n");
    }
    collect(&environment, tree.root);
    assert_value(&environment, "block_device", "md raid1 of 6 on SEAGATE ST4000NM0035");
    environment_free(&environment);

    write_text(tree.root, "proc/self/mountinfo", "29 1 7:3 / / rw - ext4 /dev/loop3 rw\n");
    write_text(tree.root, "sys/dev/block/7:3/uevent", "MAJOR=7\nMINOR=3\nDEVNAME=loop3\n");
    write_text(tree.root, "sys/dev/block/7:3/loop/backing_file", "/home/ada/disk.img\n");
    collect(&environment, tree.root);
    assert_value(&environment, "block_device", "loop");
    environment_free(&environment);

    write_text(tree.root, "proc/self/mountinfo", "29 1 0:40 / / rw - btrfs /dev/nvme0n1p2 rw\n");
    collect(&environment, tree.root);
    assert_value(&environment, "block_device", "Samsung SSD 980 PRO 1TB");
    environment_free(&environment);

    write_text(tree.root, "proc/self/mountinfo", "29 1 0:40 / / rw - zfs tank/home/ada rw\n");
    collect(&environment, tree.root);
    assert_value(&environment, "block_device", "unknown");
    environment_free(&environment);
    tree_remove(&tree);
}

/* A chain of devices that leads back to itself must end. */
static void a_loop_of_devices_ends(void **state)
{
    struct environment environment;
    struct tree tree;
    char link[4096];
    const char *at;
    size_t layers = 0;

    (void)state;
    tree_copy(&tree, "x86_nvme_ext4");
    write_text(tree.root, "proc/self/mountinfo", "29 1 9:0 / / rw - ext4 /dev/md0 rw\n");
    write_text(tree.root, "sys/dev/block/9:0/md/level", "raid0\n");
    write_text(tree.root, "sys/dev/block/9:0/slaves/.keep", "");
    path_in(tree.root, "sys/dev/block/9:0/slaves/md0", link);
    assert_int_equal(symlink("..", link), 0);
    collect(&environment, tree.root);
    for (at = environment_get(&environment, "block_device"); (at = strstr(at, " on ")); at++)
        layers++;
    assert_in_range(layers, 1, 8);
    environment_free(&environment);
    tree_remove(&tree);
}

static void only_a_virtual_machine_or_container_is_called_one(void **state)
{
    struct environment environment;
    struct tree tree;
    char path[4096];

    (void)state;
    /* A file left in an image that now runs as a machine of its own. */
    assert_value_with(".dockerenv", "", "virtualisation", "none");

    tree_copy(&tree, "arm_mmc_ext4");
    /* A laptop of Microsoft's is no virtual machine; neither is Amazon's bare metal. */
    write_text(tree.root, "sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n");
    write_text(tree.root, "sys/class/dmi/id/product_name", "Surface Pro 9\n");
    collect(&environment, tree.root);
    assert_value(&environment, "virtualisation", "none");
    environment_free(&environment);
    write_text(tree.root, "sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    write_text(tree.root, "sys/class/dmi/id/product_name", "c7g.metal\n");
    collect(&environment, tree.root);
    assert_value(&environment, "virtualisation", "none");
    environment_free(&environment);
    write_text(tree.root, "sys/class/dmi/id/product_name", "c7g.large\n");
    collect(&environment, tree.root);
    assert_value(&environment, "virtualisation", "amazon");
    environment_free(&environment);
    tree_remove(&tree);

    tree_copy(&tree, "container_overlay");
    path_in(tree.root, ".dockerenv", path);
    assert_int_equal(unlink(path), 0);
    replace_text(tree.root, "proc/cpuinfo", " aes ", " aes hypervisor ");
    write_bytes(tree.root, "proc/1/environ", "PATH=/bin\0container=lxc\0x=y", 27);
    collect(&environment, tree.root);
    assert_value(&environment, "virtualisation", "hypervisor, container lxc");
    environment_free(&environment);
    tree_remove(&tree);
}

static void stolen_time_is_a_share_of_all_cpus(void **state)
{
    struct environment environment;
    struct tree tree;

    (void)state;
    tree_copy(&tree, "kvm_virtio_xfs");
    collect(&environment, tree.root);
    /* 0.4 s of 10 s on two CPUs. */
    replace_text(tree.root, "proc/uptime", "5021.11", "5031.11");
    replace_text(tree.root, "proc/stat", " 1250 0 0", " 1290 0 0");
    replace_text(tree.root, "proc/loadavg", "0.42", "1.05");
    assert_int_equal(environment_collect_after(&environment, tree.root), 0);
    assert_value(&environment, "load_before", "0.42");
    assert_value(&environment, "load_after", "1.05");
    assert_value(&environment, "stolen_seconds_after", "12.90");
    assert_value(&environment, "stolen_percent", "2.00");
    /* A counter that goes back tells nothing. */
    replace_text(tree.root, "proc/stat", " 1290 0 0", " 12 0 0");
    assert_int_equal(environment_collect_after(&environment, tree.root), 0);
    assert_value(&environment, "stolen_percent", "unknown");
    environment_free(&environment);
    tree_remove(&tree);
}

/* What does not come from a file: the program itself, and the descriptor. */
static bool is_known_anyway(const char *key)
{
    static const char *const known[] = {
        "schema",     "bench_mmap_version", "git_revision", "compiler",   "compiler_flags",
        "build_type", "page_size_bytes",    "file_system",  "free_bytes", "machine_key"};

    for (size_t i = 0; i < COUNT(known); i++)
        if (strcmp(key, known[i]) == 0)
            return true;
    return false;
}

static void missing_files_are_unknown(void **state)
{
    struct environment environment;
    struct tree tree;

    (void)state;
    tree_create(&tree);
    collect(&environment, tree.root);
    assert_int_equal(environment_collect_after(&environment, tree.root), 0);
    assert_int_equal(environment.count, COUNT(keys_before) + COUNT(keys_after) + 1);
    for (size_t i = 0; i < environment.count; i++)
        if (!is_known_anyway(environment.entries[i].key))
            assert_value(&environment, environment.entries[i].key, "unknown");
    environment_free(&environment);

    /* Not even a descriptor. */
    assert_int_equal(environment_collect(&environment, -1, tree.root), 0);
    assert_value(&environment, "file_system", "unknown");
    assert_value(&environment, "free_bytes", "unknown");
    environment_free(&environment);
    tree_remove(&tree);
}

enum garbage { EMPTY, BINARY, HUGE_LINE, HUGE_LINES, INVALID_UTF8, FOLDER, GARBAGES };
static enum garbage garbage;
static char *garbage_bytes;
enum { GARBAGE_SIZE = 300000 };

static int spoil_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    static const size_t sizes[GARBAGES] = {0, 4000, GARBAGE_SIZE, GARBAGE_SIZE, 3000, 0};
    FILE *file;

    (void)status;
    (void)walk;
    if (type != FTW_F)
        return 0;
    if (garbage == FOLDER)
        return unlink(path) != 0 || mkdir(path, 0700) != 0;
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(garbage_bytes, 1, sizes[garbage], file), sizes[garbage]);
    return fclose(file);
}

static void make_garbage(void)
{
    uint32_t random = 1;

    for (size_t i = 0; i < GARBAGE_SIZE; i++) {
        random = random * 1664525U + 1013904223U;
        if (garbage == BINARY)
            garbage_bytes[i] = (char)(random >> 24);
        else if (garbage == HUGE_LINES)
            garbage_bytes[i] = ": -1,\n"[i % 6];
        else if (garbage == INVALID_UTF8)
            garbage_bytes[i] =
                "\xc0\xaf\xed\xa0\x80\xf8\xe2\x80\xa8\xc2\x85\x1b\x7f\r\xe2\x82"[i % 16];
        else
            garbage_bytes[i] = "ab ,-9"[i % 6];
    }
}

static void garbage_is_survived(void **state)
{
    (void)state;
    garbage_bytes = malloc(GARBAGE_SIZE);
    assert_non_null(garbage_bytes);
    for (size_t i = 0; i < FIXTURES; i++) {
        for (garbage = EMPTY; garbage < GARBAGES; garbage++) {
            struct environment environment;
            struct tree tree;

            make_garbage();
            tree_copy(&tree, fixtures[i]);
            assert_int_equal(nftw(tree.root, spoil_one, 16, FTW_PHYS | FTW_DEPTH), 0);
            collect(&environment, tree.root);
            assert_int_equal(environment_collect_after(&environment, tree.root), 0);
            assert_int_equal(environment.count, COUNT(keys_before) + COUNT(keys_after) + 1);
            assert_clean_values(&environment);
            environment_free(&environment);
            tree_remove(&tree);
        }
    }
    free(garbage_bytes);
}

/* One odd file at a time, so that the others still lead the code to it. */
static void one_odd_file_gives_one_clean_line(void **state)
{
    static const char odd[] = "a\x01\t\tb\xc3\xa9\xff \xe2\x80\xa8z";

    (void)state;
    assert_value_with("sys/class/block/nvme0n1/device/model", odd, "block_device",
                      "a? b\xc3\xa9? ???z");
    assert_value_with("sys/class/block/nvme0n1/device/model", "", "block_device", "nvme0n");
    assert_value_with("proc/self/mountinfo", "29 1 259:2 / / rw - ext4 \n", "file_system",
                      "ext2/ext3/ext4");
}

static void long_values_are_cut(void **state)
{
    enum { LENGTH = ENVIRONMENT_LINE_SIZE + 100 };
    char *line = malloc(LENGTH + 1);
    struct environment environment;
    struct tree tree;

    (void)state;
    assert_non_null(line);
    tree_copy(&tree, "x86_nvme_ext4");
    memset(line, 'x', LENGTH);
    line[LENGTH] = '\0';
    memcpy(line, "model name : ", 13);
    write_text(tree.root, "proc/cpuinfo", line);
    write_text(tree.root, "sys/class/block/nvme0n1/device/model", line);
    memcpy(line, "29 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw,", 43);
    for (size_t i = 43; i < LENGTH; i += 8)
        line[i] = ',';
    write_text(tree.root, "proc/self/mountinfo", line);
    collect(&environment, tree.root);
    assert_clean_values(&environment);
    assert_int_equal(strlen(environment_get(&environment, "cpu_model")),
                     ENVIRONMENT_VALUE_SIZE - 1);
    assert_value(&environment, "file_system", "ext4");
    environment_free(&environment);
    tree_remove(&tree);

    /* The rest of a line that was cut is no line of its own. */
    memset(line, 'x', ENVIRONMENT_LINE_SIZE - 1);
    snprintf(line + ENVIRONMENT_LINE_SIZE - 1, LENGTH + 1 - (ENVIRONMENT_LINE_SIZE - 1),
             "MemTotal: 7 kB\nMemTotal: 1048576 kB\n");
    assert_value_with("proc/meminfo", line, "memory_class", "1 GiB");
    free(line);
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        bool starts = at == text || strchr(" ,=:/.;_-()\"'", at[-1]);

        if (starts && (at[length] == '\0' || strchr(" ,=:/.;_-()\"'", at[length])))
            return true;
    }
    return false;
}

static const char *key_with_word(const struct environment *environment, const char *word)
{
    for (size_t i = 0; *word && i < environment->count; i++)
        if (has_word(environment->entries[i].value, word))
            return environment->entries[i].key;
    return NULL;
}

/* The fixtures belong to "ada", whose name is in every path and host name of theirs. */
static void fixtures_leak_no_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        struct environment environment;
        char root[4096], host_path[4096], host[128];

        fixture_root(fixtures[i], root);
        path_in(root, "proc/sys/kernel/hostname", host_path);
        read_text(host_path, host, sizeof host);
        host[strcspn(host, "\n")] = '\0';
        collect(&environment, root);
        for (size_t entry = 0; entry < environment.count; entry++) {
            assert_null(strstr(environment.entries[entry].value, "ada"));
            assert_null(strstr(environment.entries[entry].value, host));
            assert_null(strstr(environment.entries[entry].value, "/home"));
        }
        environment_free(&environment);
    }
}

/* A name that even a foreign machine's values hold is an ordinary word: finding it proves nothing.
 */
static bool is_ordinary_word(const char *name)
{
    bool found = name[0] == '\0';

    for (size_t i = 0; i < FIXTURES && !found; i++) {
        struct environment environment;
        char root[4096];

        fixture_root(fixtures[i], root);
        collect(&environment, root);
        found = key_with_word(&environment, name) != NULL;
        environment_free(&environment);
    }
    return found;
}

static void this_machine_leaks_no_name(void **state)
{
    const struct passwd *user = getpwuid(getuid());
    struct environment environment;
    struct utsname system;
    const char *names[4] = {"", "", "", ""};

    (void)state;
    assert_int_equal(uname(&system), 0);
    names[0] = system.nodename;
    names[1] = getenv("HOME") ? getenv("HOME") : "";
    names[2] = getenv("USER") ? getenv("USER") : "";
    names[3] = user ? user->pw_name : "";
    assert_int_equal(environment_collect(&environment, FIXTURE_FD, ""), 0);
    assert_int_equal(environment_collect_after(&environment, ""), 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *key = key_with_word(&environment, names[i]);

        if (key && names[i][0] && strcmp(names[i], "/") != 0 && !is_ordinary_word(names[i]))
            fail_msg("%s tells the name \"%s\"", key, names[i]);
    }
    environment_free(&environment);
}

static void this_machine_is_described(void **state)
{
    static const char *const must[] = {"kernel",
                                       "architecture",
                                       "cores",
                                       "cpus_online",
                                       "memory_bytes",
                                       "memory_class",
                                       "page_size_bytes",
                                       "virtualisation",
                                       "file_system",
                                       "mount_options",
                                       "free_bytes",
                                       "load_before",
                                       "stolen_seconds_before"};
    struct environment environment;
    struct utsname system;
    cpu_set_t allowed;
    char text[64];

    (void)state;
    assert_int_equal(environment_collect(&environment, FIXTURE_FD, ""), 0);
    assert_int_equal(environment_collect_after(&environment, ""), 0);
    assert_clean_values(&environment);
    for (size_t i = 0; i < COUNT(must); i++)
        assert_string_not_equal(environment_get(&environment, must[i]), "unknown");
    assert_int_equal(uname(&system), 0);
    assert_value(&environment, "architecture", system.machine);
    assert_ptr_equal(strstr(environment_get(&environment, "kernel"), system.release),
                     environment_get(&environment, "kernel"));
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        snprintf(text, sizeof text, "%d", CPU_COUNT(&allowed));
        assert_value(&environment, "cores", text);
    }
    assert_null(strchr(environment_get(&environment, "compiler_flags"), '/'));
    for (size_t i = 0; i < environment.count; i++)
        printf("%-24s %s\n", environment.entries[i].key, environment.entries[i].value);
    environment_free(&environment);
}

static void shared_memory_is_memory(void **state)
{
    struct environment environment;
    int fd = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    if (fd < 0)
        skip();
    assert_int_equal(environment_collect(&environment, fd, ""), 0);
    assert_value(&environment, "file_system", "tmpfs");
    assert_value(&environment, "block_device", "none");
    assert_true(environment_is_memory_backed(&environment));
    environment_free(&environment);
    close(fd);
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void no_descriptor_stays_open(void **state)
{
    int before = count_descriptors();
    struct environment environment;

    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        char root[4096];

        fixture_root(fixtures[i], root);
        collect(&environment, root);
        environment_free(&environment);
    }
    assert_int_equal(environment_collect(&environment, FIXTURE_FD, ""), 0);
    environment_free(&environment);
    environment_free(&environment);
    assert_int_equal(count_descriptors(), before);
}

static int open_fixture_fd(void **state)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8") || fd < 0)
        return -1;
    return dup2(fd, FIXTURE_FD) == FIXTURE_FD && close(fd) == 0 ? 0 : -1;
}

static int close_fixture_fd(void **state)
{
    (void)state;
    return close(FIXTURE_FD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_machines_are_described),
        cmocka_unit_test(no_key_is_missing_and_the_machine_key_is_the_last),
        cmocka_unit_test(machine_key_is_the_hash_of_exactly_nine_values),
        cmocka_unit_test(machine_key_ignores_what_may_differ),
        cmocka_unit_test(machine_key_hangs_on_each_of_the_nine),
        cmocka_unit_test(mount_options_lose_order_paths_and_people),
        cmocka_unit_test(memory_class_forgives_what_a_kernel_reserves),
        cmocka_unit_test(every_architecture_has_a_model),
        cmocka_unit_test(block_devices_are_walked_down_to_the_disk),
        cmocka_unit_test(a_loop_of_devices_ends),
        cmocka_unit_test(only_a_virtual_machine_or_container_is_called_one),
        cmocka_unit_test(stolen_time_is_a_share_of_all_cpus),
        cmocka_unit_test(missing_files_are_unknown),
        cmocka_unit_test(garbage_is_survived),
        cmocka_unit_test(one_odd_file_gives_one_clean_line),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(fixtures_leak_no_name),
        cmocka_unit_test(this_machine_leaks_no_name),
        cmocka_unit_test(this_machine_is_described),
        cmocka_unit_test(shared_memory_is_memory),
        cmocka_unit_test(no_descriptor_stays_open),
    };

    return cmocka_run_group_tests(tests, open_fixture_fd, close_fixture_fd);
}

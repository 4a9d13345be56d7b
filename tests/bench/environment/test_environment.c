/* SPDX-License-Identifier: Apache-2.0 */
/* What a run's environment says about known machines (trees of fixtures), and about this one. */
#include "tests/support/make_environment.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

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

static void only_a_virtual_machine_or_container_is_called_one(void **state)
{
    struct tree tree;
    char path[4096];

    (void)state;
    /* A file left in an image that now runs as a machine of its own. */
    assert_value_with(".dockerenv", "", "virtualisation", "none");

    tree_copy(&tree, "arm_mmc_ext4");
    /* A laptop of Microsoft's is no virtual machine; neither is Amazon's bare metal. */
    tree_write(tree.root, "sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n");
    tree_write(tree.root, "sys/class/dmi/id/product_name", "Surface Pro 9\n");
    assert_value_in(tree.root, "virtualisation", "none");
    tree_write(tree.root, "sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    tree_write(tree.root, "sys/class/dmi/id/product_name", "c7g.metal\n");
    assert_value_in(tree.root, "virtualisation", "none");
    tree_write(tree.root, "sys/class/dmi/id/product_name", "c7g.large\n");
    assert_value_in(tree.root, "virtualisation", "amazon");
    tree_remove(&tree);

    tree_copy(&tree, "container_overlay");
    tree_path(tree.root, ".dockerenv", path);
    assert_int_equal(unlink(path), 0);
    tree_replace(tree.root, "proc/cpuinfo", " aes ", " aes hypervisor ");
    tree_write_bytes(tree.root, "proc/1/environ", "PATH=/bin\0container=lxc\0x=y", 27);
    assert_value_in(tree.root, "virtualisation", "hypervisor, container lxc");
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
    tree_replace(tree.root, "proc/uptime", "5021.11", "5031.11");
    tree_replace(tree.root, "proc/stat", " 1250 0 0", " 1290 0 0");
    tree_replace(tree.root, "proc/loadavg", "0.42", "1.05");
    assert_int_equal(environment_collect_after(&environment, tree.root), 0);
    assert_value(&environment, "load_before", "0.42");
    assert_value(&environment, "load_after", "1.05");
    assert_value(&environment, "stolen_seconds_after", "12.90");
    assert_value(&environment, "stolen_percent", "2.00");
    /* A counter that goes back tells nothing. */
    tree_replace(tree.root, "proc/stat", " 1290 0 0", " 12 0 0");
    assert_int_equal(environment_collect_after(&environment, tree.root), 0);
    assert_value(&environment, "stolen_percent", "unknown");
    environment_free(&environment);
    tree_remove(&tree);
}

static void programs_beside_are_a_share_of_all_cpus(void **state)
{
    struct environment environment;
    struct tree tree;

    (void)state;
    tree_copy(&tree, "x86_nvme_ext4");
    collect(&environment, tree.root);
    assert_value(&environment, "others_seconds_before", "913.54");
    /* 0.4 s and, nice, 0.1 s of 10 s on four CPUs; what Linux itself did does not count. */
    tree_write(tree.root, "proc/uptime", "1000010.00 0.00\n");
    tree_replace(tree.root, "proc/stat", "91234 120 40321", "91274 130 49999");
    environment.uptime_seconds = 1000000;
    assert_int_equal(environment_collect_after(&environment, tree.root), 0);
    assert_value(&environment, "others_percent", "1.25");
    environment_free(&environment);
    tree_remove(&tree);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_machines_are_described),
        cmocka_unit_test(memory_class_forgives_what_a_kernel_reserves),
        cmocka_unit_test(every_architecture_has_a_model),
        cmocka_unit_test(only_a_virtual_machine_or_container_is_called_one),
        cmocka_unit_test(stolen_time_is_a_share_of_all_cpus),
        cmocka_unit_test(programs_beside_are_a_share_of_all_cpus),
        cmocka_unit_test(this_machine_is_described),
        cmocka_unit_test(no_descriptor_stays_open),
    };

    return cmocka_run_group_tests(tests, open_fixture_fd, close_fixture_fd);
}

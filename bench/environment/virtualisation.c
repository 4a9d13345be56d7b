/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hypervisor Linux runs under and which container this process runs in. Nothing tells it
 * on every architecture, so several hints are asked, the most exact first. Hints that only the
 * super-user may read come last: a user and root should see the same machine.
 */
#include "readers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static const struct {
    const char *signature; /* 12 bytes of leaf 0x40000000 */
    const char *name;
} signatures[] = {
    {"KVMKVMKVM", "kvm"},      {"Linux KVM Hv", "kvm"},        {"VMwareVMware", "vmware"},
    {"XenVMMXenVMM", "xen"},   {"Microsoft Hv", "microsoft"},  {"TCGTCGTCGTCG", "qemu"},
    {"bhyve bhyve ", "bhyve"}, {"VBoxVBoxVBox", "virtualbox"}, {"ACRNACRNACRN", "acrn"},
};

static bool ask_cpu(environment_value value)
{
    unsigned int leaf, words[3], features = 0, ignored;
    char signature[sizeof words + 1] = "";

    if (!__get_cpuid(1, &leaf, &ignored, &features, &ignored) || !(features >> 31))
        return false;
    __cpuid(0x40000000, leaf, words[0], words[1], words[2]);
    memcpy(signature, words, sizeof words);
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (strcmp(signature, signatures[i].signature) == 0)
            environment_set(value, signatures[i].name);
    return value[0] != '\0';
}
#else
static bool ask_cpu(environment_value value)
{
    (void)value;
    return false;
}
#endif

/* Texts that only a virtual machine has. Microsoft and Amazon also build real machines. */
static const struct {
    const char *path;
    const char *text; /* the file starts with it */
    const char *name;
} hints[] = {
    {"/sys/hypervisor/type", "xen", "xen"},
    {"/sys/class/dmi/id/product_name", "KVM", "kvm"},
    {"/sys/class/dmi/id/product_name", "Google Compute Engine", "kvm"},
    {"/sys/class/dmi/id/product_name", "OpenStack", "kvm"},
    {"/sys/class/dmi/id/product_name", "VMware", "vmware"},
    {"/sys/class/dmi/id/product_name", "VirtualBox", "virtualbox"},
    {"/sys/class/dmi/id/product_name", "Virtual Machine", "microsoft"},
    {"/sys/class/dmi/id/product_name", "Apple Virtualization", "apple"},
    {"/sys/class/dmi/id/sys_vendor", "QEMU", "qemu"},
    {"/sys/class/dmi/id/sys_vendor", "Xen", "xen"},
    {"/sys/class/dmi/id/sys_vendor", "Parallels", "parallels"},
    {"/sys/class/dmi/id/bios_vendor", "BHYVE", "bhyve"},
    {"/sys/class/dmi/id/sys_vendor", "Amazon EC2", "amazon"},
    {"/proc/device-tree/hypervisor/compatible", "linux,kvm", "kvm"},
    {"/proc/device-tree/hypervisor/compatible", "xen", "xen"},
    {"/proc/device-tree/hypervisor/compatible", "vmware", "vmware"},
    {"/proc/device-tree/compatible", "linux,dummy-virt", "hypervisor"},
};

static bool ask_hints(const char *root, environment_value value)
{
    environment_value text;

    /* Amazon's machines without a hypervisor are called "c7g.metal" and the like. */
    if (environment_read_line(root, "/sys/class/dmi/id/product_name", text) &&
        strstr(text, ".metal"))
        return false;
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (environment_read_line(root, hints[i].path, text) &&
            strncmp(text, hints[i].text, strlen(hints[i].text)) == 0) {
            environment_set(value, hints[i].name);
            return true;
        }
    return false;
}

/* POWER names its platform, s390 the program that controls the machine. */
static bool ask_mainframe(const char *root, environment_value value, bool pseries, bool emulated)
{
    environment_value text;

    if (pseries)
        environment_set(value, emulated ? "kvm" : "powervm");
    else if (environment_read_field(root, "/proc/sysinfo", "VM00 Control Program", text))
        environment_set(value, strncmp(text, "KVM", 3) == 0 ? "kvm" : "zvm");
    return value[0] != '\0';
}

/* Leaves "" when the machine does not even tell its processor. */
static void find_hypervisor(const char *root, environment_value value)
{
    bool is_x86 = false, flag = false, pseries = false, emulated = false, any = false;
    struct environment_lines lines;
    const char *text;
    char *line;

    if (environment_lines_open(&lines, root, "/proc/cpuinfo") == 0) {
        while (!is_x86 && (line = environment_lines_next(&lines)) != NULL) {
            any = any || strchr(line, ':') != NULL;
            if ((text = environment_field(line, "flags")) != NULL) {
                is_x86 = true;
                flag = environment_has_word(text, "hypervisor");
            } else if ((text = environment_field(line, "platform")) != NULL) {
                pseries = strcmp(text, "pSeries") == 0;
            } else if ((text = environment_field(line, "machine")) != NULL) {
                emulated = strstr(text, "emulated by qemu") != NULL;
            }
        }
        environment_lines_close(&lines);
    }
    /* On x86 the flag decides whether there is a hypervisor, the hints only name it. */
    if (is_x86 && !flag)
        environment_set(value, "none");
    else if (!(root[0] == '\0' && ask_cpu(value)) && !ask_hints(root, value) &&
             !ask_mainframe(root, value, pseries, emulated) && any)
        environment_set(value, is_x86 ? "hypervisor" : "none");
}

/* The first namespaces of Linux have fixed numbers. A file such as /.dockerenv also lies in virtual
 * machines made from a container image: without a namespace of its own it is no container. */
static bool in_first_namespaces(const char *root)
{
    static const struct {
        const char *path, *first;
    } spaces[] = {{"/proc/self/ns/pid", "pid:[4026531836]"},
                  {"/proc/self/ns/cgroup", "cgroup:[4026531835]"}};

    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        char path[ENVIRONMENT_PATH_SIZE], target[64];
        ssize_t length = -1;

        if ((size_t)snprintf(path, sizeof path, "%s%s", root, spaces[i].path) < sizeof path)
            length = readlink(path, target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = '\0';
        if (strcmp(target, spaces[i].first) != 0)
            return false;
    }
    return true;
}

/* A name from outside becomes part of a value: only what a name of a container manager has. */
static bool copy_manager(const char *text, environment_value value)
{
    snprintf(value, sizeof(environment_value), "%.*s",
             (int)strspn(text, "abcdefghijklmnopqrstuvwxyz-"), text);
    value[24] = '\0';
    return value[0] != '\0';
}

static bool ask_cgroup(const char *root, environment_value value)
{
    static const char *const managers[][2] = {{"kubepods", "kubernetes"},
                                              {"libpod", "podman"},
                                              {"docker", "docker"},
                                              {"lxc", "lxc"},
                                              {"containerd", "containerd"}};
    struct environment_lines lines;
    const char *line;

    if (environment_lines_open(&lines, root, "/proc/self/cgroup") != 0)
        return false;
    while (!value[0] && (line = environment_lines_next(&lines)) != NULL)
        for (size_t i = 0; !value[0] && i < sizeof managers / sizeof managers[0]; i++)
            if (strstr(line, managers[i][0]))
                environment_set(value, managers[i][1]);
    environment_lines_close(&lines);
    return value[0] != '\0';
}

static bool ask_first_process(const char *root, environment_value value)
{
    char text[8192];
    long length = environment_read(root, "/proc/1/environ", text, sizeof text);

    for (long at = 0; at < length; at += (long)strlen(text + at) + 1)
        if (strncmp(text + at, "container=", 10) == 0)
            return copy_manager(text + at + 10, value);
    return false;
}

static void find_container(const char *root, environment_value value)
{
    environment_value text;

    if (in_first_namespaces(root))
        return;
    if (environment_read_line(root, "/run/systemd/container", text) && copy_manager(text, value))
        return;
    if (environment_exists(root, "/run/.containerenv"))
        environment_set(value, "podman");
    else if (environment_exists(root, "/.dockerenv"))
        environment_set(value, "docker");
    else if (!ask_cgroup(root, value))
        ask_first_process(root, value);
}

void environment_virtualisation(const struct environment_source *source, environment_value value)
{
    environment_value hypervisor = "", container = "";

    find_hypervisor(source->root, hypervisor);
    find_container(source->root, container);
    if (!container[0])
        environment_set(value, hypervisor);
    else if (!hypervisor[0] || strcmp(hypervisor, "none") == 0)
        snprintf(value, sizeof(environment_value), "container %.64s", container);
    else
        snprintf(value, sizeof(environment_value), "%.64s, container %.64s", hypervisor, container);
}

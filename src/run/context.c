/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <stdio.h>
#include <string.h>

/* What a key can explain. Calls, copies and faults run on the processor; what switches a
 * processor's speed or its guards against leaks changes them. A hypervisor's second page table
 * makes faults and misses of the address cache dearer, a container's filter every call. The file
 * aspect is all that the three do not account for: page cache, file system, device. */
enum {
    CALL = 1 << ASPECT_CALL,
    COPY = 1 << ASPECT_COPY,
    FAULT = 1 << ASPECT_FAULT,
    FILES = 1 << ASPECT_FILE,
    PROCESSOR = CALL | COPY | FAULT,
    ALL = PROCESSOR | FILES,
};

const struct context_key context_keys[] = {
    {"architecture", "architecture", 1, LAYER_HARDWARE, ALL},
    {"cpu_model", "CPU model", 1, LAYER_HARDWARE, ALL},
    {"cores", "number of cores", 1, LAYER_HARDWARE, FILES},
    {"num_cpus", "number of CPUs", 1, LAYER_HARDWARE, FILES},
    {"memory_class", "memory", 1, LAYER_HARDWARE, FILES},
    {"virtualisation", "virtualisation", 1, LAYER_HARDWARE, ALL},
    {"file_system", "file system", 1, LAYER_FILE_SYSTEM, FILES},
    {"mount_options", "mount options", 1, LAYER_FILE_SYSTEM, FILES},
    {"block_device", "block device", 1, LAYER_HARDWARE, FILES},
    {"rotational", "kind of disk", 1, LAYER_HARDWARE, FILES},
    {"kernel", "kernel", 0, LAYER_KERNEL, CALL | FAULT | FILES},
    {"mitigations", "mitigations", 0, LAYER_KERNEL, CALL | FAULT | FILES},
    {"microcode", "microcode", 0, LAYER_HARDWARE, PROCESSOR},
    {"governor", "governor", 0, LAYER_KERNEL, ALL},
    {"turbo", "turbo", 0, LAYER_HARDWARE, ALL},
    {"transparent_hugepage", "transparent huge pages", 0, LAYER_KERNEL, COPY | FAULT},
    {"shmem_enabled", "huge pages of shared memory", 0, LAYER_KERNEL, FILES},
    {"page_size_bytes", "page size", 0, LAYER_KERNEL, FAULT | FILES},
    {"dirty_ratio", "dirty ratio", 0, LAYER_KERNEL, FILES},
    {"dirty_bytes", "dirty bytes", 0, LAYER_KERNEL, FILES},
    {"dirty_background_ratio", "background dirty ratio", 0, LAYER_KERNEL, FILES},
    {"dirty_background_bytes", "background dirty bytes", 0, LAYER_KERNEL, FILES},
    {"io_scheduler", "I/O scheduler", 0, LAYER_KERNEL, FILES},
    {"write_cache", "write cache of the disk", 0, LAYER_HARDWARE, FILES},
    {"compiler", "compiler", 0, LAYER_BUILD, COPY},
    {"compiler_flags", "compiler flags", 0, LAYER_BUILD, COPY},
    {"build_type", "build type", 0, LAYER_BUILD, COPY},
    {"library_build_type", "build of Google Benchmark", 0, LAYER_BUILD, 0},
    {"google_benchmark_version", "version of Google Benchmark", 0, LAYER_BUILD, 0},
};

const size_t context_key_count = sizeof context_keys / sizeof context_keys[0];

const char *context_value_or_unknown(const char *value)
{
    return value == NULL ? "unknown" : value;
}

void context_machine(const struct run *run, char text[CONTEXT_MACHINE_MAX])
{
    static const struct {
        const char *key, *before, *after;
    } parts[] = {{"file_system", "", ""},    {"block_device", " on ", ""},
                 {"kernel", ", Linux ", ""}, {"cpu_model", ", ", ""},
                 {"cores", ", ", " cores"},  {"machine_key", ", machine ", ""}};
    size_t at = 0;
    double cpus = run_context_number(run, "num_cpus", 0);

    text[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && at < CONTEXT_MACHINE_MAX; i++) {
        const char *value = run_context(run, parts[i].key);
        if (value != NULL && *value != '\0') /* of the kernel the release, not the build */
            at += (size_t)snprintf(
                text + at, CONTEXT_MACHINE_MAX - at, "%s%.*s%s", at > 0 ? parts[i].before : "",
                strcmp(parts[i].key, "kernel") == 0 ? (int)strcspn(value, " ") : 60, value,
                parts[i].after);
    }
    if (at == 0 && cpus > 0)
        snprintf(text, CONTEXT_MACHINE_MAX, "%.0f processors", cpus);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel, the memory, and the clocks of the whole system.
 */
#include "environment.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* /proc tells the names of uname(); the system call is asked where it does not. */
void environment_kernel(const char *root, environment_value value)
{
    environment_value release, version;
    struct utsname names;

    if (environment_read_line(root, "/proc/sys/kernel/osrelease", release)) {
        environment_read_line(root, "/proc/sys/kernel/version", version);
        snprintf(value, sizeof(environment_value), "%.128s %.256s", release, version);
    } else if (root[0] == '\0' && uname(&names) == 0) {
        snprintf(value, sizeof(environment_value), "%.128s %.256s", names.release, names.version);
    }
}

/* /proc/sys/kernel/arch is younger (Linux 6.1) than the kernels that bench_mmap runs on. */
void environment_architecture(const char *root, environment_value value)
{
    struct utsname names;

    if (!environment_read_line(root, "/proc/sys/kernel/arch", value) && root[0] == '\0' &&
        uname(&names) == 0)
        environment_copy(value, sizeof(environment_value), names.machine);
}

static uint64_t memory_bytes(const char *root)
{
    struct environment_lines lines;
    unsigned long long kibibytes = 0;
    const char *text;
    char *line;

    if (environment_lines_open(&lines, root, "/proc/meminfo") != 0)
        return 0;
    while (kibibytes == 0 && (line = environment_lines_next(&lines)) != NULL)
        if ((text = environment_field(line, "MemTotal")) != NULL)
            kibibytes = strtoull(text, NULL, 10);
    environment_lines_close(&lines);
    return kibibytes <= UINT64_MAX / 2048 ? kibibytes * 1024 : 0;
}

void environment_memory_bytes(const char *root, environment_value value)
{
    uint64_t bytes = memory_bytes(root);

    if (bytes > 0)
        snprintf(value, sizeof(environment_value), "%llu", (unsigned long long)bytes);
}

/* The kernel tells less than what is built in, by an amount that changes with the kernel. Rounded
 * up to the next quarter of the power of two at or below it (..., 8, 10, 12, 14, 16, 20, 24, 28, 32
 * GiB, ...), every such amount up to an eighth of a power of two falls into one class. */
void environment_memory_class(const char *root, environment_value value)
{
    uint64_t mebibytes = (memory_bytes(root) + ((1U << 20) - 1)) >> 20;
    uint64_t step = 1;

    if (mebibytes == 0)
        return;
    while (step * 8 <= mebibytes)
        step *= 2;
    mebibytes = (mebibytes + step - 1) / step * step;
    if (mebibytes % 1024 == 0)
        snprintf(value, sizeof(environment_value), "%llu GiB",
                 (unsigned long long)mebibytes / 1024);
    else
        snprintf(value, sizeof(environment_value), "%llu MiB", (unsigned long long)mebibytes);
}

void environment_page_size(const char *root, environment_value value)
{
    (void)root;
    snprintf(value, sizeof(environment_value), "%ld", sysconf(_SC_PAGESIZE));
}

void environment_governor(const char *root, environment_value value)
{
    if (!environment_read_line(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                               value))
        environment_read_line(root, "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
                              value);
}

/* A number as a file may hold it: finite, not negative; -1 for anything else. */
double environment_parse_seconds(const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    return end > text && seconds >= 0 && seconds < 1e15 ? seconds : -1;
}

/* Over all CPUs, since the machine started; the eighth number of /proc/stat's first line. */
double environment_stolen_seconds(const char *root)
{
    environment_value text;
    char *rest = NULL, *word;
    long ticks_per_second = sysconf(_SC_CLK_TCK);
    double ticks;

    if (!environment_read_line(root, "/proc/stat", text) || ticks_per_second <= 0)
        return -1;
    word = strtok_r(text, " ", &rest);
    if (!word || strcmp(word, "cpu") != 0)
        return -1;
    for (int i = 0; word && i < 8; i++)
        word = strtok_r(NULL, " ", &rest);
    ticks = word ? environment_parse_seconds(word) : -1;
    return ticks < 0 ? -1 : ticks / (double)ticks_per_second;
}

double environment_uptime_seconds(const char *root)
{
    environment_value text;

    return environment_read_line(root, "/proc/uptime", text) ? environment_parse_seconds(text) : -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Linux and its settings, the memory, and the clocks of the whole system. */
#include "readers.h"

#include "revision.h" /* written by revision.h.sh when this is built */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

ENVIRONMENT_READ(choice, transparent_hugepage, "/sys/kernel/mm/transparent_hugepage/enabled")
ENVIRONMENT_READ(choice, shmem_enabled, "/sys/kernel/mm/transparent_hugepage/shmem_enabled")
ENVIRONMENT_READ(line, dirty_ratio, "/proc/sys/vm/dirty_ratio")
ENVIRONMENT_READ(line, dirty_bytes, "/proc/sys/vm/dirty_bytes")
ENVIRONMENT_READ(line, dirty_background_ratio, "/proc/sys/vm/dirty_background_ratio")
ENVIRONMENT_READ(line, dirty_background_bytes, "/proc/sys/vm/dirty_background_bytes")
ENVIRONMENT_READ(line, dirty_expire_centisecs, "/proc/sys/vm/dirty_expire_centisecs")
ENVIRONMENT_READ(line, io_uring_disabled, "/proc/sys/kernel/io_uring_disabled")

/* /proc tells the names of uname(); the system call is asked where it does not. */
void environment_kernel(const struct environment_source *source, environment_value value)
{
    environment_value release, version;
    struct utsname names;

    if (environment_read_line(source->root, "/proc/sys/kernel/osrelease", release)) {
        environment_read_line(source->root, "/proc/sys/kernel/version", version);
        snprintf(value, sizeof(environment_value), "%.128s %.256s", release, version);
    } else if (source->root[0] == '\0' && uname(&names) == 0) {
        snprintf(value, sizeof(environment_value), "%.128s %.256s", names.release, names.version);
    }
}

/* /proc/sys/kernel/arch came with Linux 6.1; bench_mmap runs on older ones too. */
void environment_architecture(const struct environment_source *source, environment_value value)
{
    struct utsname names;

    if (!environment_read_line(source->root, "/proc/sys/kernel/arch", value) &&
        source->root[0] == '\0' && uname(&names) == 0)
        environment_set(value, names.machine);
}

static uint64_t total_memory_bytes(const char *root)
{
    environment_value text;
    unsigned long long kibibytes = 0;

    if (environment_read_field(root, "/proc/meminfo", "MemTotal", text))
        kibibytes = strtoull(text, NULL, 10);
    return kibibytes <= UINT64_MAX / 2048 ? kibibytes * 1024 : 0;
}

void environment_memory_bytes(const struct environment_source *source, environment_value value)
{
    uint64_t bytes = total_memory_bytes(source->root);

    if (bytes > 0)
        snprintf(value, sizeof(environment_value), "%llu", (unsigned long long)bytes);
}

/* Linux tells less than what is built in, by an amount that changes with its version. Rounded up to
 * the next quarter of the power of two at or below it (..., 8, 10, 12, 14, 16, 20, 24, 28, 32 GiB,
 * ...), every such amount up to an eighth of a power of two falls into one class. */
void environment_memory_class(const struct environment_source *source, environment_value value)
{
    uint64_t mebibytes = (total_memory_bytes(source->root) + ((1U << 20) - 1)) >> 20;
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

void environment_page_size_bytes(const struct environment_source *source, environment_value value)
{
    (void)source;
    snprintf(value, sizeof(environment_value), "%ld", sysconf(_SC_PAGESIZE));
}

/* /proc/stat's first line, over all CPUs: the first number is time in programs, the second that of
 * nice ones, the eighth what the hypervisor stole. Negative: unknown. */
enum { TICKS_OF_PROGRAMS, TICKS_OF_NICE, TICKS_STOLEN };
static double ticks_of(const char *root, int which)
{
    environment_value text;
    double ticks[3];

    if (!environment_read_line(root, "/proc/stat", text) ||
        sscanf(text, "cpu %lf %lf %*s %*s %*s %*s %*s %lf", &ticks[0], &ticks[1], &ticks[2]) != 3 ||
        !(ticks[which] >= 0) || ticks[which] >= 1e15)
        return -1;
    return ticks[which];
}

double environment_stolen_seconds(const char *root)
{
    double ticks = ticks_of(root, TICKS_STOLEN);

    return ticks < 0 ? -1 : ticks / (double)sysconf(_SC_CLK_TCK);
}

static double own_seconds(int who)
{
    struct rusage usage;

    if (getrusage(who, &usage) != 0)
        return 0;
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

double environment_others_seconds(const char *root)
{
    double programs = ticks_of(root, TICKS_OF_PROGRAMS), nice = ticks_of(root, TICKS_OF_NICE);
    double own = root[0] == '\0' ? own_seconds(RUSAGE_SELF) + own_seconds(RUSAGE_CHILDREN) : 0;

    return programs < 0 || nice < 0 ? -1 : (programs + nice) / (double)sysconf(_SC_CLK_TCK) - own;
}

double environment_uptime_seconds(const char *root)
{
    environment_value text;
    double seconds;

    return environment_read_line(root, "/proc/uptime", text) &&
                   sscanf(text, "%lf", &seconds) == 1 && seconds >= 0 && seconds < 1e15
               ? seconds
               : -1;
}

/* The average over the last minute. */
void environment_load_before(const struct environment_source *source, environment_value value)
{
    environment_read_line(source->root, "/proc/loadavg", value);
    value[strcspn(value, " ")] = '\0';
}

void environment_load_after(const struct environment_source *source, environment_value value)
{
    environment_load_before(source, value);
}

void environment_stolen_seconds_before(const struct environment_source *source,
                                       environment_value value)
{
    double seconds = environment_stolen_seconds(source->root);

    if (seconds >= 0)
        snprintf(value, sizeof(environment_value), "%.2f", seconds);
}

void environment_others_seconds_before(const struct environment_source *source,
                                       environment_value value)
{
    double seconds = environment_others_seconds(source->root);

    if (seconds >= 0)
        snprintf(value, sizeof(environment_value), "%.2f", seconds);
}

void environment_stolen_seconds_after(const struct environment_source *source,
                                      environment_value value)
{
    environment_stolen_seconds_before(source, value);
}

/* "Dirty:   12 kB" */
static uint64_t memory_bytes(const char *text, const char *key)
{
    const char *line = strstr(text, key);

    return line == NULL ? 0 : strtoull(line + strlen(key), NULL, 10) * 1024;
}

void machine_state_read(struct machine_state *state)
{
    double ticks = ticks_of("", TICKS_STOLEN);
    char text[2048];

    memset(state, 0, sizeof *state);
    if (ticks > 0)
        state->stolen_ns = (uint64_t)ticks * (1000000000U / (uint64_t)sysconf(_SC_CLK_TCK));
    environment_read("", "/proc/meminfo", text, sizeof text);
    state->dirty_bytes = memory_bytes(text, "\nDirty:");
    state->writeback_bytes = memory_bytes(text, "\nWriteback:");
}

#ifndef BENCH_MMAP_VERSION
#define BENCH_MMAP_VERSION "unknown"
#endif
#ifndef BENCH_MMAP_COMPILER_FLAGS
#define BENCH_MMAP_COMPILER_FLAGS "unknown"
#endif
#ifndef BENCH_MMAP_BUILD_TYPE
#define BENCH_MMAP_BUILD_TYPE "unknown"
#endif

/* A build whose figures are not worth keeping. */
#if defined BENCH_MMAP_SANITIZED || defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define UNFIT_BUILD "sanitizers"
#elif !defined __OPTIMIZE__
#define UNFIT_BUILD "not optimised"
#else
#define UNFIT_BUILD "no"
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

#define TEXT(key, text)                                                                            \
    void environment_##key(const struct environment_source *source, environment_value value)       \
    {                                                                                              \
        (void)source;                                                                              \
        environment_set(value, text);                                                              \
    }
TEXT(schema, "bench_mmap/1")
TEXT(bench_mmap_version, BENCH_MMAP_VERSION)
TEXT(git_revision, BENCH_MMAP_REVISION)
TEXT(compiler, COMPILER)
TEXT(build_type, BENCH_MMAP_BUILD_TYPE)
TEXT(unfit_build, UNFIT_BUILD)

/* Flags such as -ffile-prefix-map=/home/... tell where somebody's tree lies: paths are cut off. */
void environment_compiler_flags(const struct environment_source *source, environment_value value)
{
    size_t used = 0;
    bool in_path = false;

    (void)source;
    for (const char *c = BENCH_MMAP_COMPILER_FLAGS;
         *c && used + sizeof "<path>" < sizeof(environment_value); c++) {
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

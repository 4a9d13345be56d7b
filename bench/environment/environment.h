/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this machine, its kernel and the file system under the target directory are: the context
 * of a run, and the machine key that says which runs may be compared.
 */
#ifndef BENCH_MMAP_BENCH_ENVIRONMENT_ENVIRONMENT_H
#define BENCH_MMAP_BENCH_ENVIRONMENT_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

struct environment_entry {
    const char *key; /* static text */
    /* Never NULL: one line of valid UTF-8 without control characters, shorter than
     * ENVIRONMENT_VALUE_SIZE bytes; "unknown" where the machine does not tell. */
    char *value;
    bool in_machine_key;
};

struct environment {
    struct environment_entry *entries; /* in the order of the table, "machine_key" last */
    size_t count;
    /* 16 lower-case hexadecimal digits: FNV-1a (64 bits) over "key=value\n" of every entry that is
     * in the machine key, in the order of the entries. */
    char machine_key[17];
    double uptime_seconds; /* when it was collected; negative where unknown */
};

/* Fills `environment` for the file system that the open directory `dir_fd` lies on. `root` is put
 * before every /proc, /sys, /dev and /run path ("" on a real machine, a folder of fixtures in
 * tests). The mount is found by the id in /proc/self/fdinfo/<dir_fd>, so a fixture answers for the
 * descriptor whose number its fdinfo file has. Where /proc does not tell the mount, the file
 * system's type is asked of `dir_fd` itself.
 * Errors: -ENOMEM (nothing to free then); what cannot be read becomes "unknown".
 * environment_free() after success. */
int environment_collect(struct environment *environment, int dir_fd, const char *root);

/* Adds what changes while a run goes on: load_after, stolen_seconds_after and stolen_percent,
 * before the machine key's entry, which stays the last. A second call replaces their values. `root`
 * as above. Errors: -ENOMEM; `environment` stays valid. */
int environment_collect_after(struct environment *environment, const char *root);

/* The value of a key, NULL when there is no such key. Valid until `environment` changes. */
const char *environment_get(const struct environment *environment, const char *key);

/* True when the file system lives in memory (tmpfs, ramfs, and devtmpfs, hugetlbfs built on them).
 */
bool environment_is_memory_backed(const struct environment *environment);

/* Safe on a zeroed or already freed environment. */
void environment_free(struct environment *environment);

/*
 * The rest is shared by the environment*.c files and is not meant for other callers.
 */
enum { ENVIRONMENT_VALUE_SIZE = 512, ENVIRONMENT_LINE_SIZE = 32768, ENVIRONMENT_PATH_SIZE = 4096 };

/* A buffer for one value. It holds "" where the machine does not tell. */
typedef char environment_value[ENVIRONMENT_VALUE_SIZE];

struct environment_storage {
    environment_value file_system;
    environment_value mount_options;
    environment_value block_device;
    environment_value rotational;
    environment_value io_scheduler;
    environment_value write_cache;
    environment_value free_bytes;
};

/* environment_files.c: bounded reading of small text files below `root`. */

/* The lines of a file, at most a few MiB of it. A line that does not fit is cut. */
struct environment_lines {
    int fd;
    size_t start, end; /* of what is not handed out yet */
    size_t left;       /* bytes that may still be read */
    bool skipping;     /* the rest of a line that was cut */
    char buffer[ENVIRONMENT_LINE_SIZE];
};

/* Errors: -errno of open(). environment_lines_close() after success. */
int environment_lines_open(struct environment_lines *lines, const char *root, const char *path);
/* The next line without its newline, NULL at the end or on an error. Valid until the next call. */
char *environment_lines_next(struct environment_lines *lines);
void environment_lines_close(struct environment_lines *lines);

/* Reads at most size - 1 bytes and ends them with a NUL. Returns their number or -errno. */
long environment_read(const char *root, const char *path, char *buffer, size_t size);
/* The first line, trimmed. False, and "", when there is none. */
bool environment_read_line(const char *root, const char *path, environment_value value);
/* "always [madvise] never" gives "madvise"; a line without brackets is given whole. */
bool environment_read_choice(const char *root, const char *path, environment_value value);
bool environment_exists(const char *root, const char *path);
/* The value of "name: value", trimmed, when the line has this name; else NULL. Changes the line. */
char *environment_field(char *line, const char *name);
char *environment_trim(char *text);
void environment_copy(char *target, size_t size, const char *text);
/* Makes one line of valid text of whatever a file held: "?" for what is none. Never longer. */
void environment_sanitise(char *value);

/* environment_storage.c: the file system and the device below it. */
void environment_read_storage(struct environment_storage *storage, int dir_fd, const char *root);
/* "" when the device has no name that says anything. `disk`: a folder like /sys/block/sda. */
void environment_disk_model(const char *root, const char *disk, environment_value value);

/* environment_mount.c: a line of mountinfo. */
struct environment_mount {
    unsigned int major, minor;
    char *type, *source;
    char *mount_options, *super_options;
};

/* Finds the mount of `dir_fd`; the pointers lead into `lines`, which the caller closes in any case
 * once this returned true. */
bool environment_find_mount(struct environment_mount *mount, struct environment_lines *lines,
                            int dir_fd, const char *root);
/* Both lists of options, filtered and in a fixed order. Changes the text of `mount`. */
void environment_mount_options(struct environment_mount *mount, environment_value value);

/* environment_cpu.c */
void environment_cpu_model(const char *root, environment_value value);
void environment_cpu_microcode(const char *root, environment_value value);
void environment_cores(const char *root, environment_value value);
void environment_cpus_online(const char *root, environment_value value);
void environment_turbo(const char *root, environment_value value);
void environment_mitigations(const char *root, environment_value value);

/* environment_system.c */
void environment_kernel(const char *root, environment_value value);
void environment_architecture(const char *root, environment_value value);
void environment_memory_bytes(const char *root, environment_value value);
void environment_memory_class(const char *root, environment_value value);
void environment_page_size(const char *root, environment_value value);
void environment_governor(const char *root, environment_value value);
/* Not negative, or -1 where the machine does not tell or `text` is no such number. */
double environment_parse_seconds(const char *text);
/* Stolen by the hypervisor since the machine started, over all CPUs. */
double environment_stolen_seconds(const char *root);
double environment_uptime_seconds(const char *root);

/* environment_virtualisation.c: "none", or a hypervisor, or a container, or both. */
void environment_virtualisation(const char *root, environment_value value);

#endif

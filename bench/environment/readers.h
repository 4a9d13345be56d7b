/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: one reader for each field, and what the readers use. */
#ifndef BENCH_MMAP_BENCH_ENVIRONMENT_READERS_H
#define BENCH_MMAP_BENCH_ENVIRONMENT_READERS_H

#include "environment.h"

#include <glob.h>

enum { ENVIRONMENT_PATH_SIZE = 4096 };

/* A buffer for one value. It holds "" where the machine does not tell. */
typedef char environment_value[ENVIRONMENT_VALUE_SIZE];

/* The file system under the directory, and the device that holds it. */
struct environment_storage {
    environment_value file_system;
    environment_value mount_options;
    environment_value block_device;
    environment_value rotational;
    environment_value io_scheduler;
    environment_value write_cache;
    environment_value free_bytes;
};

/* What a reader may look at. */
struct environment_source {
    const char *root;                      /* put before every path */
    const struct environment *environment; /* the entries of the fields before */
    struct environment_storage storage;
};

/* `value` is "" when a reader is called, and stays so where the machine does not tell. */
typedef void environment_reader(const struct environment_source *source, environment_value value);

#define CONTEXT_FIELD(key, name, in_machine_key, layer, explains)                                  \
    environment_reader environment_##key;
#define CONTEXT_OF_FRAMEWORK(key, name, in_machine_key, layer, explains)
#define CONTEXT_RECORD(key) environment_reader environment_##key;
#define CONTEXT_RECORD_AFTER(key) environment_reader environment_##key;
#include "src/run/context_fields.def"
#undef CONTEXT_FIELD
#undef CONTEXT_OF_FRAMEWORK
#undef CONTEXT_RECORD
#undef CONTEXT_RECORD_AFTER

/* A reader that gives a file's first line, or the choice in its brackets. */
#define ENVIRONMENT_READ(what, key, path)                                                          \
    void environment_##key(const struct environment_source *source, environment_value value)       \
    {                                                                                              \
        environment_read_##what(source->root, path, value);                                        \
    }

void environment_read_storage(struct environment_storage *storage, int dir_fd, const char *root);
/* Both since the machine started; negative where unknown. */
double environment_uptime_seconds(const char *root);
double environment_stolen_seconds(const char *root);
/* Processor time of other programs, in their own code: writeback and the threads that serve this
 * program run in Linux's, and are not in it. */
double environment_others_seconds(const char *root);

/* files.c: bounded reading of small text files below `root`. */

/* The lines of a file, of which the first 4 MiB are read. */
struct environment_lines {
    char *text, *next, *end; /* next: what is not handed out yet */
};

/* Errors: -errno, -ENOMEM. environment_lines_close() after success. */
int environment_lines_open(struct environment_lines *lines, const char *root, const char *path);
/* The next line without its newline, NULL at the end. Valid until environment_lines_close(). */
char *environment_lines_next(struct environment_lines *lines);
void environment_lines_close(struct environment_lines *lines);

/* Reads at most size - 1 bytes and ends them with a NUL. Returns their number or -errno. */
long environment_read(const char *root, const char *path, char *buffer, size_t size);
/* The first line, trimmed. False, and "", when there is none. */
bool environment_read_line(const char *root, const char *path, environment_value value);
/* "always [madvise] never" gives "madvise"; a line without brackets is given whole. */
bool environment_read_choice(const char *root, const char *path, environment_value value);
/* What stands behind the first "name:" of a file, trimmed. False, and "", when nothing does. */
bool environment_read_field(const char *root, const char *path, const char *name,
                            environment_value value);
bool environment_exists(const char *root, const char *path);
/* The paths that a pattern of glob(3) matches, each with `root` before it, sorted; globfree(). */
void environment_glob(glob_t *found, const char *root, const char *pattern);
/* The value of "name: value", trimmed, when the line has this name; else NULL. Changes the line. */
char *environment_field(char *line, const char *name);
/* Both cut off what does not fit. */
void environment_copy(char *target, size_t size, const char *text);
void environment_set(environment_value value, const char *text);
/* Adds a text, behind the separator where there is one before it. False where there is no room. */
bool environment_append(environment_value value, char separator, const char *text);
/* Whether a word stands between blanks. */
bool environment_has_word(const char *text, const char *word);
/* Makes one line of valid text of whatever a file held: "?" for what is none. Never longer. */
void environment_sanitise(char *value);

/* mount.c: a line of mountinfo. */
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
void environment_join_options(struct environment_mount *mount, environment_value value);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount that a directory lies on, and its options. The mount id is exact where st_dev is not:
 * btrfs gives every subvolume and overlayfs some files a device number that mountinfo never shows.
 * In a chroot the list lacks the mount whose root lies outside: then that of the first process is
 * asked, and at last a mount of the same device number will do.
 */
#include "readers.h"
#include "src/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { MAX_OPTIONS = 96 };

/* Paths, names of people and machines, and what differs between two mounts of the same kind: sizes
 * that follow the memory, ids, descriptors. None of it changes how a file is written. */
static const char *const hidden_options[] = {
    "subvol",       "subvolid",   "size",      "nr_inodes",  "nr_blocks",   "mode",
    "user",         "username",   "domain",    "name",       "secret",      "uname",
    "aname",        "user_id",    "group_id",  "addr",       "clientaddr",  "mountaddr",
    "srcaddr",      "mon_addr",   "fsid",      "port",       "mountport",   "unc",
    "source",       "label",      "fd",        "rfdno",      "wfdno",       "pgrp",
    "pipe_ino",     "context",    "fscontext", "defcontext", "rootcontext", "journal_dev",
    "journal_path", "local_name", "tag",       "password",   "pass",
};

static bool read_mount_id(int dir_fd, const char *root, char *id, size_t size)
{
    char path[64];
    environment_value text;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", dir_fd);
    if (!environment_read_field(root, path, "mnt_id", text))
        return false;
    environment_copy(id, size, text);
    return true;
}

/* "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard". Without an id, the mount of
 * `device` is looked for. */
static bool parse_mount(struct environment_mount *mount, char *line, const char *id, dev_t device)
{
    size_t length = id != NULL ? strlen(id) : 0;
    char *rest, *word;
    int at = 0;

    if ((id != NULL && (strncmp(line, id, length) != 0 || line[length] != ' ')) ||
        sscanf(line, "%*s %*s %9u:%9u %*s %*s %n", &mount->major, &mount->minor, &at) != 2 ||
        at == 0 || (id == NULL && makedev(mount->major, mount->minor) != device))
        return false;
    mount->mount_options = strtok_r(line + at, " ", &rest);
    do {
        word = strtok_r(NULL, " ", &rest);
    } while (word && strcmp(word, "-") != 0);
    mount->type = strtok_r(NULL, " ", &rest);
    mount->source = strtok_r(NULL, " ", &rest);
    mount->super_options = strtok_r(NULL, " ", &rest);
    return word && mount->mount_options && mount->type && mount->source;
}

bool environment_find_mount(struct environment_mount *mount, struct environment_lines *lines,
                            int dir_fd, const char *root)
{
    static const char *const lists[] = {"/proc/self/mountinfo", "/proc/1/mountinfo"};
    struct stat status;
    char id[32];
    bool has_id = read_mount_id(dir_fd, root, id, sizeof id);
    bool has_device = fstat(dir_fd, &status) == 0 && major(status.st_dev) != 0;

    for (int i = has_id ? 0 : 2; i < (has_device ? 4 : 2); i++) {
        char *line;
        if (environment_lines_open(lines, root, lists[i % 2]) != 0)
            continue;
        while ((line = environment_lines_next(lines)) != NULL)
            if (parse_mount(mount, line, i < 2 ? id : NULL, i < 2 ? 0 : status.st_dev))
                return true;
        environment_lines_close(lines);
    }
    return false;
}

static bool is_shown(const char *option)
{
    size_t name_length = strcspn(option, "=");
    bool has_value = option[name_length] == '=';

    if (option[0] == '\0' || strpbrk(option, "/\\\"@"))
        return false;
    /* uid=, gid=, resuid=, resgid=, fsuid=; not nosuid. */
    if (has_value && name_length >= 3 && strncmp(option + name_length - 2, "id", 2) == 0 &&
        strchr("ug", option[name_length - 3]))
        return false;
    for (size_t i = 0; i < sizeof hidden_options / sizeof hidden_options[0]; i++)
        if (strlen(hidden_options[i]) == name_length &&
            strncmp(option, hidden_options[i], name_length) == 0)
            return !has_value;
    return true;
}

/* Splits at the commas that are not inside quotes. */
static size_t add_options(char *text, const char **options, size_t count)
{
    while (text && *text && count < MAX_OPTIONS) {
        char *end = text;
        bool quoted = false, last;

        while (*end && (quoted || *end != ',')) {
            quoted ^= *end == '"';
            end++;
        }
        last = *end == '\0';
        *end = '\0';
        if (is_shown(text))
            options[count++] = text;
        text = last ? NULL : end + 1;
    }
    return count;
}

void environment_join_options(struct environment_mount *mount, environment_value value)
{
    const char *options[MAX_OPTIONS];
    size_t count = add_options(mount->mount_options, options, 0);
    bool read_only = false;

    count = add_options(mount->super_options, options, count);
    qsort(options, count, sizeof options[0], text_order);
    for (size_t i = 0; i < count; i++)
        read_only = read_only || strcmp(options[i], "ro") == 0;
    value[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        /* A mount may be read-only on a writable file system: "ro" then holds. */
        if ((read_only && strcmp(options[i], "rw") == 0) ||
            (i > 0 && strcmp(options[i], options[i - 1]) == 0))
            continue;
        if (!environment_append(value, ',', options[i]))
            return;
    }
}

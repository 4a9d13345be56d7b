/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file system under a directory and the block device below it, walked down from a partition, a
 * device-mapper or md device to the disk that holds the bytes. Names that people give (volumes,
 * groups, backing files) and serial numbers stay out: they name a person's machine, not its kind.
 */
#include "readers.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

enum { MAX_LAYERS = 8 };

/* What statfs() tells when /proc does not. ext2, ext3 and ext4 share their number. */
static const struct {
    uint32_t magic;
    const char *name;
} file_system_magics[] = {
    {0x0000ef53, "ext2/ext3/ext4"},
    {0x58465342, "xfs"},
    {0x9123683e, "btrfs"},
    {0x01021994, "tmpfs"},
    {0x858458f6, "ramfs"},
    {0x794c7630, "overlay"},
    {0x00006969, "nfs"},
    {0xf2f52010, "f2fs"},
    {0x65735546, "fuse"},
    {0x2fc12fc1, "zfs"},
    {0x01021997, "9p"},
    {0xca451a4e, "bcachefs"},
    {0x2011bab0, "exfat"},
    {0x00004d44, "vfat"},
    {0xfe534d42, "smb2"},
};

/* File systems that have no block device by their nature. */
static const char *const deviceless[] = {"tmpfs", "devtmpfs", "ramfs", "hugetlbfs", "nfs",
                                         "nfs4",  "cifs",     "smb3",  "9p",        "virtiofs",
                                         "ceph",  "afs",      "lustre"};

/* Cutting a path off would open another file, so what does not fit gives "". */
static void path_join(char *path, const char *folder, const char *name)
{
    int length = snprintf(path, ENVIRONMENT_PATH_SIZE, "%s/%s", folder, name);

    if (length < 0 || length >= ENVIRONMENT_PATH_SIZE)
        path[0] = '\0';
}

static bool read_below(const char *root, const char *disk, const char *name,
                       environment_value value)
{
    char path[ENVIRONMENT_PATH_SIZE];

    path_join(path, disk, name);
    return environment_read_line(root, path, value);
}

static bool exists_below(const char *root, const char *disk, const char *name)
{
    char path[ENVIRONMENT_PATH_SIZE];

    path_join(path, disk, name);
    return environment_exists(root, path);
}

/* /dev/mapper/<name> is /sys/class/block/dm-<n> with that name. */
static bool find_mapper(const char *root, const char *name, char *disk)
{
    environment_value text;
    bool ok = false;
    glob_t found;

    environment_glob(&found, root, "/sys/class/block/dm-*");
    for (size_t i = 0; i < found.gl_pathc && !ok; i++) {
        environment_copy(disk, ENVIRONMENT_PATH_SIZE, found.gl_pathv[i] + strlen(root));
        ok = read_below(root, disk, "dm/name", text) && strcmp(text, name) == 0;
    }
    globfree(&found);
    return ok;
}

static bool find_numbered(dev_t device, const char *root, char *disk)
{
    snprintf(disk, ENVIRONMENT_PATH_SIZE, "/sys/dev/block/%u:%u", major(device), minor(device));
    return environment_exists(root, disk);
}

/* The folder in /sys of the device that is mounted. A file system with an anonymous device number
 * (btrfs) has its device in the source of the mount only, as a path of whoever mounted it: it need
 * not exist in a container's /dev, so /sys is asked first. */
static bool find_device(const struct environment_mount *mount, const char *root, char *disk)
{
    char full[ENVIRONMENT_PATH_SIZE];
    const char *name;
    struct stat status;

    if (mount->major != 0)
        return find_numbered(makedev(mount->major, mount->minor), root, disk);
    if (strncmp(mount->source, "/dev/", 5) != 0)
        return false;
    name = strrchr(mount->source, '/') + 1;
    path_join(disk, "/sys/class/block", name);
    if (*name && name[0] != '.' && environment_exists(root, disk))
        return true;
    if (find_mapper(root, name, disk))
        return true;
    path_join(full, root, mount->source + 1);
    return stat(full, &status) == 0 && S_ISBLK(status.st_mode) &&
           find_numbered(status.st_rdev, root, disk);
}

/* "DEVNAME=zram0" in uevent gives "zram". */
static void device_kind(const char *root, const char *disk, environment_value value)
{
    char path[ENVIRONMENT_PATH_SIZE];
    struct environment_lines lines;
    char *line;

    value[0] = '\0';
    path_join(path, disk, "uevent");
    if (environment_lines_open(&lines, root, path) != 0)
        return;
    while ((line = environment_lines_next(&lines)) != NULL)
        if (strncmp(line, "DEVNAME=", 8) == 0)
            environment_set(value, line + 8);
    environment_lines_close(&lines);
    for (size_t end = strlen(value); end > 0 && isdigit((unsigned char)value[end - 1]); end--)
        value[end - 1] = '\0';
}

/* "" when the device has no name that says anything. */
static void disk_model(const char *root, const char *disk, environment_value value)
{
    environment_value model, vendor;

    value[0] = '\0';
    if (read_below(root, disk, "device/model", model)) {
        /* SCSI has a vendor, which libata fills with "ATA"; PCI and virtio have a number. */
        if (!read_below(root, disk, "device/vendor", vendor) || strcmp(vendor, "ATA") == 0 ||
            strncmp(vendor, "0x", 2) == 0 || strncmp(model, vendor, strlen(vendor)) == 0)
            vendor[0] = '\0';
        snprintf(value, sizeof(environment_value), "%.64s%s%.256s", vendor, vendor[0] ? " " : "",
                 model);
    } else if (read_below(root, disk, "device/name", model)) {
        if (!read_below(root, disk, "device/type", vendor))
            environment_set(vendor, "mmc");
        snprintf(value, sizeof(environment_value), "%.64s %.256s", vendor, model);
    } else if (read_below(root, disk, "device/modalias", model) && strchr(model, ':')) {
        model[strcspn(model, ":")] = '\0';
        environment_set(value, model);
    } else {
        device_kind(root, disk, value);
    }
}

/* The first of them in the order of their names, and how many there are. */
static size_t first_slave(const char *root, const char *disk, char *slave)
{
    char pattern[ENVIRONMENT_PATH_SIZE];
    glob_t found;
    size_t count;

    path_join(pattern, disk, "slaves/*");
    environment_glob(&found, root, pattern);
    count = found.gl_pathc;
    if (count > 0)
        environment_copy(slave, ENVIRONMENT_PATH_SIZE, found.gl_pathv[0] + strlen(root));
    globfree(&found);
    return count;
}

/* "dm crypt", "md raid1": the kind of a layer, never its name. */
static void describe_layer(const char *root, const char *disk, environment_value value)
{
    environment_value text;

    if (read_below(root, disk, "dm/uuid", text)) {
        text[strcspn(text, "-")] = '\0';
        for (char *c = text; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        snprintf(value, sizeof(environment_value), "dm %.32s", text);
    } else if (read_below(root, disk, "md/level", text)) {
        snprintf(value, sizeof(environment_value), "md %.32s", text);
    } else {
        device_kind(root, disk, text);
        /* Linux calls a device-mapper node "dm-0". */
        text[strcspn(text, "-")] = '\0';
        environment_copy(value, 64, text[0] ? text : "stack");
    }
}

/* Goes from `disk` down to the lowest device and writes the layers passed into `value`. */
static void walk_down(const char *root, char *disk, environment_value value)
{
    char next[ENVIRONMENT_PATH_SIZE];
    size_t used = 0;

    value[0] = '\0';
    for (int depth = 0; depth < MAX_LAYERS && disk[0]; depth++) {
        environment_value layer;
        char number[32] = "";
        size_t slaves;

        if (exists_below(root, disk, "partition")) {
            path_join(next, disk, "..");
            environment_copy(disk, ENVIRONMENT_PATH_SIZE, next);
        }
        slaves = first_slave(root, disk, next);
        if (slaves == 0)
            return;
        describe_layer(root, disk, layer);
        if (slaves > 1)
            snprintf(number, sizeof number, " of %zu", slaves);
        snprintf(value + used, sizeof(environment_value) - used, "%.64s%s on ", layer, number);
        used = strlen(value);
        environment_copy(disk, ENVIRONMENT_PATH_SIZE, next);
    }
}

static void read_device(struct environment_storage *storage, char *disk, const char *root)
{
    environment_value layers, model;
    char path[ENVIRONMENT_PATH_SIZE];

    walk_down(root, disk, layers);
    disk_model(root, disk, model);
    if (layers[0] || model[0])
        snprintf(storage->block_device, sizeof storage->block_device, "%.255s%.255s", layers,
                 model[0] ? model : "unknown");
    read_below(root, disk, "queue/rotational", storage->rotational);
    read_below(root, disk, "queue/write_cache", storage->write_cache);
    path_join(path, disk, "queue/scheduler");
    environment_read_choice(root, path, storage->io_scheduler);
}

static void read_without_device(struct environment_storage *storage)
{
    for (size_t i = 0; i < sizeof deviceless / sizeof deviceless[0]; i++) {
        if (strcmp(storage->file_system, deviceless[i]) != 0)
            continue;
        environment_set(storage->block_device, "none");
        environment_set(storage->rotational, "none");
        environment_set(storage->io_scheduler, "none");
        environment_set(storage->write_cache, "none");
    }
}

/* What the descriptor itself tells: the free bytes always, the type as a last resort. */
static void read_statistics(struct environment_storage *storage, int dir_fd)
{
    struct statvfs space;
    struct statfs status;

    if (fstatvfs(dir_fd, &space) == 0)
        snprintf(storage->free_bytes, sizeof storage->free_bytes, "%llu",
                 (unsigned long long)space.f_bavail * space.f_frsize);
    if (storage->file_system[0] || fstatfs(dir_fd, &status) != 0)
        return;
    for (size_t i = 0; i < sizeof file_system_magics / sizeof file_system_magics[0]; i++)
        if (file_system_magics[i].magic == (uint32_t)status.f_type)
            environment_set(storage->file_system, file_system_magics[i].name);
}

void environment_read_storage(struct environment_storage *storage, int dir_fd, const char *root)
{
    char disk[ENVIRONMENT_PATH_SIZE];
    struct environment_lines lines;
    struct environment_mount mount;
    struct stat status;
    bool found = false;

    memset(storage, 0, sizeof *storage);
    if (environment_find_mount(&mount, &lines, dir_fd, root)) {
        environment_set(storage->file_system, mount.type);
        found = find_device(&mount, root, disk);
        environment_join_options(&mount, storage->mount_options);
        environment_lines_close(&lines);
    } else if (fstat(dir_fd, &status) == 0 && major(status.st_dev) != 0) {
        found = find_numbered(status.st_dev, root, disk);
    }
    read_statistics(storage, dir_fd);
    if (found)
        read_device(storage, disk, root);
    else
        read_without_device(storage);
}

#define STORAGE(field)                                                                             \
    void environment_##field(const struct environment_source *source, environment_value value)     \
    {                                                                                              \
        environment_set(value, source->storage.field);                                             \
    }
STORAGE(file_system)
STORAGE(mount_options)
STORAGE(block_device)
STORAGE(rotational)
STORAGE(io_scheduler)
STORAGE(write_cache)
STORAGE(free_bytes)

/* SPDX-License-Identifier: Apache-2.0 */
#include "faulty_places.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct test_directory work;
static struct test_directory directory; /* holds what follows: */
static char mounted[96];                /* the file system, with the directory of the samples, */
static char images[96];                 /* and what its device lies in */
static uint64_t size_bytes;
static size_t current; /* of the file systems; their number: none is mounted */

/* $I is a file for the device, $M where it is mounted. */
const struct file_system file_systems[] = {
    {"tmpfs", "mount -t tmpfs -o size=8m,nr_inodes=64 none $M", MOUNTED},
    {"ext4", "truncate -s 32M $I && mkfs.ext4 -qF -m 0 -N 64 $I && mount -o loop $I $M",
     ON_A_DEVICE},
    {"xfs", "truncate -s 300M $I && mkfs.xfs -q $I && mount -o loop $I $M", ON_A_DEVICE},
    {"btrfs", "truncate -s 128M $I && mkfs.btrfs -q $I && mount -o loop $I $M", ON_A_DEVICE},
};
const size_t file_system_count = sizeof file_systems / sizeof file_systems[0];

int file_system_where(void)
{
    return current < file_system_count ? file_systems[current].where : ANYWHERE;
}

const char *file_system_name(void)
{
    return current < file_system_count ? file_systems[current].name : "what is there";
}

static int shell(const char *command)
{
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    struct test_process process = test_run(argv, NULL, NULL);
    int status = process.status;

    if (status != 0)
        printf("%s: %s", command, process.err);
    test_process_free(&process);
    return status;
}

/* The image needs no name any more when it is mounted: it goes with the mount. */
static int make_current(void)
{
    return shell(file_systems[current].make) != 0 ||
           shell("rm -f $I; rmdir $M/lost+found 2>/dev/null; mkdir $M/work $M/names") != 0;
}

int work_open(void)
{
    int failed = mkdir(work.path, 0700) != 0 && errno != EEXIST;

    work.fd = open(work.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return failed | (work.fd < 0);
}

int work_close(void) { return close(work.fd); }

int file_system_make(size_t number)
{
    current = number;
    int failed = make_current() || work_open();

    if (failed)
        (void)umount2(mounted, MNT_DETACH);
    return failed;
}

int file_system_remove(void)
{
    int failed = work_close();

    return umount2(mounted, MNT_DETACH) | failed;
}

/* What is wrong with the place, and not with a call. A limit is a soft one, and is lifted after. */
static int limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit limits;

    if (getrlimit(what, &limits) != 0)
        return 1;
    limits.rlim_cur = most;
    return setrlimit(what, &limits);
}

static int limit_files(void)
{
    int next = dup(work.fd);
    return close(next) | limit(RLIMIT_NOFILE, (rlim_t)next);
}

static int limit_size(void)
{
    signal(SIGXFSZ, SIG_IGN);
    return limit(RLIMIT_FSIZE, size_bytes / 2);
}

static int limit_memory(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    int failed = file == NULL || fscanf(file, "%lu", &pages) != 1;

    if (file != NULL)
        fclose(file);
    return failed | limit(RLIMIT_AS, pages * (rlim_t)sysconf(_SC_PAGESIZE) + size_bytes / 4);
}

void lift_limits(void)
{
    static const __rlimit_resource_t all[] = {RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_AS};
    struct rlimit limits;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (getrlimit(all[i], &limits) == 0)
            (void)limit(all[i], limits.rlim_max);
}

static int remove_directory(void)
{
    (void)unlinkat(work.fd, "file", 0);
    return rmdir(work.path);
}

/* A mount that has gone away leaves a directory of the machine's own disk, which must not be
 * filled.
 */
static int is_mounted(const char *place)
{
    struct stat here, outside;

    return stat(place, &here) == 0 && stat(directory.path, &outside) == 0 &&
           here.st_dev != outside.st_dev;
}

/* All that there is but `bytes`, of the file system at `place`. */
static int fill_all_but(const char *place, off_t bytes)
{
    char filler[120], room[120];
    off_t at = 0;

    if (!is_mounted(place))
        return 1;
    snprintf(filler, sizeof filler, "%s/filler", place);
    snprintf(room, sizeof room, "%s/room", place);
    int file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600),
        kept = open(room, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int failed = file < 0 || kept < 0 || (bytes > 0 && fallocate(kept, 0, 0, bytes) != 0);
    for (off_t piece = (off_t)1 << 28; !failed && piece >= 4096; piece /= 2)
        while (fallocate(file, 0, at, piece) == 0)
            at += piece;
    /* What was freed can be had when Linux has written so. */
    failed |= unlink(room);
    failed |= syncfs(file);
    failed |= close(kept);
    return close(file) | failed;
}

static int fill_disk(void) { return fill_all_but(mounted, (off_t)(size_bytes / 2)); }

/* Those that make room for files as they are made have none left. */
static int take_names(void)
{
    char name[120];
    int file = 0, failed = fill_all_but(mounted, 0);

    for (int i = 0; !failed && file >= 0 && i < 300; i++) {
        snprintf(name, sizeof name, "%s/names/%d", mounted, i);
        file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file >= 0)
            close(file);
    }
    return failed;
}

static int empty_disk(void) { return shell("rm -f $M/filler $M/names/* && sync -f $M"); }

static int make_read_only(void) { return mount(NULL, mounted, NULL, MS_REMOUNT | MS_RDONLY, NULL); }

static int make_writable(void) { return mount(NULL, mounted, NULL, MS_REMOUNT, NULL); }

/* What Linux holds back for the device finds no room there, and fails. */
static int break_device(void) { return fill_all_but(images, 0); }

/* What is on it is no good any more. */
static int replace_device(void)
{
    return shell("rm -f $(dirname $I)/filler") != 0 || umount2(mounted, MNT_DETACH) != 0 ||
           make_current();
}

const struct faulty_place faulty_places[FAULTY_PLACES] = {
    {"no descriptor left", limit_files, NULL, {EMFILE}, ANYWHERE},
    {"a quota of half the file", limit_size, NULL, {EFBIG}, ANYWHERE},
    {"short address space", limit_memory, NULL, {ENOMEM}, ANYWHERE},
    {"directory removed", remove_directory, NULL, {ENOENT}, ANYWHERE},
    {"half a file of room", fill_disk, empty_disk, {ENOSPC}, MOUNTED},
    {"no file can be made", take_names, empty_disk, {ENOSPC}, MOUNTED},
    {"read-only from now on", make_read_only, make_writable, {EROFS}, MOUNTED},
    {"a device that fails", break_device, replace_device, {EIO, ENOSPC, EROFS}, ON_A_DEVICE},
};

/* In a namespace of its own: when this process has ended nothing is mounted. */
static int can_mount(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", images, "tmpfs", 0, "size=420m") == 0;
}

int faulty_places_set_up(uint64_t bytes)
{
    char image[120];

    size_bytes = bytes;
    current = file_system_count;
    test_directory_create(&directory);
    snprintf(images, sizeof images, "%s/images", directory.path);
    snprintf(mounted, sizeof mounted, "%s/mounted", directory.path);
    snprintf(work.path, sizeof work.path, "%.50s/work", mounted);
    snprintf(image, sizeof image, "%s/image", images);
    assert_int_equal(mkdir(images, 0700) | mkdir(mounted, 0700) | setenv("I", image, 1) |
                         setenv("M", mounted, 1),
                     0);
    return can_mount() ? 0 : -errno;
}

void faulty_places_tear_down(void)
{
    (void)umount2(images, MNT_DETACH);
    test_directory_remove(&directory);
}

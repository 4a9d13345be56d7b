/* SPDX-License-Identifier: Apache-2.0
 * Huge pages of files: whether there can be any here. */
#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

/* File systems whose files have huge pages in the page cache, and since which Linux. */
static const struct {
    const char *type;
    unsigned major, minor;
} huge_types[] = {{"ext4", 6, 16}, {"xfs", 5, 18}};

/* fallocate() asks before the file has its size, and before madvise(). */
static bool tmpfs_has_huge(const struct bm_huge_place *place)
{
    if (strstr(place->shmem_enabled, "[deny]") != NULL)
        return false;
    if (strstr(place->shmem_enabled, "[force]") != NULL ||
        strstr(place->options, "huge=always") != NULL)
        return true;
    return !place->is_allocated && (strstr(place->options, "huge=advise") != NULL ||
                                    strstr(place->options, "huge=within_size") != NULL);
}

enum bm_huge bm_huge_of(const struct bm_huge_place *place)
{
    if (strcmp(place->type, "tmpfs") == 0)
        return tmpfs_has_huge(place) ? BM_HUGE_POSSIBLE : BM_HUGE_NEVER;
    /* ext4 has none of the files whose data it journals. */
    for (size_t i = 0; i < sizeof huge_types / sizeof huge_types[0]; i++)
        if (strcmp(place->type, huge_types[i].type) == 0 &&
            strstr(place->options, "data=journal") == NULL &&
            (place->linux_major > huge_types[i].major ||
             (place->linux_major == huge_types[i].major &&
              place->linux_minor >= huge_types[i].minor)))
            return BM_HUGE_POSSIBLE;
    return BM_HUGE_UNKNOWN;
}

struct mount {
    struct bm_huge_place *place;
    dev_t device;
};

/* "26 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard" */
static bool take_mount(const char *line, void *user)
{
    struct mount *mount = user;
    const char *rest = strstr(line, " - ");
    unsigned major_number, minor_number;

    return sscanf(line, "%*u %*u %u:%u", &major_number, &minor_number) == 2 && rest != NULL &&
           makedev(major_number, minor_number) == mount->device &&
           sscanf(rest, " - %31s %*s %255s", mount->place->type, mount->place->options) == 2;
}

static bool take_text(const char *line, void *text)
{
    snprintf(text, sizeof((struct bm_huge_place *)0)->shmem_enabled, "%s", line);
    return true;
}

static struct bm_huge_place find_place(const struct bm_kernel *trial, int dir_fd)
{
    struct bm_huge_place place = {.is_allocated = (trial->flags & KERNEL_SIZES) != 0};
    struct mount mount = {.place = &place};
    struct utsname system;
    struct stat status;

    if (uname(&system) == 0)
        (void)sscanf(system.release, "%u.%u", &place.linux_major, &place.linux_minor);
    bm_look_at_lines("/sys/kernel/mm/transparent_hugepage/shmem_enabled", take_text,
                     place.shmem_enabled);
    if (fstat(dir_fd, &status) == 0) {
        mount.device = status.st_dev;
        bm_look_at_lines("/proc/self/mountinfo", take_mount, &mount);
    }
    return place;
}

/* Two huge pages, because the mapping need not start where one does. */
static int try_huge_page(const struct bm_kernel *trial, const struct bm_job *small_job,
                         uint64_t page_bytes, uint64_t *kilobytes)
{
    struct bm_job job = *small_job;
    struct bm_result result;
    int error, remove_error;

    job.file_size_bytes = 2 * page_bytes;
    job.user = kilobytes;
    error = bm_kernel_prepare(trial, &job);
    if (error == 0)
        error = bm_kernel_run(trial, &job, &result);
    remove_error = bm_job_remove(&job);
    return error != 0 ? error : remove_error;
}

#define HUGE_PAGE_MAX_BYTES ((uint64_t)32 << 20)

/* madvise() succeeds for every file; only the page tables show whether it had an effect. Linux need
 * not have a huge page free when it is asked for one: a few times, therefore. */
static int try_huge_pages(const struct bm_kernel *trial, const struct bm_job *job,
                          uint64_t page_bytes, char *reason)
{
    enum { TRIES = 5 };
    uint64_t kilobytes = 0;
    int error = 0;

    if (page_bytes > HUGE_PAGE_MAX_BYTES)
        return bm_refuse(reason, "a huge page of %llu MiB is too large to try",
                         (unsigned long long)page_bytes >> 20);
    for (int tries = 0; error == 0 && kilobytes == 0 && tries < TRIES; tries++)
        error = try_huge_page(trial, job, page_bytes, &kilobytes);
    if (bm_is_refusal(error))
        return bm_refuse(reason, "madvise(MADV_HUGEPAGE): %s", strerror(-error));
    if (error == -ENOSPC || error == -EDQUOT || error == -EFBIG || error == -ENOMEM)
        return bm_refuse(reason, "a trial file of two huge pages, %llu MiB, has no room: %s",
                         (unsigned long long)page_bytes >> 19, strerror(-error));
    if (error == 0 && kilobytes == 0)
        return bm_refuse(reason,
                         "Linux maps no huge page of such a file here (smaps: no "
                         "ShmemPmdMapped, no FilePmdMapped)");
    return error;
}

int bm_probe_huge(const struct bm_kernel *trial, const struct bm_job *job, struct bm_limits *limits,
                  char *reason)
{
    struct bm_huge_place place = find_place(trial, job->dir_fd);
    uint64_t page_bytes = bm_huge_page_bytes();
    enum bm_huge huge = bm_huge_of(&place);

    if (page_bytes == 0)
        return bm_refuse(reason, "this Linux has no transparent huge pages");
    if (prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1)
        return bm_refuse(reason,
                         "huge pages are switched off for this process "
                         "(PR_SET_THP_DISABLE)");
    if (huge == BM_HUGE_NEVER)
        return bm_refuse(reason,
                         "this tmpfs makes no huge page of such a file (its option huge=, "
                         "shmem_enabled)");
    limits->size_min_bytes = page_bytes;
    return huge == BM_HUGE_POSSIBLE ? 0 : try_huge_pages(trial, job, page_bytes, reason);
}

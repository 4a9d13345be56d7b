/* SPDX-License-Identifier: Apache-2.0
 * What a writer can do in this directory, and which states and modes go with it. */
#include "kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool is_refusal(int error)
{
    return error == -EOPNOTSUPP || error == -ENOSYS || error == -EINVAL || error == -ENODEV ||
           error == -EXDEV || error == -EPERM;
}

/* A sample of one page shows whether the file system and the kernel can do it. */
static int try_sample(const struct writer *writer, const struct writer_job *job, char *reason)
{
    struct writer_result result;
    int error = writer_run(writer, job, &result);

    if (error == 0 && writer_verify(writer, job, NULL) != 0)
        return refuse(reason, "a trial file did not hold what was written");
    if (is_refusal(error))
        return refuse(reason, "%s failed on a trial file: %s",
                      writer_phase_name(result.failed_phase), strerror(-error));
    return error;
}

int writer_probe(const struct writer *writer, int dir_fd, const char *name,
                 struct writer_limits *limits, char reason[WRITER_REASON_BYTES])
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct writer_job job = {.dir_fd = dir_fd,
                             .name = name,
                             .file_size_bytes = page,
                             .chunk_bytes = page,
                             .state = writer_is_control(writer) ? FILE_STATE_NONE : FILE_STATE_NEW};
    struct writer_sample sample = {
        .writer = writer, .job = &job, .fd = -1, .pipe = {-1, -1}, .from_fd = -1};
    void *source;
    int error;

    *limits = (struct writer_limits){.chunk_multiple_bytes = 1,
                                     .size_multiple_bytes = 1,
                                     .size_min_bytes = 1,
                                     .source_max_bytes = UINT64_MAX,
                                     .pinned_max_bytes = UINT64_MAX};
    reason[0] = '\0';
    error = writer_source_create(page, &source);
    if (error != 0)
        return error;
    job.source = source;
    if (writer->probe != NULL)
        error = writer->probe(&sample, limits, reason);
    if (reason[0] == '\0' && is_refusal(error))
        error = refuse(reason, "trying it failed: %s", strerror(-error));
    if (error == 0)
        error = try_sample(writer, &job, reason);
    if (!writer_is_control(writer)) {
        int remove_error = writer_remove(&job);
        error = error != 0 ? error : remove_error;
    }
    writer_source_destroy(source, page);
    return error;
}

/* -EINVAL with the reason, where there is one. */
static int accept_unless(const char *why, char *reason)
{
    if (why == NULL)
        return 0;
    refuse(reason, "%s", why);
    return -EINVAL;
}

int writer_accepts_state(const struct writer *writer, enum file_state state,
                         char reason[WRITER_REASON_BYTES])
{
    bool sized = (file_state_flags(state) & STATE_SIZED) != 0;
    bool control = writer_is_control(writer);
    const char *why = NULL;

    if (control != (state == FILE_STATE_NONE))
        why = control ? "a control has no file" : "needs a file";
    else if (sized && (writer->flags & WRITER_APPENDS))
        why = "it appends: a file that has its size already would grow";
    else if (sized && (writer->flags & WRITER_SIZES))
        why = "the file has its size already: the same as without fallocate()";
    return accept_unless(why, reason);
}

int writer_accepts_sync(const struct writer *writer, enum sync_mode mode,
                        char reason[WRITER_REASON_BYTES])
{
    const char *why = NULL;

    if (mode == SYNC_MODE_NONE)
        return 0;
    if (writer_is_control(writer))
        why = "a control has nothing to make durable";
    else if (mode == SYNC_MODE_MSYNC && !writer_is_mapping(writer))
        why = "has no mapping";
    else if (mode == SYNC_MODE_MSYNC && (writer->flags & WRITER_WINDOWS))
        why = "at the end no more than the last window is mapped";
    else if (mode == SYNC_MODE_EACH && (writer->flags & WRITER_GATHERS))
        why = "several chunks go in one call: they become durable together";
    return accept_unless(why, reason);
}

/* Address space is asked for and given back: nothing else knows all its limits. */
int writer_accepts_size(const struct writer *writer, uint64_t file_size_bytes,
                        char reason[WRITER_REASON_BYTES])
{
    void *space;

    if (!writer_is_mapping(writer) || (writer->flags & WRITER_WINDOWS))
        return 0;
    space = file_size_bytes > SIZE_MAX ? MAP_FAILED
                                       : mmap(NULL, (size_t)file_size_bytes, PROT_NONE,
                                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) {
        refuse(reason,
               "maps the whole file, which the address space (RLIMIT_AS) does not hold; "
               "MmapWindow does not");
        return -EINVAL;
    }
    munmap(space, (size_t)file_size_bytes);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include "src/report/show.h"
#include "src/run/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int capture_open(struct capture *capture)
{
    capture->fd = memfd_create("bench_mmap-run", MFD_CLOEXEC);
    if (capture->fd < 0)
        return -errno;
    snprintf(capture->path, sizeof capture->path, "/proc/self/fd/%d", capture->fd);
    return 0;
}

int capture_read(struct capture *capture)
{
    struct stat status;

    if (fstat(capture->fd, &status) < 0)
        return -errno;
    capture->text = malloc((size_t)status.st_size + 1);
    if (capture->text == NULL)
        return -ENOMEM;
    while (capture->bytes < (size_t)status.st_size) {
        ssize_t got = pread(capture->fd, capture->text + capture->bytes,
                            (size_t)status.st_size - capture->bytes, (off_t)capture->bytes);
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        capture->bytes += (size_t)got;
    }
    return 0;
}

int capture_summarise(const struct capture *capture, FILE *out)
{
    struct view view = view_for(out);
    struct run *run;
    int error = run_load_text(capture->text, capture->bytes, &run, NULL);

    if (error == -ENODATA)
        return 0;
    if (error != 0)
        return error;
    if (run->sample_count > 0) {
        fputc('\n', out);
        error = report_summary(out, run, &view);
    }
    run_free(run);
    return error;
}

void capture_close(struct capture *capture)
{
    if (capture->fd >= 0)
        close(capture->fd);
    free(capture->text);
    *capture = (struct capture){.fd = -1};
}

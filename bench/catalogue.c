/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "message.h"

static int print_writer(const struct writer *writer, const struct workdir *workdir)
{
    char reason[WRITER_REASON_BYTES];
    struct writer_limits limits;
    int error = writer_probe(writer, workdir->fd, workdir_probe_name(), &limits, reason);

    if (error != 0 && error != -ENOTSUP) {
        message("%s: trying it failed: %s", writer_name(writer), strerror(-error));
        return error;
    }
    printf("  %-18s %s\n", writer_name(writer), writer_summary(writer));
    if (error == -ENOTSUP)
        printf("  %-18s not here: %s\n", "", reason);
    else if (limits.chunk_multiple_bytes > 1)
        printf("  %-18s here with chunks that are multiples of %llu bytes\n", "",
               (unsigned long long)limits.chunk_multiple_bytes);
    return 0;
}

int catalogue_print(const struct options *options, const struct workdir *workdir)
{
    printf("Writers, and whether each can run in %s:\n\n", options->dir);
    for (size_t i = 0; i < writer_count(); i++) {
        int error = print_writer(writer_at(i), workdir);
        if (error != 0)
            return error;
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include "progress.h"
#include "signals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *path, int error)
{
    if (error != 0)
        message("--benchmark_out=%s: %s; name a file in a directory that you may write to", path,
                error == -ENXIO ? "nobody reads this pipe, or it is a socket" : strerror(-error));
    return error;
}

int output_open(struct replacement *output, const char *path)
{
    signals_hold();
    int error = replace_open(output, path);

    if (error == 0)
        signals_set_output(output->temporary);
    signals_release();
    return complain(path, error);
}

int output_write(const struct replacement *output, const char *text, size_t bytes)
{
    return complain(output->path, replace_write(output, text, bytes));
}

static int move_to(struct replacement *output, const char *path)
{
    signals_hold();
    int error = replace_commit(output, path);

    signals_set_output(output->temporary);
    signals_release();
    if (error != 0)
        message("%s: the run could not be put there: %s", path, strerror(-error));
    return error;
}

int output_commit(struct replacement *output) { return move_to(output, output->path); }

int output_commit_partial(struct replacement *output)
{
    char *partial = NULL;
    int error;

    if (output->fd < 0 || output->path == NULL || output->in_place)
        return 0;
    if (!output->existed) {
        error = move_to(output, output->path);
        if (error == 0)
            message("what was measured is in %s", output->path);
        return error;
    }
    if (asprintf(&partial, "%s.partial", output->path) < 0)
        return -ENOMEM;
    error = move_to(output, partial);
    if (error == 0)
        message("what was measured is in %s; %s is as it was", partial, output->path);
    free(partial);
    return error;
}

void output_close(struct replacement *output)
{
    signals_set_output(NULL);
    replace_close(output);
}

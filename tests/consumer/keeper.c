/* SPDX-License-Identifier: Apache-2.0
 * A program outside of the tree: keeper STORE RUN.json keeps a run of the machine "mine" and prints
 * its id. */
#include <bench_mmap/history.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const struct history_origin origin = {.machine = "mine"};
    struct history_added added = {.machine = NULL};
    struct history *history = NULL;
    char *text = NULL;
    size_t length = 0;

    int error = argc == 3 ? results_read(argv[2], &text, &length) : -1;
    if (error == 0)
        error = history_open(argv[1], HISTORY_CREATE, &history);
    if (error == 0)
        error = history_add(history, text, length, &origin, &added, NULL);
    if (error == 0)
        puts(added.id);
    history_close(history);
    free(added.machine);
    free(text);
    return error == 0 ? 0 : 1;
}

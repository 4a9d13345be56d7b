/* SPDX-License-Identifier: Apache-2.0 */
#include "in_child.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int in_child(int (*work)(const void *subject, void *result), const void *subject, void *result,
             size_t size, long *memory_kib)
{
    int channel[2], status;
    struct rusage usage;
    pid_t child;

    if (pipe(channel) != 0 || (child = fork()) < 0)
        return -1;
    if (child == 0)
        _exit(work(subject, result) != 0 || write(channel[1], result, size) != (ssize_t)size);
    close(channel[1]);
    ssize_t got = read(channel[0], result, size);
    close(channel[0]);
    if (wait4(child, &status, 0, &usage) != child || status != 0 || got != (ssize_t)size)
        return -1;
    *memory_kib = usage.ru_maxrss;
    return 0;
}

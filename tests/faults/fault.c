/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded, makes system calls go wrong: BENCH_FAULT=CALL:KIND:EVERY:BYTES. Every EVERY-th CALL
 * that asks for at least BYTES is interrupted (eintr), does half (short), does nothing (zero),
 * finds the disk full (enospc) or fails otherwise (eio, eagain, enomem, edquot); the EVERY-th alone
 * finds no memory (once); the first one writes a wrong byte (corrupt); the first EVERY come back
 * with nothing when their time is over (stall). A mkdirat or linkat that goes right is followed by
 * two signals; exit by one. At the end the file BENCH_FAULT_COUNT is told how many there were. */
#include "fault.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int error;
} kinds[KINDS] = {
    [NONE] = {"", 0},
    [EINTR_ONCE] = {"eintr", EINTR},
    [SHORT] = {"short", 0},
    [ZERO] = {"zero", 0},
    [FULL] = {"enospc", ENOSPC},
    [CORRUPT] = {"corrupt", 0},
    [STALL] = {"stall", 0},
    [DISK] = {"eio", EIO},
    [AGAIN] = {"eagain", EAGAIN},
    [MEMORY] = {"enomem", ENOMEM},
    [QUOTA] = {"edquot", EDQUOT},
    [ONCE] = {"once", ENOMEM},
};

static atomic_ulong calls;

enum kind fault_of(const char *call, size_t bytes)
{
    const char *setting = getenv("BENCH_FAULT");
    char wanted[32], kind[16];
    unsigned long every, least, number;

    if (setting == NULL ||
        sscanf(setting, "%31[^:]:%15[^:]:%lu:%lu", wanted, kind, &every, &least) != 4 ||
        strcmp(wanted, call) != 0 || bytes < least)
        return NONE;
    number = atomic_fetch_add(&calls, 1) + 1;
    for (enum kind k = EINTR_ONCE; k < KINDS; k++) {
        if (strcmp(kinds[k].name, kind) == 0)
            return (k == CORRUPT ? number == 1
                    : k == STALL ? number <= every
                    : k == ONCE  ? number == every
                                 : number % every == 0)
                       ? k
                       : NONE;
    }
    return NONE;
}

int fault_error(enum kind kind) { return kinds[kind].error; }

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("BENCH_FAULT_COUNT");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;

    if (file != NULL) {
        fprintf(file, "%lu", atomic_load(&calls));
        fclose(file);
    }
    if (fault_of("exit", 0) != NONE)
        (void)raise(SIGHUP);
}

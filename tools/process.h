/* SPDX-License-Identifier: Apache-2.0 */
/* One process: started, waited for, ended when its time is over or a signal came. */
#ifndef BENCH_MMAP_TOOLS_PROCESS_H
#define BENCH_MMAP_TOOLS_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

enum process_end {
    PROCESS_OK,
    PROCESS_FAILED,
    PROCESS_TIMED_OUT,
    PROCESS_HUNG, /* in its turn (lockstep.h) */
    PROCESS_LEFT, /* ended because the one that it takes turns with did not go on */
    PROCESS_INTERRUPTED
};

struct process_result {
    enum process_end end;
    int status; /* exit status, or 128 + signal; 127: it could not be started */
};

struct process_plan {
    const char *const *argv; /* NULL-terminated */
    const char *out_path;    /* of its stdout; NULL: nowhere */
    const char *error_path;  /* of its stderr */
    const int *turns;        /* two descriptors that it has as 3 and 4; NULL: none */
    const char *variable;    /* set in its environment, NAME=VALUE; NULL: none */
    int cpu;                 /* where it runs; -1: anywhere */
};

/* From now on SIGINT, SIGTERM and SIGHUP end what runs, not this program. */
void process_catch_signals(void);
int process_is_interrupted(void);

/* -errno when it could not be started. */
int process_start(const struct process_plan *plan, pid_t *child);
/* Waits, and ends it when the time is over or a signal came. */
void process_await(pid_t child, double timeout_s, struct process_result *result);
/* Both. */
int process_run(const struct process_plan *plan, double timeout_s, struct process_result *result);

#endif

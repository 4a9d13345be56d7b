/* SPDX-License-Identifier: Apache-2.0 */
/* One process: started, waited for, ended when its time is over or a signal came. */
#ifndef BENCH_MMAP_TOOLS_PROCESS_H
#define BENCH_MMAP_TOOLS_PROCESS_H

#include <stddef.h>

enum process_end { PROCESS_OK, PROCESS_FAILED, PROCESS_TIMED_OUT, PROCESS_INTERRUPTED };

struct process_result {
    enum process_end end;
    int status; /* exit status, or 128 + signal; 127: it could not be started */
};

/* From now on SIGINT, SIGTERM and SIGHUP end what runs, not this program. */
void process_catch_signals(void);
/* argv is NULL-terminated; its stdout goes to nowhere, its stderr to the file. -errno when it could
 * not be started. */
int process_run(const char *const *argv, const char *error_path, double timeout_s,
                struct process_result *result);

#endif

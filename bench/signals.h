/* SPDX-License-Identifier: Apache-2.0
 *
 * Interruption. The first SIGINT, SIGTERM, SIGHUP or SIGPIPE ends the sample that runs and lets
 * the program finish with what it has; the second removes what was created and leaves at once.
 * All mutable state that a handler needs is in signals.c (and the writers' guard). */
#ifndef BENCH_MMAP_BENCH_SIGNALS_H
#define BENCH_MMAP_BENCH_SIGNALS_H

/* Installs the handlers, and ignores SIGXFSZ so that a file-size limit is an error of its sample.
 * An exit() from below that comes before all is removed does as the second signal. */
void signals_install(void);

/* When all is done: from now on a signal ends the program by itself. */
void signals_uninstall(void);

/* The signal that came first; 0 when none has. */
int signals_received(void);

/* What the second signal removes: the files `names` (NULL-terminated) in the directory `fd`, that
 * directory, which is `name` in `parent_fd`, and the file `output`. The strings must stay; NULL and
 * -1 mean nothing to remove. */
void signals_set_directory(int parent_fd, const char *name, int fd, const char *const *names);
void signals_set_output(const char *output);

/* Between them a signal waits: what is made must be known here before the next one comes. While
 * there is one thread. */
void signals_hold(void);
void signals_release(void);

#endif

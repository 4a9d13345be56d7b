/* SPDX-License-Identifier: Apache-2.0
 *
 * A C shim over Google Benchmark (1.7.1 to 1.9.x).
 *
 * A program registers definitions (name, function, axes), hands its arguments to
 * benchmark_initialize() and calls benchmark_run(). The framework does what it does
 * for C++: it matches names, repeats, interleaves, aggregates and reports.
 *
 *     static void copy(struct benchmark_state *state, void *user)
 *     {
 *         size_t bytes = (size_t)benchmark_range(state, 0);
 *         while (benchmark_keep_running(state)) {
 *             memcpy(to, from, bytes);
 *             benchmark_clobber_memory();
 *         }
 *         benchmark_set_bytes_processed(state, benchmark_iterations(state) * (int64_t)bytes);
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         const int64_t sizes[] = {1024, 65536};
 *         const struct benchmark_axis axes[] = {{.name = "bytes", .values = sizes, .count = 2}};
 *         benchmark_register(&(struct benchmark_definition){
 *             .name = "Copy", .run = copy, .axes = axes, .axis_count = 1});
 *         return benchmark_main(argc, argv);
 *     }
 *
 * Conventions
 * - Nothing here throws; what the framework throws inside is caught and returned.
 * - Functions that can fail return 0 or a negative errno value.
 * - Strings and arrays that the caller passes in are copied before the call returns.
 *   Pointers that a callback receives are valid during that callback only.
 * - Times are in seconds, sizes in bytes.
 * - A benchmark_state belongs to the thread that the framework gave it to.
 */
#ifndef BENCHMARK_C_H
#define BENCHMARK_C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define BENCHMARK_C_NOEXCEPT noexcept
/* benchmark_run is a struct and a function: two name spaces in C, one in C++. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#else
#define BENCHMARK_C_NOEXCEPT
#endif

/* What the framework keeps of one running benchmark function. */
struct benchmark_state;

/* A benchmark function. It must call benchmark_keep_running() (or the batch form) until
 * that returns false; to give up it calls benchmark_skip_with_error(), after which it may
 * return or go on to the loop's condition, which is then false. Leaving the loop early
 * otherwise gives an error row. Every trial should use batches of the same size. */
typedef void benchmark_function(struct benchmark_state *state, void *user);

/* One named argument and the values that it takes: "chunk" over {1024, 4096} becomes
 * /chunk:1024 and /chunk:4096 in the names. */
struct benchmark_axis {
    const char *name;
    const int64_t *values;
    size_t count; /* at least 1 */
};

enum benchmark_clock {
    BENCHMARK_CLOCK_CPU,    /* the framework's default: CPU time decides, real time is shown */
    BENCHMARK_CLOCK_REAL,   /* adds /real_time to the name */
    BENCHMARK_CLOCK_MANUAL, /* benchmark_set_iteration_time(); adds /manual_time */
};

/* Everything about one family of benchmarks. All but name and run may be zero. */
struct benchmark_definition {
    const char *name;        /* may hold slashes; the arguments are added behind it */
    benchmark_function *run; /* called once a trial, on every thread of it */
    void *user;              /* handed to run; not copied, must outlive benchmark_run() */

    /* The product of the axes is registered, the last axis changing fastest. */
    const struct benchmark_axis *axes;
    size_t axis_count;

    const int *threads; /* thread counts, each a benchmark of its own with /threads:N */
    size_t thread_count;

    enum benchmark_clock clock;

    /* 0 leaves the choice to the flags. A value other than 0 adds its suffix to the name. */
    int64_t iterations;
    int repetitions;

    /* In lockstep (lockstep.md) it is not bound to one processor, as one that has threads is not
     * either: it starts processes or threads of its own. */
    bool unbound;
};

/* Registers one family. Errors: -EINVAL (no name, no function, an empty axis, a thread count
 * below 1, a negative number, control characters or broken UTF-8 in a name), -ENOMEM. */
int benchmark_register(const struct benchmark_definition *definition) BENCHMARK_C_NOEXCEPT;

/* Forgets all registered benchmarks. */
void benchmark_clear_registered(void) BENCHMARK_C_NOEXCEPT;

/* True while another iteration is wanted. An out-of-line call: about 1.6 ns, against 0.5 ns
 * for the inline C++ form. Where that matters, batch. */
bool benchmark_keep_running(struct benchmark_state *state) BENCHMARK_C_NOEXCEPT;

/* The same for a loop that does `iterations` (at least 1) iterations a turn. */
bool benchmark_keep_running_batch(struct benchmark_state *state,
                                  int64_t iterations) BENCHMARK_C_NOEXCEPT;

/* The value of axis number `axis`. Out of bounds: the benchmark is skipped with an error
 * that names the axis, and 0 is returned. */
int64_t benchmark_range(struct benchmark_state *state, size_t axis) BENCHMARK_C_NOEXCEPT;

/* Stops and restarts the framework's own clocks (real and CPU), between keep_running calls.
 * Each costs a few hundred nanoseconds. */
void benchmark_pause_timing(struct benchmark_state *state) BENCHMARK_C_NOEXCEPT;
void benchmark_resume_timing(struct benchmark_state *state) BENCHMARK_C_NOEXCEPT;

/* BENCHMARK_CLOCK_MANUAL: this iteration took so long. Adds up over iterations; with threads the
 * row shows the mean over all of theirs, whatever the framework's version. A negative
 * time or one that is not finite skips the benchmark with an error. Where no iteration count
 * is given, the framework repeats until these times add up to the least time. */
void benchmark_set_iteration_time(struct benchmark_state *state,
                                  double seconds) BENCHMARK_C_NOEXCEPT;

/* How the framework turns a counter's value into the one it reports; may be combined. */
enum benchmark_counter_flags {
    BENCHMARK_COUNTER_PLAIN = 0,
    BENCHMARK_COUNTER_RATE = 1 << 0,                /* divided by the measured time */
    BENCHMARK_COUNTER_AVG_THREADS = 1 << 1,         /* divided by the number of threads */
    BENCHMARK_COUNTER_ITERATION_INVARIANT = 1 << 2, /* multiplied by the iterations */
    BENCHMARK_COUNTER_AVG_ITERATIONS = 1 << 3,      /* divided by the iterations */
    BENCHMARK_COUNTER_INVERT = 1 << 4,              /* one over it, after all the others */
    BENCHMARK_COUNTER_1024 = 1 << 5,                /* K is 1024 where a console prints it */
};

/* Sets a counter of this thread; the framework adds those of all threads together. A counter
 * that comes out as no finite number is left out of the row.
 * Errors: -EINVAL (no name, unknown flag, other flags than before in this family), -ENOMEM. */
int benchmark_set_counter(struct benchmark_state *state, const char *name, double value,
                          unsigned flags) BENCHMARK_C_NOEXCEPT;

/* The total over all iterations; reported as bytes_per_second. */
void benchmark_set_bytes_processed(struct benchmark_state *state,
                                   int64_t bytes) BENCHMARK_C_NOEXCEPT;

/* A text shown beside the row. */
void benchmark_set_label(struct benchmark_state *state, const char *label) BENCHMARK_C_NOEXCEPT;

/* Makes this run an error row with the message; keep_running is false from here on. The first
 * message counts. Later repetitions of the same benchmark, until the next benchmark_run(), are not
 * called: each is an error row with that message (the framework cannot aggregate where the first
 * repetition failed). In this and in all other texts that get into reports, a control character
 * or a byte that is not UTF-8 becomes a question mark. */
void benchmark_skip_with_error(struct benchmark_state *state,
                               const char *message) BENCHMARK_C_NOEXCEPT;

int64_t benchmark_iterations(const struct benchmark_state *state) BENCHMARK_C_NOEXCEPT;
int benchmark_thread_index(const struct benchmark_state *state) BENCHMARK_C_NOEXCEPT;
int benchmark_threads(const struct benchmark_state *state) BENCHMARK_C_NOEXCEPT;

/* Keeps the compiler from keeping memory in registers. */
static inline void benchmark_clobber_memory(void) { __asm__ volatile("" : : : "memory"); }

struct benchmark_counter {
    const char *name;
    double value; /* as reported: rates and averages are done */
};

/* One row: one repetition, or one aggregate over them. */
struct benchmark_run {
    const char *name;           /* with the aggregate's suffix */
    const char *run_name;       /* without it */
    const char *aggregate_name; /* "median" ...; NULL for a repetition */
    const char *label;          /* "" when none */
    const char *error;          /* the message of an error (or skipped) row, NULL otherwise */
    int64_t repetition_index;   /* -1 for an aggregate */
    int64_t repetitions;
    int64_t iterations;
    int64_t threads;
    double real_time_s; /* an iteration; a ratio where the aggregate is one (cv) */
    double cpu_time_s;
    bool is_ratio;
    const struct benchmark_counter *counters; /* sorted by name */
    size_t counter_count;
};

/* A reporter in C. Any callback may be NULL. */
struct benchmark_reporter {
    void *user;
    void (*begin)(void *user); /* before the first benchmark */
    /* Rows of one benchmark, when its last repetition is done: first the repetitions, then in a
     * call of their own the aggregates. */
    void (*runs)(void *user, const struct benchmark_run *runs, size_t count);
    void (*end)(void *user);
};

enum benchmark_format {
    BENCHMARK_FORMAT_NONE,
    BENCHMARK_FORMAT_CONSOLE,
    BENCHMARK_FORMAT_JSON,
    BENCHMARK_FORMAT_CSV,
};

struct benchmark_run_options {
    const char *filter; /* regular expression over names; NULL: --benchmark_filter */

    /* What is shown: this reporter or, where it is NULL, the framework's own in this format
     * on stdout. */
    const struct benchmark_reporter *display;
    enum benchmark_format display_format;

    /* The framework's own report, for benchmark_outcome. */
    enum benchmark_format out_format;
    bool also_json; /* besides a report in another format, the same in JSON */

    /* JSON and CSV are made when all is measured, in the order of registration. `keep` (NULL: all)
     * says which rows enter any report, and may be asked twice about a row: the aggregates are the
     * framework's and leave out error rows by themselves. `before_report` (NULL: none) is called
     * just before JSON or CSV is made: the last moment for benchmark_add_context(). Both get
     * `user`. */
    bool (*keep)(void *user, const struct benchmark_run *run);
    void (*before_report)(void *user);
    void *user;
};

struct benchmark_outcome {
    size_t matched;    /* benchmarks that the filter chose */
    size_t error_runs; /* rows with an error that were kept, even where only aggregates show */
    char *report;      /* in out_format, with a NUL behind it; the caller frees it; NULL: none */
    size_t report_bytes;
    char *json; /* where it was asked for besides; the caller frees it */
    size_t json_bytes;
    char message[512]; /* what the framework said, when it refused; "" otherwise */
};

/* Runs what the filter chooses. `options` (all zero) and `outcome` may be NULL. With
 * --benchmark_list_tests the names are printed on stdout and nothing is run or written. Colour
 * and table form of the console are those of the first run that shows it.
 * Errors: -ENOENT no benchmark matches; -EINVAL the filter is no regular expression or there is no
 * such format; -EIO standard output could not be written (errno's text in message, where known);
 * -ENOMEM; -ECANCELED the framework threw. Error rows are no error here: look at
 * outcome->error_runs. */
int benchmark_run(const struct benchmark_run_options *options,
                  struct benchmark_outcome *outcome) BENCHMARK_C_NOEXCEPT;

/* The names that a filter (NULL or "": all) matches, one call each, in order of registration.
 * Nothing is run. Errors: -EINVAL, -ENOMEM. */
int benchmark_list(const char *filter, void (*name)(void *user, const char *name),
                   void *user) BENCHMARK_C_NOEXCEPT;

/* Takes the framework's flags out of argv and obeys them, and the BENCHMARK_* variables that the
 * environment had when the program started; an argument overrules a variable. --help calls
 * print_help (NULL: the framework's) and exits with 0. argv[0] becomes context.executable. What the
 * framework does not know, and a value that it could not obey, stays in argv; a bad variable is
 * ignored. Where BENCHMARK_LOCKSTEP is set, it joins in: from then on every call of a benchmark
 * function waits for its turn (lockstep.md). --benchmark_min_time may be a bare number or have the
 * suffix s in all versions. */
void benchmark_initialize(int *argc, char **argv, void (*print_help)(void)) BENCHMARK_C_NOEXCEPT;

/* Why benchmark_initialize() refused an argument or a variable, the first of them: "ARGUMENT: what
 * is wrong". NULL when it refused nothing. */
const char *benchmark_refusal(void) BENCHMARK_C_NOEXCEPT;

/* What the user chose for a flag ("repetitions"), by argument or variable: its value, of a flag
 * that is true or false one of these words. NULL: he chose nothing. Valid until
 * benchmark_initialize(). */
const char *benchmark_flag(const char *name) BENCHMARK_C_NOEXCEPT;

/* Sets a flag of the framework from the program ("repetitions", "3"), at any time between runs and
 * without touching the context. Errors: -EINVAL it is not known or does not take the value;
 * -ENOMEM. */
int benchmark_set_flag(const char *name, const char *value) BENCHMARK_C_NOEXCEPT;

/* The framework's own help text, on stdout. */
void benchmark_print_default_help(void) BENCHMARK_C_NOEXCEPT;

/* Adds a key to the context of the reports that are written from now on; a key that is there
 * already keeps its value and gives -EEXIST. Errors: -EINVAL, -EEXIST, -ENOMEM. */
int benchmark_add_context(const char *key, const char *value) BENCHMARK_C_NOEXCEPT;

/* The framework's version ("1.9.1"); "unknown" where neither it nor the build told. */
const char *benchmark_library_version(void) BENCHMARK_C_NOEXCEPT;

/* initialize, refuse what it did not take, run with the framework's own display and
 * --benchmark_out, shut down. Returns the process's exit status: 0, or 1 for bad arguments, no
 * match, or any error row (the framework alone would exit with 0). */
int benchmark_main(int argc, char **argv) BENCHMARK_C_NOEXCEPT;

/* Forgets all benchmarks and the context. */
void benchmark_shutdown(void) BENCHMARK_C_NOEXCEPT;

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif
#endif

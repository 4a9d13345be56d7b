/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "machine_state.h"
#include "progress.h"
#include "signals.h"
#include "sweep.h"

/* Sums over the iterations of one call of the benchmark function. */
struct totals {
    uint64_t phase_ns[WRITER_PHASES];
    uint64_t calls, minor_faults, major_faults, voluntary_switches, involuntary_switches;
    uint64_t stolen_ns, dirty_bytes, writeback_bytes;
};

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Keeps the framework's CPU clock to the phases. */
static void run_clock(void *user, bool begin)
{
    if (begin)
        benchmark_resume_timing(user);
    else
        benchmark_pause_timing(user);
}

static void add(struct totals *totals, const struct writer_result *result,
                const struct machine_state *before, const struct machine_state *after)
{
    for (int phase = 0; phase < WRITER_PHASES; phase++)
        totals->phase_ns[phase] += result->phase_ns[phase];
    totals->calls += result->calls;
    totals->minor_faults += result->minor_faults;
    totals->major_faults += result->major_faults;
    totals->voluntary_switches += result->voluntary_switches;
    totals->involuntary_switches += result->involuntary_switches;
    totals->stolen_ns += after->stolen_ns - before->stolen_ns;
    totals->dirty_bytes += before->dirty_bytes;
    totals->writeback_bytes += before->writeback_bytes;
}

static bool wants_verification(const struct options *options, const struct cell *cell)
{
    return options->verify == VERIFY_ALL || (options->verify == VERIFY_FIRST && !cell->verified);
}

struct failure {
    const char *what; /* "prepare", a phase, "verify", "remove" */
    int error;
    uint64_t offset_bytes;
};

/* One sample: everything but the phases goes on while the framework's clocks stand. */
static struct failure take_sample(struct benchmark_state *state, const struct family *family,
                                  struct cell *cell, struct totals *totals)
{
    const struct sweep *sweep = family->sweep;
    bool verify = wants_verification(sweep->options, cell);
    bool walk = verify && sweep->source_bytes >= sweep->options->file_size_bytes &&
                !writer_is_control(family->writer);
    struct writer_job job = {.dir_fd = sweep->workdir->fd,
                             .name = workdir_sample_name(benchmark_thread_index(state)),
                             .file_size_bytes = sweep->options->file_size_bytes,
                             .chunk_bytes = cell->chunk_bytes,
                             .source = sweep->source,
                             .source_stride_bytes = walk ? cell->chunk_bytes : 0,
                             .state = family->state,
                             .sync = family->mode,
                             .around = run_clock,
                             .user = state};
    struct machine_state before, after;
    struct writer_result result;
    struct failure failure = {.what = "prepare"};

    failure.error = writer_prepare(family->writer, &job);
    if (failure.error != 0)
        return failure;
    machine_state_read(&before);
    failure.error = writer_run(family->writer, &job, &result);
    machine_state_read(&after);
    failure.what = writer_phase_name(result.failed_phase);
    if (failure.error == 0 && verify) {
        failure.what = "verify";
        failure.error = writer_verify(family->writer, &job, &failure.offset_bytes);
        cell->verified = true;
    }
    if (!writer_is_control(family->writer)) {
        int error = writer_remove(&job);
        if (failure.error == 0 && error != 0)
            failure = (struct failure){.what = "remove", .error = error};
    }
    if (failure.error == 0) {
        benchmark_set_iteration_time(state, 1e-9 * (double)result.total_ns);
        add(totals, &result, &before, &after);
    }
    return failure;
}

static void report_failure(struct benchmark_state *state, struct sweep *sweep,
                           const struct failure *failure)
{
    char text[160];

    if (signals_received() != 0 || failure->error == -ECANCELED) {
        benchmark_skip_with_error(state, FIXTURE_INTERRUPTED);
        return;
    }
    sweep->failed = true;
    if (failure->error == -EBADMSG)
        snprintf(text, sizeof text, "verify: the file differs from what was written at byte %llu",
                 (unsigned long long)failure->offset_bytes);
    else
        snprintf(text, sizeof text, "%s: %s", failure->what, strerror(-failure->error));
    benchmark_skip_with_error(state, text);
}

static void set_counters(struct benchmark_state *state, const struct totals *totals)
{
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"calls", totals->calls},
        {"minor_faults", totals->minor_faults},
        {"major_faults", totals->major_faults},
        {"voluntary_switches", totals->voluntary_switches},
        {"involuntary_switches", totals->involuntary_switches},
        {"stolen_ns", totals->stolen_ns},
        {"dirty_bytes", totals->dirty_bytes},
        {"writeback_bytes", totals->writeback_bytes},
    };

    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        benchmark_set_counter(state, counters[i].name, (double)counters[i].value,
                              BENCHMARK_COUNTER_AVG_ITERATIONS);
    for (int phase = 0; phase < WRITER_PHASES; phase++) {
        char name[32];
        snprintf(name, sizeof name, "%s_ns", writer_phase_name((enum writer_phase)phase));
        benchmark_set_counter(state, name, (double)totals->phase_ns[phase],
                              BENCHMARK_COUNTER_AVG_ITERATIONS);
    }
}

void fixture_run(struct benchmark_state *state, void *user)
{
    const struct family *family = user;
    struct cell *cell = sweep_cell(family, (uint64_t)benchmark_range(state, 1));
    struct totals totals = {0};

    while (benchmark_keep_running(state)) {
        struct failure failure = {.error = -ECANCELED};
        double start_s = now_s();

        benchmark_pause_timing(state);
        if (signals_received() == 0)
            failure = take_sample(state, family, cell, &totals);
        if (failure.error != 0)
            report_failure(state, family->sweep, &failure);
        else
            benchmark_resume_timing(state);
        cell->pass_samples++;
        cell->samples++;
        cell->seconds += now_s() - start_s;
        progress_sample(family->sweep);
    }
    set_counters(state, &totals);
    benchmark_set_bytes_processed(state, benchmark_iterations(state) *
                                             (int64_t)family->sweep->options->file_size_bytes);
}

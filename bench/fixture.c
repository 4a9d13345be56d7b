/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include "bench/environment/environment.h"
#include "latency.h"
#include "progress.h"
#include "signals.h"
#include "src/base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sample {
    struct bm_result result;
    struct machine_state machine; /* stolen: during it; the pages: before it */
};

#define SAMPLE(member) offsetof(struct sample, member)
static const struct {
    const char *name;
    size_t offset;
} counters[] = {
    {"calls", SAMPLE(result.calls)},
    {"minor_faults", SAMPLE(result.minor_faults)},
    {"major_faults", SAMPLE(result.major_faults)},
    {"voluntary_switches", SAMPLE(result.voluntary_switches)},
    {"involuntary_switches", SAMPLE(result.involuntary_switches)},
    {"stolen_ns", SAMPLE(machine.stolen_ns)},
    {"dirty_bytes", SAMPLE(machine.dirty_bytes)},
    {"writeback_bytes", SAMPLE(machine.writeback_bytes)},
};
enum { COUNTERS = sizeof counters / sizeof counters[0] };

/* Sums over the iterations of one call of the benchmark function. */
struct totals {
    uint64_t phase_ns[BM_PHASES];
    uint64_t counters[COUNTERS];
    uint64_t huge_bytes;
    uint64_t latency_ns[LATENCY_FIGURES];
};

#define FAILURE_BYTES sizeof((struct sweep_cell){0}.failure)

struct failure {
    const char *what; /* "prepare", a phase, "verify", "remove" */
    int error;        /* 0: none */
    uint64_t offset_bytes;
};

/* What one thread keeps while the benchmark function runs. */
struct run {
    struct benchmark_state *state;
    const struct family *family;
    struct sweep_cell *cell;
    struct team *team; /* NULL: one thread */
    bool verify;
    struct totals totals;
    uint64_t *laps_ns; /* of the sample; NULL: nobody wants them */
    uint64_t lap_count;
    uint64_t group_ns; /* first thread: from the first one's start to the last one's end */
    uint64_t begin_ns;
    bool begun; /* this sample */
    struct failure failure;
};

static void add(struct run *run, const struct sample *sample)
{
    struct totals *totals = &run->totals;
    uint64_t figures_ns[LATENCY_FIGURES] = {0};

    if (run->laps_ns != NULL)
        latency_figures(run->laps_ns, run->lap_count, figures_ns);
    for (int i = 0; i < LATENCY_FIGURES; i++)
        totals->latency_ns[i] += figures_ns[i];
    for (int phase = 0; phase < BM_PHASES; phase++)
        totals->phase_ns[phase] += sample->result.phase_ns[phase];
    for (size_t i = 0; i < COUNTERS; i++)
        totals->counters[i] +=
            *(const uint64_t *)(const void *)((const char *)sample + counters[i].offset);
    totals->huge_bytes += sample->result.huge_bytes;
}

static void wait_for_all(const struct run *run)
{
    if (run->team != NULL)
        pthread_barrier_wait(&run->team->barrier);
}

/* All threads start their first phase together. Keeps the framework's CPU clock to the phases. */
static void run_clock(void *user, bool begin)
{
    struct run *run = user;

    if (begin) {
        wait_for_all(run);
        run->begun = true;
        benchmark_resume_timing(run->state);
        run->begin_ns = clock_ns();
    } else {
        benchmark_pause_timing(run->state);
    }
}

/* The list of a cell is the same in every sample and in every run. */
enum { ORDER_SEED = 1 };

/* The first thread makes the team before the framework starts the others off together, and takes it
 * apart when the framework has seen all of them at the end. */
static int gather(struct team *team, const struct family *family, const struct sweep_cell *cell)
{
    unsigned threads = (unsigned)cell->threads;
    int error = threads > 1 ? pthread_barrier_init(&team->barrier, NULL, threads) : 0;

    team->threads = threads > 1 && error == 0 ? threads : 0;
    team->listed = (struct bm_job){.file_size_bytes = family->sweep->options->file_size_bytes,
                                   .chunk_bytes = cell->chunk_bytes};
    if (error != 0 || !family_lists(family))
        return -error;
    return bm_job_list(&team->listed, family->order, ORDER_SEED);
}

/* What the kernel writes in its fill is touched before. */
static int make_room_for_laps(struct run *run)
{
    uint64_t size = run->family->sweep->options->file_size_bytes, chunk = run->cell->chunk_bytes;

    run->lap_count = (size - 1) / chunk + 1;
    run->laps_ns = malloc((size_t)run->lap_count * sizeof *run->laps_ns);
    if (run->laps_ns == NULL)
        return -ENOMEM;
    memset(run->laps_ns, 1, (size_t)run->lap_count * sizeof *run->laps_ns);
    return 0;
}

static void disband(struct team *team)
{
    bm_job_unlist(&team->listed);
    if (team->threads > 0)
        pthread_barrier_destroy(&team->barrier);
    team->threads = 0;
}

/* The time from the start of the first thread to the end of the last. */
static uint64_t group_time(const struct team *team, int threads)
{
    uint64_t begin_ns = team->samples[0].begin_ns, end_ns = team->samples[0].end_ns;

    for (int i = 1; i < threads; i++) {
        if (team->samples[i].begin_ns < begin_ns)
            begin_ns = team->samples[i].begin_ns;
        if (team->samples[i].end_ns > end_ns)
            end_ns = team->samples[i].end_ns;
    }
    return end_ns - begin_ns;
}

static struct bm_job make_job(struct run *run)
{
    const struct family *family = run->family;
    const struct sweep *sweep = family->sweep;
    uint64_t size = sweep->options->file_size_bytes;
    bool reads = bm_kernel_kind(family->kernel) == BM_KIND_READER;
    int thread = benchmark_thread_index(run->state);
    bool walk = (reads || (run->verify && !bm_kernel_is_control(family->kernel))) &&
                sweep->source_bytes >= size && sweep_source_bytes(sweep, &family->limits) >= size;

    return (struct bm_job){.dir_fd = sweep->workdir->fd,
                           .name = reads ? workdir_read_name(family->state, thread)
                                         : workdir_sample_name(thread),
                           .file_size_bytes = size,
                           .chunk_bytes = run->cell->chunk_bytes,
                           .source = sweep->source,
                           .source_stride_bytes = walk ? run->cell->chunk_bytes : 0,
                           .state = family->state,
                           .sync = family->mode,
                           .chunks = sweep->team.listed.chunks,
                           .chunk_count = sweep->team.listed.chunk_count,
                           .order = family->order,
                           .laps_ns = run->laps_ns,
                           .depth = family->depth,
                           .mode = family->talk,
                           .cpus = sweep->options->cpu_count > 0 ? sweep->options->cpus : NULL,
                           .around = run_clock,
                           .user = run};
}

static void verify_and_remove(struct run *run, const struct bm_job *job)
{
    const struct bm_kernel *kernel = run->family->kernel;
    struct failure *failure = &run->failure;

    if (!bm_kernel_has_file(kernel))
        return;
    if (failure->error == 0 && run->verify) {
        failure->what = "verify";
        failure->error = bm_kernel_verify(kernel, job, &failure->offset_bytes);
    }
    /* What is read stays for the next sample, where it is right. */
    if (failure->error == 0 && bm_kernel_kind(kernel) == BM_KIND_READER)
        return;
    int error = bm_job_remove(job);
    if (failure->error == 0 && error != 0)
        *failure = (struct failure){.what = "remove", .error = error};
}

/* The framework's clocks stand still during everything but the phases. */
static void take_sample(struct run *run)
{
    const struct bm_kernel *kernel = run->family->kernel;
    struct bm_job job = make_job(run);
    struct machine_state after;
    struct sample sample = {0};
    const struct bm_result *result = &sample.result;

    run->failure = (struct failure){.what = "prepare", .error = bm_kernel_prepare(kernel, &job)};
    machine_state_read(&sample.machine);
    run->begun = false;
    if (run->failure.error == 0) {
        run->failure.error = bm_kernel_run(kernel, &job, &sample.result);
        run->failure.what = bm_phase_name(result->failed_phase);
    }
    if (!run->begun)
        wait_for_all(run); /* the others wait for this one */
    if (run->team != NULL) {
        int i = benchmark_thread_index(run->state);
        run->team->samples[i].begin_ns = run->begin_ns;
        run->team->samples[i].end_ns = run->begin_ns + result->total_ns;
    }
    wait_for_all(run);
    machine_state_read(&after);
    sample.machine.stolen_ns = after.stolen_ns - sample.machine.stolen_ns;
    verify_and_remove(run, &job);
    if (run->failure.error != 0)
        return;
    benchmark_set_iteration_time(run->state, 1e-9 * (double)result->total_ns);
    add(run, &sample);
    run->group_ns +=
        run->team != NULL ? group_time(run->team, run->cell->threads) : result->total_ns;
}

/* What an error of a channel's means; NULL: what the C library says. */
static const char *say_of_channel(int error)
{
    return error == -EPIPE       ? "the receiver has died"
           : error == -ETIMEDOUT ? "the receiver hangs"
           : error == -EBADMSG   ? "the receiver did not get the bytes that were sent"
                                 : NULL;
}

static void describe(const struct failure *failure, enum bm_kind kind, char text[FAILURE_BYTES])
{
    if (kind == BM_KIND_CHANNEL && say_of_channel(failure->error) != NULL) {
        snprintf(text, FAILURE_BYTES, "%s", say_of_channel(failure->error));
        return;
    }
    if (failure->error == -EBADMSG && strcmp(failure->what, "verify") != 0)
        snprintf(text, FAILURE_BYTES, "%s: what was read is not what the file should hold",
                 failure->what);
    else if (failure->error == -EBADMSG)
        snprintf(text, FAILURE_BYTES, "verify: the file differs from what was written at byte %llu",
                 (unsigned long long)failure->offset_bytes);
    else
        snprintf(text, FAILURE_BYTES, "%s: %s", failure->what, strerror(-failure->error));
}

/* The reason is kept with the cell: nobody sees the rows of the warm-up, and what failed there is
 * not tried again in the measurement. */
static void report_failure(const struct run *run)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    const struct failure *failure = &run->failure;

    if (signals_received() != 0 || failure->error == -ECANCELED) {
        benchmark_skip_with_error(run->state, FIXTURE_INTERRUPTED);
        return;
    }
    pthread_mutex_lock(&lock);
    run->family->sweep->failed = true;
    if (run->cell->failure[0] == '\0')
        describe(failure, bm_kernel_kind(run->family->kernel), run->cell->failure);
    pthread_mutex_unlock(&lock);
    benchmark_skip_with_error(run->state, run->cell->failure);
}

static void set_counters(const struct run *run)
{
    for (size_t i = 0; i < COUNTERS; i++)
        benchmark_set_counter(run->state, counters[i].name, (double)run->totals.counters[i],
                              BENCHMARK_COUNTER_AVG_ITERATIONS);
    for (int phase = 0; phase < BM_PHASES; phase++) {
        char name[32];
        snprintf(name, sizeof name, "%s_ns", bm_phase_name((enum bm_phase)phase));
        benchmark_set_counter(run->state, name, (double)run->totals.phase_ns[phase],
                              BENCHMARK_COUNTER_AVG_ITERATIONS);
    }
}

/* What came about is another thing than what a kernel asks for. */
static void set_huge_bytes(const struct run *run)
{
    if (bm_kernel_wants_huge_pages(run->family->kernel))
        benchmark_set_counter(run->state, "huge_bytes", (double)run->totals.huge_bytes,
                              BENCHMARK_COUNTER_AVG_ITERATIONS);
}

static void set_latencies(const struct run *run)
{
    for (int i = 0; run->laps_ns != NULL && i < LATENCY_FIGURES; i++)
        benchmark_set_counter(run->state, latency_counters[i], (double)run->totals.latency_ns[i],
                              BENCHMARK_COUNTER_AVG_ITERATIONS);
}

/* The list of chunks is none of its business: the first thread may be done with it. */
static void set_trip_time(const struct run *run)
{
    const struct bm_job job = {.file_size_bytes = run->family->sweep->options->file_size_bytes,
                               .chunk_bytes = run->cell->chunk_bytes,
                               .mode = run->family->talk};

    if (bm_job_trips(&job) > 0)
        benchmark_set_counter(run->state, "trip_ns",
                              (double)run->totals.phase_ns[BM_PHASE_FILL] /
                                  (double)bm_job_trips(&job),
                              BENCHMARK_COUNTER_AVG_ITERATIONS);
}

/* All threads' bytes over the time from the first one's start to the last one's end: the framework
 * would add up rates that do not overlap in full, and its versions disagree. The counter is of the
 * same kind with one thread, because a family with several numbers of threads must have it so. */
static void set_throughput(const struct run *run)
{
    double bytes = (double)benchmark_iterations(run->state) * run->cell->threads *
                   (double)run->family->sweep->options->file_size_bytes;
    double seconds = 1e-9 * (double)run->group_ns;

    if (benchmark_thread_index(run->state) == 0 && bm_kernel_moves_bytes(run->family->kernel) &&
        run->family->talk == BM_MODE_STREAM && !run->family->latency)
        benchmark_set_counter(run->state, "bytes_per_second", seconds > 0 ? bytes / seconds : 0,
                              BENCHMARK_COUNTER_1024);
}

/* The first thread counts the samples, for all threads. */
static void account(const struct run *run, uint64_t start_ns)
{
    if (benchmark_thread_index(run->state) != 0)
        return;
    run->cell->pass_samples++;
    run->cell->samples++;
    run->cell->seconds += 1e-9 * (double)(clock_ns() - start_ns);
    progress_sample(run->family->sweep);
}

void fixture_run(struct benchmark_state *state, void *user)
{
    const struct family *family = user;
    struct team *team = &family->sweep->team;
    struct sweep_cell *cell =
        sweep_cell(family, (uint64_t)benchmark_range(state, 1), benchmark_threads(state));
    enum verify verify = (enum verify)family->sweep->options->verify;
    struct run run = {.state = state, .family = family, .cell = cell};
    bool is_first = benchmark_thread_index(state) == 0;
    int error = is_first ? gather(team, family, cell) : 0;

    if (error == 0 && family->latency)
        error = make_room_for_laps(&run);
    run.verify = verify == VERIFY_ALL || (verify == VERIFY_FIRST && cell->calls == 0);
    if (error != 0)
        run.failure = (struct failure){.what = "set-up", .error = error};
    if (cell->failure[0] != '\0')
        run.failure.error = -EIO; /* the text is there */
    while (benchmark_keep_running(state)) {
        uint64_t start_ns = clock_ns();

        benchmark_pause_timing(state);
        run.team = team->threads > 0 ? team : NULL;
        if (run.failure.error != 0 || signals_received() != 0) {
            /* Once for each time that take_sample() waits. */
            wait_for_all(&run);
            wait_for_all(&run);
            if (run.failure.error == 0)
                run.failure.error = -ECANCELED;
        } else {
            take_sample(&run);
        }
        account(&run, start_ns);
        benchmark_resume_timing(state);
    }
    if (run.failure.error != 0)
        report_failure(&run);
    set_counters(&run);
    set_huge_bytes(&run);
    set_latencies(&run);
    set_trip_time(&run);
    set_throughput(&run);
    free(run.laps_ns);
    if (is_first) {
        cell->calls++;
        disband(team);
    }
}

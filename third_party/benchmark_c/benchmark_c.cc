// SPDX-License-Identifier: Apache-2.0
//
// Registering benchmarks, and what a running benchmark function may call.
//
// The framework checks its preconditions with macros that abort in debug builds and let the
// error through in others. Each is checked here first and becomes an errno value or an error row.

#include "benchmark_c_private.h"

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace
{

using benchmark::Counter;

constexpr std::pair<unsigned, Counter::Flags> counter_flags[] = {
    {BENCHMARK_COUNTER_RATE, Counter::kIsRate},
    {BENCHMARK_COUNTER_AVG_THREADS, Counter::kAvgThreads},
    {BENCHMARK_COUNTER_ITERATION_INVARIANT, Counter::kIsIterationInvariant},
    {BENCHMARK_COUNTER_AVG_ITERATIONS, Counter::kAvgIterations},
    {BENCHMARK_COUNTER_INVERT, Counter::kInvert},
};

std::atomic<unsigned> run_number{0};

struct Family {
    benchmark_function *run;
    void *user;
    size_t axes;
    std::string name, suffix; // of all of its benchmarks, before and behind the axes
    std::vector<std::string> axis_names;
    bool has_threads, unbound;

    std::atomic<int64_t> batch{1};
    std::mutex mutex;
    std::map<std::string, unsigned> counter_flags;

    // The framework's aggregates read the statistics of the first repetition, which an error row
    // does not have (a wild pointer in 1.7, a null pointer since): a benchmark whose first
    // repetition fails and whose others do not would crash. With all the later ones failing no
    // aggregate is made.
    std::map<std::vector<int64_t>, std::string> failures; // by arguments and threads
    unsigned failures_run = 0;                            // the run that they happened in

    void call(benchmark::State &inner) noexcept;
    std::string &failure_of(const benchmark::State &inner); // "": none; under the mutex
    std::string name_of(const benchmark::State &inner) const;
};

// As the framework calls it; its own State tells no name before 1.8.
std::string Family::name_of(const benchmark::State &inner) const
{
    std::string text = name;
    for (size_t axis = 0; axis < axes; axis++)
        text += '/' + axis_names[axis] + (axis_names[axis].empty() ? "" : ":") +
                std::to_string(inner.range(axis));
    return text + suffix + (has_threads ? "/threads:" + std::to_string(inner.threads()) : "");
}

std::string &Family::failure_of(const benchmark::State &inner)
{
    std::vector<int64_t> key(1, inner.threads());
    for (size_t axis = 0; axis < axes; axis++)
        key.push_back(inner.range(axis));
    if (failures_run != run_number)
        failures.clear();
    failures_run = run_number;
    return failures[key];
}

} // namespace

struct benchmark_state {
    enum Mark : unsigned { paused = 1, failed = 2, finished = 4 };

    benchmark::State &inner;
    Family &family;
    int64_t batch = 1;
    unsigned marks = 0;
    std::string error;

    benchmark_state(benchmark::State &state, Family &owner) : inner(state), family(owner) {}

    bool step(int64_t iterations)
    {
        if (__builtin_expect(marks != 0, 0) && !may_step())
            return false;
        if (iterations == 1 ? inner.KeepRunning() : inner.KeepRunningBatch(iterations))
            return true;
        marks |= finished;
        return false;
    }

    bool may_step();
    void resume();
    void fail(const char *message) noexcept;
    void finish();
};

bool benchmark_state::may_step()
{
    if (marks & finished)
        return false;
    if (marks & failed) {
        finish();
        return false;
    }
    // The framework stops the clock at the end of the loop, and aborts if it is not running.
    if (inner.iterations() >= inner.max_iterations)
        resume();
    return true;
}

void benchmark_state::resume()
{
    if (marks & paused)
        inner.ResumeTiming();
    marks &= ~unsigned{paused};
}

void benchmark_state::fail(const char *message) noexcept
{
    if (marks & failed)
        return;
    marks |= failed;
    try {
        error = benchmark_c::printable(message);
    } catch (...) {
        error.clear();
    }
}

// Takes the iterations that are left, so that an error row counts as many as the rows of the
// other repetitions: where they differ, the framework aborts over its aggregates. A batch may
// go beyond the last iteration, and so must this.
void benchmark_state::finish()
{
    int64_t turn = batch > 1 ? batch : family.batch.load(std::memory_order_relaxed);
    int64_t left = inner.max_iterations - inner.iterations();
    int64_t tail = left > 0 ? left % turn : 0;

    if (left - tail > 0)
        (void)inner.KeepRunningBatch(left - tail);
    if (tail > 0)
        (void)inner.KeepRunningBatch(turn);
    resume();
    (void)inner.KeepRunning();
    marks |= finished;
}

namespace
{

void Family::call(benchmark::State &inner) noexcept
{
    benchmark_state state(inner, *this);
    if (benchmark_c::in_lockstep() &&
        !benchmark_c::lockstep_wait(name_of(inner), inner.threads(), !unbound))
        state.fail("the program that it takes turns with has ended");
    {
        std::lock_guard<std::mutex> lock(mutex);
        const std::string &known = failure_of(inner);
        if (!known.empty())
            state.fail(known.c_str());
    }
    if (!(state.marks & benchmark_state::failed))
        run(&state, user);
    if (!(state.marks & benchmark_state::finished)) {
        state.fail("the benchmark function left its loop early");
        state.finish();
    }
    if (state.marks & benchmark_state::failed) {
        std::lock_guard<std::mutex> lock(mutex);
        failure_of(inner) = state.error;
        inner.SkipWithError(state.error.c_str());
    }
}

// benchmark_list() tells names apart by the line.
bool is_name(const char *name)
{
    return name && *name && !std::strchr(name, '\n') && benchmark_c::printable(name) == name;
}

bool is_sound(const benchmark_definition &d)
{
    if (!is_name(d.name) || !d.run || (d.axis_count && !d.axes) || (d.thread_count && !d.threads))
        return false;
    for (size_t i = 0; i < d.axis_count; i++) {
        const benchmark_axis &axis = d.axes[i];
        if (!axis.values || !axis.count || (axis.name && *axis.name && !is_name(axis.name)))
            return false;
    }
    for (size_t i = 0; i < d.thread_count; i++) {
        if (d.threads[i] < 1)
            return false;
    }
    return benchmark_c::is_within(d.clock, BENCHMARK_CLOCK_MANUAL) && d.iterations >= 0 &&
           d.repetitions >= 0;
}

// The framework's own ArgsProduct() has the first axis changing fastest.
std::vector<std::vector<int64_t>> product_of(const benchmark_definition &d)
{
    std::vector<std::vector<int64_t>> product(1);
    for (size_t i = 0; i < d.axis_count; i++) {
        std::vector<std::vector<int64_t>> longer;
        for (const std::vector<int64_t> &front : product) {
            for (size_t v = 0; v < d.axes[i].count; v++) {
                longer.push_back(front);
                longer.back().push_back(d.axes[i].values[v]);
            }
        }
        product.swap(longer);
    }
    return product;
}

// In the order of the framework's names.
std::string suffix_of(const benchmark_definition &d)
{
    const char *const clocks[] = {"", "/real_time", "/manual_time"};
    return (d.iterations ? "/iterations:" + std::to_string(d.iterations) : "") +
           (d.repetitions ? "/repeats:" + std::to_string(d.repetitions) : "") + clocks[d.clock];
}

// A template because the class has moved between namespaces.
template <class Benchmark> void configure(Benchmark *b, const benchmark_definition &d)
{
    for (size_t i = 0; i < d.thread_count; i++)
        b->Threads(d.threads[i]);
    if (d.clock == BENCHMARK_CLOCK_REAL)
        b->UseRealTime();
    if (d.clock == BENCHMARK_CLOCK_MANUAL)
        b->UseManualTime();
    if (d.iterations)
        b->Iterations(d.iterations);
    if (d.repetitions)
        b->Repetitions(d.repetitions);
}

} // namespace

void benchmark_c::forget_failures() { run_number++; }

int benchmark_register(const benchmark_definition *definition) noexcept
{
    return benchmark_c::guarded([definition] {
        if (!definition || !is_sound(*definition))
            return -EINVAL;
        const auto product = product_of(*definition);
        auto family = std::make_shared<Family>();
        for (size_t i = 0; i < definition->axis_count; i++)
            family->axis_names.emplace_back(definition->axes[i].name ? definition->axes[i].name
                                                                     : "");
        family->name = definition->name;
        family->suffix = suffix_of(*definition);
        family->has_threads = definition->thread_count > 0;
        family->unbound = definition->unbound;
        family->run = definition->run;
        family->user = definition->user;
        family->axes = definition->axis_count;

        auto *b = benchmark::RegisterBenchmark(
            definition->name, [family](benchmark::State &inner) { family->call(inner); });
        if (!product.front().empty()) {
            b->ArgNames(family->axis_names);
            for (const auto &values : product)
                b->Args(values);
        }
        configure(b, *definition);
        return 0;
    });
}

void benchmark_clear_registered() noexcept { benchmark::ClearRegisteredBenchmarks(); }

bool benchmark_keep_running(benchmark_state *state) noexcept { return state && state->step(1); }

bool benchmark_keep_running_batch(benchmark_state *state, int64_t iterations) noexcept
{
    if (!state)
        return false;
    if (iterations < 1) {
        state->fail("a batch needs at least one iteration");
        return state->step(1);
    }
    if (state->batch != iterations) {
        state->batch = iterations;
        state->family.batch.store(iterations, std::memory_order_relaxed);
    }
    return state->step(iterations);
}

int64_t benchmark_range(benchmark_state *state, size_t axis) noexcept
{
    if (!state)
        return 0;
    if (axis < state->family.axes)
        return state->inner.range(axis);
    char message[80];
    std::snprintf(message, sizeof(message), "there is no axis %zu: the benchmark has %zu", axis,
                  state->family.axes);
    state->fail(message);
    return 0;
}

void benchmark_pause_timing(benchmark_state *state) noexcept
{
    if (!state || state->marks || state->inner.iterations() == 0)
        return;
    state->inner.PauseTiming();
    state->marks |= benchmark_state::paused;
}

void benchmark_resume_timing(benchmark_state *state) noexcept
{
    if (state && !(state->marks & benchmark_state::finished))
        state->resume();
}

// Before 1.9 the framework divides manual times by the number of threads once too often.
static bool divides_by_threads() noexcept
{
    static const bool divides = [] {
        std::string version = benchmark_library_version();
        return version.rfind("1.7.", 0) == 0 || version.rfind("1.8.", 0) == 0;
    }();
    return divides;
}

void benchmark_set_iteration_time(benchmark_state *state, double seconds) noexcept
{
    if (!state)
        return;
    if (std::isfinite(seconds) && seconds >= 0)
        state->inner.SetIterationTime(divides_by_threads() ? seconds * state->inner.threads()
                                                           : seconds);
    else
        state->fail("an iteration's time is not a finite number of seconds from 0 on");
}

int benchmark_set_counter(benchmark_state *state, const char *name, double value,
                          unsigned flags) noexcept
{
    if (!state || !name || !*name || flags >= 2 * BENCHMARK_COUNTER_1024)
        return -EINVAL;
    return benchmark_c::guarded([=] {
        std::string key = benchmark_c::printable(name);
        // The aggregates abort where repetitions disagree about a counter.
        {
            std::lock_guard<std::mutex> lock(state->family.mutex);
            if (state->family.counter_flags.emplace(key, flags).first->second != flags)
                return -EINVAL;
        }
        Counter::Flags bits = Counter::kDefaults;
        for (const auto &[ours, theirs] : counter_flags) {
            if (flags & ours)
                bits = bits | theirs;
        }
        state->inner.counters[key] = Counter(
            value, bits, flags & BENCHMARK_COUNTER_1024 ? Counter::kIs1024 : Counter::kIs1000);
        return 0;
    });
}

void benchmark_set_bytes_processed(benchmark_state *state, int64_t bytes) noexcept
{
    if (benchmark_set_counter(state, "bytes_per_second", static_cast<double>(bytes),
                              BENCHMARK_COUNTER_RATE | BENCHMARK_COUNTER_1024) &&
        state)
        state->fail("bytes_per_second cannot be set");
}

void benchmark_set_label(benchmark_state *state, const char *label) noexcept
{
    if (!state)
        return;
    int status = benchmark_c::guarded([=] {
        state->inner.SetLabel(benchmark_c::printable(label ? label : "").c_str());
        return 0;
    });
    if (status)
        state->fail("the label cannot be set");
}

void benchmark_skip_with_error(benchmark_state *state, const char *message) noexcept
{
    if (state)
        state->fail(message && *message ? message : "unknown error");
}

int64_t benchmark_iterations(const benchmark_state *state) noexcept
{
    return state ? state->inner.iterations() : 0;
}

int benchmark_thread_index(const benchmark_state *state) noexcept
{
    return state ? state->inner.thread_index() : 0;
}

int benchmark_threads(const benchmark_state *state) noexcept
{
    return state ? state->inner.threads() : 0;
}

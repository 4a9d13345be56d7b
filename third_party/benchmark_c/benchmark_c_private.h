/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the shim share. C++17, not installed, not part of the interface.
 */
#ifndef BENCHMARK_C_PRIVATE_H
#define BENCHMARK_C_PRIVATE_H

#include "benchmark_c.h"

#include <benchmark/benchmark.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace benchmark_c
{

using benchmark::BenchmarkReporter;
using Run = BenchmarkReporter::Run;

/* What a flag of the framework is set to, by the user or by benchmark_set_flag(); of one that is
 * true or false one of these words. The framework keeps its own copies private. */
std::string flag(const char *name, const char *otherwise);

/* Hands arguments to the framework without a trace in flag(), in the context or on stderr.
 * Returns how many it did not know. */
size_t apply_flags(const std::vector<std::string> &arguments);

/* The framework's JSON escapes neither control characters nor broken UTF-8: a question mark
 * stands in for both, so that a report can always be read back. */
std::string printable(const char *text);

/* A benchmark that failed fails in its later repetitions too, until the next run. */
void forget_failures();

/* Turns with another program (lockstep.md). Joins in where the variable, as it stood in the
 * environment ("BENCHMARK_LOCKSTEP=IN,OUT,CPU"; NULL: it did not), names two open descriptors, and
 * greets. */
void lockstep_join(const char *variable);
bool in_lockstep();
/* Called by each of the threads that a benchmark has: comes back when it is this program's turn to
 * run the cell. False: there are no turns any more, because the other program or the one between
 * the two has ended. */
bool lockstep_wait(const std::string &cell, int threads, bool bound);

/* An enum that C has filled with another number cannot be looked at as an enum. */
template <class Enum> bool is_within(const Enum &value, Enum last)
{
    unsigned number;
    static_assert(sizeof(number) == sizeof(value), "C has enums of the size of an int");
    std::memcpy(&number, &value, sizeof(number));
    return number <= static_cast<unsigned>(last);
}

template <class Body> int guarded(Body &&body) noexcept
{
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    } catch (...) {
        return -ECANCELED;
    }
}

/* What the framework says to a reporter's streams goes into strings. */
class Quiet : public BenchmarkReporter
{
  public:
    Quiet();
    bool ReportContext(const Context &) override { return true; }
    void ReportRuns(const std::vector<Run> &) override {}

    std::string said() const { return said_.str(); }
    std::string complained() const { return complained_.str(); }

  private:
    std::ostringstream said_;
    std::ostringstream complained_;
};

/* What is shown: to C or on the console at once, otherwise rows are put by. */
class Display : public Quiet
{
  public:
    explicit Display(const benchmark_run_options &options);
    bool ReportContext(const Context &context) override;
    void ReportRuns(const std::vector<Run> &runs) override;
    void Finalize() override;

    std::vector<Run> rows;

  private:
    void hand_over(const std::vector<Run> &kept) const;

    const benchmark_run_options &options_;
    BenchmarkReporter *console_;
};

/* Sits where the framework has its file reporter, and so sees the rows that the display does
 * not get when only aggregates are shown: errors must not be overlooked for that. */
class Collector : public Quiet
{
  public:
    explicit Collector(const benchmark_run_options &options) : options_(options) {}
    bool ReportContext(const Context &context) override;
    void ReportRuns(const std::vector<Run> &runs) override;

    /* Those of the report, once. */
    std::vector<Run> take_rows();

    std::optional<Context> context;
    size_t error_runs = 0;

  private:
    const benchmark_run_options &options_;
    std::vector<Run> rows_;
    std::set<std::pair<int64_t, int64_t>> aggregated_;
};

/* The framework's own report, in the order of registration, into which the rows are brought.
 * -ENOMEM; the text is the caller's, for free(). */
int render(benchmark_format format, std::vector<Run> &rows,
           const BenchmarkReporter::Context &context, char *&text, size_t &bytes);

} // namespace benchmark_c

#endif

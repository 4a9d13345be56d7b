/* SPDX-License-Identifier: Apache-2.0
 *
 * The reporters that the shim hands to the framework. C++17, not part of the interface.
 */
#ifndef BENCHMARK_C_REPORT_H
#define BENCHMARK_C_REPORT_H

#include "benchmark_c_private.h"

#include <benchmark/benchmark.h>

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
    Display(const benchmark_run_options &options, size_t matched);
    bool ReportContext(const Context &context) override;
    void ReportRuns(const std::vector<Run> &runs) override;
    void Finalize() override;

    std::vector<Run> rows;

  private:
    void hand_over(const std::vector<Run> &kept) const;

    const benchmark_run_options &options_;
    size_t matched_;
    const benchmark_reporter *c_;
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

    /* Those for the file, once. */
    std::vector<Run> take_rows();

    std::optional<Context> context;
    size_t error_runs = 0;

  private:
    const benchmark_run_options &options_;
    std::vector<Run> rows_;
    std::set<std::pair<int64_t, int64_t>> aggregated_;
};

/* The framework's own report, in the order of registration. */
std::string render(benchmark_format format, std::vector<Run> rows,
                   const BenchmarkReporter::Context &context);

} // namespace benchmark_c

#endif

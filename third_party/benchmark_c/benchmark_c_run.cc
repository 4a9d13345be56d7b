// SPDX-License-Identifier: Apache-2.0
//
// Running benchmarks, and writing what they gave.
//
// JSON and CSV are the framework's own, written when all is measured: rows in the order of
// registration whatever order they were measured in, and the context as it is at the end.

#include "benchmark_c_report.h"

#include <cstdio>
#include <iostream>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace
{

using benchmark_c::Collector;
using benchmark_c::Display;
using benchmark_c::Quiet;

int io_error(const char *what, int error, std::string &message)
{
    message = std::string(what) + ": " + std::generic_category().message(error);
    return -EIO;
}

// Opened before the first measurement, so that a path that cannot be is known at once; emptied
// only when there is a report to take the place of what it holds.
class OutFile
{
  public:
    ~OutFile()
    {
        if (fd_ >= 0)
            close(fd_);
    }

    int open_at(const char *path, std::string &message)
    {
        path_ = path;
        fd_ = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        return fd_ < 0 ? io_error(path, errno, message) : 0;
    }

    int replace_with(const std::string &text, std::string &message)
    {
        struct stat status;
        if (fstat(fd_, &status) || (S_ISREG(status.st_mode) && ftruncate(fd_, 0)))
            return io_error(path_, errno, message);
        for (size_t done = 0; done < text.size();) {
            ssize_t n = write(fd_, text.data() + done, text.size() - done);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return io_error(path_, n < 0 ? errno : EIO, message);
            done += static_cast<size_t>(n);
        }
        int fd = std::exchange(fd_, -1);
        return close(fd) && errno != EINTR ? io_error(path_, errno, message) : 0;
    }

  private:
    int fd_ = -1;
    const char *path_ = "";
};

int write_stdout(const std::string &text, std::string &message)
{
    std::cout.flush();
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout))
        return io_error("standard output", errno ? errno : EIO, message);
    return 0;
}

// The framework takes a file reporter only together with --benchmark_out, which it opens itself
// (and exits if it cannot); which rows are for the file is decided by Collector::take_rows().
class RunFlags
{
  public:
    RunFlags()
    {
        const benchmark_c::Flags &f = benchmark_c::flags();
        bool aggregates = f.report_aggregates_only || f.display_aggregates_only;
        set(false, "/dev/null", false, aggregates);
    }
    ~RunFlags()
    {
        const benchmark_c::Flags &f = benchmark_c::flags();
        try {
            set(f.list_tests, f.out, f.report_aggregates_only, f.display_aggregates_only);
        } catch (...) {
        }
    }
    RunFlags(const RunFlags &) = delete;
    RunFlags &operator=(const RunFlags &) = delete;

    void list_only() { set(true, "", false, false); }

  private:
    static void set(bool list, const std::string &out, bool report, bool display)
    {
        auto value = [](bool on) { return on ? "=true" : "=false"; };
        benchmark_c::apply_flags(
            {std::string("--benchmark_list_tests") + value(list), "--benchmark_out=" + out,
             std::string("--benchmark_report_aggregates_only") + value(report),
             std::string("--benchmark_display_aggregates_only") + value(display)});
    }
};

struct Matches {
    size_t count = 0;
    std::string names; // a line each
};

// The framework returns 0 both where nothing matches and where the filter is no regular
// expression; only its words tell them apart. They may stand behind a warning about large families.
int find_matches(const std::string &filter, Matches &found, std::string &message)
{
    RunFlags run_flags;
    Quiet quiet;

    run_flags.list_only();
    found.count = benchmark::RunSpecifiedBenchmarks(&quiet, nullptr, filter);
    found.names = quiet.said();
    if (found.count > 0)
        return 0;

    std::istringstream lines(quiet.complained());
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("Could not compile", 0) == 0) {
            message = line + ": " + filter;
            return -EINVAL;
        }
        if (line.rfind("Failed to match", 0) == 0)
            message = line;
    }
    return -ENOENT;
}

bool is_deferred(benchmark_format format)
{
    return format == BENCHMARK_FORMAT_JSON || format == BENCHMARK_FORMAT_CSV;
}

bool is_sound(const benchmark_run_options &o)
{
    using benchmark_c::is_within;
    return is_within(o.display_format, BENCHMARK_FORMAT_CSV) &&
           is_within(o.out_format, BENCHMARK_FORMAT_CSV) &&
           (!o.out_path || o.out_format != BENCHMARK_FORMAT_NONE);
}

int write_reports(const benchmark_run_options &o, Display &display, Collector &collector,
                  OutFile &file, std::string &message)
{
    const bool shown = !o.display && is_deferred(o.display_format);
    int status = 0;

    if (!collector.context)
        return 0;
    if (o.before_report && (shown || (o.out_path && is_deferred(o.out_format))))
        o.before_report(o.user);
    if (o.out_path) {
        const auto text =
            benchmark_c::render(o.out_format, collector.take_rows(), *collector.context);
        status = file.replace_with(text, message);
    }
    if (shown) {
        const auto text =
            benchmark_c::render(o.display_format, std::move(display.rows), *collector.context);
        std::string problem;
        int show_status = write_stdout(text, status ? problem : message);
        status = status ? status : show_status;
    }
    return status;
}

int measure(const benchmark_run_options &o, const std::string &filter, benchmark_outcome &outcome,
            std::string &message)
{
    OutFile file;
    Collector collector(o);

    if (access("/dev/null", W_OK))
        return io_error("/dev/null", errno, message);
    if (o.out_path && file.open_at(o.out_path, message))
        return -EIO;
    benchmark_c::forget_failures();
    std::cout.clear();

    Display display(o, outcome.matched);
    {
        RunFlags run_flags;
        benchmark::RunSpecifiedBenchmarks(&display, &collector, filter);
    }
    outcome.error_runs = collector.error_runs;

    int status = write_reports(o, display, collector, file, message);
    if (status == 0 && !o.display && o.display_format == BENCHMARK_FORMAT_CONSOLE &&
        (!std::cout || std::fflush(stdout)))
        return io_error("standard output", EIO, message);
    return status;
}

int run(const benchmark_run_options &o, benchmark_outcome &outcome, std::string &message)
{
    if (!is_sound(o)) {
        message = "unknown report format, or a file without one";
        return -EINVAL;
    }
    const std::string filter = o.filter ? o.filter : benchmark::GetBenchmarkFilter();
    Matches found;
    int status = find_matches(filter, found, message);
    outcome.matched = found.count;
    if (status)
        return status;
    if (benchmark_c::flags().list_tests)
        return write_stdout(found.names, message);
    return measure(o, filter, outcome, message);
}

} // namespace

int benchmark_run(const benchmark_run_options *options, benchmark_outcome *outcome) noexcept
{
    const benchmark_run_options none = {};
    benchmark_outcome own = {};
    int status = benchmark_c::guarded([&] {
        std::string message;
        int result;
        try {
            result = run(options ? *options : none, own, message);
        } catch (const std::bad_alloc &) {
            throw;
        } catch (const std::exception &e) {
            message = e.what();
            result = -ECANCELED;
        }
        if (result)
            std::snprintf(own.message, sizeof(own.message), "%s", message.c_str());
        return result;
    });
    if (outcome)
        *outcome = own;
    return status;
}

int benchmark_list(const char *filter, void (*name)(void *user, const char *name),
                   void *user) noexcept
{
    return benchmark_c::guarded([=] {
        if (!name)
            return -EINVAL;
        Matches found;
        std::string message;
        int status = find_matches(filter ? filter : "", found, message);
        if (status && status != -ENOENT)
            return status;
        std::istringstream lines(found.names);
        for (std::string line; std::getline(lines, line);)
            name(user, line.c_str());
        return 0;
    });
}

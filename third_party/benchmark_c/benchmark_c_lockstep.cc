// SPDX-License-Identifier: Apache-2.0
//
// Taking turns with another program before every call of a benchmark function: lockstep.md.

#include "benchmark_c_private.h"

#include <cstdio>
#include <mutex>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace
{

struct Turns {
    int in = -1, out = -1; // the go comes in, the names go out; -1: nobody gives turns
    int cpu = -1;          // where a call runs; -1: anywhere
    cpu_set_t everywhere;  // where this process could run before
    std::mutex mutex;      // held while one thread waits for the turn of all
    int here = 0;          // threads that have come for this turn
    bool over = false;
};

Turns &turns()
{
    static Turns only;
    return only;
}

bool say(const std::string &line)
{
    for (size_t at = 0; at < line.size();) {
        const ssize_t count = write(turns().out, line.data() + at, line.size() - at);
        if (count < 0 && errno != EINTR)
            return false;
        at += count > 0 ? static_cast<size_t>(count) : 0;
    }
    return true;
}

bool hear()
{
    char go;
    ssize_t count;
    do
        count = read(turns().in, &go, 1);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

// A thread starts where the one that made it is bound to.
void place(bool bound)
{
    cpu_set_t one;
    if (turns().cpu < 0)
        return;
    CPU_ZERO(&one);
    CPU_SET(turns().cpu, &one);
    (void)sched_setaffinity(0, sizeof(one), bound ? &one : &turns().everywhere);
}

} // namespace

bool benchmark_c::in_lockstep() { return turns().in >= 0; }

void benchmark_c::lockstep_join(const char *variable)
{
    const char *value = variable ? std::strchr(variable, '=') : nullptr;
    int in, out, cpu, length = 0;

    if (!value || std::sscanf(value, "=%d,%d,%d%n", &in, &out, &cpu, &length) != 3 ||
        value[length] || in < 0 || cpu >= CPU_SETSIZE || fcntl(in, F_SETFD, FD_CLOEXEC) ||
        fcntl(out, F_SETFD, FD_CLOEXEC))
        return;
    turns().in = in;
    turns().out = out;
    if (sched_getaffinity(0, sizeof(turns().everywhere), &turns().everywhere) == 0)
        turns().cpu = cpu;
    (void)benchmark_add_context("lockstep",
                                cpu < 0 ? "any processor" : std::to_string(cpu).c_str());
    turns().over = !say("\n");
}

bool benchmark_c::lockstep_wait(const std::string &cell, int threads, bool bound)
{
    std::lock_guard<std::mutex> lock(turns().mutex);

    if (turns().here++ == 0 && !turns().over)
        turns().over = !say(cell + '\n') || !hear();
    if (turns().here == threads)
        turns().here = 0;
    place(bound && threads == 1);
    return !turns().over;
}

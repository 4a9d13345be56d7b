// SPDX-License-Identifier: Apache-2.0
// Runs to make pages of: plain ones, and hostile ones.
"use strict";

// 1 to 2, the same each time.
function noise(seed) {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return 1 + state / 2 ** 32;
    };
}

function sample(name, repetition, ns, more) {
    return {
        name, run_name: name, run_type: "iteration", repetitions: 20, repetition_index: repetition, threads: 1, iterations: 1,
        real_time: ns, cpu_time: ns, time_unit: "ns", ...more,
    };
}

// Kernels by chunk sizes, as bench_mmap writes them.
function sweep({ kernels, chunks, samples = 6, seed = 1, context = {}, slow = 1, size = 10485760, file = "new", axes = "", more = () => ({}) }) {
    const next = noise(seed), benchmarks = [];
    kernels.forEach((kernel, k) => chunks.forEach((chunk) => {
        for (let i = 0; i < samples; i++) {
            const calls = Math.ceil(size / chunk), faults = k % 2 === 0 ? 2560 : 3;
            const fill = Math.round((1e6 + calls * (300 + 40 * k) + faults * 1500) * (0.97 + 0.03 * next()) * slow);
            benchmarks.push(sample(`${kernel}/file:${file}/sync:none${axes}/size:${size}/chunk:${chunk}/manual_time`, i, fill + 30000, {
                bytes_per_second: size / (fill + 30000) * 1e9, calls: k % 2 === 0 ? 5 : calls, minor_faults: faults, create_ns: 20000, size_ns: 0,
                map_ns: 0, fill_ns: fill, sync_ns: 0, unmap_ns: 0, close_ns: 10000, ...more(calls, fill) }));
        }
    }));
    return { context: { date: "2026-11-23T14:10:47+00:00", machine_key: "0123456789abcdef", file_system: "ext4", cpu_model: "some processor", rotational: "0", ...context }, benchmarks };
}

// All kinds: in two orders, with a control, and with latencies; a pair that may cross; round trips.
function mixed() {
    const chunks = [1024, 4096, 65536], run = sweep({ kernels: ["Mmap", "Write"], chunks });
    const next = noise(7), doubt = () => ({ real_time: Math.round(1e6 * next()) });
    const parts = [{ kernels: ["Mmap", "Write"], axes: "/order:random" }, { kernels: ["Memcpy", "ReadMemory"], file: "none" },
        { kernels: ["ReadMmap", "ReadCall"], file: "cached", more: doubt },
        { kernels: ["ChannelRing", "ChannelPipe"], file: "none", more: (_, fill) => ({ create_ns: 0, close_ns: 0, fill_ns: fill + 30000 }) },
        { kernels: ["ChannelRing", "ChannelPipe"], file: "none", axes: "/mode:roundtrip",
            more: (calls, fill) => ({ bytes_per_second: undefined, create_ns: 0, close_ns: 0, fill_ns: fill + 30000, trip_ns: (fill + 30000) / calls }) },
        { kernels: ["Mmap", "Write"], axes: "/latency:each",
            more: (calls, fill) => ({ bytes_per_second: undefined, p50_ns: fill / calls, p90_ns: 2 * fill / calls, p99_ns: 3 * fill / calls, p999_ns: 4 * fill / calls, max_ns: 5 * fill / calls, clock_ns: 20 }) }];
    run.benchmarks.push(...parts.flatMap((part) => sweep({ chunks, ...part }).benchmarks));
    return run;
}

const CHUNKS = [1024, 4096, 16384, 65536, 262144, 1048576];
const BAD = ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "]]>--><svg onload=alert(1)>", "\u202egnihsalf\u202c <b>bold</b>",
    "'\"`${alert(1)}{{1}}", "=HYPERLINK(\"http://x\")"];

const runs = {
    plain: () => sweep({ kernels: ["Mmap", "Write", "Writev"], chunks: CHUNKS }),
    mixed,
    hostile: () => sweep({ kernels: BAD, chunks: CHUNKS.slice(0, 3), context: Object.fromEntries(BAD.map((text, i) => [`key ${i} ${text}`, text])) }),
    long: () => sweep({ kernels: ["Mmap", `Write${"x".repeat(1 << 20)}`], chunks: [1024, 4096], samples: 2 }),
    one: () => sweep({ kernels: ["Write"], chunks: [4096], samples: 1 }),
    errors: () => ({ context: {}, benchmarks: BAD.map((text) => ({ ...sample(`${text}/chunk:4096`, 0, 0), error_occurred: true, error_message: text })) }),
    others: () => ({ context: { num_cpus: 4 }, benchmarks: ["BM_sort/8", "BM_sort/512", "BM_copy<int>"].flatMap((name, i) =>
        [10, 11, 12].map((ns, repetition) => sample(name, repetition, ns * 10 ** i))) }),
    many: () => sweep({ kernels: Array.from({ length: 40 }, (_, i) => `Kernel${i}`), chunks: Array.from({ length: 10 }, (_, i) => 1024 << i), samples: 20 }),
};

// JSON has no NaN, but Google Benchmark writes it.
function textOf(run) {
    return JSON.stringify(run, (key, value) => typeof value === "number" && !Number.isFinite(value) ? `@${value}@` : value, 1)
        .replace(/"@(NaN|-?Infinity)@"/g, "$1");
}

function withNaN() {
    const run = runs.plain();
    run.benchmarks.forEach((row, i) => {
        row.minor_faults = NaN;
        row.calls = i % 2 === 0 ? Infinity : row.calls;
        row.real_time = i % 7 === 0 ? NaN : row.real_time;
    });
    return run;
}
runs.nan = withNaN;

module.exports = { runs, sweep, textOf, CHUNKS };

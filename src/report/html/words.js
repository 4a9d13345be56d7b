// SPDX-License-Identifier: Apache-2.0
// Numbers as readers get them.

function digits(number) {
    if (number === 0)
        return "0";
    const size = Math.abs(number);
    if (size >= 1e6 || size < 1e-3)
        return number.toExponential(2);
    return size >= 100 ? number.toFixed(0) : number.toPrecision(3);
}

function inUnits(number, units, base) {
    let unit = 0;
    while (unit + 1 < units.length && Math.abs(number) >= base * 0.9995)
        number /= base, unit++;
    return `${digits(number)} ${units[unit]}`;
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const sayTime = (ns) => isNumber(ns) ? inUnits(ns, ["ns", "µs", "ms", "s"], 1000) : "–";
const sayRate = (rate) => isNumber(rate) ? inUnits(rate, ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"], 1000) : "–";
// As toLocaleString("en") says it, which takes long when it is first called.
function sayCount(count) {
    if (!isNumber(count))
        return "–";
    const number = Number(count.toPrecision(4));
    return Math.abs(number) < 1000 ? String(Number(number.toFixed(3))) : String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

const sayTimes = (ratio) => isNumber(ratio) ? `${digits(ratio)}×` : "–";
const sayChange = (ratio) => isNumber(ratio) ? `${ratio >= 1 ? "+" : "−"}${digits(Math.abs(ratio - 1) * 100)} %` : "–";

const sayShare = (share) => `${Number((100 * share).toPrecision(3))} %`;

function sayBytes(bytes) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (unit + 1 < units.length && bytes >= 1024)
        bytes /= 1024, unit++;
    return `${Number(bytes.toPrecision(3))} ${units[unit]}`;
}

// What the kernels of a table do, and what its name begins with.
const KINDS = {
    writer: { asks: "How fast can this machine write that file?", heading: "Writing", prefix: "" },
    reader: { asks: "How fast can this machine read that file?", heading: "Reading", prefix: "reading, " },
    channel: { asks: "How fast do these bytes reach another process?", heading: "From process to process", prefix: "from process to process, " },
};

const kindOf = (one) => KINDS[one.kind] ?? KINDS.writer;
const filesOf = (one) => visible((one.name.startsWith(kindOf(one).prefix) ? one.name.slice(kindOf(one).prefix.length) : one.name).replace(", file none", ""));
const MEASURES = { time: "time per file", trip: "time per round trip", p50: "median latency of a chunk" };
const measureOf = (one) => MEASURES[one.mode === "roundtrip" ? "trip" : one.latency === "each" ? "p50" : "time"];
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function sayOf(kind, value) {
    return kind === "time" ? sayTime(value) : kind === "rate" ? sayRate(value)
        : kind === "bytes" && isNumber(value) ? sayBytes(value) : sayCount(value);
}

function sayInterval(say, low, high) {
    return isNumber(low) && isNumber(high) ? `${say(low)} to ${say(high)}` : "no interval";
}

function sayList(words) {
    return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function plural(count, word) {
    return `${sayCount(count)} ${word}${count === 1 ? "" : "s"}`;
}

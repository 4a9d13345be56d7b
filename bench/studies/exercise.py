#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The textbook exercise as it is written, in Python, beside the same in C.

A file is made chunk after chunk: by storing into a mapping, by write() of a file
object with its buffer, by write() without one. Beside each runs the kernel of
bench_mmap that makes the same system calls (Mmap, Stdio, Write), in turns and in
random order, so that both see the same machine. What the kernel takes is Linux
and the copying; the rest of Python's time is Python.

Timed on both sides: open, size, map, all chunks, unmap, close; not what goes
before and after. A figure is the fastest of the rounds: other programs only make
both sides slower. "-": Python took no longer than the kernel.
"""
import argparse
import mmap
import os
import random
import subprocess
import sys
import tempfile
import time

LESSON = "1,8,16,64,128,256,1K,8K,128K,256K,512K,1M,2M,5M,10M"


def fill_mapping(path, size, chunk, block):
    with open(path, "w+b") as file:
        file.truncate(size)
        with mmap.mmap(file.fileno(), size) as region:
            last = size - size % chunk
            for at in range(0, last, chunk):
                region[at : at + chunk] = block
            region[last:size] = block[: size - last]


def write_chunks(path, size, chunk, block, buffering):
    with open(path, "wb", buffering=buffering) as file:
        for _ in range(size // chunk):
            file.write(block)
        file.write(block[: size % chunk])


def write_buffered(path, size, chunk, block):
    write_chunks(path, size, chunk, block, -1)


def write_unbuffered(path, size, chunk, block):
    write_chunks(path, size, chunk, block, 0)


WAYS = (
    ("mapping", "Mmap", fill_mapping),
    ("write()", "Stdio", write_buffered),
    ("unbuffered", "Write", write_unbuffered),
)


def in_python(fill, arguments, chunk):
    block = os.urandom(chunk)
    with tempfile.TemporaryDirectory(dir=arguments.dir) as directory:
        path = os.path.join(directory, "file")
        begin = time.perf_counter_ns()
        fill(path, arguments.size, chunk, block)
        took = time.perf_counter_ns() - begin
        if os.path.getsize(path) != arguments.size:
            sys.exit(f"exercise.py: {fill.__name__} made {os.path.getsize(path)} bytes")
        return took


def in_c(kernel, arguments, chunk):
    command = [arguments.program, f"--dir={arguments.dir}", "--files=1", kernel, "kernel", str(chunk)]
    done = subprocess.run(command + [str(arguments.size)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"exercise.py: {' '.join(command)}: status {done.returncode}")
    return float(done.stdout.split()[1])  # "mean 2510337 median ..."


def measure(arguments):
    """times[way][chunk]: the fastest in Python and in C, in nanoseconds."""
    tasks = [(way, chunk, side) for way in WAYS for chunk in arguments.chunks for side in (0, 1)]
    seen = {task: [] for task in tasks}
    for _ in range(arguments.rounds):
        random.shuffle(tasks)
        for task in tasks:
            (_, kernel, fill), chunk, side = task
            run = in_python(fill, arguments, chunk) if side == 0 else in_c(kernel, arguments, chunk)
            seen[task].append(run)
    return {
        way: {chunk: [min(seen[way, chunk, side]) for side in (0, 1)] for chunk in arguments.chunks}
        for way in WAYS
    }


def print_table(times, arguments):
    print(f"{arguments.size} bytes, the fastest of {arguments.rounds} in ms; share: what is Python of Python's time\n")
    print("chunk   " + "".join(f"  {way[0]:>10}{way[1]:>8} share" for way in WAYS))
    for chunk in arguments.chunks:
        row = f"{chunk:<8}"
        for way in WAYS:
            python, kernel = times[way][chunk]
            share = f"{100 * (1 - kernel / python):.0f}%" if python > kernel else "-"
            row += f"  {python / 1e6:10.3f}{kernel / 1e6:8.3f} {share:>5}"
        print(row)
    print()
    for way in WAYS:
        least = min(arguments.chunks)
        python, kernel = times[way][least]
        count = -(-arguments.size // least)
        print(
            f"{way[0]}, chunks of {least}: Python adds {max(0, python - kernel) / count:.0f} ns a chunk to the "
            f"{kernel / count:.0f} ns of {way[1]}."
        )


def where_write_wins(times, way, side, chunks):
    """From which chunk size on it is faster than the mapping; None: nowhere at the end."""
    first = None
    for chunk in sorted(chunks, reverse=True):
        if times[way][chunk][side] >= times[WAYS[0]][chunk][side]:
            break
        first = chunk
    return first


def print_crossovers(times, arguments):
    for way in WAYS[1:]:
        wins = [where_write_wins(times, way, side, arguments.chunks) for side in (0, 1)]
        words = [f"from {first} bytes on" if first is not None else "not in the largest chunks" for first in wins]
        print(f"{way[0]} beats the mapping in Python {words[0]}, in C ({way[1]} and Mmap) {words[1]}.")


def bytes_of(text):
    unit = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1:].upper(), 1)
    number = int(text if unit == 1 else text[:-1])
    if number < 1:
        raise ValueError
    return number * unit


def list_of_bytes(text):
    return sorted({bytes_of(item) for item in text.split(",")})


class Parser(argparse.ArgumentParser):
    def error(self, message):  # argparse would exit with 2
        self.exit(1, f"exercise.py: {message}\n")


def main():
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", metavar="BENCH_OVERHEAD", help="as built with the studies")
    parser.add_argument("--dir", default=".", help="where the files are written [.]")
    parser.add_argument("--size", type=bytes_of, default="10M", help="of the file [10M]")
    parser.add_argument("--chunks", type=list_of_bytes, default=LESSON, help="[the lesson's, 1 to 10M]")
    parser.add_argument("--rounds", type=int, default=5, help="[5]")
    arguments = parser.parse_args()
    arguments.chunks = [chunk for chunk in arguments.chunks if chunk <= arguments.size]
    if not arguments.chunks or arguments.rounds < 1:
        parser.error("nothing to measure: a chunk no larger than the file, and a round or more")
    if not os.access(arguments.program, os.X_OK):
        parser.error(f"{arguments.program}: no such program; build with the studies")
    times = measure(arguments)
    print_table(times, arguments)
    print_crossovers(times, arguments)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"exercise.py: {error}")

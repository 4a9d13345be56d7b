#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# layers.sh [TREE]: reads every #include "..." of the sources and fails on one that goes upward in src/layers.txt, that names
# a folder not listed there, or that names no file.
set -euo pipefail

tree=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)}
cd "$tree"
sources=$(find src bench tools third_party/benchmark_c third_party/fstream_c include \( -name '*.[ch]' -o -name '*.cc' -o -name '*.def' -o -name '*.h.sh' \) ! -name 'test_*' | sort)

# shellcheck disable=SC2086 # names without spaces
awk '
# The longest listed folder that holds the file; the public headers stand below all.
function layer(path,    folder) {
    if (path ~ /^include\//)
        return lowest
    for (folder = path; sub(/\/[^\/]*$/, "", folder);)
        if (folder in order)
            return order[folder]
    return 0
}
function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
}
FILENAME == "src/layers.txt" { order[$0] = ++count; lowest = count + 1; next }
FNR == 1 { files++ }
FNR == 1 && !layer(FILENAME) { complain("its folder is not in src/layers.txt") }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    included = $0
    sub(/^[^"]*"/, "", included)
    sub(/".*/, "", included)
    folder = FILENAME
    sub(/\/[^\/]*$/, "", folder)
    if (included ~ /^bench_mmap\//)
        target = "include/" included
    else if (included in exists)
        target = included
    else if ((folder "/" included ".sh") in exists) # generated
        target = folder "/" included ".sh"
    else
        target = folder "/" included
    includes++
    if (!(target in exists))
        complain("there is no " included)
    else if (!layer(target))
        complain(included " is in a folder that is not in src/layers.txt")
    else if (layer(target) < layer(FILENAME))
        complain(included " is above this file in src/layers.txt")
}
BEGIN {
    for (i = 2; i < ARGC; i++)
        exists[ARGV[i]] = 1
}
END {
    if (count < 10 || files < 100 || includes < 100) {
        print "layers.sh: too little was read: is this the tree?"
        exit 1
    }
    if (!bad)
        printf "%d files, %d includes: none goes upward in %d layers\n", files, includes, count
    exit bad
}' src/layers.txt $sources

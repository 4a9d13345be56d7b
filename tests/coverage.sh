#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# coverage.sh BUILD: which share of its lines each source file had executed, the least first. BUILD is of the preset coverage, and
# its tests were run. gcov comes with gcc; gcovr, where it is there, draws pages too.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$(cd "${1:?usage: tests/coverage.sh BUILD}" && pwd -P)
count=$(find "$build" -name '*.gcda' ! -path "$build/tests/*" | wc -l)
[[ $count -gt 0 ]] || {
    echo "coverage.sh: nothing was run in $build: ctest --preset coverage" >&2
    exit 1
}
# All objects at once: a file that was compiled into several programs is counted as one.
(cd "$build" && find . -name '*.gcda' ! -path './tests/*' -print0 | xargs -0 -n 1000 gcov -n -r -s "$tree") | awk '
/^File / { file = $2; gsub(/\047/, "", file); next }
/^Lines executed:/ && file != "" {
    split($0, part, /[:% ]+/)
    lines = part[5]
    executed = part[3] / 100 * lines
    if (lines > most[file] || executed > best[file]) { most[file] = lines; best[file] = executed }
    file = ""
}
END {
    for (file in most) {
        printf("%6.1f %% of %5d lines  %s\n", 100 * best[file] / most[file], most[file], file) | "sort -n"
        all += most[file]
        done += best[file]
    }
    close("sort -n")
    printf("%6.1f %% of %5d lines  together\n", 100 * done / all, all)
}'
if command -v gcovr >/dev/null; then
    gcovr --root "$tree" --exclude "$tree/tests" --html-details "$build/coverage.html" "$build"
    echo "pages: $build/coverage.html"
fi

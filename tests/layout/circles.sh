#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# circles.sh BUILD [TREE]: fails when files of one program or library call each other in a circle. It reads the symbols of the
# objects that a build with CMake or Meson left in BUILD.
set -euo pipefail

build=$(cd "$1" && pwd -P)
tree=${2:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)}

# OBJECT TARGET SOURCE. A build directory keeps the objects of files that are gone, and may lie inside the tree; both builds
# name an object by its source, Meson with _ for /.
objects() {
    {
        (cd "$tree" && find bench src tools third_party -name '*.c' -o -name '*.cc') | sed 's/^/source /'
        (cd "$build" && find . -path ./builds -prune -o -path ./tests -prune -o -name '*.o' -print) | sed 's|^\./|object |'
    } | awk '
    $1 == "source" {
        flat = $2
        gsub(/\//, "_", flat)
        known[flat] = $2
        next
    }
    {
        target = flat = $2
        if (!sub(/CMakeFiles\/.*/, "", flat) && !sub(/[^\/]*\.p\/.*/, "", flat))
            next
        rest = substr($2, length(flat) + 1)
        sub(/^CMakeFiles\//, "", rest)
        match(rest, /^[^\/]*/)
        target = flat substr(rest, 1, RLENGTH)
        flat = flat substr(rest, RLENGTH + 2)
        sub(/\.o$/, "", flat)
        gsub(/\//, "_", flat)
        if (flat in known)
            print $2, target, known[flat]
    }'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objects >"$work/objects"
[[ -s $work/objects ]] || { echo "circles.sh: no objects in $build: is this a build?"; exit 1; }

# "TARGET SOURCE T|U SYMBOL" for all that is defined or wanted. Weak symbols are inline functions of C++.
symbols() {
    (cd "$build" && cut -d ' ' -f 1 "$work/objects" | xargs nm -A -g -P) | awk '
    NR == FNR { prefix[$1 ":"] = $2 " " $3; next }
    $3 ~ /^[ABCDGRST]$/ { print prefix[$1], "T", $2 }
    $3 == "U" { print prefix[$1], "U", $2 }' "$work/objects" -
}

symbols | awk '
{
    node = $1 SUBSEP $2
    if (!(node in name)) {
        name[node] = $2
        nodes[++count] = node
    }
    if ($3 == "T")
        home[$1, $4] = node
    else
        wants[node] = wants[node] " " $4
}
function walk(from, at,    i) {
    for (i = 1; i <= degree[at]; i++)
        if (!((from, edge[at, i]) in reaches)) {
            reaches[from, edge[at, i]] = 1
            walk(from, edge[at, i])
        }
}
END {
    for (i = 1; i <= count; i++) {
        split(nodes[i], part, SUBSEP)
        length_of = split(wants[nodes[i]], symbol, " ")
        for (s = 1; s <= length_of; s++)
            if ((part[1], symbol[s]) in home && home[part[1], symbol[s]] != nodes[i]) {
                edge[nodes[i], ++degree[nodes[i]]] = home[part[1], symbol[s]]
                calls++
                said[nodes[i], home[part[1], symbol[s]]] = said[nodes[i], home[part[1], symbol[s]]] " " symbol[s]
            }
    }
    if (count < 100 || calls < 100) {
        print "circles.sh: only " count " objects and " calls + 0 " calls were found: is this a build?"
        exit 1
    }
    for (i = 1; i <= count; i++)
        walk(nodes[i], nodes[i])
    for (i = 1; i <= count; i++) {
        if (nodes[i] in done || !((nodes[i], nodes[i]) in reaches))
            continue
        circles++
        print "a circle:"
        for (j = i; j <= count; j++)
            if (((nodes[i], nodes[j]) in reaches) && ((nodes[j], nodes[i]) in reaches)) {
                done[nodes[j]] = 1
                for (k = i; k <= count; k++)
                    if ((nodes[j], nodes[k]) in said && (nodes[k], nodes[i]) in reaches)
                        print "  " name[nodes[j]] " calls " name[nodes[k]] ":" said[nodes[j], nodes[k]]
            }
    }
    if (!circles)
        printf "%d objects, %d calls between them: no circle\n", count, calls
    exit circles > 0
}'

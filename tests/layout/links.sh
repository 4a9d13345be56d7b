#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# links.sh [TREE]: fails when a document links or names a file that is not there.
set -euo pipefail

tree=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)}
cd "$tree"
documents=$(find . \( -name '.git' -o -name 'build*' -o -path './third_party/subprojects' \) -type d ! -path './tests/builds' -prune -o -name '*.md' -print | sort)
checked=0 status=0

check() { # DOCUMENT NAME PATH
    checked=$((checked + 1))
    [[ -e $3 ]] || { echo "$1: there is no $2"; status=1; }
}

for document in $documents; do
    while read -r link; do
        check "$document" "$link" "${document%/*}/$link"
    done < <(grep -oE '\]\([^)]+\)' "$document" | sed -E 's/^\]\(//; s/\)$//; s/#.*//' | grep -vE '^$|^[a-z]+:' || true)
    # Paths from the top of the tree, in backquotes; NAME, FOLDER and SUBJECT stand for any.
    while read -r path; do
        check "$document" "$path" "$path"
    done < <(grep -oE '`(src|bench|tools|tests|third_party|include|results)/[A-Za-z0-9_./-]*' "$document" | tr -d '`' |
        grep -vE 'NAME|FOLDER|SUBJECT|\.json$|\.db$' || true)
done
[[ $checked -ge 10 ]] || { echo "links.sh: only $checked links: is this the tree?"; exit 1; }
[[ $status -ne 0 ]] || echo "$checked links and paths: all are there"
exit $status

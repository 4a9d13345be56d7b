#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# embed.sh OUT [CHART]: makes the C source OUT of what a page is made of: page.html, page.css and the scripts of
# sources.txt beside this script, and Chart.js (none: without). Both builds call this.
set -eu

mkdir -p "$(dirname "$1")"
out=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
chart=${2:-}
cd "$(dirname "$0")"

# page_NAME: the bytes of the files, one behind the other; without files none.
embed() { # NAME FILE...
    name=$1
    shift
    if [ $# -gt 0 ]; then
        printf 'static const unsigned char %s[] = {' "$name"
        cat "$@" | od -An -v -tu1 | sed 's/[0-9][0-9]*/&,/g'
        printf '};\nconst struct page_file page_%s = {%s, sizeof %s};\n' "$name" "$name" "$name"
    else
        printf 'const struct page_file page_%s = {NULL, 0};\n' "$name"
    fi
}

{
    echo '#include "src/report/page_files.h"'
    embed body page.html
    embed style page.css
    # shellcheck disable=SC2046 # a word a file
    embed script $(cat sources.txt)
    embed chart ${chart:+"$chart"}
} >"$out.new"
mv "$out.new" "$out"

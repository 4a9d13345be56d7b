#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# revision.h.sh TREE HEADER: writes the revision of the tree into a header. One that says so already is left alone, so that
# nothing is compiled anew. Both builds call this each time.
set -eu

tree=$1 header=$2
revision=unknown
# A tree without .git may lie in another project's repository. Others may be at work in this one: no lock is taken.
if [ -e "$tree/.git" ]; then
    revision=$(GIT_OPTIONAL_LOCKS=0 git -C "$tree" describe --always --dirty --abbrev=12 --match= 2>/dev/null) || revision=unknown
fi
line="#define BENCH_MMAP_REVISION \"$revision\""
if [ ! -e "$header" ] || [ "$(cat "$header")" != "$line" ]; then
    mkdir -p "$(dirname "$header")"
    printf '%s\n' "$line" >"$header"
fi

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# no_server.sh [ROOT]: before Debian's package postgresql is installed, in ROOT say: keeps it from making
# a server of its own, on a port that somebody may use. What is there stays as it is.
set -euo pipefail

root=${1:-}
configuration=$root/etc/postgresql-common/createcluster.conf
[[ ! -e $configuration && ! -e $root/usr/bin/pg_ctlcluster ]] || exit 0
command -v apt-get >/dev/null || exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || exit 0
    as_root=(sudo)
fi
"${as_root[@]}" mkdir -p "${configuration%/*}"
echo "create_main_cluster = false" | "${as_root[@]}" tee "$configuration" >/dev/null

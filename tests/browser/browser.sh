#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# browser.sh BENCH_RESULTS: the pages of bench_results report in a real browser.
set -euo pipefail

command -v node >/dev/null || {
    echo "skipped: browser: no node here"
    exit 77
}
exec node "$(dirname "${BASH_SOURCE[0]}")/test_page.js" "$1"

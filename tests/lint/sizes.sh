#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Functions of at most 60 lines, a median of at most 18; files of at most 500.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

files() { git ls-files -co --exclude-standard -- "$@" | grep -v '^build/' | while read -r f; do [ ! -f "$f" ] || echo "$f"; done; }
mapfile -t sources < <(files '*.c' '*.h' '*.py' '*.sh' dev tests/cluster/cluster)
mapfile -t code < <(files '*.c' '*.py')
[ ${#code[@]} -gt 0 ] || { echo "no source found"; exit 1; }

long=$(wc -l "${sources[@]}" | awk '$1 > 500 && $2 != "total" { print $2 ": " $1 " lines, at most 500" }')
ctags -x --_xformat='%F %n %{end} %K %N' --kinds-C=f --kinds-Python=fm "${code[@]}" |
	awk '$3 ~ /^[0-9]+$/ { print $3 - $2 + 1, $1 ":" $2, $5 }' | sort -n | awk -v long="$long" '
	{ lines[NR] = $1 }
	$1 > 60 { long = long (long ? "\n" : "") $2 ": " $3 " has " $1 " lines, at most 60" }
	$2 ~ /^(base|kube|arm|bundle|plugin)\// { own[++n] = $1 }
	END {
		if (!n) { print "no function found"; exit 1 }
		median = own[int((n + 1) / 2)]
		printf "%d functions of the program, median %d lines, longest %d; %d in all\n", n, median, own[n], NR
		if (long) print long
		if (median > 18) print "the median is above 18"
		exit (long != "" || median > 18)
	}'

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over the program (.clang-tidy at the root says which checks). A file that passed is not asked again
# until it, a header, the flags or the checks change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[ -f build/tidy/build.ninja ] || cmake --preset tidy >/dev/null
cmake --build build/tidy --target version_commit >/dev/null # generates a header
mkdir -p build/tidy/passed
headers=$(cat .clang-tidy cmake/*.cmake tests/unit/*.h ./*/*.h <(clang-tidy --version) 2>/dev/null | sha256sum)
export headers

one() {
	local mark
	mark=build/tidy/passed/$( (echo "$headers $1"; cat "$1") | sha256sum | cut -c1-32)
	[ -e "$mark" ] && return 0
	clang-tidy --quiet -p build/tidy --warnings-as-errors='*' "$1" 2>/dev/null || {
		echo "$1: clang-tidy has findings"
		return 1
	}
	touch "$mark"
}
export -f one

mapfile -t files < <(find base kube arm bundle plugin -name '*.c' 2>/dev/null | sort)
[ ${#files[@]} -gt 0 ] || { echo "no C file found"; exit 1; }
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'one "$1"' tidy

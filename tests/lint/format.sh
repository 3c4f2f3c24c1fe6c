#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format leaves it; `clang-format -i FILE` mends one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mapfile -t files < <(find base kube arm bundle plugin docs tests -name '*.[ch]' 2>/dev/null | sort)
[ ${#files[@]} -gt 0 ] || { echo "no C file found"; exit 1; }
bad=0
for file in "${files[@]}"; do
	clang-format "$file" | cmp -s - "$file" || {
		echo "$file: not as clang-format leaves it"
		bad=1
	}
done
exit $bad

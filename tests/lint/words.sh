#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing unfinished, no path of somebody's machine, a licence line in every source file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bad=0
mapfile -t files < <(git ls-files -co --exclude-standard | grep -vE '^(LICENSE|build/|tests/data/|tests/lint/words\.sh)' |
	while read -r f; do [ ! -f "$f" ] || echo "$f"; done)
[ ${#files[@]} -gt 0 ] || { echo "no file found"; exit 1; }
if grep -nIwE 'TODO|FIXME|XXX|HACK|TBD' "${files[@]}"; then
	echo "^ unfinished work is not written down in the source"
	bad=1
fi
if grep -nIE '(^|[^a-zA-Z0-9_.$}/~-])/(work|home/[a-z]+|Users/[a-zA-Z]+|root)/[a-z]' "${files[@]}" | grep -v 'tests/cli/.*\${'; then
	echo "^ a path of one machine"
	bad=1
fi
for file in "${files[@]}"; do
	case $file in
	*.[ch] | *.sh | *.py | *.cmake | */CMakeLists.txt | CMakeLists.txt | dev)
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || {
			echo "$file: no SPDX line"
			bad=1
		}
		;;
	esac
done
exit $bad

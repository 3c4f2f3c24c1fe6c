#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who may include whom, and which file alone may include a library's header.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bad=0
complain() {
	printf '%s\n' "$1" "$2"
	bad=1
}

# folder: folders whose headers it may include
while read -r folder allowed; do
	[ -d "$folder" ] || continue
	found=$(grep -rnE '^#[[:space:]]*include "' --include='*.[ch]' "$folder" |
		grep -vE "include \"($allowed)/") && complain "$folder may include $allowed only:" "$found"
done <<-'END'
	base base
	kube base|kube
	arm base|arm
	bundle base|kube|bundle
	plugin base|kube|arm|bundle|plugin
END

# header: files that may include it
while read -r header allowed; do
	found=$(grep -rnE "^#[[:space:]]*include <$header" --include='*.[ch]' base kube arm bundle plugin 2>/dev/null |
		grep -vE "^($allowed):") && complain "<$header…> belongs in $allowed:" "$found"
done <<-'END'
	json-c/ base/json(_[a-z]+)?\.c
	json\. base/json(_[a-z]+)?\.c
	yaml\.h base/yaml(_[a-z]+)?\.c
	curl/ base/http(_[a-z]+)?\.c
	openssl/ base/(digest|pem)\.c
END
exit $bad

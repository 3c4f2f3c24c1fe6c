#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who may include whom, and which file alone may include a library's header.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bad=0
# complain RULE LINES: unless there are no lines
complain() {
	[ -n "$2" ] || return 0
	printf '%s\n' "$1" "$2"
	bad=1
}
# includes PATTERN FOLDER...: lines "file:number:#include ..."
includes() { grep -rnE "^#[[:space:]]*include $1" --include='*.[ch]' "${@:2}" || true; }

folders=()
for folder in base kube arm bundle plugin; do
	[ ! -d "$folder" ] || folders+=("$folder")
done
[ ${#folders[@]} -gt 0 ] || complain "no folder of sources" "$PWD"

# folder: folders whose headers it may include
while read -r folder allowed; do
	[ -d "$folder" ] || continue
	found=$(includes '"' "$folder" | grep -vE "include \"(($allowed)/|version_commit\.h)" || true)
	complain "$folder may include $allowed only:" "$found"
done <<-'END'
	base base
	kube base|kube
	arm base|arm
	bundle base|kube|bundle
	plugin base|kube|arm|bundle|plugin
END

# header: files that may include it
while read -r header allowed; do
	found=$(includes "<$header" "${folders[@]}" | grep -vE "^($allowed):" || true)
	complain "<$header…> belongs in $allowed:" "$found"
done <<-'END'
	json-c/ base/json(_[a-z]+)?\.c
	json\. base/json(_[a-z]+)?\.c
	yaml\.h base/yaml(_[a-z]+)?\.[ch]
	curl/ base/http(_[a-z]+)?\.[ch]
	openssl/ base/(digest|pem(_[a-z]+)?|sign)\.c
	zlib\.h base/deflate\.c
	git2 bundle/canonical\.c
END
exit $bad

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every command that has a page (docs/unchanged says which do) has a case in tests/cli.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bad=0
commands=0
for page in docs/commands/*.md; do
	name=$(sed -n 's/^# kubectl flux-arc //p' "$page")
	[ -n "$name" ] || continue
	commands=$((commands + 1))
	grep -rqE --include='*.case' "^command: (.* )?$name( |\$)" tests/cli || {
		echo "$name: no case in tests/cli"
		bad=1
	}
done
[ $commands -gt 0 ] || { echo "no page found"; exit 1; }
echo "$commands commands"
exit $bad

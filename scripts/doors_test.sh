#!/bin/bash
# The doors: socket, connect, bind, sendto and their like are called in
# harness/gate alone, exit in main and the child, and so on. Macros cannot
# check that (ops->connect() would be hit too); the object files can.
set -u
cd "$BUILD" || exit 1
failed=0
objects() { # FOLDER...: object files of assay below the folders
	find CMakeFiles -name '*.c.o' | grep -E "($(IFS='|'; echo "$*"))/" |
		grep -vE '_(test|fuzz)\.c\.o$'
}

# name of a symbol, then the only places that may use it (extended regex)
table='
socket     /harness/gate/|/targets/simulated/
connect    /harness/gate/|/targets/simulated/
bind       /harness/gate/|/targets/simulated/
sendto     /harness/gate/|/targets/simulated/
sendmmsg   /harness/gate/|/targets/simulated/
listen     /targets/simulated/
accept     /targets/simulated/
accept4    /targets/simulated/
system     NOWHERE
popen      NOWHERE
execvp     /harness/run/hook|/targets/simulated/
posix_spawn /harness/run/hook|/targets/simulated/
posix_spawnp /harness/run/hook|/targets/simulated/
exit       /harness/cli/main|/harness/run/child|/targets/simulated/
'
checked=0
while read -r object; do
	checked=$((checked + 1))
	undefined=$(nm -u "$object" | awk '{print $2}' | sed 's/@.*//')
	while read -r symbol places; do
		[ -n "$symbol" ] || continue
		if grep -qx "$symbol" <<<"$undefined" &&
			! grep -qE "$places" <<<"/$object"; then
			echo "$object uses $symbol, which belongs to $places"
			failed=1
		fi
	done <<<"$table"
done < <(objects harness probes reports targets)

# the test's own control: it must see what it looks for
# shellcheck disable=SC2046
if ! nm -u $(objects harness/gate) | grep -qw socket; then
	echo "harness/gate does not use socket: this test looks at the wrong files"
	failed=1
fi
echo "$checked object files looked at"
exit $failed

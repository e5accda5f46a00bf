#!/bin/bash
# The doors: socket, connect, bind, sendto and their like are called in
# harness/gate alone, exit in main and the child, and so on. Macros cannot
# check that (ops->connect() would be hit too); the object files can.
set -u
cd "$BUILD" || exit 1
failed=0
objects() { # FOLDER...: object files of assay below the folders
	find CMakeFiles -name '*.c.o' | grep -E "($(IFS='|'; echo "$*"))/" |
		grep -vE '_(test|fuzz|bench)\.c\.o$'
}

# name of a symbol, then the only places that may use it (extended regex)
table='
socket     /harness/gate/|/targets/simulated/
connect    /harness/gate/|/targets/simulated/
bind       /harness/gate/|/targets/simulated/
sendto     /harness/gate/|/targets/simulated/
sendmmsg   /harness/gate/|/targets/simulated/
listen     /harness/gate/|/targets/simulated/
accept     /harness/gate/|/targets/simulated/
accept4    /harness/gate/|/targets/simulated/
system     NOWHERE
popen      NOWHERE
execvp     /harness/run/hook|/targets/simulated/
posix_spawn /harness/run/hook|/targets/simulated/
posix_spawnp /harness/run/hook|/targets/simulated/
mount      /harness/base/mounts|/harness/run/confine|/targets/simulated/inside
umount2    /harness/run/confine
unshare    /harness/base/mounts|/targets/simulated/supervisor
exit       /harness/cli/main|/harness/run/child|/targets/simulated/
'
mapfile -t files < <(objects harness probes reports targets)
# OBJECT SYMBOL, a line each: what each object asks of others
used=$(nm -uA "${files[@]}" | awk '{ sub(/:.*/, "", $1); sub(/@.*/, "", $NF); print "/" $1, $NF }')
while read -r symbol places; do
	[ -n "$symbol" ] || continue
	while read -r object; do
		echo "$object uses $symbol, which belongs to $places"
		failed=1
	done < <(awk -v s="$symbol" '$2 == s { print $1 }' <<<"$used" | grep -vE "$places")
done <<<"$table"

# What is mounted without mounts of one's own is mounted for the whole machine, in tests too; a file
# system that there is not cannot be.
while read -r file; do
	grep -q 'mounts_own(' "$file" || {
		echo "$file mounts without mounts_own()"
		failed=1
	}
done < <(cd "$SOURCE" && grep -rE '\bu?mount2?\(' --include='*.c' --include='*.h' harness probes reports targets |
	grep -vE 'no-such-system|/base/mounts\.c:' | cut -d: -f1 | sort -u | sed "s,^,$SOURCE/,")

# the test's own control: it must see what it looks for
if ! grep -q '^.*/harness/gate/.* socket$' <<<"$used"; then
	echo "harness/gate does not use socket: this test looks at the wrong files"
	failed=1
fi
echo "${#files[@]} object files looked at"
exit $failed

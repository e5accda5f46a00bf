#!/bin/bash
# label: slow
# timeout: 600
# The hostile checks again, as an ordinary user in 'unshare -Urn': there the gate is root of a
# namespace and the user's own files are what a check could read.
set -u
: "${SOURCE:?}" "${BUILD:?}"
failed=0
[ "$(id -u)" = 0 ] || {
	echo "all tests are an ordinary user's here"
	exit 0
}
# where the tree lies below a folder that is root's alone, a folder that all may search lies
# over that one, for this test
if [ "${1:-}" != --reached ]; then
	exec unshare -m --propagation private bash "$0" --reached
fi
closed=
for path in "$SOURCE" "$BUILD"; do
	while [ "$path" != / ]; do
		[ $((0$(stat -c %a "$path") & 1)) = 1 ] || closed=$path
		path=$(dirname "$path")
	done
done
if [ -n "$closed" ]; then
	kept=$(mktemp -d) || exit 2
	mkdir "$kept/source" "$kept/build"
	mount --bind "$SOURCE" "$kept/source"
	mount --bind "$BUILD" "$kept/build"
	mount -t tmpfs -o mode=755 none "$closed"
	mkdir -p "$SOURCE"
	mount --bind "$kept/source" "$SOURCE"
	mkdir -p "$BUILD"
	mount --bind "$kept/build" "$BUILD"
	cd "$BUILD" || exit 2
fi
XDG_RUNTIME_DIR=$(mktemp -d) || exit 2
export XDG_RUNTIME_DIR
chmod 777 "$XDG_RUNTIME_DIR"

as_user() { # COMMAND...
	# a shell between: the test's parent is the user's too
	# shellcheck disable=SC2016
	setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '"$@"; exit $?' sh "$@" || {
		echo "WRONG: as an ordinary user, $* ended with $?"
		failed=1
	}
}

as_user "$BUILD/bin/hostile_test"
for test in hostile_gate_test hostile_door_test hostile_report_test hostile_socket_test integrity_test device_lock_test; do
	as_user "$SOURCE/scripts/in-namespace" "$BUILD/bin/$test"
done
rm -rf "$XDG_RUNTIME_DIR"
exit $failed

#!/bin/bash
# Nothing is found by shellcheck in any shell script.
set -u
cd "$SOURCE" || exit 1
mapfile -t files < <(find .ci scripts targets -type f ! -name '*.[ch]' \
	-exec awk 'FNR == 1 && /^#!.*(sh|bash)$/ { print FILENAME }' {} \; | sort)
echo "${#files[@]} files"
[ "${#files[@]}" -ge 10 ] || {
	echo "too few: this test looks in the wrong place"
	exit 1
}
shellcheck -x -S warning "${files[@]}" || exit 1
# the test's own control: it must see what it looks for
! printf '#!/bin/sh\nx=1\n[ $y = 1 ]\n' | shellcheck -S warning - >/dev/null || {
	echo "shellcheck does not see an unused variable"
	exit 1
}

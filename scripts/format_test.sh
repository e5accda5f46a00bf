#!/bin/bash
# Every C file is as clang-format 14 with the project's .clang-format writes it.
set -u
cd "$SOURCE" || exit 1
mapfile -t files < <(find harness probes reports targets suites cmake \
	-name '*.[ch]' | sort)
echo "${#files[@]} files"
[ "${#files[@]}" -gt 100 ] || {
	echo "too few: this test looks in the wrong place"
	exit 1
}
clang-format-14 --dry-run -Werror "${files[@]}" || exit 1
# the test's own control: it must see what it looks for
! printf 'int  x ;\n' | clang-format-14 --dry-run -Werror 2>/dev/null || {
	echo "clang-format-14 does not see a badly written line"
	exit 1
}

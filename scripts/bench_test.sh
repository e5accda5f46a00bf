#!/bin/bash
# The bench says in one sentence what it lacks, before it starts anything.
set -u
failed=0
folder=$(mktemp -d)
python=$(python3 -c 'import sys; print(sys.executable)')
says() { # WANTED WORD...: ends with 1 and this sentence alone
	wanted=$1
	shift
	out=$("$@" 2>&1 >/dev/null)
	code=$?
	if [ $code != 1 ] || [ "$(wc -l <<<"$out")" != 1 ] || ! grep -q "$wanted" <<<"$out"; then
		echo "'$*' ended with $code and said: $out"
		failed=1
	fi
}
says "missing: .*sslscan.*; 'scripts/install-packages --bench' brings them" \
	env PATH="$folder" ASSAY="$ASSAY" "$python" "$SOURCE/scripts/bench" tls
says "nowhere/assay is not there: build it first" \
	env ASSAY=nowhere/assay "$python" "$SOURCE/scripts/bench" plan
rm -rf "$folder"
exit $failed

#!/bin/bash
# The program starts without the libraries that its modules bring, and each
# module asks for its own: probes/module.h.
set -u
failed=0
needed() { # FILE: the libraries it asks for
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}
while read -r module library; do
	if needed "$ASSAY" | grep -q "^$library"; then
		echo "assay asks for $library at its start"
		failed=1
	fi
	if ! needed "$BUILD/lib/assay/$module.so" | grep -q "^$library"; then
		echo "module '$module' does not ask for $library: this test looks for the wrong one"
		failed=1
	fi
done <<<"web libcurl"
exit $failed

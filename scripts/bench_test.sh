#!/bin/bash
# The bench says in one sentence what it lacks, before it starts anything, and
# 'install-packages --bench' brings each of its tools.
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
mkdir "$folder/bin"
ln -s /bin/true "$folder/bin/assay"
says "storm_bench is not there: build it first" \
	env ASSAY="$folder/bin/assay" "$python" "$SOURCE/scripts/bench" storm
# a machine on which every package is missing, and on which nobody can install any
printf '#!/bin/sh\nexit 1\n' >"$folder/dpkg-query"
printf '#!/bin/sh\necho 1000\n' >"$folder/id"
chmod +x "$folder/dpkg-query" "$folder/id"
ln -s /bin/sh "$folder/sh"
brought=$(PATH=$folder sh "$SOURCE/scripts/install-packages" --bench 2>&1 | sed -n 's/^installing://p')
for package in $brought; do # and what these cannot be without
	brought="$brought $(dpkg-query -W -f '${Depends}' "$package" 2>/dev/null |
		sed 's/([^)]*)//g; s/[|,]/ /g')"
done
for tool in $("$python" "$SOURCE/scripts/bench" --tools); do
	PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || continue # nobody says whose it is
	packages=$(dpkg -S "*bin/$tool" | sed -n "s|: .*/s\\?bin/$tool\$||p" | tr -d ,)
	found=
	for package in $packages; do
		case " $brought " in *" $package "*) found=yes ;; esac
	done
	if [ -z "$found" ]; then
		echo "scripts/bench starts '$tool', which install-packages --bench does not bring (it is in '$packages')"
		failed=1
	fi
done
rm -rf "$folder"
exit $failed

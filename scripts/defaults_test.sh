#!/bin/bash
# label: slow
# timeout: 180
# OpenSSH and Dropbear as Debian delivers them, and well-kept ones: no check of
# cryptography fails by anything that ssh-audit does not call a failure too.
set -u
: "${SOURCE:?}" "${ASSAY:?}"
for server in openssh-default dropbear-default openssh-kept dropbear-kept; do
	"$SOURCE/scripts/in-namespace" env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$SOURCE/scripts" \
		PATH="$PATH:/usr/sbin:/sbin" python3 -m servers.defaults "$server"
	code=$?
	[ $code != 77 ] || exit 0 # as an ordinary user the servers cannot change users
	[ $code = 0 ] || exit 1
done

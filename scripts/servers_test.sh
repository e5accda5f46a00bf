#!/bin/bash
# label: slow
# timeout: 300
# Two random configurations of real servers are assessed as they are. The whole
# is 'scripts/validate-servers'.
set -u
: "${SOURCE:?}" "${ASSAY:?}"
"$SOURCE/scripts/validate-servers" 2 --seed 2
code=$?
[ $code != 77 ] || exit 0 # as an ordinary user the servers cannot change users
exit $code

#!/bin/bash
# Every trait of the simulated device says what an assessment has to find, what
# is made from that is not stale, and every check has a device that it FAILs on
# and one that it does not, or stands in the list that may only shrink.
set -u
: "${ASSAY:?}" "${SOURCE:?}"
exec /usr/bin/python3 "$SOURCE/scripts/truth.py"

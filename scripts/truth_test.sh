#!/bin/bash
# Every trait of the simulated device says what an assessment has to find, what
# is made from that is not stale, and every check has a device that it FAILs on
# and one that it does not, or stands in the list that may only shrink. The
# figures that were measured follow their schema.
set -u
: "${ASSAY:?}" "${SOURCE:?}"
/usr/bin/python3 "$SOURCE/scripts/truth.py" || exit 1
[ ! -f "$SOURCE/suites/validation.json" ] ||
	/usr/bin/python3 -W ignore -m jsonschema -i "$SOURCE/suites/validation.json" \
		"$SOURCE/suites/schema/validation.schema.json"

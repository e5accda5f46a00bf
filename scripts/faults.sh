# faults: what the fault tests share; sourced by them, after nothing else.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2

profile=$folder/profile.yaml
cp -r "$SOURCE/targets/profiles/secret" "$folder/secret"

# fresh_profile [SED_EXPRESSION]...: the hardened device's, without load, with
# a short patience, and changed further
fresh_profile() {
	sed -e 's/^consent: .*/consent: [observe, touch]\nrecovery_s: 3/' \
		"$SOURCE/targets/profiles/hardened-plc.yaml" >"$profile"
	local expression
	for expression in "$@"; do
		sed -i -e "$expression" "$profile"
	done
}

# says FILE TEXT: the sentence a person gets
says() {
	grep -qF -- "$2" "$1" || {
		wrong "$(basename "$1") does not say: $2"
		cat "$1"
	}
}

# command_says CODE TEXT COMMAND...
command_says() {
	local expected=$1 text=$2 code=0
	shift 2
	"$@" >"$folder/said.out" 2>"$folder/said.err" || code=$?
	[ "$code" = "$expected" ] || wrong "'$*' ended with $code, not $expected"
	says "$folder/said.err" "$text"
	[ ! -s "$folder/said.out" ] || wrong "'$*' wrote to the standard output"
}

# only_pass DIR [CHECK]...: nothing else may have passed
only_pass() {
	local directory=$1
	shift
	printf '%s\n' "$@" | sort | sed '/^$/d' >"$folder/may"
	verdicts "$directory" PASS >"$folder/did"
	if [ -n "$(comm -13 "$folder/may" "$folder/did")" ]; then
		wrong "$(basename "$directory"): PASS of what was not seen:"
		comm -13 "$folder/may" "$folder/did"
	fi
}

# why DIR CHECK: the closed word
why() {
	/usr/bin/python3 - "$1/results.json" "$2" <<'PY'
import json, sys
for check in json.load(open(sys.argv[1]))["checks"]:
    if check["id"] == sys.argv[2]:
        print(check["verdict"], check["why"])
PY
}

expect_why() { # DIR CHECK "VERDICT why"
	local saw
	saw=$(why "$1" "$2")
	[ "$saw" = "$3" ] || wrong "$(basename "$1"): $2 is '$saw', not '$3'"
}

# A process in the running target's namespaces: of this network namespace's
# target, since other tests may have the same one up.
target_pid() {
	local own process root state
	own=$(stat -Lc %i /proc/self/ns/net)
	for root in "${XDG_RUNTIME_DIR:-/nowhere}/assay" /run/assay "/tmp/assay-$(id -u)"; do
		state=$root/$own/$up/state
		[ -r "$state" ] || continue
		for process in $(cut -d' ' -f1 "$state") $(descendants "$(cut -d' ' -f1 "$state")"); do
			[ "$(readlink "/proc/$process/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
				echo "$process" && return
		done
	done
}

in_target() {
	nsenter --net="/proc/$(target_pid)/ns/net" "$@"
}

#!/bin/bash
# timeout: 120
# needs: namespace
# Broken profiles, folders and journals: refused with the place and a sentence,
# before a packet is sent, and secrets are never shown.
# shellcheck source=scripts/faults.sh
. "${SOURCE:?}/scripts/faults.sh" || exit 2

# The device's link is there, so a packet could be sent and would be counted.
fresh_profile
target_up hardened-plc
sent() { awk '$1 == "assay2:" { print $11 }' /proc/net/dev; }

sed -e 's/component: embedded/component: toaster/' -e 's/^  address: .*/  adress: 10.213.2.2/' \
	-e 's/frames_per_s: 200000/frames_per_s: lots/' -e 's/unit: 1/unit: 999/' \
	-e 's/\[observe, touch\]/[observe, tuch]/' "$profile" >"$folder/bad.yaml"
# the two kernels must not ask who the other is meanwhile
ip neigh replace 10.213.2.2 lladdr 02:a5:5a:00:02:02 nud permanent dev assay2
in_target sh -c 'ip neigh replace 10.213.2.1 lladdr 02:a5:5a:00:02:01 nud permanent \
	dev "$(ip -o addr | awk "/10.213.2.2/ { print \$2 }")"' || wrong "cannot fix the neighbour"
before=$(sent)
command_says 2 "bad.yaml:5:14: unknown component type 'toaster'" "$ASSAY" run "$folder/bad.yaml" -o "$folder/bad"
says "$folder/said.err" "unknown key 'adress' (did you mean 'address'?)"
says "$folder/said.err" "'frames_per_s' must be an integer from 1 to 10000000, not 'lots'"
says "$folder/said.err" "'unit' must be an integer from 0 to 255, not '999'"
says "$folder/said.err" "unknown consent 'tuch'"
[ "$(grep -c '^ *^$' "$folder/said.err")" -ge 5 ] || wrong "not every mistake has its caret"
[ ! -e "$folder/bad" ] || wrong "a broken profile made a run directory"
sed 's,password_file: secret/hardened-plc-probe,password: hunter2secret,' "$profile" >"$folder/plain.yaml"
command_says 2 "a password does not belong in a profile" "$ASSAY" run "$folder/plain.yaml" -o "$folder/bad"
grep -q hunter2 "$folder/said.err" && wrong "the password was shown"
command_says 2 "no check of this plan is called 'nope'" "$ASSAY" run "$profile" --only nope -o "$folder/bad"
[ "$(sent)" = "$before" ] || wrong "a packet was sent for a broken profile"
ip neigh del 10.213.2.2 dev assay2
command_says 2 "cannot open '$folder/none.yaml'" "$ASSAY" run "$folder/none.yaml" -o "$folder/bad"
touch "$folder/file"
command_says 2 "cannot create '$folder/file/run'" "$ASSAY" run "$profile" -o "$folder/file/run"
[ "$(wc -l <"$folder/said.err")" = 1 ] || wrong "one mistake, more than one sentence"
command_says 2 "is not a run directory" "$ASSAY" judge "$folder"
command_says 2 "is not a run directory" "$ASSAY" report "$folder/nowhere" -f json
command_says 2 "assay: unrecognized option '--frob'" "$ASSAY" run --frob

# The folder belongs to one plan.
run_assay 0 "$profile" "$folder/run" --only tcp-undeclared
command_says 2 "holds the run of another plan" "$ASSAY" run "$profile" --only ssh-protects -o "$folder/run"

# The chain names the line.
broken() { # NAME SED LINE
	cp -r "$folder/run" "$folder/$1"
	sed -i "$2" "$folder/$1/journal.jsonl"
	cmp -s "$folder/run/journal.jsonl" "$folder/$1/journal.jsonl" && wrong "$1: nothing was changed"
	local command
	for command in "judge $folder/$1" "run $profile --only tcp-undeclared -o $folder/$1" "report $folder/$1"; do
		# shellcheck disable=SC2086
		command_says 2 "journal.jsonl:$3:" "$ASSAY" $command
	done
}
broken byte '2s/"seq"/"sEq"/' 2
broken value '3s/time":"2/time":"3/' 4
broken line 4d 4
broken first 1d 1
# A verdict cannot be changed by taking records from the end, nor by changing what it rests on.
refused() { # NAME TEXT
	command_says 2 "$2" "$ASSAY" judge "$folder/$1"
	command_says 2 "$2" "$ASSAY" report "$folder/$1" -f json
}
cp -r "$folder/run" "$folder/torn"
sed -i '/"type": *"observation"/,$d' "$folder/torn/journal.jsonl"
refused torn "its end was cut off"
command_says 2 "its end was cut off" "$ASSAY" run "$profile" --only tcp-undeclared -o "$folder/torn"
cp -r "$folder/run" "$folder/edited"
sed -i 's/^limits: .*/limits: {}/; s/^recovery_s: .*/recovery_s: 4/' "$folder/edited/profile.yaml"
refused edited "/edited/profile.yaml' was changed"
command_says 2 "/edited/profile.yaml' was changed" "$ASSAY" run "$profile" --only tcp-undeclared -o "$folder/edited"
cp -r "$folder/run" "$folder/selected"
sed -i 's/"tcp-undeclared"/"ssh-protects"/' "$folder/selected/plan.json"
refused selected "/selected/plan.json' was changed"
cp -r "$folder/run" "$folder/seen"
find "$folder/seen/evidence" -name capture.pcapng -exec truncate -s 100 '{}' +
refused seen "/capture.pcapng' was changed"
cp -r "$folder/run" "$folder/more"
echo x >"$folder/more/evidence/more.txt"
refused more "'$folder/more/evidence/more.txt' was added"

# What was made elsewhere is judged, and the report says what vouches for it.
"$ASSAY" report "$folder/run" -f json | grep -q 'that of this machine outside of it vouch' || wrong "the anchor outside does not vouch"
XDG_STATE_HOME=$folder/elsewhere "$ASSAY" report "$folder/run" -f json |
	grep -q 'there is none outside of it' || wrong "elsewhere the report does not say what vouches"
target_down
exit $failed

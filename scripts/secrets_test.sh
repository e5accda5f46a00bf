#!/bin/bash
# timeout: 120
# needs: namespace
# No file of a run holds a password of the profile, in none of the forms in which
# it travels: forms, Basic, FTP, SSH, in clear over the wire and in captures.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2

# The administrator's password is no public default here, and one that a form
# has to encode. The device does not know it: what counts is that it is sent.
profile=$folder/profile.yaml
mkdir -p "$folder/secret"
cp "$SOURCE"/targets/profiles/secret/* "$folder/secret/"
sed -E 's/consent: *\[.*\]/consent: [observe, touch]/' "$SOURCE/targets/profiles/weak-plc.yaml" >"$profile"
printf 'Grün & 7 Pump/en=x' >"$folder/secret/weak-plc-admin"

target_up weak-plc
code=0
"$ASSAY" run "$profile" -o "$folder/run" >"$folder/out" 2>&1 || code=$?
[ $code = 0 ] || [ $code = 1 ] || [ $code = 4 ] || {
	cat "$folder/out"
	wrong "the run ended with $code"
}
target_down

/usr/bin/python3 - "$folder/run" "$folder/secret/weak-plc-admin" "$folder/secret/weak-plc-probe" <<'PY' || failed=1
import base64, os, sys, urllib.parse as url
run, users = sys.argv[1], {"admin": sys.argv[2], "probe": sys.argv[3]}
needles = {}
for user, path in users.items():
    plain = open(path, "rb").read().rstrip(b"\n")
    for name, form in {
        "plain": plain,
        "form": url.quote_plus(plain).encode(),
        "percent": url.quote(plain, safe="").encode(),
        "lower": url.quote(plain, safe="").lower().encode(),
        "basic": base64.b64encode(user.encode() + b":" + plain),
        "sasl": base64.b64encode(b"\0" + user.encode() + b"\0" + plain),
    }.items():
        needles[f"{user}'s password, {name}"] = form
files = masks = found = 0
for folder, _, names in os.walk(run):
    for name in names:
        path = os.path.join(folder, name)
        data = open(path, "rb").read()
        files += 1
        masks += b"********" in data
        for what, needle in needles.items():
            if needle in data:
                print(f"WRONG: {path} holds {what}")
                found += 1
# The search must have had something to find: masks stand where passwords were.
if masks < 3:
    print(f"WRONG: only {masks} of {files} files hold a mask: no password was sent")
sys.exit(found > 0 or masks < 3)
PY
exit $failed

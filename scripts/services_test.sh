#!/bin/bash
# A declared service that no check looks into is never passed over in silence, and
# whatever begins with TLS gets the checks of TLS, whatever its protocol is called.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
cat >"$dir/plc.yaml" <<'PROFILE'
device: {name: PLC, component: embedded, state: hardened}
edition: IEC 62443-4-2:2019
link: {interface: lo, address: 127.0.0.1, exclude_ports: [1]}
consent: [observe]
services:
  - {name: mbs, protocol: tls, tcp: 802, purpose: control}
  - {name: cloud, protocol: mqtts, tcp: 8883, purpose: data}
  - {name: web, protocol: htps, tcp: 443, purpose: configuration}
  - {name: broker, protocol: mqtt, tcp: 1883, purpose: data}
PROFILE
if ! "$ASSAY" plan "$dir/plc.yaml" >"$dir/plan" 2>"$dir/told"; then
	cat "$dir/told"
	exit 1
fi
has() { # FILE TEXT
	if ! tr -s ' \n' ' ' <"$1" | grep -qF -- "$2"; then
		echo "${1##*/} lacks: $2"
		failed=1
	fi
}
for probe in tls.offer@mbs tls.certificate@mbs tls.offer@cloud tls.certificate@cloud; do
	has "$dir/plan" " $probe "
done
for file in plan told; do
	has "$dir/$file" "service 'web', TCP port 443: no check looks into it beyond its port: 'htps' is no known protocol (did you mean 'https'?)"
	has "$dir/$file" "service 'broker', TCP port 1883: no check looks into it beyond its port: the suites have no check of MQTT"
done
has "$dir/told" "plc.yaml:8:27: warning: 'htps' is no known protocol"
exit $failed

/* link_shape: the keys of how the device is reached: link, further legs, the tester's sources. */
#include "harness/model/profile_parts.h"
#include "harness/model/profile_value.h"

#include "harness/banned.h"

static const char *const groups[] = {
#define MULTICAST(name, word, mac, ethertype, port) word,
#include "harness/model/multicast.def"
	NULL};

static const struct field link_fields[] = {
	{.key = "interface",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct device_link, interface),
	 .read = check_interface,
	 .meaning = "the tester's network interface to the device"},
	{.key = "address",
	 .type = FIELD_OTHER,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct device_link, address),
	 .read = read_ip,
	 .schema = "string",
	 .meaning = "the device's address, IPv4 or IPv6"},
	{.key = "ipv6",
	 .type = FIELD_OTHER,
	 .read = read_ipv6_list,
	 .schema = "array",
	 .min = 0,
	 .max = 8,
	 .meaning = "the device's further addresses, IPv6"},
	{.key = "mac",
	 .type = FIELD_OTHER,
	 .read = read_mac,
	 .schema = "string",
	 .meaning = "the device's MAC address, which must answer"},
	{.key = "source",
	 .type = FIELD_OTHER,
	 FIELD_AT(struct device_link, source),
	 .read = read_ip,
	 .schema = "string",
	 .meaning = "the tester's address: short for source 'main'; none: the kernel's choice"},
	{.key = "witness",
	 .type = FIELD_OTHER,
	 FIELD_AT(struct device_link, witness),
	 .read = read_ip,
	 .schema = "string",
	 .meaning = "the tester's second address: short for source 'witness'"},
	{.key = "exclude_ports",
	 .type = FIELD_OTHER,
	 .read = read_ports,
	 .schema = "array",
	 .min = 0,
	 .max = 4096,
	 .meaning = "ports that no check touches"},
	{.key = "shared",
	 .type = FIELD_BOOL,
	 FIELD_AT(struct device_link, default_route_meant),
	 .fallback = "false",
	 .meaning = "true: the interface is meant to carry a default route"},
	{.key = "multicast",
	 .type = FIELD_TEXTS,
	 FIELD_AT(struct device_link, multicast),
	 .words = groups,
	 .meaning = "groups that checks may listen to"},
	{0}};
const struct shape link_shape = {"link", link_fields, 0, false, check_link};

static const struct field far_fields[] = {
	{.key = "interface",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct device_link, interface),
	 .read = check_interface,
	 .meaning = "the tester's network interface on the other side of the device"},
	{.key = "address",
	 .type = FIELD_OTHER,
	 FIELD_AT(struct device_link, address),
	 .read = read_ip,
	 .schema = "string",
	 .meaning = "the device's address there, IPv4 or IPv6"},
	{.key = "mac",
	 .type = FIELD_OTHER,
	 .read = read_mac,
	 .schema = "string",
	 .meaning = "the device's MAC address there"},
	{0}};
static const struct shape far_shape = {"far leg", far_fields, 0, false, NULL};
static const struct field links_fields[] = {
	{.key = "far",
	 .type = FIELD_MAP,
	 FIELD_AT(struct profile, far),
	 .shape = &far_shape,
	 .meaning = "the leg beyond the device; nothing uses it yet"},
	{0}};
const struct shape links_shape = {"links", links_fields, 0, false, NULL};

static const struct field source_fields[] = {
	{.key = "name",
	 .type = FIELD_TEXT,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct source, name),
	 .read = field_is_id,
	 .meaning = "main, monitor, witness, or a name of the profile's own"},
	{.key = "address",
	 .type = FIELD_OTHER,
	 .flags = FIELD_REQUIRED,
	 FIELD_AT(struct source, address),
	 .read = read_ip,
	 .schema = "string",
	 .meaning = "an address of the tester on the interface, IPv4 or IPv6"},
	{0}};
const struct shape source_shape = {"source", source_fields, sizeof(struct source), false, NULL};

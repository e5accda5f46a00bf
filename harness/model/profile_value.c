/* profile_value: addresses, ports, paths, consent. */
#include "harness/model/profile_value.h"
#include "harness/model/profile.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

/* The profile's word and the id, in pairs: the profile is read before the
 * catalogue, whose table of component types must hold the ids. */
const char *const component_words[] = {"software", "SAR",     "embedded", "EDR", "host",
				       "HDR",      "network", "NDR",      NULL};

static int index_of(const char *const *words, const char *word)
{
	int i;

	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}

/* Reports that a value is not a plain text. */
static bool is_scalar(struct yaml_file *file, const struct yaml_node *node, const char *wanted)
{
	if (node->kind == YAML_SCALAR && !yaml_is_null(node)) {
		return true;
	}
	if (node->key != NULL) {
		yaml_mistake(file, node, "'%s' must be %s", yaml_quote(node->key->text).s, wanted);
	} else {
		yaml_mistake(file, node, "must be %s", wanted);
	}
	return false;
}

static bool is_list(struct yaml_file *file, const struct yaml_node *node, size_t most,
		    const char *wanted)
{
	if (node->kind != YAML_SEQUENCE) {
		yaml_mistake(file, node, "'%s' must be a list of %s", node->key->text, wanted);
		return false;
	}
	if (node->count > most) {
		yaml_mistake(file, node, "'%s' must have at most %zu items, not %zu",
			     node->key->text, most, node->count);
		return false;
	}
	return true;
}

int read_component(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	int index;

	if (!is_scalar(file, node, "a component type")) {
		return -1;
	}
	index = index_of(component_words, node->text);
	if (index < 0) {
		return yaml_mistake(file, node,
				    "unknown component type '%s'; it is one of "
				    "software, embedded, host, network",
				    yaml_quote(node->text).s);
	}
	*(const char **)out = component_words[index | 1];
	return 0;
}

int read_consent(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	const struct yaml_node *item;
	bool *consent = out;
	int index, result = 0;

	if (!is_list(file, node, IMPACT_COUNT, "observe, touch, stress, may-brick")) {
		return -1;
	}
	for (item = node->first; item != NULL; item = item->next) {
		if (!is_scalar(file, item, "a word of consent")) {
			result = -1;
			continue;
		}
		index = index_of(impact_words, item->text);
		if (index < 0) {
			result = yaml_mistake(file, item,
					      "unknown consent '%s'; it is one of observe, "
					      "touch, stress, may-brick",
					      yaml_quote(item->text).s);
		} else if (consent[index]) {
			result = yaml_mistake(file, item, "'%s' is listed twice", item->text);
		} else {
			consent[index] = true;
		}
	}
	return result;
}

/*
 * Reads one host's address, IPv4 or IPv6. An IPv6 address of the link may name
 * its interface (fe80::1%eth1): check_link() looks whether it is the profile's.
 */
static int read_host(struct yaml_file *file, const struct yaml_node *node, const char *what,
		     struct address *ret)
{
	char text[64] = "";
	size_t length = strcspn(node->text, "%");
	struct address address = {.family = ADDRESS_NONE};
	bool zone = node->text[length] == '%';

	if (length < sizeof(text)) {
		memcpy(text, node->text, length);
	}
	if (!address_parse(text, &address) || address.family == ADDRESS_MAC ||
	    (zone && !address_is_link_local(&address))) {
		return yaml_mistake(file, node, "%s must be an IPv4 or IPv6 address, not '%s'",
				    what, yaml_quote(node->text).s);
	}
	if (!address_is_host(&address)) {
		return yaml_mistake(file, node,
				    "%s must be the address of one host, "
				    "which '%s' is not",
				    what, node->text);
	}
	*ret = address;
	return 0;
}

int read_ip(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	char what[80];

	if (!is_scalar(file, node, "an IPv4 or IPv6 address")) {
		return -1;
	}
	snprintf(what, sizeof(what), "'%s'", node->key->text);
	return read_host(file, node, what, out);
}

int read_ipv6_list(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	struct device_link *link = out;
	const struct yaml_node *item;
	struct address address;
	int result = 0;

	if (!is_list(file, node, ARRAY_SIZE(link->ipv6), "IPv6 addresses")) {
		return -1;
	}
	for (item = node->first; item != NULL; item = item->next) {
		if (!is_scalar(file, item, "an IPv6 address") ||
		    read_host(file, item, "an item of 'ipv6'", &address) != 0) {
			result = -1;
		} else if (address.family != ADDRESS_IPV6) {
			result = yaml_mistake(file, item, "'%s' is not an IPv6 address",
					      yaml_quote(item->text).s);
		} else {
			link->ipv6[link->ipv6_count++] = address;
		}
	}
	return result;
}

int read_mac(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	struct device_link *link = out;
	struct address mac;

	if (!is_scalar(file, node, "a MAC address")) {
		return -1;
	}
	if (!address_parse(node->text, &mac) || mac.family != ADDRESS_MAC) {
		return yaml_mistake(file, node,
				    "'mac' must be a MAC address like "
				    "\"00:11:22:33:44:55\", not '%s'",
				    yaml_quote(node->text).s);
	}
	if (mac.bytes[0] & 1) {
		return yaml_mistake(file, node,
				    "'%s' is a group's MAC address, not one "
				    "device's",
				    node->text);
	}
	memcpy(link->mac, mac.bytes, 6);
	link->mac_given = true;
	return 0;
}

int read_ports(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	struct device_link *link = out;
	const struct yaml_node *item;
	uint16_t *ports;
	size_t count = 0;
	long value;
	int result = 0;

	if (!is_list(file, node, 4096, "ports")) {
		return -1;
	}
	ports = arena_alloc(file->arena, (node->count + 1) * sizeof(*ports));
	for (item = node->first; item != NULL; item = item->next) {
		if (!is_scalar(file, item, "a port from 1 to 65535")) {
			result = -1;
			continue;
		}
		value = strspn(item->text, "0123456789") == strlen(item->text) &&
					strlen(item->text) < 6
				? strtol(item->text, NULL, 10)
				: 0;
		if (value < 1 || value > 65535) {
			result = yaml_mistake(file, item,
					      "a port is an integer from 1 to 65535, not "
					      "'%s'",
					      yaml_quote(item->text).s);
			continue;
		}
		ports[count++] = (uint16_t)value;
	}
	link->exclude_ports = ports;
	link->exclude_count = count;
	return result;
}

int check_url_path(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	(void)out;
	if (node->text[0] != '/' || strpbrk(node->text, " \t\n") != NULL) {
		return yaml_mistake(file, node,
				    "a path begins with '/' and has no "
				    "blanks, unlike '%s'",
				    yaml_quote(node->text).s);
	}
	return 0;
}

int read_public_paths(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	struct service *service = out;
	const struct yaml_node *item;
	size_t count = 0;
	int result = 0;

	if (!is_list(file, node, ARRAY_SIZE(service->public_paths) - 1, "paths")) {
		return -1;
	}
	for (item = node->first; item != NULL; item = item->next) {
		if (!is_scalar(file, item, "a path") || check_url_path(file, item, NULL) != 0) {
			result = -1;
			continue;
		}
		service->public_paths[count++] = item->text;
	}
	return result;
}

int check_interface(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	(void)out;
	if (strlen(node->text) >= IF_NAMESIZE || strpbrk(node->text, "/ \t\n") != NULL) {
		return yaml_mistake(file, node,
				    "'%s' cannot be the name of a network "
				    "interface",
				    yaml_quote(node->text).s);
	}
	return 0;
}

/* Somebody may write the password itself where its variable's name belongs:
 * the value is never shown. */
int check_variable(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz_0123456789";

	(void)out;
	if (strspn(node->text, allowed) != strlen(node->text) ||
	    strchr("0123456789", node->text[0]) != NULL) {
		return yaml_mistake(file, node,
				    "'password_env' must be the name of an "
				    "environment variable");
	}
	return 0;
}

int refuse_password(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	(void)out;
	return yaml_mistake(file, node->key,
			    "a password does not belong in a profile; name "
			    "where it is with 'password_env' or "
			    "'password_file'");
}

static void mistake_at_key(struct yaml_file *file, const struct yaml_node *map, const char *key,
			   const char *sentence)
{
	const struct yaml_node *value = yaml_get(map, key);

	yaml_mistake(file, value != NULL ? value->key : map, "%s", sentence);
}

/* Reports a link-local address whose zone is not the link's interface. */
static void check_zone(struct yaml_file *file, const struct yaml_node *node,
		       const struct device_link *link)
{
	const char *zone =
		node == NULL || node->kind != YAML_SCALAR ? NULL : strchr(node->text, '%');

	if (zone != NULL && link->interface != NULL && strcmp(zone + 1, link->interface) != 0) {
		yaml_mistake(file, node, "'%s' is on another interface than '%s'",
			     yaml_quote(node->text).s, link->interface);
	}
}

void check_link(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	static const char *const keys[] = {"address", "source", "witness"};
	const struct device_link *link = structure;
	const struct yaml_node *ipv6 = yaml_get(node, "ipv6"), *item;
	bool local = address_is_loopback(&link->address);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		check_zone(file, yaml_get(node, keys[i]), link);
	}
	for (item = ipv6 == NULL ? NULL : ipv6->first; item != NULL; item = item->next) {
		check_zone(file, item, link);
	}
	if (!local && address_given(&link->source) &&
	    address_equal(&link->source, &link->address)) {
		mistake_at_key(file, node, "source", "'source' is the device's own address");
	}
	if (!address_given(&link->witness)) {
		return;
	}
	if (!local && address_equal(&link->witness, &link->address)) {
		mistake_at_key(file, node, "witness", "'witness' is the device's own address");
	} else if (address_equal(&link->witness, &link->source)) {
		mistake_at_key(file, node, "witness", "'witness' must differ from 'source'");
	}
}

void check_login(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	const struct login_form *login = structure;
	int names = (login->user != NULL) + (login->password != NULL);
	int paths = (login->form != NULL) + (login->json != NULL);

	if (paths == 2) {
		yaml_mistake(file, node, "a login has a 'form' or takes 'json', not both");
	} else if (names != 2 * paths) {
		yaml_mistake(file, node,
			     "a login with 'form' or 'json' needs 'user' and 'password'; without "
			     "all of them it is HTTP basic or digest");
	} else if (login->token != NULL && login->json == NULL) {
		yaml_mistake(file, node, "'token' is a member of the answer to 'json'");
	}
}

void check_service(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	struct service *service = structure;
	const struct yaml_node *tcp = yaml_get(node, "tcp");
	const struct yaml_node *udp = yaml_get(node, "udp");

	if (tcp == NULL && udp == NULL) {
		yaml_mistake(file, node, "service '%s' needs 'tcp' or 'udp'", service->name);
	} else if (tcp != NULL && udp != NULL) {
		yaml_mistake(file, udp->key,
			     "service '%s' has both 'tcp' and 'udp'; write "
			     "two services",
			     service->name);
	}
	service->udp = udp != NULL;
}

void check_account(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	const struct account *account = structure;

	if (account->password_env != NULL && account->password_file != NULL) {
		mistake_at_key(file, node, "password_file",
			       "give 'password_env' or 'password_file', not "
			       "both");
	}
}

void check_function(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	struct essential_function *function = structure;
	int64_t gap_ms = function->tolerance.gap_ms;

	(void)file;
	function->row = node->row;
	function->column = node->column;
	if (function->tripwire_ms == 0) {
		function->tripwire_ms = 20 * gap_ms > 2000 ? 20 * gap_ms : 2000;
	}
}

void check_answer(struct yaml_file *file, const struct yaml_node *node, void *structure)
{
	const struct answer *answer = structure;

	if (answer->evidence_sha256 != NULL && answer->evidence == NULL) {
		mistake_at_key(file, node, "evidence_sha256", "'evidence_sha256' needs 'evidence'");
	}
	if (answer->reviewed_by != NULL && strcmp(answer->reviewed_by, answer->who) == 0) {
		mistake_at_key(file, node, "reviewed_by", "nobody reviews an answer of their own");
	}
	if (answer->valid_until != NULL && strcmp(answer->valid_until, answer->when) < 0) {
		mistake_at_key(file, node, "valid_until", "'valid_until' is before 'when'");
	}
}

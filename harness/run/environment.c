/* environment: what a run ran on: tool, libraries, machine, interface, and what
 * the tester's side was able to do. */
#define _GNU_SOURCE
#include "harness/run/environment.h"
#include "harness/run/confine.h"
#include "harness/run/runner.h"

#include <libssh/libssh.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/banned.h"

static void add_text(json_t *object, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0') {
		json_object_set_new(object, name, json_string(text));
	}
}

static void add_mac(json_t *object, const char *name, const uint8_t *m)
{
	add_text(object, name, mac_text(m).s);
}

static json_t *machine_json(void)
{
	json_t *object = json_object();
	struct utsname names;

	if (uname(&names) == 0) {
		add_text(object, "system", names.sysname);
		add_text(object, "release", names.release);
		add_text(object, "architecture", names.machine);
	}
	json_object_set_new(object, "processors", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(object, "user", json_integer((json_int_t)getuid()));
	return object;
}

static json_t *libraries_json(const struct gate_ability *ability)
{
	json_t *object = json_object();

	add_text(object, "libpcap", ability->libpcap);
	add_text(object, "libnet", ability->libnet);
	add_text(object, "libssh", ssh_version(0));
	add_text(object, "openssl", OpenSSL_version(OPENSSL_VERSION));
	add_text(object, "jansson", jansson_version_str());
	return object;
}

static json_t *link_json(const struct runner *runner)
{
	const struct device_link *link = &runner->plan->profile->link;
	const struct gate_ability *ability = &runner->ability;
	json_t *object = json_object(), *further;
	size_t i;

	add_text(
		object, "interface",
		ability->interface[0] != '\0' ? ability->interface : runner->plan->profile->link.interface);
	add_text(object, "device", address_text(&runner->plan->profile->link.address).s);
	if (link->ipv6_count > 0) {
		further = json_array();
		for (i = 0; i < link->ipv6_count; i++) {
			json_array_append_new(further, json_string(address_text(&link->ipv6[i]).s));
		}
		json_object_set_new(object, "device_further", further);
	}
	if (address_given(&ability->source)) {
		add_text(object, "source", address_text(&ability->source).s);
	}
	add_text(object, "alone_at_device",
		 runner->lock.reason[0] != '\0' ? runner->lock.reason : "locked");
	json_object_set_new(object, "raw_frames", json_boolean(ability->raw));
	if (!ability->raw) {
		add_text(object, "raw_frames_why_not", ability->raw_reason);
	}
	if (ability->raw) {
		add_mac(object, "source_mac", ability->source_mac);
	}
	if (ability->device_mac_known) {
		add_mac(object, "device_mac", ability->device_mac);
	}
	return object;
}

static json_t *budget_json(const struct budget *budget)
{
	json_t *object = json_object();

	json_object_set_new(object, "frames_per_s", json_integer(budget->frames_per_s));
	json_object_set_new(object, "connections", json_integer(budget->connections));
	json_object_set_new(object, "half_open", json_integer(budget->half_open));
	json_object_set_new(object, "failed_logins", json_integer(budget->failed_logins));
	json_object_set_new(object, "writes", json_integer(budget->writes));
	json_object_set_new(object, "load_frames_per_s", json_integer(budget->load_frames_per_s));
	return object;
}

json_t *environment_json(const struct runner *runner)
{
	json_t *object = json_object();

	add_text(object, "checks_confined_by", confine_word(runner->confinement));
	json_object_set_new(object, "machine", machine_json());
	json_object_set_new(object, "libraries", libraries_json(&runner->ability));
	json_object_set_new(object, "link", link_json(runner));
	json_object_set_new(object, "budget", budget_json(&runner->plan->profile->budget));
	return object;
}

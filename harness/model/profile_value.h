/* profile_value: reading and checking the values of a profile that are more
 * than a number or a word: addresses, ports, paths, consent. Each follows
 * field_read or shape.check in shape.h. */
#ifndef ASSAY_MODEL_PROFILE_VALUE_H
#define ASSAY_MODEL_PROFILE_VALUE_H

#include "harness/model/shape.h"

/* "software", "SAR", ...; NULL ends. */
extern const char *const component_words[];

field_read read_component;    /* const char ** */
field_read read_ip;           /* struct address: IPv4 or IPv6 */
field_read read_ipv6_list;    /* struct device_link */
field_read read_mac;          /* struct device_link */
field_read read_ports;        /* struct device_link */
field_read read_public_paths; /* struct service */
field_read read_consent;      /* bool[IMPACT_COUNT] */
field_read refuse_password;
field_read check_interface;
field_read check_url_path;
field_read check_variable;

typedef void shape_check(struct yaml_file *file, const struct yaml_node *node, void *structure);
shape_check check_link;
shape_check check_login;
shape_check check_service;
shape_check check_account;
shape_check check_function;
shape_check check_answer;

#endif

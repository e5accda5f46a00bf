/*
 * protocol: the words that a profile's services may have for what they speak, and
 * whether it begins with TLS. Any other word is taken as well, with a warning:
 * nothing is known of it.
 */
#ifndef ASSAY_MODEL_PROTOCOL_H
#define ASSAY_MODEL_PROTOCOL_H

#include <stdbool.h>

/* Every known word; NULL ends. */
extern const char *const protocol_words[];
/* What people call it: "MQTT over TLS"; NULL where the word is not known. */
const char *protocol_name(const char *word);
/* True if a connection begins with the client's TLS hello. */
bool protocol_begins_with_tls(const char *word);

#endif

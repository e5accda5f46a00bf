/*
 * frame: one whole Ethernet frame, built once from a recipe with libnet and
 * changed in place afterwards. It sends nothing and opens nothing.
 *
 * A recipe says which layers, and what in them is not as usual; who sends to
 * whom is given apart. One recipe serves IPv4 and IPv6: the addresses decide.
 *
 * Sources: RFC 826, 791, 8200, 792, 4443, 9293, 768.
 */
#ifndef ASSAY_FRAME_FRAME_H
#define ASSAY_FRAME_FRAME_H

#include "harness/base/address.h"
#include "harness/base/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_MIN = 14, FRAME_MAX = 1514 }; /* bytes, without the checksum */

enum frame_layer {
	FRAME_END, /* ends a list of layers */
#define LAYER(name, size, words) FRAME_##name,
#include "harness/frame/layer.def"
#undef LAYER
	FRAME_IP,   /* in recipes: IPv4 or IPv6, as the addresses are */
	FRAME_ECHO, /* in recipes: ICMP or ICMPv6 echo request, likewise */
};

enum frame_field {
	FIELD_END, /* ends a list of fields */
#define FIELD(name, layers, bit, bits, freedom) FIELD_##name,
#include "harness/frame/field.def"
#undef FIELD
};

enum { FRAME_LAYERS = 6, FRAME_VALUES = 8 };

/* A field that is not as usual. */
struct frame_value {
	enum frame_field field;
	uint64_t value; /* its lowest bits are taken */
};

struct frame_recipe {
	enum frame_layer layers[FRAME_LAYERS]; /* from outside */
	/* Set after all lengths and before the checksums; those of layers that
	 * this frame has not are passed over. A checksum set here is right. */
	struct frame_value values[FRAME_VALUES];
	const uint8_t *options; /* TCP options, a multiple of four bytes; borrowed */
	size_t options_size;
	const uint8_t *payload; /* behind the last header; borrowed */
	size_t payload_size;
	enum frame_layer wrong; /* this layer's checksum is wrong on purpose */
};

/* Who sends to whom. Of ARP, from is the sender and to the target asked for. */
struct frame_ends {
	uint8_t from_mac[6], to_mac[6];
	struct address from, to; /* of one family; none where a frame has no IP */
	uint16_t from_port, to_port;
};

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t size;
	struct frame_part {
		enum frame_layer layer;
		uint16_t at;       /* first byte */
	} parts[FRAME_LAYERS + 1]; /* end with FRAME_END */
};

/*
 * Builds the frame: lengths, protocol numbers and checksums are right unless
 * the recipe says otherwise. Returns 0, or -1 with the reason in why: the
 * layers do not fit together or to the addresses, or it would be too long.
 */
int frame_build(const struct frame_recipe *recipe, const struct frame_ends *ends, struct frame *ret,
		struct text *why);

/* True if the frame has the layer the field belongs to. */
bool frame_has(const struct frame *frame, enum frame_field field);
/* The field's value; BUG() where the frame has none. */
uint64_t frame_get(const struct frame *frame, enum frame_field field);
/* Writes one field and corrects the checksums that cover it by the difference
 * (RFC 1624), so that a wrong one stays wrong. BUG() where there is none. */
void frame_set(struct frame *frame, enum frame_field field, uint64_t value);

/* True if the field says nothing of who and where: see field.def. */
bool frame_field_free(enum frame_field field);

/*
 * Where one field of a frame and the checksums that cover it are: for changing
 * copies of that frame's bytes, millions a second.
 */
struct frame_slot {
	uint16_t at;        /* first byte of the field's first word */
	uint8_t words;      /* 16-bit words it lies in */
	uint8_t shift;      /* bits below it in the last word */
	uint64_t mask;      /* of the field, shifted */
	uint16_t sums[2];   /* first bytes of the checksums, */
	uint8_t sum_count;  /* so many */
	bool never_zero[2]; /* UDP: 0 says that there is none (RFC 768) */
};

/* BUG() where the frame has no such field. */
struct frame_slot frame_slot(const struct frame *frame, enum frame_field field);
/* As frame_set(), in bytes that are laid out like the frame the slot is of. */
void frame_slot_put(const struct frame_slot *slot, uint8_t *bytes, uint64_t value);

/* "TCP". */
const char *frame_layer_words(enum frame_layer layer);

#endif

/* field: reads and writes single fields of a frame, checksums with them. */
#include "harness/frame/sum.h"

#include "harness/banned.h"

#define IN(layer) (1u << FRAME_##layer)

struct field_place {
	const char *name;
	unsigned layers;
	uint16_t bit;
	uint8_t bits;
	bool free;
};

enum { BOUND = false, FREE = true };

static const struct field_place fields[] = {
	[FIELD_END] = {NULL, 0, 0, 0, false},
#define FIELD(name, layers, bit, bits, freedom) \
	[FIELD_##name] = {#name, layers, bit, bits, freedom},
#include "harness/frame/field.def"
#undef FIELD
};

static const struct frame_part *part_of(const struct frame *frame, enum frame_field field)
{
	const struct frame_part *part;

	for (part = frame->parts; part->layer != FRAME_END; part++) {
		if ((fields[field].layers & 1u << part->layer) != 0) {
			return part;
		}
	}
	return NULL;
}

bool frame_has(const struct frame *frame, enum frame_field field)
{
	return part_of(frame, field) != NULL;
}

bool frame_field_free(enum frame_field field)
{
	return fields[field].free;
}

static bool is_address(enum frame_field field)
{
	return field == FIELD_IPV4_FROM || field == FIELD_IPV4_TO || field == FIELD_IPV6_FROM_LOW ||
	       field == FIELD_IPV6_TO_LOW;
}

/* True if this part's checksum covers the field; a checksum covers itself, and
 * is not corrected for that. */
static bool covers(const struct frame_part *part, const struct frame_part *home,
		   const struct frame_slot *slot, enum frame_field field)
{
	uint16_t at = sum_at(part);

	if (at == 0 || (at >= slot->at && at < slot->at + 2 * slot->words)) {
		return false;
	}
	return part == home || (part > home && is_address(field) && sum_covers_addresses(part));
}

struct frame_slot frame_slot(const struct frame *frame, enum frame_field field)
{
	const struct field_place *place = &fields[field];
	const struct frame_part *home = part_of(frame, field), *part;
	struct frame_slot slot = {.words = 0};
	unsigned last;

	if (home == NULL) {
		BUG("the frame has no field %s", place->name);
	}
	last = place->bit + place->bits - 1u;
	slot.at = (uint16_t)(home->at + place->bit / 16 * 2);
	slot.words = (uint8_t)(last / 16 - place->bit / 16 + 1);
	slot.shift = (uint8_t)(15 - last % 16);
	slot.mask = (UINT64_MAX >> (64 - place->bits)) << slot.shift;
	for (part = frame->parts; part->layer != FRAME_END; part++) {
		if (covers(part, home, &slot, field) && slot.sum_count < ARRAY_SIZE(slot.sums)) {
			slot.never_zero[slot.sum_count] = part->layer == FRAME_UDP;
			slot.sums[slot.sum_count++] = sum_at(part);
		}
	}
	return slot;
}

static uint32_t get_be16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static void put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* RFC 1624, equation 3, for the sum of all words' differences. */
static void correct(const struct frame_slot *slot, uint8_t *bytes, uint32_t difference)
{
	unsigned i;

	for (i = 0; i < slot->sum_count; i++) {
		uint32_t sum = (~get_be16(bytes + slot->sums[i]) & 0xffff) + difference;

		sum = (sum & 0xffff) + (sum >> 16);
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~sum & 0xffff;
		if (sum == 0 && slot->never_zero[i]) {
			sum = 0xffff;
		}
		put_be16(bytes + slot->sums[i], sum);
	}
}

void frame_slot_put(const struct frame_slot *slot, uint8_t *bytes, uint64_t value)
{
	uint64_t mask = slot->mask, set = value << slot->shift & mask;
	uint32_t difference = 0, old, new;
	uint8_t *at = bytes + slot->at + 2 * (slot->words - 1);
	unsigned i;

	for (i = 0; i < slot->words; i++) {
		old = get_be16(at);
		new = (old & ~(uint32_t)mask & 0xffff) | (uint32_t)(set & 0xffff);
		put_be16(at, new);
		difference += (~old & 0xffff) + new;
		at -= 2;
		mask >>= 16;
		set >>= 16;
	}
	correct(slot, bytes, difference);
}

void frame_set(struct frame *frame, enum frame_field field, uint64_t value)
{
	struct frame_slot slot = frame_slot(frame, field);

	frame_slot_put(&slot, frame->bytes, value);
}

uint64_t frame_get(const struct frame *frame, enum frame_field field)
{
	struct frame_slot slot = frame_slot(frame, field);
	uint64_t words = 0;
	unsigned i;

	for (i = 0; i < slot.words; i++) {
		words = words << 16 | get_be16(frame->bytes + slot.at + 2 * i);
	}
	return (words & slot.mask) >> slot.shift;
}

/* pattern: the frames of one family between two hosts. */
#include "harness/frame/family.h"

#include <string.h>

#include "harness/banned.h"

int pattern_build(const struct family *family, const struct frame_ends *ends, struct pattern *ret,
		  struct text *why)
{
	struct pattern pattern = {.family = family};
	struct frame_ends to = *ends;
	size_t i;

	if (family->everybody) {
		memset(to.to_mac, 0xff, sizeof(to.to_mac));
	}
	if (frame_build(&family->recipe, &to, &pattern.frame, why) != 0) {
		return -1;
	}
	for (i = 0; i < FAMILY_VARIED && family->varied[i].field != FIELD_END; i++) {
		const struct family_varied *varied = &family->varied[i];

		/* a field of the other IP version */
		if (!frame_has(&pattern.frame, varied->field)) {
			continue;
		}
		if (varied->count == 0) {
			return text_error(why, "load family '%s' varies a field over no value",
					  family->name);
		}
		pattern.varied[pattern.varied_count] = *varied;
		pattern.slots[pattern.varied_count] = frame_slot(&pattern.frame, varied->field);
		pattern.varied_count++;
	}
	*ret = pattern;
	return 0;
}

void pattern_limit(struct pattern *pattern, enum frame_field field, const uint32_t *list,
		   size_t count)
{
	size_t i;

	for (i = 0; i < pattern->varied_count; i++) {
		if (pattern->varied[i].field == field) {
			pattern->varied[i].list = list;
			pattern->varied[i].count = count;
		}
	}
}

static uint64_t value_of(const struct family_varied *varied, uint64_t index)
{
	return varied->list != NULL ? varied->list[index] : varied->first + index;
}

void pattern_write(const struct pattern *pattern, uint64_t n, uint8_t *bytes)
{
	uint64_t turn = n, index;
	size_t i;

	memcpy(bytes, pattern->frame.bytes, pattern->frame.size);
	for (i = 0; i < pattern->varied_count; i++) {
		const struct family_varied *varied = &pattern->varied[i];

		if (varied->order == FAMILY_SCATTERED) {
			/* Knuth's multiplier: neighbours are far apart; the product
			 * spreads 32 bits over count without a division */
			index = (uint32_t)n * UINT32_C(2654435761) * varied->count >> 32;
		} else {
			index = turn % varied->count;
			turn /= varied->count;
		}
		frame_slot_put(&pattern->slots[i], bytes, value_of(varied, index));
	}
}

uint64_t pattern_bound(const struct pattern *pattern)
{
	uint64_t count = 1;
	size_t i;

	for (i = 0; i < pattern->varied_count; i++) {
		if (frame_field_free(pattern->varied[i].field)) {
			continue;
		}
		if (pattern->varied[i].count > PATTERN_BOUND_MOST / count) {
			return 0;
		}
		count *= pattern->varied[i].count;
	}
	return count;
}

void pattern_write_bound(const struct pattern *pattern, uint64_t n, uint8_t *bytes)
{
	size_t i;

	memcpy(bytes, pattern->frame.bytes, pattern->frame.size);
	for (i = 0; i < pattern->varied_count; i++) {
		const struct family_varied *varied = &pattern->varied[i];

		if (!frame_field_free(varied->field)) {
			frame_slot_put(&pattern->slots[i], bytes,
				       value_of(varied, n % varied->count));
			n /= varied->count;
		}
	}
}

/* shape_check: checks of single values that many tables share. */
#include "harness/model/shape.h"

#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static bool all_of(const char *text, const char *allowed)
{
	return text[0] != '\0' && strspn(text, allowed) == strlen(text);
}

/* Days of the Gregorian calendar (RFC 3339, appendix C). */
static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

int field_is_date(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	const char *text = node->text;
	int year, month, day;

	(void)out;
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
	    strspn(text, "0123456789") != 4 || strspn(text + 5, "0123456789") != 2 ||
	    strspn(text + 8, "0123456789") != 2) {
		return yaml_mistake(file, node, "a date is written YEAR-MONTH-DAY, not '%s'",
				    yaml_quote(text).s);
	}
	year = (int)strtol(text, NULL, 10);
	month = (int)strtol(text + 5, NULL, 10);
	day = (int)strtol(text + 8, NULL, 10);
	if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
		return yaml_mistake(file, node, "there is no day '%s'", text);
	}
	return 0;
}

int field_is_sha256(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	(void)out;
	if (strlen(node->text) != 64 || !all_of(node->text, "0123456789abcdef")) {
		return yaml_mistake(file, node,
				    "a SHA-256 digest is 64 small hexadecimal "
				    "digits, not '%s'",
				    yaml_quote(node->text).s);
	}
	return 0;
}

int field_is_id(struct yaml_file *file, const struct yaml_node *node, void *out)
{
	(void)out;
	if (!all_of(node->text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") ||
	    node->text[0] == '-' || node->text[0] == '.') {
		return yaml_mistake(file, node,
				    "'%s' must be made of small letters, "
				    "digits, '-', '_' and '.'",
				    yaml_quote(node->text).s);
	}
	return 0;
}

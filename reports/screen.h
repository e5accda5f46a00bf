/* screen: a terminal of so many columns, for the text report. */
#ifndef ASSAY_REPORTS_SCREEN_H
#define ASSAY_REPORTS_SCREEN_H

#include "harness/model/results.h"
#include <stdbool.h>
#include <stdio.h>

struct screen {
	const struct results *results;
	FILE *out;
	int width;
	bool colour;
	struct arena *arena; /* of this report's texts */
};

/* A printable copy, owned by the screen's arena; "" for NULL. */
const char *screen_clean(struct screen *screen, const char *text);
/* Prints the words from column 'at' on and ends the line; further lines start
 * at 'indent'. A word longer than a line is cut where the line ends. */
void screen_wrap(struct screen *screen, int at, int indent, const char *text);
/* The same for text that starts a line. */
void screen_paragraph(struct screen *screen, int indent, const char *text);
void screen_heading(struct screen *screen, const char *text);
/* What switches a verdict's colour on, and colours off; "" without colours. */
const char *screen_paint(const struct screen *screen, enum verdict verdict);
const char *screen_plain(const struct screen *screen);

#endif

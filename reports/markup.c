/* markup: tags, and what must not be mistaken for one. */
#include "reports/markup.h"
#include "harness/base/text.h"

#include <string.h>

#include "harness/banned.h"

/* Writes text, each of these characters by what stands for it. */
static void escaped(FILE *out, const char *text, const char *const *instead)
{
	size_t plain;
	const char *escape;

	while (*text != '\0') {
		plain = 0;
		escape = NULL;
		while (text[plain] != '\0' && escape == NULL) {
			escape = (unsigned char)text[plain] < 0x40
					 ? instead[(unsigned char)text[plain]]
					 : NULL;
			plain += escape == NULL;
		}
		fwrite(text, 1, plain, out);
		text += plain;
		if (escape != NULL) {
			fputs(escape, out);
			text++;
		}
	}
}

static const char *const in_text[0x40] = {
	['&'] = "&amp;",
	['<'] = "&lt;",
	['>'] = "&gt;",
	['\r'] = "&#13;",
};

/* A reader makes spaces of line feeds and tabs that are not written this way. */
static const char *const in_attribute[0x40] = {
	['&'] = "&amp;",  ['<'] = "&lt;",   ['>'] = "&gt;",  ['"'] = "&quot;",
	['\r'] = "&#13;", ['\n'] = "&#10;", ['\t'] = "&#9;",
};

static void end_tag_begun(struct markup *markup)
{
	if (markup->in_tag) {
		fputc('>', markup->out);
		markup->in_tag = false;
	}
}

static void new_line(const struct markup *markup, unsigned depth)
{
	if (markup->lines) {
		fprintf(markup->out, "\n%*s", (int)depth, "");
	}
}

void markup_open(struct markup *markup, const char *name)
{
	if (markup->depth == MARKUP_DEPTH) {
		BUG("elements nest deeper than %d: %s", MARKUP_DEPTH, name);
	}
	end_tag_begun(markup);
	if (markup->depth > 0) {
		markup->open[markup->depth - 1].holds_elements = true;
		if (!markup->open[markup->depth - 1].holds_text) {
			new_line(markup, markup->depth);
		}
	}
	markup->open[markup->depth].name = name;
	markup->open[markup->depth].holds_elements = markup->open[markup->depth].holds_text = false;
	markup->depth++;
	fprintf(markup->out, "<%s", name);
	markup->in_tag = true;
}

void markup_attribute(struct markup *markup, const char *name, const char *value)
{
	if (!markup->in_tag) {
		BUG("attribute '%s' outside of a start tag", name);
	}
	fprintf(markup->out, " %s=\"", name);
	escaped(markup->out, value, in_attribute);
	fputc('"', markup->out);
}

void markup_text(struct markup *markup, const char *text)
{
	end_tag_begun(markup);
	markup->open[markup->depth - 1].holds_text = true;
	escaped(markup->out, text, in_text);
}

void markup_raw(struct markup *markup, const char *text)
{
	end_tag_begun(markup);
	markup->open[markup->depth - 1].holds_text = true;
	fputs(text, markup->out);
}

void markup_close(struct markup *markup)
{
	end_tag_begun(markup);
	if (markup->depth == 0) {
		BUG("no element is open");
	}
	markup->depth--;
	if (markup->open[markup->depth].holds_elements && !markup->open[markup->depth].holds_text) {
		new_line(markup, markup->depth);
	}
	fprintf(markup->out, "</%s>", markup->open[markup->depth].name);
}

void markup_close_short(struct markup *markup)
{
	if (!markup->in_tag) {
		markup_close(markup);
		return;
	}
	fputs("/>", markup->out);
	markup->in_tag = false;
	markup->depth--;
}

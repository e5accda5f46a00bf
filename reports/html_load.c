/* html_load: essential functions: their monitors, and for each load check the
 * samples and the load on one time axis. */
#include "reports/html_page.h"

#include <math.h>
#include <stdio.h>

#include "harness/banned.h"
#include "harness/base/text.h"

/* The drawing's measures, in SVG user units. */
#define WIDTH  920.0
#define LEFT   62.0
#define RIGHT  14.0
#define TOP    26.0
#define GAP_H  150.0 /* upper panel: time without progress */
#define BREAK  26.0
#define RATE_H 80.0 /* lower panel: frames sent */
#define HEIGHT (TOP + GAP_H + BREAK + RATE_H + 34.0)

struct axes {
	double t_max, gap_max, rate_max;
};

/* A round number at or above x: 1, 2 or 5 times a power of ten. */
static double round_up(double x)
{
	double power;

	if (x <= 0) {
		return 1;
	}
	power = pow(10, floor(log10(x)));
	if (x <= power) {
		return power;
	}
	return x <= 2 * power ? 2 * power : x <= 5 * power ? 5 * power : 10 * power;
}

static struct axes axes_of(const struct plot *plot)
{
	struct axes axes = {.t_max = 1, .gap_max = plot->tolerance_ms * 1.3};
	size_t i;

	for (i = 0; i < plot->window_count; i++) {
		axes.t_max = fmax(axes.t_max, plot->windows[i].to);
	}
	for (i = 0; i < plot->gap_count; i++) {
		axes.gap_max = fmax(axes.gap_max, plot->gap[i].value);
	}
	for (i = 0; i < plot->rate_count; i++) {
		axes.rate_max = fmax(axes.rate_max, plot->rate[i].value);
	}
	axes.gap_max = round_up(axes.gap_max);
	axes.rate_max = round_up(axes.rate_max);
	return axes;
}

static double x_of(const struct axes *axes, double t)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * t / axes->t_max;
}

static void svg_text(struct page *page, double x, double y, const char *anchor, const char *class,
		     const char *text)
{
	char xs[32], ys[32];

	snprintf(xs, sizeof(xs), "%.1f", x);
	snprintf(ys, sizeof(ys), "%.1f", y);
	page_open(page, "text", "x", xs, "y", ys, "text-anchor", anchor, "class", class, NULL);
	page_text(page, text);
	page_close(page);
}

static void svg_line(struct page *page, const char *class, double x1, double y1, double x2,
		     double y2)
{
	char a[32], b[32], c[32], d[32];

	snprintf(a, sizeof(a), "%.1f", x1);
	snprintf(b, sizeof(b), "%.1f", y1);
	snprintf(c, sizeof(c), "%.1f", x2);
	snprintf(d, sizeof(d), "%.1f", y2);
	page_open(page, "line", "class", class, "x1", a, "y1", b, "x2", c, "y2", d, NULL);
	page_close(page);
}

static void svg_windows(struct page *page, const struct plot *plot, const struct axes *axes)
{
	char x[32], y[32], width[32], height[32];
	size_t i;

	for (i = 0; i < plot->window_count; i++) {
		double from = x_of(axes, plot->windows[i].from);
		double to = x_of(axes, plot->windows[i].to);

		snprintf(x, sizeof(x), "%.1f", from);
		snprintf(y, sizeof(y), "%.1f", TOP);
		snprintf(width, sizeof(width), "%.1f", to > from ? to - from : 0);
		snprintf(height, sizeof(height), "%.1f", GAP_H + BREAK + RATE_H);
		if (i % 2 == 0) {
			page_open(page, "rect", "class", "s-band", "x", x, "y", y, "width", width,
				  "height", height, NULL);
			page_close(page);
		}
		svg_text(page, (from + to) / 2, TOP - 10, "middle", "s-w", plot->windows[i].name);
	}
}

static void svg_path(struct page *page, const char *class, const struct plot_point *points,
		     size_t count, const struct axes *axes, double top, double height, double max)
{
	struct arena *arena = arena_new();
	char *path = arena_alloc(arena, count * 32 + 1);
	size_t i, used = 0;

	for (i = 0; i < count; i++) {
		double y = top + height - height * points[i].value / max;

		used += (size_t)snprintf(path + used, 32, "%c%.1f %.1f", i == 0 ? 'M' : 'L',
					 x_of(axes, points[i].t), y);
	}
	page_open(page, "path", "class", class, "d", path, NULL);
	page_close(page);
	arena_free(arena);
}

static void svg_frame(struct page *page, const struct plot *plot, const struct axes *axes)
{
	double rate_top = TOP + GAP_H + BREAK;
	double tolerance = TOP + GAP_H - GAP_H * plot->tolerance_ms / axes->gap_max;
	double step = round_up(axes->t_max / 10);
	char text[64];
	int i;

	svg_line(page, "s-axis", LEFT, TOP + GAP_H, WIDTH - RIGHT, TOP + GAP_H);
	svg_line(page, "s-axis", LEFT, rate_top + RATE_H, WIDTH - RIGHT, rate_top + RATE_H);
	svg_line(page, "s-tol", LEFT, tolerance, WIDTH - RIGHT, tolerance);
	snprintf(text, sizeof(text), "tolerance %.6g ms", plot->tolerance_ms);
	svg_text(page, WIDTH - RIGHT, tolerance - 4, "end", "", text);
	snprintf(text, sizeof(text), "%.6g ms", axes->gap_max);
	svg_text(page, LEFT - 6, TOP + 9, "end", "", text);
	svg_text(page, LEFT - 6, TOP + GAP_H, "end", "", "0");
	snprintf(text, sizeof(text), "%.6g/s", axes->rate_max);
	svg_text(page, LEFT - 6, rate_top + 9, "end", "", text);
	svg_text(page, LEFT - 6, rate_top + RATE_H, "end", "", "0");
	svg_text(page, LEFT + 4, TOP + 10, "start", "", "time without progress");
	svg_text(page, LEFT + 4, rate_top + 10, "start", "", "frames sent");
	for (i = 0; i * step <= axes->t_max; i++) {
		snprintf(text, sizeof(text), "%.6g s", i * step);
		svg_text(page, x_of(axes, i * step), HEIGHT - 14, i == 0 ? "start" : "middle", "",
			 text);
	}
}

static void write_plot(struct page *page, const struct plot *plot)
{
	struct axes axes = axes_of(plot);
	char view[64], label[512];

	snprintf(view, sizeof(view), "0 0 %.0f %.0f", WIDTH, HEIGHT);
	snprintf(label, sizeof(label),
		 "%s: time without progress of the essential function and "
		 "frames sent, over time",
		 plot->title);
	page_open(page, "figure", "style", "margin:1rem 0;break-inside:avoid", NULL);
	page_open(page, "figcaption", NULL);
	page_open(page, "a", "href", "#findings", NULL);
	page_text(page, plot->title);
	page_close(page);
	page_close(page);
	page_open(page, "svg", "viewBox", view, "role", "img", "aria-label", label, NULL);
	svg_windows(page, plot, &axes);
	svg_frame(page, plot, &axes);
	if (plot->gap_count > 0) {
		svg_path(page, "s-gap", plot->gap, plot->gap_count, &axes, TOP, GAP_H,
			 axes.gap_max);
	}
	if (plot->rate_count > 0) {
		svg_path(page, "s-rate", plot->rate, plot->rate_count, &axes, TOP + GAP_H + BREAK,
			 RATE_H, axes.rate_max);
	}
	page_close(page);
	page_close(page);
}

static void write_monitor(struct page *page, const struct monitor_result *m)
{
	page_open(page, "tr", NULL);
	page_element(page, "td", NULL, m->function);
	page_element(page, "td", "mono", m->monitor);
	page_open(page, "td", NULL);
	page_format(page, "%s (%s)", view_word(m->view), view_meaning(m->view));
	page_close(page);
	page_open(page, "td", "class", "n", NULL);
	page_format(page, "%lld of %lld", (long long)m->answered, (long long)m->samples);
	if (m->missed > 0) {
		page_format(page, ", %lld missed by the tester", (long long)m->missed);
	}
	page_close(page);
	page_open(page, "td", "class", "n", NULL);
	page_format(page, "%.1f ms", m->worst_gap_ms);
	page_close(page);
	page_open(page, "td", NULL);
	if (m->evidence != NULL) {
		page_open(page, "a", "href", m->evidence->path, NULL);
		page_text(page, "samples");
		page_close(page);
	}
	page_close(page);
	page_close(page);
}

void html_load(struct page *page)
{
	static const char *const headings[] = {
		"Function", "Monitor", "View", ">Samples answered", ">Longest without progress",
		"Evidence", NULL};
	size_t i;

	page_section(page, "load", "Essential functions");
	if (page->results->monitor_count == 0) {
		page_element(page, "p", NULL,
			     "No essential function was watched: the profile "
			     "declares none, or the run did not get there.");
		page_close(page);
		return;
	}
	page_element(page, "p", "dim",
		     "Watched during the whole run by a process of their own. A "
		     "load check compares load on the device (attack) with the "
		     "same load sent to an address nobody has (sham).");
	page_table(page, "monitors", headings);
	for (i = 0; i < page->results->monitor_count; i++) {
		write_monitor(page, &page->results->monitors[i]);
	}
	page_close(page);
	page_close(page);
	for (i = 0; i < page->results->plot_count; i++) {
		write_plot(page, &page->results->plots[i]);
	}
	page_close(page);
}

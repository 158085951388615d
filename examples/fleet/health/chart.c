/* SPDX-License-Identifier: Apache-2.0
 *
 * Lays out the axes and draws steps with their 95 % bands. */
#include "chart.h"

#include <math.h>

#include "markup.h"

/* Okabe and Ito's colours: told apart by colour-blind eyes, and dark enough for white. */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73",
                                      "#cc79a7", "#b58900", "#56b4e9"};
#define COLOURS (sizeof colours / sizeof *colours)

struct frame {
    int width, height, left, right, top, bottom; /* the four: its margins */
    bool small;
    double low;     /* survival at the bottom */
    uint32_t hours; /* at the right */
};

static const struct frame whole = {760, 420, 56, 150, 64, 44, false, 1, 1};
static const struct frame small = {300, 190, 42, 12, 12, 26, true, 1, 1};

static double x_of(const struct frame *f, double hour)
{
    return f->left + hour / f->hours * (f->width - f->left - f->right);
}

static double y_of(const struct frame *f, double s)
{
    double at = s < f->low ? f->low : s > 1 ? 1 : s;

    return f->top + (1 - at) / (1 - f->low) * (f->height - f->top - f->bottom);
}

static void label(FILE *to, double x, double y, const char *class, const char *text)
{
    fprintf(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
    markup(to, "%s</text>\n", text);
}

/* Down to the next 5 %. */
double chart_low(double least)
{
    double low = floor(least * 20 - 0.5) / 20;

    return low < 0 ? 0 : low > 0.9 ? 0.9 : low;
}

static struct frame frame_of(const struct chart *c, const struct frame *usual)
{
    struct frame f = *usual;

    for (unsigned i = 0; i < c->lines; i++) {
        const struct chart_line *l = &c->line[i];
        if (l->len == 0) {
            continue;
        }
        double least = l->points[l->len - 1].s;
        f.low = least < f.low ? least : f.low;
        f.hours = l->points[l->len - 1].t > f.hours ? l->points[l->len - 1].t : f.hours;
    }
    f.low = c->low > 0 ? c->low : chart_low(f.low);
    f.hours = c->hours > 0 ? c->hours : f.hours;
    return f;
}

/* Hours from one vertical line to the next. */
static uint32_t hours_apart(const struct frame *f)
{
    if (!f->small) {
        return f->hours > 240 ? 48 : 24;
    }
    return f->hours > 336 ? 168 : f->hours > 120 ? 48 : 24;
}

static void axes(FILE *to, const struct frame *f)
{
    char text[32];
    int step = 1 - f->low > 0.5 ? 20 : 1 - f->low > 0.2 ? 10 : 2; /* percent */
    int low = (int)(100 * f->low + 0.5);

    step = f->small && step == 2 ? 5 : step;
    for (int percent = 100; percent >= low; percent -= step) {
        double y = y_of(f, percent / 100.0);
        fprintf(to, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", f->left, y,
                f->width - f->right);
        snprintf(text, sizeof text, "%d %%", percent);
        label(to, f->left - 6, y + 4, "end", text);
    }
    for (uint32_t h = 0; h <= f->hours; h += hours_apart(f)) {
        fprintf(to, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>\n", x_of(f, h), f->top,
                f->height - f->bottom);
        snprintf(text, sizeof text, "%u h", (unsigned)h);
        label(to, x_of(f, h), f->height - f->bottom + 16, "middle", text);
    }
}

static double bound(const struct stats_point *p, double side)
{
    return p->s + side * 1.96 * p->se;
}

static const char *class_of(const struct chart_line *l)
{
    return l->control ? " control" : l->alarm ? " alarm" : "";
}

/* The band, there along its upper edge and back along its lower one. */
static void band(FILE *to, const struct frame *f, const struct chart_line *l,
                 const char *colour)
{
    fprintf(to, "<path class=\"band%s\" fill=\"%s\" opacity=\".15\" d=\"M%.1f %.1f",
            class_of(l), colour, x_of(f, 0), y_of(f, 1));
    for (size_t i = 0; i < l->len; i++) {
        fprintf(to, "H%.1fV%.1f", x_of(f, l->points[i].t),
                y_of(f, bound(&l->points[i], 1)));
    }
    for (size_t i = l->len; i-- > 0;) {
        fprintf(to, "V%.1fH%.1f", y_of(f, bound(&l->points[i], -1)),
                x_of(f, l->points[i].t));
    }
    fputs("Z\"/>\n", to);
}

static void line(FILE *to, const struct frame *f, const struct chart_line *l,
                 const char *colour)
{
    fprintf(to, "<path class=\"line%s\" stroke=\"%s\"%s d=\"M%.1f %.1f", class_of(l),
            colour, l->control ? " stroke-dasharray=\"5 4\"" : "", x_of(f, 0),
            y_of(f, 1));
    for (size_t i = 0; i < l->len; i++) {
        fprintf(to, "H%.1fV%.1f", x_of(f, l->points[i].t), y_of(f, l->points[i].s));
    }
    fputs("\"/>\n", to);
}

static const char *colour_of(const struct chart *c, unsigned i)
{
    unsigned n = 0;

    for (unsigned k = 0; k < i; k++) {
        n += !c->line[k].control;
    }
    return c->line[i].control ? "#888888" : colours[n % COLOURS];
}

/* The line that ends highest of those not labelled yet. */
static unsigned highest(const struct chart *c, const struct frame *f, const bool *done,
                        double *y)
{
    unsigned top = 0;
    bool any = false;

    for (unsigned i = 0; i < c->lines; i++) {
        const struct chart_line *l = &c->line[i];
        double end = y_of(f, l->len > 0 ? l->points[l->len - 1].s : 1);
        if (!done[i] && (!any || end < *y)) {
            *y = end;
            top = i;
            any = true;
        }
    }
    return top;
}

/* Where each line ends, but never one label upon another. */
static void labels(FILE *to, const struct chart *c, const struct frame *f)
{
    bool done[CHART_LINES_MAX] = {false};
    double next = 0;

    for (unsigned n = 0; n < c->lines; n++) {
        double y = 0;
        unsigned i = highest(c, f, done, &y);
        done[i] = true;
        next = y > next ? y : next;
        fprintf(to, "<path class=\"line\" stroke=\"%s\" d=\"M%d %.1fh10\"/>\n",
                colour_of(c, i), f->width - f->right + 4, next);
        label(to, f->width - f->right + 18, next + 4, "", c->line[i].label);
        next += 16;
    }
}

static void mark(FILE *to, const struct chart *c, const struct frame *f)
{
    if (c->mark < 0 || (uint32_t)c->mark > f->hours) {
        return;
    }
    fprintf(to, "<path class=\"mark\" d=\"M%.1f %dV%d\"/>\n", x_of(f, c->mark),
            f->top - 4, f->height - f->bottom);
    label(to, x_of(f, c->mark) + 4, f->top - 6, "mark", c->mark_label);
}

static const char style[] =
    "<style>svg.survival{background:#fff;font:12px "
    "sans-serif;max-width:100%;height:auto}"
    "svg.survival text{fill:#222}svg.survival .title{font-size:16px;font-weight:bold}"
    "svg.survival .end{text-anchor:end}svg.survival .middle{text-anchor:middle}"
    "svg.survival .grid{stroke:#ddd;fill:none}"
    "svg.survival .line{fill:none;stroke-width:1.8}"
    "svg.survival .mark{stroke:#c00;fill:none;stroke-width:1.5}"
    "svg.survival text.mark{fill:#c00;stroke:none;font-weight:bold}"
    "@media(prefers-color-scheme:dark){svg.survival{background:#181818}"
    "svg.survival text{fill:#ddd}svg.survival .grid{stroke:#444}"
    "svg.survival .mark{stroke:#f66}svg.survival text.mark{fill:#f66}}</style>\n";

static void lines(FILE *to, const struct chart *c, const struct frame *f)
{
    for (unsigned i = 0; i < c->lines; i++) {
        band(to, f, &c->line[i], colour_of(c, i));
    }
    for (unsigned i = 0; i < c->lines; i++) {
        line(to, f, &c->line[i], colour_of(c, i));
    }
}

static void begin(FILE *to, const struct chart *c, const struct frame *f)
{
    fprintf(to,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"survival\" "
            "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
            f->width, f->height, f->width, f->height);
    markup(to, "<title>%s</title>\n", c->title);
}

void chart_write(FILE *to, const struct chart *c)
{
    struct frame f = frame_of(c, &whole);

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", to);
    begin(to, c, &f);
    fputs(style, to);
    label(to, 12, 24, "title", c->title);
    label(to, 12, 44, "", c->subtitle);
    axes(to, &f);
    label(to, f.left + (f.width - f.left - f.right) / 2.0, f.height - 8, "middle",
          "hours since the offer");
    lines(to, c, &f);
    labels(to, c, &f);
    mark(to, c, &f);
    fputs("</svg>\n", to);
}

void chart_write_small(FILE *to, const struct chart *c)
{
    struct frame f = frame_of(c, &small);

    begin(to, c, &f);
    axes(to, &f);
    lines(to, c, &f);
    mark(to, c, &f);
    fputs("</svg>\n", to);
}

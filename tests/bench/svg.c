/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a chart is drawn. Does not know what it shows. */
#include "svg.h"

#include <math.h>
#include <stdio.h>

#define WIDTH 820
#define HEIGHT 440
#define LEFT 78
#define RIGHT 210 /* the legend's place */
#define TOP 48
#define BOTTOM 58
#define TICKS 8U

/* Told apart by people who see colours differently (Okabe and Ito), and in print. */
static const char *const colours[SVG_LINES] = {"#0072b2", "#d55e00", "#009e73",
                                               "#cc79a7", "#e69f00", "#56b4e9",
                                               "#000000", "#999999"};
static const char *const dashes[SVG_LINES] = {"",    "7 3", "2 3",  "9 3 2 3",
                                              "4 4", "1 4", "12 4", "6 2 2 2"};

struct axis {
    double end, tick;
};

struct drawing {
    FILE *f;
    struct axis x, y;
};

double svg_tick(double range, unsigned most)
{
    double step = pow(10, floor(log10(range / most)));

    for (unsigned i = 0; range / step > most; i++) {
        step *= i % 3 == 1 ? 2.5 : 2; /* 1, 2, 5, 10 */
    }
    return step;
}

static struct axis axis_for(double largest)
{
    struct axis a;

    largest = largest > 0 ? largest : 1;
    a.tick = svg_tick(largest, TICKS);
    a.end = ceil(largest / a.tick - 1e-9) * a.tick;
    return a;
}

static double px(const struct drawing *d, double x)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * x / d->x.end;
}

static double py(const struct drawing *d, double y)
{
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / d->y.end;
}

static void escaped(FILE *f, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<' || *text == '&') {
            fputs(*text == '<' ? "&lt;" : "&amp;", f);
        } else {
            fputc(*text, f);
        }
    }
}

static void text(FILE *f, double x, double y, const char *how, const char *what)
{
    fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, how);
    escaped(f, what);
    fputs("</text>\n", f);
}

static void draw_grid(const struct drawing *d)
{
    char number[32];

    for (unsigned i = 0; i * d->x.tick <= d->x.end * 1.0001; i++) {
        double at = px(d, i * d->x.tick);
        fprintf(d->f, "<path d=\"M%.1f %d V%d\" class=\"grid\"/>\n", at, TOP,
                HEIGHT - BOTTOM);
        snprintf(number, sizeof number, "%g", i * d->x.tick);
        text(d->f, at, HEIGHT - BOTTOM + 18, "text-anchor=\"middle\"", number);
    }
    for (unsigned i = 0; i * d->y.tick <= d->y.end * 1.0001; i++) {
        double at = py(d, i * d->y.tick);
        fprintf(d->f, "<path d=\"M%d %.1f H%d\" class=\"grid\"/>\n", LEFT, at,
                WIDTH - RIGHT);
        snprintf(number, sizeof number, "%g", i * d->y.tick);
        text(d->f, LEFT - 8, at + 4, "text-anchor=\"end\"", number);
    }
}

static void draw_words(const struct drawing *d, const struct svg_chart *c)
{
    text(d->f, LEFT, 28, "class=\"title\"", c->title);
    text(d->f, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16, "text-anchor=\"middle\"",
         c->x_label);
    fprintf(d->f, "<g transform=\"translate(20 %d) rotate(-90)\">", (TOP + HEIGHT) / 2);
    text(d->f, 0, 0, "text-anchor=\"middle\"", c->y_label);
    fputs("</g>\n", d->f);
}

static void stroke(FILE *f, size_t i)
{
    fprintf(
        f,
        "\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>\n",
        colours[i], dashes[i]);
}

static void draw_line(const struct drawing *d, const struct svg_line *line, size_t i)
{
    fputs("<path d=\"", d->f);
    for (size_t k = 0; k < line->n; k++) {
        double x = px(d, line->x[k]), y = py(d, line->y[k]);
        if (k > 0 && line->steps) {
            fprintf(d->f, "H%.1f ", x);
        }
        fprintf(d->f, "%c%.1f %.1f ", k == 0 ? 'M' : 'L', x, y);
    }
    stroke(d->f, i);
    double y = TOP + 10 + 22.0 * (double)i;
    fprintf(d->f, "<path d=\"M%d %.1f h28", WIDTH - RIGHT + 14, y);
    stroke(d->f, i);
    text(d->f, WIDTH - RIGHT + 48, y + 4, "", line->name);
}

static double largest(const struct svg_chart *c, bool of_x)
{
    double most = 0;

    for (size_t i = 0; i < c->n; i++) {
        const double *v = of_x ? c->lines[i].x : c->lines[i].y;
        for (size_t k = 0; k < c->lines[i].n; k++) {
            most = v[k] > most ? v[k] : most;
        }
    }
    return most;
}

bool svg_write(const char *path, const struct svg_chart *chart)
{
    struct drawing d = {.f = chart->n <= SVG_LINES ? fopen(path, "w") : NULL};

    if (d.f == NULL) {
        return false;
    }
    d.x = axis_for(largest(chart, true));
    d.y = axis_for(largest(chart, false));
    fprintf(d.f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
            "font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n"
            "<style>.grid{stroke:#ddd}.title{font-size:16px;font-weight:bold}</style>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT);
    draw_grid(&d);
    draw_words(&d, chart);
    for (size_t i = 0; i < chart->n; i++) {
        draw_line(&d, &chart->lines[i], i);
    }
    fputs("</svg>\n", d.f);
    bool written = ferror(d.f) == 0;
    return fclose(d.f) == 0 && written;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a chart's axes end at round numbers and that what it draws is where it
 * should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "svg.h"

#define PATH "bench-svg-test.svg"

static char drawn[8192];

static void draw(const struct svg_chart *chart)
{
    assert_true(svg_write(PATH, chart));
    FILE *f = fopen(PATH, "r");
    assert_non_null(f);
    drawn[fread(drawn, 1, sizeof drawn - 1, f)] = '\0';
    fclose(f);
    remove(PATH);
}

static void ticks_are_round_and_not_too_many(void **state)
{
    static const struct {
        double range, tick;
    } rows[] = {{1, 0.2}, {7, 1}, {9, 2}, {10, 2}, {32, 5}, {200, 50}, {2.67, 0.5}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double tick = svg_tick(rows[i].range, 8);
        assert_true(tick > rows[i].tick * 0.999 && tick < rows[i].tick * 1.001);
    }
}

static void a_line_goes_from_corner_to_corner(void **state)
{
    static const double x[] = {0, 10}, y[] = {0, 4};
    struct svg_line line = {"up & away", x, y, 2, false};

    (void)state;
    draw(&(struct svg_chart){"a < b", "x", "y", &line, 1});
    assert_non_null(strstr(drawn, "M78.0 382.0 L610.0 48.0"));
    assert_non_null(strstr(drawn, ">up &amp; away<"));
    assert_non_null(strstr(drawn, ">a &lt; b<"));
    assert_string_equal(drawn + strlen(drawn) - 7, "</svg>\n");
}

static void a_line_of_steps_holds_each_value(void **state)
{
    static const double x[] = {0, 5, 10}, y[] = {0, 4, 4};
    struct svg_line line = {"steps", x, y, 3, true};

    (void)state;
    draw(&(struct svg_chart){"t", "x", "y", &line, 1});
    assert_non_null(strstr(drawn, "M78.0 382.0 H344.0 L344.0 48.0 H610.0 L610.0 48.0"));
}

static void what_cannot_be_drawn_is_told(void **state)
{
    struct svg_chart chart = {"t", "x", "y", NULL, SVG_LINES + 1};

    (void)state;
    assert_false(svg_write(PATH, &chart));
    chart.n = 0;
    assert_false(svg_write("no/such/folder/x.svg", &chart));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_and_not_too_many),
        cmocka_unit_test(a_line_goes_from_corner_to_corner),
        cmocka_unit_test(a_line_of_steps_holds_each_value),
        cmocka_unit_test(what_cannot_be_drawn_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

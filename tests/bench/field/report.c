/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a field is told. Does not know what it must be like. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#include "../svg.h"

/* With 95 % confidence what did not happen in n trials happens less often than this. */
static double bound(uint64_t n)
{
    return n == 0 ? 1 : 3.0 / (double)n;
}

static const char *class_name(unsigned mtu_class)
{
    static char name[16];

    if (mtu_class == SUMS_ALL) {
        return "all";
    }
    snprintf(name, sizeof name, "MTU %u", life_mtu[mtu_class]);
    return name;
}

/* ---- lines ----------------------------------------------------------------------- */

static void show_rows(const struct field *f)
{
    printf("\n%-16s %7s %8s | %-27s | %-20s | %-13s\n",
           f->resume ? "with resume" : "without", "devices", "updated",
           "days: median  p95  p99  most", "sent: mean  p95 most", "wire: mean  p95");
    for (unsigned i = 0; i <= SUMS_ALL; i++) {
        unsigned class = (i + SUMS_ALL) % (SUMS_ALL + 1);
        struct sums s;
        sums_make(&s, f->r, f->n, class);
        printf("%-16s %7zu %8zu | %12.2f %4.2f %4.2f %5.2f | %10.3f %4.2f %4.2f | "
               "%10.3f %4.2f\n",
               class_name(class), s.devices, s.updated, s.days.median, s.days.p95,
               s.days.p99, s.days.most, s.sent.mean, s.sent.p95, s.sent.most,
               s.wire.mean, s.wire.p95);
    }
}

static void show_counts(const struct sums *s)
{
    printf("  %" PRIu64 " visits, %.2f %% of values lost, %" PRIu64 " starts, %" PRIu64
           " statements, %" PRIu64 " parks, %" PRIu64 " rollbacks\n"
           "  interrupted in a transfer: %" PRIu64 " by range, %" PRIu64
           " by the phone's battery, %" PRIu64 " by the device's\n",
           s->visits, 100 * sums_loss(s), s->starts, s->statements, s->parks,
           s->rollbacks, s->gone, s->killed, s->reset);
    printf("  %" PRIu64 " cuts in flash operations:", s->cuts);
    for (unsigned i = 0; i < POWER_AREAS; i++) {
        printf("%s %s %" PRIu64, i > 0 ? "," : "", power_area_name(i), s->areas[i]);
    }
    printf(";\n   ");
    for (unsigned i = 0; i < SIM_CUTS; i++) {
        printf("%s %s %" PRIu64, i > 0 ? "," : "", power_kind_name(i), s->kinds[i]);
    }
    printf("\n");
}

static void show_calm(const struct sums *s)
{
    printf(
        "  sent by the %zu with at most %u interruptions and %.1f %% lost: mean %.3f, "
        "p95 %.3f (%.2f it may be), p99 %.3f, most %.3f; %zu of them more than %.2f\n",
        s->calm, SUMS_INTERRUPTIONS_MOST, 100 * SUMS_LOSS_MOST, s->calm_sent.mean,
        s->calm_sent.p95, SUMS_SENT_MOST, s->calm_sent.p99, s->calm_sent.most,
        s->wasteful, SUMS_SENT_MOST);
}

void report_text(const struct field *with, const struct field *without)
{
    struct sums a, b;

    sums_make(&a, with->r, with->n, SUMS_ALL);
    sums_make(&b, without->r, without->n, SUMS_ALL);
    printf(
        "%zu devices, an image of %u bytes. Days: of those that were updated, until it "
        "ran confirmed.\nSent: image bytes; wire: all bytes that left couriers; both "
        "times the image.\n",
        with->n, (unsigned)with->r[0].image_len);
    show_rows(with);
    show_counts(&a);
    show_calm(&a);
    show_rows(without);
    show_counts(&b);
    printf("\nbricks: %zu, neither old nor new: %zu, in %zu lives and %" PRIu64
           " cuts: with 95 %% confidence fewer than one in %.0f cuts\n",
           a.bricks + b.bricks, a.strays + b.strays, with->n + without->n,
           a.cuts + b.cuts, 1 / bound(a.cuts + b.cuts));
}

void report_life(const struct life_result *r)
{
    printf("%s after %.4f days; MTU %u, %u visits, sent %.3f and wire %.3f times the "
           "image,\n%.2f %% of values lost, %u interruptions, %u cuts, %u parks, %u "
           "rollbacks, %u starts%s%s\n",
           r->days < 0 ? "not updated" : "updated", r->days < 0 ? LIFE_DAYS : r->days,
           life_mtu[r->mtu_class], (unsigned)r->visits, sums_sent(r),
           (double)r->wire / r->image_len,
           r->values == 0 ? 0 : 100.0 * r->lost / r->values,
           (unsigned)life_interruptions(r), (unsigned)life_cuts(r), (unsigned)r->parks,
           (unsigned)r->rollbacks, (unsigned)r->starts, r->brick ? ", a brick" : "",
           r->stray ? ", neither old nor new" : "");
}

/* ---- JSON ------------------------------------------------------------------------ */

static void json_spread(const char *name, const struct spread *s)
{
    printf("\"%s\": {\"mean\": %.4f, \"median\": %.4f, \"p95\": %.4f, \"p99\": %.4f, "
           "\"max\": %.4f}, ",
           name, s->mean, s->median, s->p95, s->p99, s->most);
}

static void json_sums(const struct sums *s)
{
    printf("\"devices\": %zu, \"updated\": %zu, \"bricks\": %zu, \"strays\": %zu, ",
           s->devices, s->updated, s->bricks, s->strays);
    json_spread("days", &s->days);
    json_spread("sent", &s->sent);
    json_spread("wire", &s->wire);
    json_spread("calm_sent", &s->calm_sent);
    printf("\"calm\": %zu, \"wasteful\": %zu, \"loss_pct\": %.3f, \"visits\": %" PRIu64
           ", \"starts\": %" PRIu64 ", \"parks\": %" PRIu64 ", \"statements\": %" PRIu64
           ", \"rollbacks\": %" PRIu64 ", \"cuts\": %" PRIu64
           ", \"interruptions\": {\"range\": %" PRIu64 ", \"phone\": %" PRIu64
           ", \"device\": %" PRIu64 "}",
           s->calm, s->wasteful, 100 * sums_loss(s), s->visits, s->starts, s->parks,
           s->statements, s->rollbacks, s->cuts, s->gone, s->killed, s->reset);
}

static void json_cuts(const struct sums *s)
{
    printf(", \"areas\": {");
    for (unsigned i = 0; i < POWER_AREAS; i++) {
        printf("%s\"%s\": %" PRIu64, i > 0 ? ", " : "", power_area_name(i),
               s->areas[i]);
    }
    printf("}, \"kinds\": {");
    for (unsigned i = 0; i < SIM_CUTS; i++) {
        printf("%s\"%s\": %" PRIu64, i > 0 ? ", " : "", power_kind_name(i),
               s->kinds[i]);
    }
    printf("}");
}

static uint64_t json_field(const char *name, const struct field *f)
{
    struct sums all, s;

    sums_make(&all, f->r, f->n, SUMS_ALL);
    printf("\"%s\": {", name);
    json_sums(&all);
    json_cuts(&all);
    printf(", \"classes\": [");
    for (unsigned i = 0; i < LIFE_CLASSES; i++) {
        sums_make(&s, f->r, f->n, i);
        printf("%s{\"mtu\": %u, ", i > 0 ? ", " : "", life_mtu[i]);
        json_sums(&s);
        printf("}");
    }
    printf("]}, ");
    return all.cuts;
}

void report_json(const struct field *with, const struct field *without)
{
    printf("{\"seed\": %llu, \"image_len\": %u, ", (unsigned long long)with->seed,
           (unsigned)with->r[0].image_len);
    uint64_t cuts = json_field("with_resume", with);
    cuts += json_field("without_resume", without);
    printf("\"cuts\": %" PRIu64 ", \"harm_per_cut_bound\": %.9f}\n", cuts, bound(cuts));
}

/* ---- the picture ----------------------------------------------------------------- */

#define A_DAY 8U /* points */
#define POINTS (LIFE_DAYS / 2U * A_DAY + 1U)

bool report_picture(const char *folder, const struct field *with,
                    const struct field *without)
{
    static double days[POINTS], share[2][POINTS];
    char path[512];

    for (size_t i = 0; i < POINTS; i++) {
        days[i] = (double)i / A_DAY;
        share[0][i] = sums_updated_by(with->r, with->n, days[i]);
        share[1][i] = sums_updated_by(without->r, without->n, days[i]);
    }
    const struct svg_line lines[2] = {
        {"with resume", days, share[0], POINTS, false},
        {"without resume", days, share[1], POINTS, false}};
    const struct svg_chart chart = {"Phones near for four minutes a day", "days",
                                    "devices updated, percent", lines, 2};
    snprintf(path, sizeof path, "%s/field-days.svg", folder);
    if (!svg_write(path, &chart)) {
        fprintf(stderr, "bench-field: %s: cannot be written\n", path);
        return false;
    }
    return true;
}

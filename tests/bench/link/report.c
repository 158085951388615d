/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how rows are printed. Does not know which are good. */
#include "report.h"

#include <stdio.h>

#include "peers.h"

#define STOP_PAYLOAD 14U

void report_head(void)
{
    printf("%54s | Ferry, bytes a second                        | others, B/s\n", "");
    printf("%3s %2s %2s %2s %2s %5s %3s %4s %6s %5s %8s | ", "MTU", "CI", "n", "rt",
           "q", "loss%", "C", "pool", "flash", "RAM", "limit");
    printf("%7s %5s %7s %6s %9s %6s | %6s %6s %6s\n", "goodput", "%", "session",
           "frames", "repeated", "parks", "stop+w", "Nordic", "SMP");
}

void report_row(const struct row *r)
{
    const struct cell *c = &r->cell;
    const struct cell_sums *s = &r->sums;
    double goodput = cell_goodput(s);

    printf("%3u %2u %2u %2u %2u %5g %3u %4u %6s %5u %8.0f | ", c->mtu, c->ci_ms, c->n,
           c->reply_events, c->phone_queue, 100 * cell_loss(c), c->chunk, c->pool,
           cell_flash_name(c->flash), cell_ram(c), cell_limit(c));
    printf("%7.0f %5.1f %7.0f %6.0f %9.0f %6.2f | ", goodput,
           100 * goodput / cell_limit(c), cell_session(s), (double)s->frames / s->runs,
           (double)s->repeated / s->runs, cell_parks(s));
    printf("%6.0f %6.0f %6.0f\n", peer_stop_and_wait(c), peer_nordic(c, 0),
           peer_smp(c, cell_pool_len(c)));
}

static void begin_json(const char *who, const struct cell *c, double goodput,
                       unsigned ram)
{
    printf("{\"who\":\"%s\",\"mtu\":%u,\"ci_ms\":%u,\"n\":%u,\"reply_events\":%u,"
           "\"loss_pct\":%g,\"limit_Bps\":%.0f,\"goodput_Bps\":%.1f,"
           "\"share_pct\":%.2f,\"ram_B\":%u",
           who, c->mtu, c->ci_ms, c->n, c->reply_events, 100 * cell_loss(c),
           cell_limit(c), goodput, 100 * goodput / cell_limit(c), ram);
}

static void peer_json(const char *who, const struct cell *c, double goodput,
                      unsigned ram)
{
    begin_json(who, c, goodput, ram);
    printf("}\n");
}

void report_json(const struct row *r)
{
    const struct cell *c = &r->cell;
    const struct cell_sums *s = &r->sums;

    begin_json("ferry", c, cell_goodput(s), cell_ram(c));
    printf(",\"chunk\":%u,\"pool\":%u,\"phone_queue\":%u,\"flash\":\"%s\"", c->chunk,
           c->pool, c->phone_queue, cell_flash_name(c->flash));
    printf(",\"session_Bps\":%.1f,\"packets\":%.1f,\"frames\":%.1f,"
           "\"retransmitted_bytes\":%.1f,\"parks\":%.3f,\"runs\":%u,\"arrived\":%u}\n",
           cell_session(s), (double)s->values / s->runs, (double)s->frames / s->runs,
           (double)s->repeated / s->runs, cell_parks(s), s->runs, s->arrived);
    if (c->flash == FLASH_TIMELESS && c->phone_queue == 0) {
        peer_json("stop-and-wait", c, peer_stop_and_wait(c), c->mtu - 3U);
        peer_json("nordic-prn0", c, peer_nordic(c, 0), peer_nordic_ram(c));
        peer_json("nordic-prn12", c, peer_nordic(c, 12), peer_nordic_ram(c));
        peer_json("smp", c, peer_smp(c, cell_pool_len(c)), cell_pool_len(c));
    }
}

static void print_minutes(double seconds)
{
    unsigned whole = (unsigned)(seconds + 0.5);

    printf("%u:%02u", whole / 60, whole % 60);
}

void report_article(const struct row *r)
{
    unsigned chunks = (CELL_IMAGE_LEN + STOP_PAYLOAD - 1) / STOP_PAYLOAD;

    printf("\nThe article's phone (MTU 23, 30 ms, 2 values an event), 200 KiB: ");
    print_minutes((double)r->sums.session_ms / 1000 / r->sums.runs);
    printf(" and %.0f packets;\n14 bytes a round trip would take ",
           (double)r->sums.values / r->sums.runs);
    print_minutes(CELL_IMAGE_LEN / peer_stop_and_wait(&r->cell));
    printf(" and %u packets.\n", chunks);
}

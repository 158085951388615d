/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what other protocols spend connection events on. Does not know Ferry.
 *
 * Everywhere: a value sent in one event is answered in the next at the earliest, and what
 * follows from the answer goes out in the one after, so a round trip takes
 * `reply_events`, all but one of them idle for a sender that waits. */
#include "peers.h"

#include <math.h>

#define STOP_OVERHEAD 6U
#define STOP_TIMEOUT_MS 200.0

#define NORDIC_OBJECT 4096U
#define NORDIC_REQUESTS 3U /* Create, Calculate Checksum, Execute */

#define SMP_OVERHEAD 25U
#define SMP_TIMEOUT_MS 2500.0

static unsigned value_len(const struct cell *link)
{
    return link->mtu - 3U;
}

static unsigned parts(unsigned whole, unsigned part)
{
    return (whole + part - 1) / part;
}

/* Chance that all of `values` arrive. */
static double arrive(const struct cell *link, unsigned values)
{
    return pow(1.0 - cell_loss(link), values);
}

double peer_stop_and_wait(const struct cell *link)
{
    double failures = 1.0 / arrive(link, 2) - 1.0; /* before each success */
    double ms = link->reply_events * link->ci_ms + failures * STOP_TIMEOUT_MS;

    return 1000.0 * (value_len(link) - STOP_OVERHEAD) / ms;
}

/* Events that an object's values take, with the pauses for receipts: after every `prn` of
 * them the sender waits for the notification. */
static unsigned nordic_data_events(const struct cell *link, unsigned prn)
{
    unsigned values = parts(NORDIC_OBJECT, value_len(link));
    unsigned batches = prn == 0 ? 0 : values / prn;
    unsigned rest = values - batches * prn;
    unsigned pause = link->reply_events - 1U;

    return batches * (parts(prn, link->n) + pause) + parts(rest, link->n);
}

double peer_nordic(const struct cell *link, unsigned prn)
{
    unsigned data = nordic_data_events(link, prn);
    unsigned round = link->reply_events;
    double failures = 1.0 / arrive(link, parts(NORDIC_OBJECT, value_len(link))) - 1.0;
    /* A failed object costs its values and the checksum that tells. */
    double events = data + NORDIC_REQUESTS * round + failures * (data + round);

    return 1000.0 * NORDIC_OBJECT / (events * link->ci_ms);
}

unsigned peer_nordic_ram(const struct cell *link)
{
    return (NORDIC_OBJECT / value_len(link) + 1U) * value_len(link);
}

double peer_smp_requests(const struct cell *link, unsigned len, unsigned window)
{
    unsigned values = parts(len, value_len(link));
    double fill = (double)values * window / link->n; /* events that the link needs */
    double wait =
        parts(values, link->n) + link->reply_events - 1.0; /* for one answer */
    double ms = (fill > wait ? fill : wait) * link->ci_ms / window;

    if (len <= SMP_OVERHEAD) {
        return 0;
    }
    ms += (1.0 / arrive(link, values + 1) - 1.0) * SMP_TIMEOUT_MS;
    return 1000.0 * (len - SMP_OVERHEAD) / ms;
}

double peer_smp(const struct cell *link, unsigned ram)
{
    double best = 0;

    for (unsigned window = 1; window <= ram; window++) {
        double rate = peer_smp_requests(link, ram / (window + 1), window);
        best = rate > best ? rate : best;
    }
    return best;
}

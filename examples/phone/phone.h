/* SPDX-License-Identifier: Apache-2.0
 *
 * A phone between a fleet server and the devices of one household. It holds no key and
 * decides nothing: the server offers, the user agrees, the device judges. Killed at any
 * point it goes on from its own disk.
 *
 * What the files share: round.c has the round, server.c what is said to the server,
 * carry.c what is done with a device, args.c the command line, main.c the process. */
#ifndef FERRY_PHONE_H
#define FERRY_PHONE_H

#include "cache.h"
#include "memory.h"
#include "near.h"
#include "net.h"

#define PHONE_PEERS_MAX 32U

enum phone_consent { PHONE_ASK, PHONE_YES, PHONE_NO };

struct phone_options {
    const char *server, *state, *ca_file, *app;
    const char *peer[PHONE_PEERS_MAX];
    unsigned peers;
    enum phone_consent consent;
    uint32_t every_s, rounds; /* rounds 0: until a signal comes */
    uint32_t clock, patience_s, mtu;
    uint64_t cache_max;
};

/* 0; else the exit code + 1, and all is said. */
int phone_parse(struct phone_options *o, int argc, char **argv);

struct phone {
    struct phone_options o;
    struct net net;
    struct cache cache;
    struct memory memory;
    int64_t quiet_until; /* seconds of the wall: the server wants, or needs, a rest */
    unsigned failures;   /* of the server, one after the other */
};

/* False: `why` says why. The options stand. */
bool phone_begin(struct phone *ph, char *why, size_t cap);
void phone_round(struct phone *ph);
void phone_end(struct phone *ph);

/* ---- whoever runs it has these two (main.c) --------------------------------------- */

/* Seconds since 1970, by this phone's clock, whether it is right or not. */
int64_t phone_now(void);

/* One line of what happens: words and key=value pairs. */
void phone_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- server.c -------------------------------------------------------------------- */

/* The newest nonce there is, 16 bytes. False: none yet. */
bool server_nonce(struct phone *ph, uint8_t nonce[16]);
/* Hand over what waits, learn what each device may do. */
void server_check_in(struct phone *ph);
/* Everything that is offered, into the cache. */
void server_fetch(struct phone *ph);
void server_report(struct phone *ph);

/* ---- carry.c --------------------------------------------------------------------- */

/* Listen to the device at this path: its statement joins those that wait. */
void carry_listen(struct phone *ph, const char *path);
/* Is there something for it that may be pushed now? Then ask, and push. */
void carry_push(struct phone *ph, const char *path);

/* What is known of a peer, as memory has it:
 *   {"device": hex, "offer": {"rollout", "version", "from", "until", "artifacts":
 *    [{"sha256", "size", "url"}]}, "hold": "why", "answer": {"version", "yes"},
 *    "over": {"rollout", "version", "how"}, "not_before": seconds} */
json_t *carry_known(struct phone *ph, const char *path);
bool carry_save(struct phone *ph, const char *path, const json_t *known);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that go through their phones, round by round, in the fleet's compressed time.
 * A phone and its devices belong to one thread: nothing in a round is shared. */
#include "crowd.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "chance.h"
#include "file.h"

#define FACTORY_MAX (256U * 1024U)
#define SPREAD 1.0 /* of the logarithm of contacts */

struct crowd crowd;
_Thread_local struct crowd_phone *crowd_turn;

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* ---- time ------------------------------------------------------------------------ */

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

double crowd_hour(void)
{
    return (double)(now_us() - crowd.began_us) / 1e6 / crowd.o.hour_s;
}

int64_t phone_now(void)
{
    return (int64_t)time(NULL);
}

void phone_say(const char *format, ...)
{
    va_list more;

    if (crowd.log == NULL) {
        return;
    }
    flockfile(crowd.log);
    fprintf(crowd.log, "%8.2f %s ", crowd_hour(), crowd_turn->path[0]);
    va_start(more, format);
    vfprintf(crowd.log, format, more);
    va_end(more);
    fputc('\n', crowd.log);
    funlockfile(crowd.log);
}

/* ---- phones ---------------------------------------------------------------------- */

static bool make_phone(struct crowd_phone *p, uint32_t number)
{
    const struct crowd_options *o = &crowd.o;
    struct phone_options *po = &p->phone.o;
    char why[NET_WHY_MAX + 100];

    p->random = o->seed * UINT64_C(7919) + number;
    p->liar = chance_uniform(&p->random) < o->liars;
    p->contact_d = o->contacts * exp(SPREAD * chance_normal(&p->random));
    p->next_h = chance_exponential(&p->random, 24 / p->contact_d);
    snprintf(p->state, sizeof p->state, "%s/%u", o->state, (unsigned)number);
    *po = (struct phone_options){.server = o->server,
                                 .ca_file = o->ca_file,
                                 .state = p->state,
                                 .app = number % 3 == 0 ? "3.0.0" : "3.1.0",
                                 .consent = PHONE_YES,
                                 .clock = 1,
                                 .patience_s = 20,
                                 .mtu = o->mtu,
                                 .cache_max = 4U << 20};
    for (uint32_t d = number; d < o->devices && po->peers < PHONE_PEERS_MAX;
         d += o->phones) {
        snprintf(p->path[po->peers], sizeof p->path[0], "crowd:%u", (unsigned)d);
        po->peer[po->peers] = p->path[po->peers];
        po->peers++;
    }
    if (!phone_begin(&p->phone, why, sizeof why)) {
        fprintf(stderr, "ferry-crowd: phone %u: %s\n", (unsigned)number, why);
        return false;
    }
    return true;
}

/* A phone that found no server rests for seconds as people have them: 30 of them would be
 * days here. */
static void rest_in_fleet_time(struct phone *ph)
{
    int64_t now = phone_now(), left = ph->quiet_until - now;

    if (left > 0) {
        ph->quiet_until = now + (int64_t)((double)left * crowd.o.hour_s / 3600);
    }
}

static void take_turn(struct crowd_phone *p, double hour)
{
    crowd_turn = p;
    crowd.late += hour - p->next_h >= 1;
    phone_round(&p->phone);
    rest_in_fleet_time(&p->phone);
    crowd.rounds++;
    p->next_h = hour + chance_exponential(&p->random, 24 / p->contact_d);
}

/* Every thread has each T-th phone. True: somebody's turn had come. */
static bool go_through(uint32_t first)
{
    bool any = false;

    for (uint32_t i = first; i < crowd.o.phones && !interrupted; i += crowd.o.threads) {
        double hour = crowd_hour();
        if (crowd.phone[i].next_h <= hour) {
            take_turn(&crowd.phone[i], hour);
            any = true;
        }
    }
    return any;
}

/* What still waits on a phone's disk is handed over, for as long as it takes. */
static void hand_over(struct crowd_phone *p)
{
    char name[1][MEMORY_ITEM];

    crowd_turn = p;
    for (int tries = 0; tries < 100; tries++) {
        p->phone.quiet_until = 0;
        server_check_in(&p->phone);
        server_report(&p->phone);
        if (memory_waiting(&p->phone.memory, MEMORY_STATEMENTS, name, 1) == 0) {
            return;
        }
        usleep(100000);
    }
}

static void *run(void *first)
{
    uint32_t own = (uint32_t)(uintptr_t)first;

    while (!interrupted && crowd_hour() < crowd.o.hours) {
        if (!go_through(own)) {
            usleep(1000);
        }
    }
    for (uint32_t i = own; i < crowd.o.phones; i += crowd.o.threads) {
        hand_over(&crowd.phone[i]);
    }
    return NULL;
}

/* ---- all of it ------------------------------------------------------------------- */

static bool read_factory(void)
{
    crowd.factory = malloc(FACTORY_MAX);
    if (crowd.factory == NULL ||
        ferry_file_load(crowd.o.factory, crowd.factory, FACTORY_MAX,
                        &crowd.factory_len) != 0) {
        fprintf(stderr, "ferry-crowd: %s: %s\n", crowd.o.factory, strerror(errno));
        return false;
    }
    return true;
}

static bool make_all(void)
{
    const struct crowd_options *o = &crowd.o;

    crowd.device = calloc(o->devices, sizeof *crowd.device);
    crowd.phone = calloc(o->phones, sizeof *crowd.phone);
    if (crowd.device == NULL || crowd.phone == NULL || !read_factory()) {
        return false;
    }
    if (mkdir(o->state, 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "ferry-crowd: %s: %s\n", o->state, strerror(errno));
        return false;
    }
    for (uint32_t i = 0; i < o->devices; i++) {
        if (!device_make(&crowd.device[i], o, i, crowd.factory, crowd.factory_len)) {
            fprintf(stderr, "ferry-crowd: %s does not boot with this key and class\n",
                    o->factory);
            return false;
        }
    }
    for (uint32_t i = 0; i < o->phones; i++) {
        if (!make_phone(&crowd.phone[i], i)) {
            return false;
        }
    }
    return true;
}

static void run_all(void)
{
    pthread_t thread[64] = {0};

    crowd.began_us = now_us();
    for (uint32_t i = 0; i < crowd.o.threads; i++) {
        if (pthread_create(&thread[i], NULL, run, (void *)(uintptr_t)i) != 0) {
            abort();
        }
    }
    for (uint32_t i = 0; i < crowd.o.threads; i++) {
        pthread_join(thread[i], NULL);
    }
}

/* Devices as ferryd's factory import wants them. */
static int write_csv(void)
{
    struct crowd_device d;
    char id[33], key[65];
    FILE *to = fopen(crowd.o.csv, "w");

    if (to == NULL) {
        fprintf(stderr, "ferry-crowd: %s: %s\n", crowd.o.csv, strerror(errno));
        return 1;
    }
    fputs("id,class,key,hw_rev,region\n", to);
    for (uint32_t i = 0; i < crowd.o.devices; i++) {
        device_name(&d, &crowd.o, i);
        sodium_bin2hex(id, sizeof id, d.id, sizeof d.id);
        sodium_bin2hex(key, sizeof key, d.public_key, sizeof d.public_key);
        fprintf(to, "%s,%s,%s,%u,%u\n", id, crowd.o.class_id, key, (unsigned)d.hw_rev,
                (unsigned)(i % 3));
    }
    return fclose(to) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    int code = crowd_parse(&crowd.o, argc, argv);

    if (code != 0) {
        return code - 1;
    }
    if (sodium_init() < 0) {
        return 1;
    }
    if (crowd.o.csv != NULL) {
        return write_csv();
    }
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    crowd.log = crowd.o.log != NULL ? fopen(crowd.o.log, "a") : NULL;
    if (!make_all()) {
        return 1;
    }
    run_all();
    crowd_tell();
    return 0;
}

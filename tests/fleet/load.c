/* SPDX-License-Identifier: Apache-2.0
 *
 * The connections and when each sends what. At a given rate a check-in's time counts from
 * when it was due, so that a server that stalls is charged for those who had to wait. */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#define ANSWER_MAX 8192U
#define PATIENCE_US                                                                    \
    29000000 /* of a server with a connection by which nothing comes: 30 s */

struct connection {
    int fd;
    struct load_request *of; /* NULL: it is free */
    uint32_t got;
    int64_t heard_us; /* when something came by it last, or it was made */
    char answer[ANSWER_MAX + 1];
};

struct crowd {
    struct connection *all, *idle[LOAD_CONNECTIONS_MAX];
    uint32_t free;
    int epoll;
    bool gone; /* the server: it takes no connection any more */
};

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- what is sent ---------------------------------------------------------------- */

static bool write_request(const struct load_options *o, uint32_t n,
                          struct load_request *r)
{
    struct ferry_statement says = {.hw_rev = n % o->revisions + 1,
                                   .version = 1U << 24,
                                   .counter = o->counter,
                                   .nonce = o->nonce};
    uint8_t envelope[FERRY_ENVELOPE_MAX];
    char base64[2 * FERRY_ENVELOPE_MAX];
    struct unit u;

    unit_make(&u, n);
    size_t len = unit_sign(&u, &says, envelope);
    sodium_bin2base64(base64, sizeof base64, envelope, len,
                      sodium_base64_VARIANT_ORIGINAL);
    size_t body = strlen(base64) + strlen("{\"app\":\"3.1.0\",\"statements\":[\"\"]}");
    int total = asprintf(&r->text,
                         "POST /v1/checkin HTTP/1.1\r\nHost: ferryd\r\n"
                         "Content-Length: %zu\r\n\r\n"
                         "{\"app\":\"3.1.0\",\"statements\":[\"%s\"]}",
                         body, base64);
    r->len = (uint32_t)total;
    return total > 0;
}

/* ---- connections ----------------------------------------------------------------- */

static int open_one(uint16_t port)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static bool watch(const struct crowd *crowd, struct connection *c, uint16_t port)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

    c->fd = open_one(port);
    c->heard_us = now_us();
    return c->fd >= 0 && epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, c->fd, &e) == 0;
}

static bool gather(struct crowd *crowd, const struct load_options *o)
{
    *crowd = (struct crowd){.all = calloc(o->connections, sizeof *crowd->all),
                            .epoll = epoll_create1(EPOLL_CLOEXEC)};
    for (uint32_t i = 0; i < o->connections; i++) {
        if (crowd->all == NULL || !watch(crowd, &crowd->all[i], o->port)) {
            perror("fleet-load: no connection");
            free(crowd->all);
            return false;
        }
        crowd->idle[crowd->free++] = &crowd->all[i];
    }
    return true;
}

static void scatter(struct crowd *crowd, const struct load_options *o)
{
    for (uint32_t i = 0; i < o->connections; i++) {
        close(crowd->all[i].fd);
    }
    close(crowd->epoll);
    free(crowd->all);
}

/* ---- one exchange ---------------------------------------------------------------- */

static void release(struct crowd *crowd, struct connection *c)
{
    c->of = NULL;
    crowd->idle[crowd->free++] = c;
}

/* A check-in is a kilobyte: an empty socket takes it whole. */
static bool send_one(struct connection *c, struct load_request *r)
{
    c->of = r;
    c->got = 0;
    return send(c->fd, r->text, r->len, MSG_NOSIGNAL) == (ssize_t)r->len;
}

/* The connection broke; a new one takes its place. A server ends connections that were idle
 * for long, and what comes just then is lost with them: every client of HTTP sends that
 * again, and so does this one. Returns 1 if a check-in ended without an answer. */
static uint32_t replace(struct crowd *crowd, struct connection *c,
                        const struct load_options *o)
{
    struct load_request *r = c->of;
    bool was_idle = c->got == 0 && now_us() - c->heard_us >= PATIENCE_US;

    close(c->fd);
    crowd->gone = !watch(crowd, c, o->port);
    if (r == NULL) {
        return 0;
    }
    if (was_idle && !crowd->gone) {
        send_one(c, r);
        return 0;
    }
    release(crowd, c);
    return 1;
}

/* Is all of the answer there? */
static bool complete(const struct connection *c)
{
    const char *end = strstr(c->answer, "\r\n\r\n");
    const char *length = strcasestr(c->answer, "content-length:");

    return end != NULL && length != NULL &&
           strlen(end + 4) >= strtoul(length + 15, NULL, 10);
}

static void note(struct connection *c)
{
    struct load_request *r = c->of;

    r->status = (uint16_t)strtoul(c->answer + strlen("HTTP/1.1 "), NULL, 10);
    r->is_new = strstr(c->answer, "\"statement\":\"new\"") != NULL;
    r->retries = strcasestr(c->answer, "retry-after:") != NULL;
    r->took_us = now_us() - r->due_us;
}

/* False: the connection broke. *done: its answer is there. */
static bool receive(struct connection *c, bool *done)
{
    ssize_t got = recv(c->fd, c->answer + c->got, ANSWER_MAX - c->got, MSG_DONTWAIT);

    if (got <= 0) {
        return false;
    }
    c->got += (uint32_t)got;
    c->heard_us = now_us();
    c->answer[c->got] = '\0';
    *done = complete(c);
    return true;
}

/* ---- all of them ----------------------------------------------------------------- */

/* How many of those that are due are sent: as many as connections are free. */
static uint32_t send_due(struct crowd *crowd, struct load_request *all, uint32_t next,
                         uint32_t count, uint32_t rate, int64_t began)
{
    int64_t now = now_us();

    while (next < count && crowd->free > 0) {
        int64_t due = rate == 0 ? now : began + (int64_t)next * 1000000 / rate;
        if (due > now) {
            break;
        }
        all[next].due_us = due;
        send_one(crowd->idle[--crowd->free], &all[next]);
        next++;
    }
    return next;
}

/* Returns how many ended. */
static uint32_t hear(struct crowd *crowd, const struct load_options *o)
{
    struct epoll_event events[64];
    int n = epoll_wait(crowd->epoll, events, 64, 1);
    uint32_t ended = 0;

    for (int i = 0; i < n; i++) {
        struct connection *c = events[i].data.ptr;
        bool done = false;
        if (!receive(c, &done)) {
            ended += replace(crowd, c, o);
        } else if (done && c->of != NULL) {
            note(c);
            release(crowd, c);
            ended++;
        }
    }
    return ended;
}

int64_t load_run(const struct load_options *o, struct load_request *all, uint32_t count,
                 uint32_t rate)
{
    struct crowd crowd;
    uint32_t next = 0, ended = 0;

    if (!gather(&crowd, o)) {
        return -1;
    }
    int64_t began = now_us();
    while (ended < count && !crowd.gone) {
        next = send_due(&crowd, all, next, count, rate, began);
        ended += hear(&crowd, o);
    }
    int64_t took = now_us() - began;
    scatter(&crowd, o);
    return crowd.gone ? -1 : took;
}

/* Those that were accepted, once more: the server must know each. Returns how many it
 * does not. */
static uint32_t send_again(const struct load_options *o, const struct load_request *all,
                           uint32_t *again)
{
    struct load_request *twice = calloc(o->count, sizeof *twice);
    uint32_t n = 0, lost = 0;

    for (uint32_t i = 0; twice != NULL && i < o->count; i++) {
        if (all[i].status == 200) {
            twice[n++] = (struct load_request){.text = all[i].text, .len = all[i].len};
        }
    }
    struct load_options calm = *o;
    calm.connections = o->connections < 8 ? o->connections : 8;
    if (n > 0 && load_run(&calm, twice, n, 0) < 0) {
        n = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        lost += twice[i].status != 200 || twice[i].is_new;
    }
    free(twice);
    *again = n;
    return lost;
}

int main(int argc, char **argv)
{
    struct load_options o;
    uint32_t again = 0, lost = 0;

    if (sodium_init() < 0 || !load_args(&o, argc, argv)) {
        return 2;
    }
    struct load_request *all = calloc(o.count, sizeof *all);
    for (uint32_t i = 0; i < o.count; i++) {
        if (all == NULL || !write_request(&o, o.first + i, &all[i])) {
            return 1;
        }
    }
    fprintf(stderr, "signed\n");
    int64_t took = load_run(&o, all, o.count, o.rate);
    if (took < 0) {
        return 1;
    }
    if (o.again) {
        lost = send_again(&o, all, &again);
    }
    load_tell(all, o.count, took, again, lost);
    for (uint32_t i = 0; i < o.count; i++) {
        free(all[i].text);
    }
    free(all);
    return 0;
}

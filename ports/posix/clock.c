/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how real time becomes virtual time, and how to sleep in it. Does not know who
 * sleeps, or why. */
#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/select.h>
#include <time.h>

#define FACTOR_MAX 1000U
#define US_PER_S 1000000U
#define WORTH_US 1000U /* real; a shorter sleep is mostly overhead */

void ferry_clock_init(struct ferry_clock *c, uint32_t factor)
{
    c->factor = factor == 0 ? 1 : factor > FACTOR_MAX ? FACTOR_MAX : factor;
    c->offset = 0;
    c->owed_us = 0;
}

uint32_t ferry_clock_now(const struct ferry_clock *c)
{
    struct timespec t = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t us = (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / 1000U;
    return (uint32_t)(us * c->factor / 1000U) + c->offset;
}

void ferry_clock_set(struct ferry_clock *c, uint32_t now_ms)
{
    c->offset += now_ms - ferry_clock_now(c);
}

/* Rounded up: who wakes early finds nothing to do and sleeps again. */
static struct timespec real_time(const struct ferry_clock *c, uint64_t virtual_us)
{
    uint64_t us = (virtual_us + c->factor - 1) / c->factor;
    struct timespec t;

    t.tv_sec = (time_t)(us / US_PER_S);
    t.tv_nsec = (long)(us % US_PER_S) * 1000L;
    return t;
}

/* poll() counts whole milliseconds, too coarse for compressed time; but select() knows
 * only small descriptors. */
static int wait_with_poll(int fd, bool to_write, const struct timespec *limit)
{
    struct pollfd p = {.fd = fd, .events = (short)(POLLIN | (to_write ? POLLOUT : 0))};
    int64_t ms = -1;

    if (limit != NULL) {
        ms = (int64_t)limit->tv_sec * 1000 + (limit->tv_nsec + 999999L) / 1000000L;
        ms = ms > INT32_MAX ? INT32_MAX : ms;
    }
    if (poll(&p, 1, (int)ms) <= 0) {
        return 0;
    }
    return ((p.revents & ~POLLOUT) != 0 ? FERRY_CLOCK_READABLE : 0) |
           ((p.revents & POLLOUT) != 0 ? FERRY_CLOCK_WRITABLE : 0);
}

int ferry_clock_wait(const struct ferry_clock *c, uint32_t ms, int fd, bool to_write)
{
    struct timespec time = real_time(c, (uint64_t)ms * 1000U);
    const struct timespec *limit = ms == UINT32_MAX ? NULL : &time;
    fd_set readers, writers;

    if (fd >= FD_SETSIZE) {
        return wait_with_poll(fd, to_write, limit);
    }
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    if (fd >= 0) {
        FD_SET(fd, &readers);
    }
    if (fd >= 0 && to_write) {
        FD_SET(fd, &writers);
    }
    if (pselect(fd + 1, &readers, &writers, NULL, limit, NULL) <= 0 || fd < 0) {
        return 0;
    }
    return (FD_ISSET(fd, &readers) ? FERRY_CLOCK_READABLE : 0) |
           (FD_ISSET(fd, &writers) ? FERRY_CLOCK_WRITABLE : 0);
}

void ferry_clock_pass(void *clock, uint32_t us)
{
    struct ferry_clock *c = clock;

    c->owed_us += us;
    if (c->owed_us < (uint64_t)WORTH_US * c->factor) {
        return;
    }
    struct timespec left = real_time(c, c->owed_us);
    c->owed_us = 0;
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to reach the device, again and again, and how long it is worth waiting.
 * Does not know what is carried. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#include "push.h"
#include "say.h"

#define STEP_MS 100U     /* of the wall's clock, between two looks around */
#define CONNECT_MS 500U  /* between two attempts */
#define GOODBYE_STEPS 20 /* for the last words */
#define GOODBYE_MS 50U

/* ---- the interrupt --------------------------------------------------------------- */

static volatile sig_atomic_t interrupts;

static void interrupt(int signal)
{
    (void)signal;
    interrupts = 1;
}

/* The second one is no longer ours: it ends the process. */
static void catch_interrupts(void)
{
    struct sigaction act;

    memset(&act, 0, sizeof act);
    act.sa_handler = interrupt;
    act.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

bool push_interrupted(void)
{
    return interrupts != 0;
}

/* An interrupt just before the wait must end it, too: signals come only within it. */
bool push_wait_for_input(void)
{
    sigset_t ours, before;
    fd_set readers;
    bool any = false;

    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    sigprocmask(SIG_BLOCK, &ours, &before);
    FD_ZERO(&readers);
    FD_SET(STDIN_FILENO, &readers);
    if (!push_interrupted()) {
        any = pselect(STDIN_FILENO + 1, &readers, NULL, NULL, NULL, &before) == 1;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return any;
}

/* ---- the link -------------------------------------------------------------------- */

static int open_path(struct push *p, const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return -1;
    }
    if (S_ISSOCK(st.st_mode)) {
        return ferry_link_connect(&p->link, path);
    }
    if (S_ISCHR(st.st_mode)) {
        return ferry_link_open_tty(&p->link, path);
    }
    errno = ENOTTY;
    return -1;
}

static bool open_link(struct push *p)
{
    p->out_of_reach = open_path(p, p->args->value[TO]) == 0 ? 0 : errno;
    return p->out_of_reach == 0;
}

/* A socket with nobody behind it is a device that restarts, one whose queue is full is
 * in use. Whatever else is in the way stays there. */
static bool may_pass(int why)
{
    return why == ECONNREFUSED || why == EAGAIN || why == EWOULDBLOCK;
}

int push_connect(struct push *p)
{
    catch_interrupts();
    if (!open_link(p) && !may_pass(p->out_of_reach)) {
        return refuse("cannot reach %s: %s", p->args->value[TO],
                      p->out_of_reach == ENOTTY
                          ? "it is neither a socket nor a terminal"
                          : strerror(p->out_of_reach));
    }
    p->alive_at = ferry_clock_now(&p->clock);
    p->trouble = FERRY_E_SILENCE;
    return DONE;
}

/* The device may be away for a while: it restarts, or the radio has lost it. */
static void connect_again(struct push *p)
{
    ferry_clock_wait(&p->wall, CONNECT_MS, -1, false);
    ferry_link_close(&p->link);
    if (open_link(p)) {
        ferry_pump_link(&p->pump, &p->link);
    }
}

/* ---- the loop -------------------------------------------------------------------- */

/* Past HELLO somebody is there. Then silence is the engine's to notice; before that it
 * is ours. */
static bool answers(const struct push *p)
{
    switch (ferry_courier_state(&p->courier)) {
    case FERRY_COURIER_REPORT:
    case FERRY_COURIER_OFFER:
    case FERRY_COURIER_SEND:
    case FERRY_COURIER_LATER:
    case FERRY_COURIER_DONE:
    case FERRY_COURIER_REFUSED:
        return true;
    case FERRY_COURIER_DOWN:
    case FERRY_COURIER_HELLO:
    case FERRY_COURIER_PARKED:
        break;
    }
    return false;
}

/* A device that says later may well be away until then. */
static uint32_t patience(const struct push *p)
{
    struct ferry_courier_progress at;

    ferry_courier_progress(&p->courier, &at);
    return p->patience_ms + at.later.seconds * 1000U;
}

/* The courier forgets what was wrong when it tries again; giving up names it. */
static void remember(struct push *p)
{
    if (answers(p)) {
        p->alive_at = ferry_clock_now(&p->clock);
        p->trouble = FERRY_E_SILENCE;
    } else if (ferry_courier_state(&p->courier) == FERRY_COURIER_PARKED) {
        p->trouble = ferry_courier_error(&p->courier);
    }
}

static bool lost(struct push *p)
{
    remember(p);
    if (ferry_clock_now(&p->clock) - p->alive_at < patience(p)) {
        return false;
    }
    if (p->out_of_reach != 0) {
        push_ends(p, PUSH_LOST, FERRY_E_SILENCE, "cannot reach %s: %s",
                  p->args->value[TO], strerror(p->out_of_reach));
    } else if (p->trouble == FERRY_E_SILENCE) {
        push_ends(p, PUSH_LOST, p->trouble, "no answer for %u seconds",
                  (unsigned)(patience(p) / 1000U));
    } else {
        push_ends(p, PUSH_LOST, p->trouble, "%s", ferry_strerror(p->trouble));
    }
    return true;
}

bool push_is_parked(const struct push *p)
{
    return ferry_courier_state(&p->courier) == FERRY_COURIER_PARKED &&
           ferry_courier_deadline(&p->courier, 0) == UINT32_MAX;
}

bool push_drive(struct push *p, bool (*there)(const struct push *p))
{
    for (;;) {
        if (push_is_parked(p) && !there(p)) {
            ferry_pump_link(&p->pump, &p->link); /* once more from the beginning */
        }
        if (!ferry_link_up(&p->link) && !there(p)) {
            connect_again(p);
        }
        ferry_pump_courier(&p->pump, &p->courier, STEP_MS * p->clock.factor);
        if (there(p)) {
            return true;
        }
        if (push_interrupted()) {
            return push_ends(p, PUSH_STOPPED, FERRY_E_ABORT, "stopped");
        }
        if (lost(p)) {
            return false;
        }
        push_progress_show(p);
    }
}

void push_hang_up(struct push *p)
{
    ferry_courier_abort(&p->courier, ferry_clock_now(&p->clock));
    for (int i = 0; i < GOODBYE_STEPS && ferry_link_up(&p->link); i++) {
        if (!ferry_pump_courier(&p->pump, &p->courier, GOODBYE_MS * p->clock.factor)) {
            break;
        }
    }
    ferry_link_close(&p->link);
}

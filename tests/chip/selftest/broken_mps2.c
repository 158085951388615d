/* SPDX-License-Identifier: Apache-2.0
 *
 * The MPS2 port, broken in the way whose number QEMU's -append says, under the self-test:
 * through real resets and the real watchdog. With "wait" behind the number the resets by
 * software wait for somebody who switches the board off instead. Exit code 0: the fault
 * was named by its sentence; a good port: nothing was. 3: there is no such number. */
#include <stdlib.h>
#include <string.h>

#include "broken.h"
#include "mps2.h"
#include "port.h"

#define MAGIC 0x59524F54UL

/* What was said since power-on; comes through resets as the hand-off block does. */
__attribute__((section(".kept"))) static struct {
    uint32_t magic;
    const char *first_failure;
    struct broken_kept broken;
} story;

static void note(void *ctx, const char *check, enum ferry_port_verdict verdict)
{
    (void)ctx;
    if (verdict == FERRY_PORT_FAILED && story.first_failure == NULL) {
        story.first_failure = check;
    }
    if (verdict == FERRY_PORT_SKIPPED) {
        mps2_say("  not tried: ", check);
    }
}

static void restart(bool wait)
{
    if (!wait) {
        port_reset();
    }
    mps2_say("waits", "");
    for (;;) {
    }
}

static bool is_right(enum broken_how how, int failed)
{
    const char *want = broken_named_by(how);

    if (want == NULL || story.first_failure == NULL) {
        return want == NULL && story.first_failure == NULL && failed == 0;
    }
    return failed > 0 && strcmp(story.first_failure, want) == 0;
}

static void tell(enum broken_how how, bool right)
{
    mps2_say(right ? "ok       " : "NOT OK   ", broken_name(how));
    if (story.first_failure != NULL) {
        mps2_say("  named by: ", story.first_failure);
    }
}

int main(void)
{
    static struct ferry_port_selftest good, bad;
    static struct broken broken;
    char arguments[16], *rest;

    mps2_arguments(arguments, sizeof arguments);
    unsigned long how = strtoul(arguments, &rest, 10);
    if (how >= BROKEN_END) {
        mps2_exit(3);
    }
    if (story.magic != MAGIC) {
        memset(&story, 0, sizeof story);
        story.magic = MAGIC;
    }
    port_clock_start();
    good = port_selftest();
    good.say = note;
    broken_make(&broken, (enum broken_how)how, &story.broken, &good, &bad);
    int result = ferry_port_selftest(&bad);
    if (result == FERRY_PORT_SELFTEST_RESET) {
        restart(strcmp(rest, " wait") == 0);
    }
    bool right = is_right((enum broken_how)how, result);
    tell((enum broken_how)how, right);
    mps2_exit(right ? 0 : 1);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which artifact of a release is for the device that was met, and asks the user.
 * A first look only: what the device thinks of it, the device will say. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "push.h"
#include "say.h"
#include "text.h"

void push_show_device(struct view *v, const struct push *p)
{
    const struct ferry_courier_peer *is = &p->peer;

    view_id(v, "class", is->class_id);
    view_number(v, "hw_rev", is->hw_rev);
    if (is->withheld) {
        view_absent(v, "version");
        view_absent(v, "digest");
        view_note(v, "(it does not say what it runs)");
    } else {
        view_version(v, "version", is->version);
        view_hex(v, "digest", is->digest, sizeof is->digest);
    }
    view_address(v, "floor", is->floor);
    view_address(v, "link", is->link);
    view_address(v, "boot_caps", is->boot_caps);
    view_number(v, "chunk", is->chunk);
    view_number(v, "window", is->window);
}

/* ---- choosing -------------------------------------------------------------------- */

/* 0, or why it is not for this device. */
static int fits(const struct push *p, const struct package *k)
{
    const struct ferry_courier_peer *is = &p->peer;
    const struct ferry_manifest *m = &k->a.m;

    if (memcmp(m->class_id, is->class_id, sizeof is->class_id) != 0) {
        return FERRY_E_CLASS;
    }
    if (is->hw_rev < m->hw_min || is->hw_rev > m->hw_max) {
        return FERRY_E_HW;
    }
    return m->link == is->link ? 0 : FERRY_E_LINK;
}

/* Any artifact of the release will do: the one for the other bank is not offered, but
 * it may be what runs. */
static bool runs(const struct push *p, const struct package *k)
{
    const struct ferry_courier_peer *is = &p->peer;

    return !is->withheld && memcmp(k->digest, is->digest, sizeof is->digest) == 0;
}

/* Why none fits: the reason of the one that comes closest. */
static bool refuse_all(struct push *p)
{
    const struct ferry_courier_peer *is = &p->peer;
    char class_text[ID_TEXT];
    int best = FERRY_E_CLASS;

    for (unsigned i = 0; i < p->packages_len; i++) {
        int err = fits(p, &p->packages[i]);
        best = err < best ? err : best; /* class, hardware, link: in this order */
    }
    switch (best) {
    case FERRY_E_LINK:
        return push_ends(p, PUSH_REFUSED, best,
                         "no artifact is linked for 0x%08x, where this device wants "
                         "its next image",
                         (unsigned)is->link);
    case FERRY_E_HW:
        return push_ends(p, PUSH_REFUSED, best,
                         "no artifact is for hardware revision %u",
                         (unsigned)is->hw_rev);
    default:
        text_of_id(is->class_id, class_text);
        return push_ends(p, PUSH_REFUSED, best, "no artifact is for class %s",
                         class_text);
    }
}

const struct package *push_choose(struct push *p)
{
    const struct package *best = NULL;

    for (unsigned i = 0; i < p->packages_len; i++) {
        const struct package *k = &p->packages[i];
        bool fit = fits(p, k) == 0;
        if (fit && (best == NULL || k->a.m.version > best->a.m.version)) {
            best = k;
        }
    }
    for (unsigned i = 0; i < p->packages_len; i++) {
        bool newer = best != NULL && best->a.m.version > p->packages[i].a.m.version;
        if (runs(p, &p->packages[i]) && !newer) {
            push_ends(p, PUSH_RUNNING, FERRY_E_SAME, "%s",
                      ferry_strerror(FERRY_E_SAME));
            return NULL;
        }
    }
    if (best == NULL) {
        refuse_all(p);
    }
    return best;
}

/* ---- asking ---------------------------------------------------------------------- */

static void ask(const struct push *p, const struct package *k)
{
    char new[VERSION_TEXT], old[VERSION_TEXT];

    text_of_version(k->a.m.version, new);
    text_of_version(p->peer.version, old);
    if (p->peer.withheld) {
        fprintf(stderr, "install %s? [y/N] ", new);
    } else {
        fprintf(stderr, "install %s over %s? [y/N] ", new, old);
    }
    fflush(stderr);
}

static bool says_yes(void)
{
    char line[64];
    ssize_t n = push_wait_for_input() ? read(STDIN_FILENO, line, sizeof line - 1) : 0;

    line[n > 0 ? n : 0] = '\0'; /* a terminal gives a whole line */
    line[strcspn(line, "\r\n")] = '\0';
    return strcmp(line, "y") == 0 || strcmp(line, "Y") == 0 || strcmp(line, "yes") == 0;
}

bool push_consent(struct push *p, const struct package *k)
{
    if (!p->json) {
        struct view v = {.as_json = false};
        view_begin(&v, k->a.path);
        view_version(&v, "version", k->a.m.version);
        view_number(&v, "slot", k->a.e.kid);
        view_number(&v, "sec_ctr", k->a.m.sec_ctr);
        view_number(&v, "length", k->a.m.length);
    }
    if (p->args->value[YES] != NULL) {
        return true;
    }
    fflush(stdout);
    ask(p, k);
    bool yes = says_yes();
    if (push_interrupted()) {
        return push_ends(p, PUSH_STOPPED, FERRY_E_ABORT, "stopped");
    }
    return yes || push_ends(p, PUSH_DECLINED, 0, "not installed: you said no");
}

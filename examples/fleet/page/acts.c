/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on rollouts: which may be done now, the page that asks for a reason and a token,
 * and the form that comes back. Knows their words; the rules are the rollout's own. */
#include <stdlib.h>
#include <string.h>

#include "page_in.h"

static const struct word {
    const char *act, *verb, *means;
} words[] = {
    {"open", "Open", "Offers of its first stage begin with the next check-ins."},
    {"advance", "Advance",
     "The next stage begins: more devices are offered the release. It is refused while "
     "the stage waits for something."},
    {"freeze", "Freeze",
     "No new offer is made from the moment this is recorded. Devices that have the "
     "release keep it, and go on being watched. It can be resumed."},
    {"resume", "Resume",
     "Offers go on where they stopped. What alarms now is taken as known: only "
     "what else alarms will freeze it again."},
    {"cancel", "Cancel",
     "Offers stop for good. Devices that have the release keep it. This cannot "
     "be taken back."},
    {"finish", "Finish", "The rollout is done; no more offers are made."},
    {"waive", "Waive a revision of",
     "The stage no longer waits for evidence of this hardware revision. Your name and "
     "reason stay with the rollout."},
    {"rollback", "Roll back",
     "A rollout of an already published release - the old code under a higher number - "
     "takes the place of this one, and is offered to the units that this one reached."},
};
#define WORDS (sizeof words / sizeof words[0])

static const struct word *word_of(const char *act)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(words[i].act, act) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

/* ---- which ----------------------------------------------------------------------- */

static bool may(const json_t *rollout, const char *act)
{
    const char *state = text_in(rollout, "state");
    bool last = number_in(rollout, "stage") == number_in(rollout, "stages");

    if (strcmp(state, "draft") == 0) {
        return strcmp(act, "open") == 0 || strcmp(act, "cancel") == 0;
    }
    if (strcmp(state, "frozen") == 0) {
        return strcmp(act, "resume") == 0 || strcmp(act, "cancel") == 0 ||
               strcmp(act, "rollback") == 0;
    }
    if (strcmp(state, "open") != 0) {
        return false;
    }
    if (strcmp(act, "advance") == 0 || strcmp(act, "finish") == 0) {
        return last == (strcmp(act, "finish") == 0);
    }
    return strcmp(act, "freeze") == 0 || strcmp(act, "cancel") == 0 ||
           strcmp(act, "waive") == 0;
}

void put_acts(FILE *to, const json_t *rollout)
{
    char no[VIEW_NUMBER];

    snprintf(no, sizeof no, "%lld", (long long)number_in(rollout, "no"));
    markup(to, "<p class=\"acts\">");
    for (size_t i = 0; i < WORDS; i++) {
        if (may(rollout, words[i].act)) {
            markup(to, "<a class=\"act %s\" href=\"/rollouts/%s/%s\">%s%s</a> ",
                   words[i].act, no, words[i].act, words[i].verb,
                   strcmp(words[i].act, "waive") == 0 ? " it" : "");
        }
    }
    markup(to, "</p>\n");
}

/* ---- its page -------------------------------------------------------------------- */

static void put_own_field(FILE *to, const json_t *rollout, const char *act)
{
    if (strcmp(act, "waive") == 0) {
        const json_t *e;
        size_t i;
        markup(to, "<label for=\"hw_rev\">Hardware revision</label>\n"
                   "<select id=\"hw_rev\" name=\"hw_rev\">");
        json_array_foreach(json_object_get(rollout, "evidence"), i, e)
        {
            markup(to, "<option>%s</option>", text_in(e, "hw_rev"));
        }
        markup(to, "</select>\n");
    }
    if (strcmp(act, "rollback") == 0) {
        markup(to, "<label for=\"version\">Release to offer instead (old code, higher "
                   "number)</label>\n<input id=\"version\" name=\"version\" required "
                   "pattern=\"[0-9]+\\.[0-9]+\\.[0-9]+\" placeholder=\"2.1.1\">\n");
    }
}

static void put_form(struct page *p, const json_t *rollout, const struct word *w,
                     const char *no)
{
    markup(p->to,
           "<form class=\"confirm\" method=\"post\" action=\"/rollouts/%s/%s\">\n", no,
           w->act);
    put_own_field(p->to, rollout, w->act);
    markup(p->to,
           "<label for=\"reason\">Reason, for the record</label>\n"
           "<textarea id=\"reason\" name=\"reason\" rows=\"3\" maxlength=\"200\" "
           "required></textarea>\n"
           "<label for=\"token\">Your token (it needs the scope operate)</label>\n"
           "<input id=\"token\" name=\"token\" type=\"password\" required "
           "autocomplete=\"current-password\">\n"
           "<p><button class=\"act %s\">%s rollout %s</button> "
           "<a href=\"/rollouts/%s\">Leave it as it is</a></p>\n</form>\n",
           w->act, w->verb, no, no);
}

void page_confirm(struct page *p, int64_t number, const char *act)
{
    const struct word *w = word_of(act);
    json_t *r = w != NULL ? view_rollout(p->db, number, p->ask->now) : NULL;
    char title[60], no[VIEW_NUMBER];

    if (r == NULL) {
        page_missing(p, w != NULL ? "rollout" : "act");
        return;
    }
    snprintf(no, sizeof no, "%lld", (long long)number);
    snprintf(title, sizeof title, "%s rollout %s?", w->verb, no);
    page_begin(p, title, "/");
    markup(p->to, "<h1>%s</h1>\n", title);
    page_wrong(p);
    if (may(r, act)) {
        markup(p->to, "<p class=\"lede\">%s</p>\n", w->means);
        put_standing(p->to, r);
        put_form(p, r, w, no);
    } else {
        p->status = 409;
        markup(
            p->to,
            "<p class=\"lede\">Rollout %s (%s) is %s; that cannot be done to it now. "
            "<a href=\"/rollouts/%s\">Look at it</a>.</p>\n",
            no, text_in(r, "version"), text_in(r, "state"), no);
    }
    page_end(p);
    json_decref(r);
}

/* ---- and back -------------------------------------------------------------------- */

bool rollout_path(const char *path, int64_t *no, const char **act)
{
    static const char root[] = "/rollouts/";
    char *end;

    if (strncmp(path, root, sizeof root - 1) != 0 || path[sizeof root - 1] < '1' ||
        path[sizeof root - 1] > '9') {
        return false;
    }
    long long n = strtoll(path + sizeof root - 1, &end, 10);
    if (end - path > 26 || (*end != '\0' && *end != '/')) {
        return false;
    }
    *no = n;
    *act = *end == '/' ? end + 1 : "";
    return *end == '\0' || word_of(*act) != NULL;
}

static bool say(char *why, size_t cap, const char *what)
{
    snprintf(why, cap, "%s", what);
    return false;
}

bool page_act_read(const char *path, const char *body, size_t len, struct page_act *act,
                   char *why, size_t cap)
{
    const char *name;

    memset(act, 0, sizeof *act);
    if (!rollout_path(path, &act->rollout, &name) || name[0] == '\0') {
        return say(why, cap, "There is no such act.");
    }
    snprintf(act->act, sizeof act->act, "%s", name);
    if (!form_text(body, len, "token", act->token, sizeof act->token) ||
        act->token[0] == '\0') {
        return say(why, cap, "A token is missing, or is longer than any.");
    }
    if (!form_text(body, len, "reason", act->reason, sizeof act->reason) ||
        strspn(act->reason, " \t\r\n") == strlen(act->reason)) {
        return say(why, cap, "A reason is missing, or is too long.");
    }
    act->hw_rev = form_number(body, len, "hw_rev");
    (void)form_text(body, len, "version", act->version, sizeof act->version);
    if (strcmp(name, "waive") == 0 && act->hw_rev < 0) {
        return say(why, cap, "Which hardware revision is missing.");
    }
    if (strcmp(name, "rollback") == 0 && act->version[0] == '\0') {
        return say(why, cap, "Which release to roll back to is missing.");
    }
    return true;
}

/* ---- signing in ------------------------------------------------------------------ */

void page_sign_in(struct page *p)
{
    page_begin(p, "Sign in", "");
    markup(p->to,
           "<h1>Sign in</h1>\n<p class=\"lede\">Reading wants a token with the scope "
           "read. Acts will ask for one with the scope operate, each time.</p>\n");
    page_wrong(p);
    markup(p->to,
           "<form class=\"confirm\" method=\"post\" action=\"/sign-in\">\n"
           "<label for=\"token\">Token</label>\n<input id=\"token\" name=\"token\" "
           "type=\"password\" required autocomplete=\"current-password\">\n"
           "<p><button class=\"act\">Sign in</button></p>\n</form>\n");
    page_end(p);
}

bool page_sign_in_read(const char *body, size_t len, char token[PAGE_TOKEN_MAX + 1])
{
    return form_text(body, len, "token", token, PAGE_TOKEN_MAX + 1);
}

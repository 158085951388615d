/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how to ask a person without showing what is typed, and leaves the terminal as it
 * was, whatever ends the question. Does not know what the secret opens. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "file.h"
#include "say.h"

void secret_wipe(struct secret *s)
{
    sodium_memzero(s, sizeof *s);
}

static int take(struct secret *s, const struct secret_from *from, const char *text,
                size_t len)
{
    if (len == 0) {
        return refuse("the %s is empty", from->what);
    }
    if (len > SECRET_MAX) {
        return refuse("the %s is longer than %u bytes", from->what, SECRET_MAX);
    }
    memcpy(s->text, text, len);
    s->text[len] = '\0';
    s->len = len;
    return DONE;
}

static int from_file(struct secret *s, const struct secret_from *from)
{
    struct bytes file;
    int code = file_read(&file, from->file, "a file with a secret", 0, 4096);

    if (code == DONE) {
        const char *text = (const char *)file.at;
        code = take(s, from, text, strcspn(text, "\r\n"));
    }
    bytes_free(&file);
    return code;
}

/* ---- the terminal ---------------------------------------------------------------- */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};
enum { ENDING = sizeof ending / sizeof *ending };

static volatile sig_atomic_t ended_by;

static void end_question(int number)
{
    ended_by = number;
}

/* Reads one line; false at the terminal's end or when a signal ends the question. */
static bool read_line(int tty, char *line, size_t cap, size_t *len)
{
    char c = '\0';

    *len = 0;
    while (ended_by == 0 && read(tty, &c, 1) == 1 && c != '\n' && c != '\r') {
        if (*len < cap) {
            line[(*len)++] = c;
        }
    }
    return c == '\n' || c == '\r';
}

static void say_to(int tty, const char *text)
{
    if (write(tty, text, strlen(text)) < 0) {
        return; /* a prompt that cannot be shown: the answer will not come either */
    }
}

/* One line without an echo. Nobody is asked before the echo is off, and signals wait
 * until it is back. */
static bool ask_quietly(int tty, const char *prompt, char *line, size_t cap,
                        size_t *len)
{
    struct sigaction act = {.sa_handler = end_question}, before[ENDING];
    struct termios shown, quiet;

    if (tcgetattr(tty, &shown) != 0) {
        return false;
    }
    ended_by = 0;
    for (unsigned i = 0; i < ENDING; i++) {
        sigaction(ending[i], &act, &before[i]);
    }
    quiet = shown;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    bool right = tcsetattr(tty, TCSAFLUSH, &quiet) == 0;
    if (right) {
        say_to(tty, prompt);
        right = read_line(tty, line, cap, len);
    }
    tcsetattr(tty, TCSAFLUSH, &shown);
    say_to(tty, "\n");
    for (unsigned i = 0; i < ENDING; i++) {
        sigaction(ending[i], &before[i], NULL);
    }
    if (ended_by != 0) {
        raise(ended_by);
    }
    return right;
}

static int ask(int tty, struct secret *s, const struct secret_from *from,
               const char *again)
{
    char prompt[300], line[SECRET_MAX + 1];
    size_t len = 0;

    snprintf(prompt, sizeof prompt, "%s%s: ", from->what, again);
    bool answered = ask_quietly(tty, prompt, line, sizeof line, &len);
    int code = answered ? take(s, from, line, len)
                        : refuse("the %s was not given", from->what);
    sodium_memzero(line, sizeof line);
    return code;
}

static int from_person(struct secret *s, const struct secret_from *from)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);

    if (tty < 0) {
        return refuse("no %s: no file is named for it, %s is not set, and there is no "
                      "terminal to ask at",
                      from->what, from->env);
    }
    int code = ask(tty, s, from, "");
    if (code == DONE && from->twice) {
        struct secret again;
        memset(&again, 0, sizeof again);
        code = ask(tty, &again, from, ", again");
        if (code == DONE && strcmp(s->text, again.text) != 0) {
            code = refuse("the %s is not the same both times", from->what);
        }
        secret_wipe(&again);
    }
    close(tty);
    return code;
}

int secret_get(struct secret *s, const struct secret_from *from)
{
    const char *set = getenv(from->env);
    int code;

    memset(s, 0, sizeof *s);
    if (from->file != NULL) {
        code = from_file(s, from);
    } else if (set != NULL) {
        code = take(s, from, set, strlen(set));
    } else {
        code = from_person(s, from);
    }
    if (code != DONE) {
        secret_wipe(s);
    }
    return code;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin for QEMU that counts the instructions of the engine, exactly: by the phase and
 * part a life says it is in (marks.h), by the verb that was called, by the function. What
 * the C library does for the engine is the engine's; what its callbacks do is not. A plan
 * file says which addresses are what; what the names are, count.py knows.
 *
 * The functions of QEMU's plugin interface, version 1, are declared here, because QEMU's
 * packages do not bring its header. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define PHASES_MAX 16
#define PARTS_MAX 4
#define VERBS_MAX 32
#define RANGES_MAX 4096
#define NO_REGISTERS 0

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t plugin_id;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id,
                                           void (*)(plugin_id,
                                                    struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *,
                                          void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

enum owner { OTHER, ENGINE, LIBRARY };

struct list {
    uint64_t addr[RANGES_MAX];
    int n;
};

static struct {
    uint64_t engine[2], library[2]; /* from, to */
    struct list phases, parts, verbs, functions;
} plan;

/* One block of instructions without a branch in between. */
struct block {
    struct block *next;
    uint64_t addr;
    unsigned len; /* instructions */
    enum owner owner;
    int phase, part, verb; /* that begins here; -1: none */
    bool function;         /* a function of the engine does */
    uint64_t count[PHASES_MAX][PARTS_MAX + 1][VERBS_MAX];
};

static struct block *blocks;
static FILE *out;

/* Where the processor is. */
static enum owner owner;
static int phase, part, verb = -1; /* part 0: none was begun in this verb */
static uint64_t spent;             /* in this call of the verb */
static uint64_t most[PHASES_MAX][VERBS_MAX], calls[PHASES_MAX][VERBS_MAX];

static int found(const struct list *l, uint64_t addr)
{
    for (int i = 0; i < l->n; i++) {
        if (l->addr[i] == addr) {
            return i;
        }
    }
    return -1;
}

static bool within(const uint64_t range[2], uint64_t addr)
{
    return addr >= range[0] && addr < range[1];
}

/* ---- while it runs --------------------------------------------------------------- */

static void end_call(void)
{
    if (verb >= 0 && spent > most[phase][verb]) {
        most[phase][verb] = spent;
    }
    spent = 0;
}

/* The engine is entered from outside: by a call of a function of its, or by the return of
 * a callback, which goes on with the verb that was. */
static void enter(const struct block *b)
{
    if (!b->function) {
        return;
    }
    end_call();
    part = 0;
    verb = b->verb;
    if (verb >= 0) {
        calls[phase][verb]++;
    }
}

static void on_block(unsigned cpu, void *data)
{
    struct block *b = data;

    (void)cpu;
    if (b->phase >= 0) {
        end_call();
        phase = b->phase;
    }
    if (b->part >= 0) {
        part = b->part + 1;
    }
    if (b->owner == ENGINE && owner != ENGINE) {
        enter(b);
    }
    if (b->owner != LIBRARY) { /* a library belongs to whoever called it */
        owner = b->owner;
    }
    if (owner == ENGINE && verb >= 0) {
        b->count[phase][part][verb] += b->len;
        spent += b->len;
    }
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb)
{
    struct block *b = calloc(1, sizeof *b);

    (void)id;
    if (b == NULL) {
        abort();
    }
    b->addr = qemu_plugin_tb_vaddr(tb);
    b->len = (unsigned)qemu_plugin_tb_n_insns(tb);
    b->owner = within(plan.engine, b->addr)    ? ENGINE
               : within(plan.library, b->addr) ? LIBRARY
                                               : OTHER;
    b->phase = found(&plan.phases, b->addr);
    b->part = found(&plan.parts, b->addr);
    b->verb = found(&plan.verbs, b->addr);
    b->function = found(&plan.functions, b->addr) >= 0;
    b->next = blocks;
    blocks = b;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, NO_REGISTERS, b);
}

/* ---- before and after ------------------------------------------------------------ */

static void write_block(const struct block *b)
{
    for (int ph = 0; ph < plan.phases.n; ph++) {
        for (int pa = 0; pa <= plan.parts.n; pa++) {
            for (int v = 0; v < plan.verbs.n; v++) {
                if (b->count[ph][pa][v] > 0) {
                    fprintf(out, "count %d %d %d %llx %llu\n", ph, pa, v,
                            (unsigned long long)b->addr,
                            (unsigned long long)b->count[ph][pa][v]);
                }
            }
        }
    }
}

static void at_the_end(plugin_id id, void *data)
{
    (void)id;
    (void)data;
    end_call();
    for (const struct block *b = blocks; b != NULL; b = b->next) {
        write_block(b);
    }
    for (int ph = 0; ph < plan.phases.n; ph++) {
        for (int v = 0; v < plan.verbs.n; v++) {
            if (calls[ph][v] > 0) {
                fprintf(out, "calls %d %d %llu %llu\n", ph, v,
                        (unsigned long long)calls[ph][v],
                        (unsigned long long)most[ph][v]);
            }
        }
    }
    fclose(out);
}

static bool add(struct list *l, uint64_t addr, int max)
{
    if (l->n == max) {
        return false;
    }
    l->addr[l->n++] = addr;
    return true;
}

/* A line is a word and one or two addresses in hex. */
static bool read_plan(const char *path)
{
    char word[16];
    unsigned long long a, b;
    FILE *f = fopen(path, "r");
    bool fits = f != NULL;

    while (fits && fscanf(f, "%15s %llx %llx", word, &a, &b) == 3) {
        if (strcmp(word, "engine") == 0) {
            plan.engine[0] = a;
            plan.engine[1] = b;
        } else if (strcmp(word, "library") == 0) {
            plan.library[0] = a;
            plan.library[1] = b;
        } else if (strcmp(word, "phase") == 0) {
            fits = add(&plan.phases, a, PHASES_MAX);
        } else if (strcmp(word, "part") == 0) {
            fits = add(&plan.parts, a, PARTS_MAX);
        } else if (strcmp(word, "verb") == 0) {
            fits = add(&plan.verbs, a, VERBS_MAX);
        } else {
            fits = add(&plan.functions, a, RANGES_MAX);
        }
    }
    if (f != NULL) {
        fclose(f);
    }
    return fits;
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "plan=", 5) == 0 && !read_plan(argv[i] + 5)) {
            return 1;
        }
        if (strncmp(argv[i], "out=", 4) == 0) {
            out = fopen(argv[i] + 4, "w");
        }
    }
    if (out == NULL || plan.phases.n == 0) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_the_end, NULL);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a life branches at its operations. Does not know what is right or wrong after
 * a cut. */
#include "sweep.h"

#include <stdio.h>
#include <string.h>

#include "rng.h"

/* A branch: the life itself (0), copies that were cut (1), copies of copies (2). The last
 * one only tries the ends of an operation. */
struct branch {
    struct life life;
    struct promise said;
    struct allowed may;
    uint32_t ops;
    bool decided; /* its first start is over */
    unsigned depth;
};

static struct branch branches[SWEEP_DEPTH + 1];
static struct life scratch;
static struct sweep *sweep;
static struct tally *tally;
static struct sweep_cut here[SWEEP_DEPTH];
static unsigned here_n;

/* ---- plans ----------------------------------------------------------------------- */

void sweep_plan(struct sweep *s, uint32_t number, uint64_t seed)
{
    static const uint8_t units[] = {4, 4, 1, 8, 16, 32, 2};
    static const uint16_t pages[] = {512, 512, 1024, 2048};
    uint64_t rng = number * 0xD1342543DE82EF95ULL + 0x5851F42D4C957F2DULL;
    struct plan *p = &s->plan;

    memset(s, 0, sizeof *s);
    *p = (struct plan){4096, 512, 1024, 128, 8, 4, 0xFF, SIM_FLASH_SYNC, true, 0, 0};
    s->number = number;
    s->seed = seed;
    s->depth = 1;
    s->shares = 1;
    for (unsigned i = 0; i < PHASES; i++) {
        s->variants[i] = 1;
    }
    if (number >= SWEEP_AGED) {
        p->boot_age = (uint8_t)(number - SWEEP_AGED);
        p->app_age = p->boot_age;
    } else if (number > 0) {
        p->erase_unit = pages[rng_below(&rng, 4)];
        p->write_unit = units[rng_below(&rng, 7)];
        p->erased = rng_below(&rng, 4) == 0 ? 0x00 : 0xFF;
        p->mode = (enum sim_flash_mode)rng_below(&rng, 3);
        p->image_len = 1024 + 4 * rng_below(&rng, 256);
        p->chunk = rng_below(&rng, 4) == 0 ? 256 : 128;
        p->bank_len = p->erase_unit > 1024 ? 8192 : 4096;
        p->boot_age = (uint8_t)rng_below(&rng, 6);
        p->app_age = (uint8_t)rng_below(&rng, 6);
    }
}

static const char *const cut_names[SIM_CUTS] = {
    "before it",        "early",          "at a subset of its bits",
    "in the middle",    "between words",  "late",
    "and seems undone", "and seems done", "after it"};

/* ---- names of cuts --------------------------------------------------------------- */

const char *sweep_here(void)
{
    static char words[128];
    int n = snprintf(words, sizeof words, "%u.%llu", (unsigned)sweep->number,
                     (unsigned long long)sweep->seed);

    for (unsigned i = 0; i < here_n; i++) {
        n += snprintf(words + n, sizeof words - (size_t)n, "%c%u.%u.%u",
                      i == 0 ? ':' : '/', (unsigned)here[i].op, (unsigned)here[i].how,
                      (unsigned)here[i].variant);
    }
    return words;
}

static bool parse_cut(const char **text, struct sweep_cut *c)
{
    unsigned op, how, variant;
    int n = 0;

    if (sscanf(*text, "%u.%u.%u%n", &op, &how, &variant, &n) != 3 || how >= SIM_CUTS) {
        return false;
    }
    *c = (struct sweep_cut){op, (uint8_t)how, variant};
    *text += n;
    return true;
}

bool sweep_parse(struct sweep *s, const char *text)
{
    unsigned number;
    unsigned long long seed;
    int n = 0;

    if (sscanf(text, "%u.%llu:%n", &number, &seed, &n) != 2 || n == 0) {
        return false;
    }
    sweep_plan(s, number, seed);
    text += n;
    s->replay = true;
    if (!parse_cut(&text, &s->path[0])) {
        return false;
    }
    if (*text == '/') {
        text++;
        s->depth = 2;
        return parse_cut(&text, &s->path[1]) && *text == '\0';
    }
    return *text == '\0';
}

/* Everything that is left to chance after a cut hangs on its name. */
static uint64_t seed_of(void)
{
    uint64_t h = sweep->seed ^ (uint64_t)sweep->number << 40;

    for (unsigned i = 0; i < here_n; i++) {
        h = (h ^ here[i].op ^ (uint64_t)here[i].how << 24 ^
             (uint64_t)here[i].variant << 32) *
            0x9E3779B97F4A7C15ULL;
        h ^= h >> 29;
    }
    return h;
}

/* ---- branching ------------------------------------------------------------------- */

static void at_operation(void *ctx, const struct sim_op *op);

static bool late(void)
{
    return sweep->until > 0 && tally_seconds() > sweep->until;
}

/* Where there is too little time for every operation, those that are left out are spread
 * over the life. */
static bool behind(const struct branch *b, uint32_t n)
{
    return b->depth == 0 && sweep->pace > 0 &&
           (tally_seconds() - sweep->since) / (sweep->until - sweep->since) >
               (double)(n + 1) / sweep->pace;
}

static void watch(struct branch *b)
{
    b->ops = 0;
    b->life.w.flash.before = at_operation;
    b->life.w.flash.before_ctx = b;
}

/* What was said to the phone, as far as nothing has happened since. */
static struct promise said_by(const struct branch *from)
{
    struct promise now = life_promise(&from->life);

    if (from->depth > 0 && !from->decided) {
        return from->said;
    }
    if (from->depth > 0 && now.transfer < 0 && from->life.resumed < 0) {
        now.transfer = from->said.transfer;
        now.blocks = from->said.blocks;
    }
    return now;
}

/* A copy of `from`, in which this operation is cut, goes on to the end of its stage. */
static void grow(const struct branch *from, const struct sim_op *op,
                 const struct allowed *may, struct sweep_cut cut)
{
    struct branch *b = &branches[from->depth + 1];
    enum phase phase = life_phase(&from->life, op);

    here[from->depth] = cut;
    here_n = from->depth + 1;
    b->may = *may;
    b->said = said_by(from);
    b->decided = false;
    judge_cut(&b->life, &from->life, op, (enum sim_cut)cut.how, seed_of());
    if (b->depth < sweep->depth) {
        watch(b);
    }
    if (sweep->replay) {
        fprintf(stderr, "operation %u, %s of %u bytes at 0x%x, in phase %s: cut %s\n",
                (unsigned)cut.op, op->buf != NULL ? "a program" : "an erase",
                (unsigned)op->len, (unsigned)op->addr, phase_name(phase),
                cut_names[cut.how]);
    }
    struct verdict v = judge_starts(&b->life, &b->may, &b->said, &b->decided, tally);
    if (v.what == NULL) {
        v = judge_end(&b->life, &b->said, tally);
    }
    b->life.w.flash.before = NULL;
    here_n = b->depth;
    if (v.what != NULL) {
        tally_wrong(tally, v.wrong, v.what, sweep_here());
    }
    if (b->depth == sweep->depth) {
        tally->cuts[phase][cut.how]++;
        tally->second += b->depth > 1;
    }
    here_n = from->depth;
    tally_tell(sweep->depth > 1 ? "pairs" : "sweep", tally, false);
}

/* Every kind of cut of this operation; or the one that is asked for. */
static void cut_it(const struct branch *from, const struct sim_op *op, uint32_t n)
{
    const uint32_t variants = sweep->variants[life_phase(&from->life, op)];
    struct allowed may = from->depth > 0 && !from->decided
                             ? from->may
                             : judge_ends(&from->life, op, &scratch, tally);

    if (sweep->replay) {
        grow(from, op, &may, sweep->path[from->depth]);
        return;
    }
    for (unsigned how = 0; how < SIM_CUTS; how++) {
        bool whole = how == SIM_CUT_BEFORE || how == SIM_CUT_AFTER;
        for (uint32_t v = 0; v < (whole ? 1 : variants) && !late(); v++) {
            grow(from, op, &may, (struct sweep_cut){n, (uint8_t)how, v});
        }
    }
}

static void at_operation(void *ctx, const struct sim_op *op)
{
    struct branch *b = ctx;
    uint32_t n = b->ops++;

    if (late() || behind(b, n)) {
        return;
    }
    if (sweep->replay ? sweep->path[b->depth].op == n
                      : b->depth > 0 || n % sweep->shares == sweep->share) {
        cut_it(b, op, n);
    }
    if (b->depth == 0 && sweep->number < SWEEP_AGED) {
        tally->done++;
    }
}

/* ---- a life ---------------------------------------------------------------------- */

static void begin(struct sweep *s, struct tally *t)
{
    sweep = s;
    tally = t;
    here_n = 0;
    goods_make(s->plan.image_len, s->plan.toy);
    for (unsigned i = 0; i <= s->depth; i++) {
        life_new(&branches[i].life, &s->plan);
        branches[i].depth = i;
    }
    life_new(&scratch, &s->plan);
}

bool sweep_run(struct sweep *s, struct tally *t)
{
    begin(s, t);
    branches[0].decided = true;
    s->since = tally_seconds();
    watch(&branches[0]);
    if (!life_live(&branches[0].life)) {
        tally_wrong(t, WRONG_BRICK, "a life without a cut does not come to its end",
                    sweep_here());
    }
    branches[0].life.w.flash.before = NULL;
    t->lives++;
    return !late();
}

static uint32_t *counting;

static void count_operation(void *ctx, const struct sim_op *op)
{
    counting[life_phase(ctx, op)]++;
}

bool sweep_count(const struct sweep *s, uint32_t ops[PHASES])
{
    struct life *l = &branches[0].life;

    memset(ops, 0, PHASES * sizeof ops[0]);
    counting = ops;
    goods_make(s->plan.image_len, s->plan.toy);
    life_new(l, &s->plan);
    l->w.flash.before = count_operation;
    l->w.flash.before_ctx = l;
    bool whole = life_live(l);
    l->w.flash.before = NULL;
    return whole;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A flash file on the bench: opened, its refusals noted, and a model of what must be in
 * it after every operation, finished or cut. */
#ifndef FERRY_TEST_BENCH_H
#define FERRY_TEST_BENCH_H

#include "flash_file.h"
#include "port.h"

struct bench {
    struct ferry_flash_file file;
    struct ferry_flash hal;
    unsigned refusals; /* so far; the newest: */
    uint32_t addr;
    const char *rule;
};

/* Open, or end the test with the reason why not. */
void bench_open(struct bench *b, const char *path,
                const struct ferry_flash_geometry *geometry);
/* The same with a new, blank file. */
void bench_fresh(struct bench *b, const struct ferry_flash_geometry *geometry);
void bench_close(struct bench *b);

int bench_write(struct bench *b, uint32_t addr, const void *bytes, uint32_t len);
int bench_erase(struct bench *b, uint32_t addr);

/* The call failed, and for this: the newest refusal names the rule and the address. */
#define expect_refused(bench, call, want_rule, want_addr)                              \
    do {                                                                               \
        unsigned before = (bench)->refusals;                                           \
        assert_int_equal(call, FERRY_E_FLASH);                                         \
        assert_int_equal((bench)->refusals, before + 1);                               \
        assert_string_equal((bench)->rule, want_rule);                                 \
        assert_int_equal((bench)->addr, want_addr);                                    \
    } while (0)

/* ---- what must be in the file ---------------------------------------------------- */

#define MODEL_MAX (256U * 1024U)

struct model {
    struct ferry_flash_geometry geometry;
    uint8_t bytes[MODEL_MAX];
    bool blank[MODEL_MAX]; /* by write unit */
};

/* An operation; what it writes follows from its number. */
struct model_op {
    bool erase;
    uint32_t addr, len;
    uint32_t number;
};

void model_blank(struct model *m, const struct ferry_flash_geometry *geometry);
void model_payload(const struct model_op *op, uint8_t *bytes);
/* The operation was acknowledged. */
void model_apply(struct model *m, const struct model_op *op);

/* Hold the file to the model. `cut`: an operation that began and was not acknowledged,
 * or NULL; inside it every byte lies between old and new, and what counts as blank is
 * blank. Ends the test if it is not so. */
void model_check(const struct model *m, const struct ferry_flash_file *f,
                 const struct model_op *cut);
/* What the cut operation left is how it is now. */
void model_adopt(struct model *m, const struct ferry_flash_file *f,
                 const struct model_op *cut);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A QEMU plugin: writes down each store that reaches flash or the flash controller, and
 * the number of instructions that had run when it had. Knows addresses, not what was
 * stored: a plugin of QEMU 7.2 is not told. The declarations are this file's own, of
 * the plugin interface of version 1. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { ADD_U64 = 0 }; /* an inline operation */
enum { NO_REGS = 0 }; /* that a callback looks at */
/* Asked for stores alone, QEMU 7.2 told of the loads. */
enum { LOADS_AND_STORES = 3 };

typedef void on_tb(uint64_t id, struct qemu_plugin_tb *tb);
typedef void on_access(unsigned cpu, uint32_t info, uint64_t addr, void *user);
typedef void on_end(uint64_t id, void *user);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, on_tb *cb);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
                                                        size_t i);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
                                                       int op, void *to, uint64_t n);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                             on_access *cb, int flags, int which,
                                             void *user);
extern void qemu_plugin_register_atexit_cb(uint64_t id, on_end *cb, void *user);
extern unsigned qemu_plugin_mem_size_shift(uint32_t info);
extern bool qemu_plugin_mem_is_store(uint32_t info);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

#define NVMC 0x4001E000U
#define NVMC_LEN 0x1000U

static FILE *out;
static uint64_t flash_len;
static uint64_t executed; /* instructions begun, this one included */

static void store(unsigned cpu, uint32_t info, uint64_t addr, void *user)
{
    (void)cpu;
    (void)user;
    if (!qemu_plugin_mem_is_store(info)) {
        return;
    }
    if (addr < flash_len || (addr >= NVMC && addr < NVMC + NVMC_LEN)) {
        fprintf(out, "%" PRIu64 " 0x%" PRIx64 " %u\n", executed, addr,
                1U << qemu_plugin_mem_size_shift(info));
    }
}

static void watch(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &executed, 1);
        qemu_plugin_register_vcpu_mem_cb(insn, store, NO_REGS, LOADS_AND_STORES, NULL);
    }
}

static void finish(uint64_t id, void *user)
{
    (void)id;
    (void)user;
    fprintf(out, "end %" PRIu64 "\n", executed);
    fclose(out);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            out = fopen(argv[i] + 4, "w");
        } else if (strncmp(argv[i], "flash=", 6) == 0) {
            flash_len = strtoull(argv[i] + 6, NULL, 0);
        }
    }
    if (out == NULL || flash_len == 0) {
        fprintf(stderr, "stores: wants out=FILE and flash=BYTES\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, watch);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}

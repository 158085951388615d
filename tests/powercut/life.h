/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole life of one device: from the factory through updates, a rollback and a crash
 * loop, with a phone at hand whenever it wants one. It is told as stages, each with an end
 * that can be recognised and steps that lead there from wherever a power cut left it.
 * Nothing of a life is kept outside its struct, so that a life can be continued elsewhere
 * from a copy of its flash. */
#ifndef POWERCUT_LIFE_H
#define POWERCUT_LIFE_H

#include "goods.h"

/* ---- the chip, and how its life begins ------------------------------------------- */

struct plan {
    uint32_t bank_len, erase_unit, image_len;
    uint16_t chunk, pool_chunks;
    uint8_t write_unit, erased;
    enum sim_flash_mode mode;
    bool toy;                  /* signatures */
    uint8_t boot_age, app_age; /* records that the journals hold to begin with */
};

/* What the device did in its life; a cut belongs to the phase it fell into. */
enum phase {
    PHASE_FIRST_START, /* the boot journal's first record */
    PHASE_OFFER,       /* the record of it, header pages, envelope */
    PHASE_TABLE,
    PHASE_IMAGE,
    PHASE_COMMIT,     /* whole, verified, and asked for */
    PHASE_TRIAL,      /* the bootloader begins one */
    PHASE_CONFIRM,    /* asked for, and made true */
    PHASE_ROLLBACK,   /* faults counted in a trial, and its end */
    PHASE_CRASH_LOOP, /* faults counted after a confirm, and the return */
    PHASE_PAGE_TURN,  /* of either journal */
    PHASES
};
const char *phase_name(enum phase p);

enum stage {
    STAGE_FACTORY,
    STAGE_FIRST,
    STAGE_SECOND,
    STAGE_ROLLBACK,
    STAGE_LOOP,
    STAGES
};

/* What runs after a start. `bank` below 0: nothing. `release`: which of the goods, whole
 * and genuine; below 0: none of them. */
struct answer {
    int bank, release;
    bool trial;
};

struct life {
    struct world w;
    const struct plan *plan;
    enum stage stage;
    enum phase doing; /* what the next record is about */
    int8_t loaded;    /* release that the phone carries; below 0: there is no phone */
    int8_t told;      /* release that is said to boot next, or to be confirmed, since */
    bool told_confirmed; /* the last start; below 0: none. The latter. */
    int8_t resumed_of; /* release that was received first since this life began here */
    int32_t resumed;   /* and the block from which; below 0: none yet */
};

/* A device as it leaves the factory: nothing has ever run. */
void life_new(struct life *l, const struct plan *p);
/* The same device goes on here, with what `from`'s flash holds; it has no supply yet. */
void life_continue(struct life *l, const struct life *from);

/* The supply of this life is gone, and all that was in RAM. */
void life_dark(struct life *l);
/* The release of this stage was rolled back so often, for want of power, that the device
 * takes it no more: as it should. */
bool life_barred(struct life *l);

/* The supply comes back, or (kind) whatever else resets the chip; nothing but the
 * bootloader runs. */
struct answer life_boot(struct life *l, enum ferry_reset kind);
/* The same; what boots runs, for a moment. */
struct answer life_start(struct life *l, enum ferry_reset kind);
struct answer life_answer(const struct life *l);
bool life_same(const struct answer *a, const struct answer *b);

/* Go on, from a start, to the end of the stage. False: it could not be reached. */
bool life_finish_stage(struct life *l);
/* To the end of the next one, and so on. */
bool life_live(struct life *l);

/* Append to both journals what stands there already, so that pages turn elsewhere. */
void life_age(struct life *l);

/* ---- what was promised, as of now ------------------------------------------------ */

struct promise {
    int release;    /* it was said to boot next, or to be confirmed; below 0: neither */
    bool confirmed; /* the latter */
    int transfer;   /* release whose transfer is under way; below 0: none */
    uint16_t blocks; /* of it, acked as verified */
};
struct promise life_promise(const struct life *l);
/* The phase that this operation belongs to. */
enum phase life_phase(const struct life *l, const struct sim_op *op);

#endif

/* Ran on no hardware; on the host in tests/port/softdevice, and compiled against the
 * headers of S130 1.0 that Debian's source of firmware-microbit-micropython carries.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a SoftDevice accepts, and which of its events to believe. Does not know
 * what is written. */
#include "softdevice_flash.h"

#include <string.h>

#include "softdevice_soc.h"

#define BUSY_MS 10U      /* ask again after, if no event comes first */
#define LOST_MS 1000U    /* an operation of ours ends in far less */
#define GIVE_UP_MS 4000U /* then a call that can be given up is: Ferry waits 5 s */
#define BLANK 0xFFFFFFFFU

enum {
    IDLE,
    REFUSED,  /* a piece waits: the SoftDevice was busy */
    ACCEPTED, /* the SoftDevice has it, and the buffer */
    ENDED     /* `status` is for done() */
};

/* ---- pieces ---------------------------------------------------------------------- */

static uint32_t *cell(const struct ferry_softdevice_flash *f)
{
    return (uint32_t *)(f->cfg->base + f->addr);
}

static void end(struct ferry_softdevice_flash *f, int status)
{
    f->status = status;
    f->step = ENDED;
}

static bool overdue(const struct ferry_softdevice_flash *f)
{
    return f->now - f->begun >= GIVE_UP_MS;
}

/* Does flash hold what the piece should leave there? */
static bool holds(const struct ferry_softdevice_flash *f)
{
    const uint32_t *at = cell(f);

    if (!f->erases) {
        return memcmp(at, f->buf, f->piece) == 0;
    }
    for (uint32_t i = 0; i < f->piece / 4U; i++) {
        if (at[i] != BLANK) {
            return false;
        }
    }
    return true;
}

static uint32_t submit(const struct ferry_softdevice_flash *f)
{
    if (f->erases) {
        return sd_flash_page_erase(f->addr / f->cfg->page_len);
    }
    return sd_flash_write(cell(f), (const uint32_t *)(const void *)f->buf,
                          f->piece / 4U);
}

static void start(struct ferry_softdevice_flash *f)
{
    switch (submit(f)) {
    case NRF_SUCCESS:
        f->had = true;
        f->lost = false;
        f->step = ACCEPTED;
        break;
    case NRF_ERROR_BUSY:
        f->busies++;
        f->step = REFUSED;
        break;
    default: /* a bad address or length, or protected: no time will mend it */
        end(f, FERRY_E_FLASH);
        break;
    }
}

static void begin_piece(struct ferry_softdevice_flash *f)
{
    uint32_t most = f->erases ? f->cfg->page_len : 4U * f->cfg->words_max;

    f->piece = f->left < most ? f->left : most;
    f->tries = 0;
    f->had = false;
    start(f);
}

static void next_piece(struct ferry_softdevice_flash *f)
{
    f->addr += f->piece;
    f->left -= f->piece;
    if (!f->erases) {
        f->buf += f->piece;
    }
    if (f->left == 0) {
        end(f, 0);
    } else {
        begin_piece(f);
    }
}

/* ---- the HAL --------------------------------------------------------------------- */

static int begin(struct ferry_softdevice_flash *f, uint32_t addr, const uint8_t *buf,
                 uint32_t len)
{
    if (f->step != IDLE) {
        return FERRY_E_FLASH; /* the last call's end was never told: it still runs */
    }
    f->erases = buf == NULL;
    f->addr = addr;
    f->buf = buf;
    f->left = len;
    f->begun = f->now;
    begin_piece(f);
    if (f->step == ENDED) {
        f->step = IDLE;
        return f->status;
    }
    return FERRY_PENDING;
}

static int erase(void *ctx, uint32_t addr)
{
    struct ferry_softdevice_flash *f = ctx;
    return begin(f, addr, NULL, f->cfg->erase_unit);
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    return begin(ctx, addr, buf, len);
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    const struct ferry_softdevice_flash *f = ctx;

    memcpy(buf, (const void *)(f->cfg->base + addr), len);
    return 0;
}

static bool power_ok(void *ctx)
{
    const struct ferry_softdevice_flash *f = ctx;
    return f->cfg->power_ok == NULL || f->cfg->power_ok(f->cfg->ctx);
}

void ferry_softdevice_flash_init(struct ferry_softdevice_flash *f,
                                 const struct ferry_softdevice_flash_config *cfg)
{
    memset(f, 0, sizeof *f);
    f->cfg = cfg;
}

struct ferry_flash ferry_softdevice_flash_hal(struct ferry_softdevice_flash *f)
{
    return (struct ferry_flash){
        .ctx = f,
        .erase_unit = f->cfg->erase_unit,
        .write_unit = 4,
        .erased = 0xFF,
        .erase = erase,
        .write = write,
        .read = read,
        .power_ok = power_ok, /* lock: only a bootloader locks, with the NVMC's port */
    };
}

/* ---- events and time ------------------------------------------------------------- */

/* To ask again is harmless, whatever has happened: while ours still runs the answer is
 * BUSY, and a write that did take place is not repeated. */
static void again(struct ferry_softdevice_flash *f)
{
    if (f->had && !f->erases && holds(f)) {
        next_piece(f);
    } else {
        start(f);
    }
}

/* An event of somebody else's operation may still have been under way to us when ours
 * was accepted. So a success counts only where flash holds what it should; where it does
 * not, another event is due, or the cells are bad: then the call fails after LOST_MS.
 * Were ours still to come even then, it would come before all that Ferry does next, and
 * that is to erase the unit, or to leave the slot of a journal. */
static void succeeded(struct ferry_softdevice_flash *f)
{
    if (holds(f)) {
        next_piece(f);
    } else {
        f->strays++;
        f->lost = true;
        f->lost_at = f->now;
    }
}

static void failed(struct ferry_softdevice_flash *f)
{
    f->errors++;
    if (++f->tries >= FERRY_SOFTDEVICE_TRIES || overdue(f)) {
        end(f, FERRY_E_FLASH);
    } else {
        again(f);
    }
}

void ferry_softdevice_flash_event(struct ferry_softdevice_flash *f, uint32_t event,
                                  uint32_t now_ms)
{
    f->now = now_ms;
    if (event != NRF_EVT_FLASH_OPERATION_SUCCESS &&
        event != NRF_EVT_FLASH_OPERATION_ERROR) {
        return;
    }
    if (f->step == REFUSED) {
        f->strays++;
        again(f); /* whoever was in the way may be done */
    } else if (f->step != ACCEPTED) {
        f->strays++;
    } else if (event == NRF_EVT_FLASH_OPERATION_SUCCESS) {
        succeeded(f);
    } else {
        failed(f);
    }
}

/* Milliseconds until another event is no longer waited for. */
static uint32_t lost_wait(const struct ferry_softdevice_flash *f, uint32_t now)
{
    uint32_t waited = now - f->lost_at;
    return waited < LOST_MS ? LOST_MS - waited : 0;
}

bool ferry_softdevice_flash_ended(struct ferry_softdevice_flash *f, uint32_t now_ms,
                                  int *status)
{
    f->now = now_ms;
    if (f->step == REFUSED && !f->had && overdue(f)) {
        end(f, FERRY_E_FLASH);
    } else if (f->step == REFUSED) {
        again(f);
    } else if (f->step == ACCEPTED && f->lost && lost_wait(f, now_ms) == 0) {
        end(f, FERRY_E_FLASH);
    }
    if (f->step != ENDED) {
        return false;
    }
    *status = f->status;
    f->step = IDLE;
    return true;
}

uint32_t ferry_softdevice_flash_wait(const struct ferry_softdevice_flash *f,
                                     uint32_t now_ms)
{
    switch (f->step) {
    case REFUSED:
        return BUSY_MS;
    case ACCEPTED:
        return f->lost ? lost_wait(f, now_ms) : UINT32_MAX;
    case ENDED:
        return 0;
    default:
        return UINT32_MAX;
    }
}

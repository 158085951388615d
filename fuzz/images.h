/* SPDX-License-Identifier: Apache-2.0
 *
 * A device with two small banks, and what an input puts into them: images that are right,
 * or wrong in one way or several. A signature is its first byte: 1 holds, for any key;
 * anything else is what the backend answers. */
#ifndef FERRY_FUZZ_IMAGES_H
#define FERRY_FUZZ_IMAGES_H

#include "chip.h"
#include "ferry/boot.h"

#define IMAGES_UNIT 512U
#define IMAGES_HEADER 1024U
#define IMAGES_BANK_LEN 2048U
#define IMAGES_SIZE (2U * IMAGES_BANK_LEN + 5U * IMAGES_UNIT) /* journals, bootloader */

struct images_device {
    struct ferry_map map;
    struct ferry_identity identity;
    struct ferry_key keys[FERRY_KEY_SLOTS]; /* 0, 1 and 7 */
};

void images_device(struct images_device *d);
/* Fill both banks as the input wills. */
void images_fill(struct sim_flash *f, struct fuzz_input *in,
                 const struct images_device *d);

/* Behind `verify` of struct ferry_crypto. */
int images_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64]);

/* What stands in `bank`, judged with nothing of the engine's but its parser. */
struct images_verdict {
    bool whole; /* an envelope for this device and bank, over this very image */
    bool signs; /* and its signature holds */
    uint8_t slot;
    uint32_t sec_ctr, version;
    uint8_t digest[32]; /* of the envelope, if there is one */
};
struct images_verdict images_judge(const struct sim_flash *f,
                                   const struct images_device *d, unsigned bank);

#endif

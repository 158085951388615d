/* SPDX-License-Identifier: Apache-2.0
 *
 * Where this board's programs find what they must know by heart: the bootloader's own
 * place, the identity block, the device's key. All else is read from the identity
 * block. The *.map files say the same to `ferry factory`, meson.build to the linker.
 * Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_LAYOUT_H
#define FERRY_NRF52_LAYOUT_H

#define LAYOUT_BOOTLOADER 0x00000UL
#define LAYOUT_BOOTLOADER_LEN 0x10000UL
#define LAYOUT_IDENTITY 0x10000UL
#define LAYOUT_KEY 0x11000UL /* 64 bytes: seed and public key, as libsodium has them */

#define LAYOUT_PAGE 0x1000UL /* of the parts that have locks */

/* Three pages for a self-test of the port: two that nobody uses, and the last of bank 1
 * before them, while no image is so long. */
#define LAYOUT_SCRATCH(flash_len) ((flash_len)-0x3000UL)

#endif

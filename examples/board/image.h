/* SPDX-License-Identifier: Apache-2.0
 *
 * A version of the application: its name and what is wrong with it. Each version is one
 * small file more (version.c, with -D); the rest is the same. */
#ifndef FERRY_BOARD_IMAGE_H
#define FERRY_BOARD_IMAGE_H

enum image_flaw {
    IMAGE_SOUND,
    IMAGE_CRASHES,     /* at its start */
    IMAGE_HANGS,       /* at its start, feeding nothing */
    IMAGE_DEAF,        /* never opens its radio; is otherwise well */
    IMAGE_MAD,         /* erases whatever lets itself be erased, then works */
    IMAGE_CRASHES_LATE /* whenever it has been up for 72 h */
};

extern const char image_version[];
extern const enum image_flaw image_flaw;

#endif

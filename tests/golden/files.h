/* SPDX-License-Identifier: Apache-2.0
 *
 * The golden files as tests see them. */
#ifndef FERRY_GOLDEN_FILES_H
#define FERRY_GOLDEN_FILES_H

#include "doc.h"
#include "rig.h"

/* Fails the test if there is none. */
void file_load(const char *name, struct rig_file *f);
/* The golden device on the flash that this vector describes, blank. */
void file_device(struct rig *r, const struct doc_vector *flash);
/* A group's setup: the manifest, and libsodium. */
int files_open(void **state);

#endif

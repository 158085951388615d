/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where the golden files are. */
#include "files.h"

void file_load(const char *name, struct rig_file *f)
{
    char path[400];

    snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
    FILE *in = fopen(path, "rb");
    want(in != NULL, path);
    f->len = fread(f->bytes, 1, sizeof f->bytes, in);
    want(f->len > 0 && feof(in) && fclose(in) == 0, path);
}

void file_device(struct rig *r, const struct doc_vector *flash)
{
    struct rig_file identity;

    file_load("identity.bin", &identity);
    assert_int_equal(identity.len, FERRY_IDENTITY_LEN);
    assert_int_equal(rig_init(r, identity.bytes, doc_number(flash, "erase_unit"),
                              (uint8_t)doc_number(flash, "write_unit"),
                              (uint8_t)doc_number(flash, "erased")),
                     0);
}

int files_open(void **state)
{
    return sodium_init() < 0 ? -1 : doc_open(state);
}

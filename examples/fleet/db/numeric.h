/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as PostgreSQL sends them in binary. Knows the types that sums, counts and our
 * tables give; no connection. */
#ifndef FERRY_FLEET_NUMERIC_H
#define FERRY_FLEET_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

/* Object ids of types: fixed since there has been a PostgreSQL. */
enum {
    OID_BOOL = 16,
    OID_BYTES = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700
};

/* 0 for NULL, and for what is no number. */
int64_t numeric_int(unsigned type, const uint8_t *bytes, size_t len);
double numeric_real(unsigned type, const uint8_t *bytes, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Integers and floats are big-endian. A NUMERIC (the sum of BIGINTs is one) is a count of
 * digits of base 10,000, the first one's weight, sign and scale, then those digits. */
#include "numeric.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define NUMERIC_HEAD 8U
#define NUMERIC_NEGATIVE 0x4000U

static uint64_t big_endian(const uint8_t *bytes, size_t len)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++) {
        n = n << 8 | bytes[i];
    }
    return n;
}

static double numeric(const uint8_t *bytes, size_t len)
{
    if (len < NUMERIC_HEAD) {
        return 0;
    }
    int16_t weight = (int16_t)big_endian(bytes + 2, 2);
    double sum = 0;
    for (size_t at = NUMERIC_HEAD; at + 2 <= len; at += 2) {
        sum += (double)big_endian(bytes + at, 2) * pow(10000, weight);
        weight--;
    }
    return big_endian(bytes + 4, 2) == NUMERIC_NEGATIVE ? -sum : sum;
}

static double ieee(const uint8_t *bytes, size_t len)
{
    uint64_t bits = big_endian(bytes, len);
    uint32_t half = (uint32_t)bits;
    float single;
    double real;

    if (len == sizeof single) {
        memcpy(&single, &half, sizeof single);
        return (double)single;
    }
    memcpy(&real, &bits, sizeof real);
    return real;
}

static int64_t integer(unsigned type, const uint8_t *bytes, size_t len)
{
    switch (type) {
    case OID_BOOL:
        return len == 1 && bytes[0] != 0;
    case OID_INT2:
        return (int16_t)big_endian(bytes, len);
    case OID_INT4:
        return (int32_t)big_endian(bytes, len);
    case OID_INT8:
        return (int64_t)big_endian(bytes, len);
    default:
        return 0;
    }
}

static bool is_real(unsigned type)
{
    return type == OID_FLOAT4 || type == OID_FLOAT8 || type == OID_NUMERIC;
}

static double real(unsigned type, const uint8_t *bytes, size_t len)
{
    return type == OID_NUMERIC ? numeric(bytes, len) : ieee(bytes, len);
}

double numeric_real(unsigned type, const uint8_t *bytes, size_t len)
{
    return is_real(type) ? real(type, bytes, len) : (double)integer(type, bytes, len);
}

int64_t numeric_int(unsigned type, const uint8_t *bytes, size_t len)
{
    return is_real(type) ? (int64_t)real(type, bytes, len) : integer(type, bytes, len);
}

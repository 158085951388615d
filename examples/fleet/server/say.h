/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens, one line each on stderr: time=... level=... text="...". Whatever stands
 * in a line, it stays one line. */
#ifndef FERRY_FLEET_SAY_H
#define FERRY_FLEET_SAY_H

/* `level`: "info", "warning" or "error". */
void say(const char *level, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

#endif

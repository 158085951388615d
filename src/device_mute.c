/* SPDX-License-Identifier: Apache-2.0
 *
 * In device_report.c's place, a device that makes no statements: for a bootloader that
 * receives by itself, where every byte counts. Whoever links it has no `sign`, so nothing
 * but say_none() is ever called: no statement, and none later. */
#include "device_in.h"

void ferry_device_drop_report(struct ferry_device *d)
{
    (void)d;
}

ferry_state ferry_device_begin_report(struct ferry_device *d)
{
    return d->state;
}

ferry_state ferry_device_report(struct ferry_device *d)
{
    return ferry_device_resting(d);
}

ferry_state ferry_device_reported(struct ferry_device *d)
{
    return ferry_device_resting(d);
}

void ferry_device_say_piece(struct ferry_device *d, struct ferry_msg *m)
{
    (void)d;
    (void)m;
}

void ferry_device_say_none(struct ferry_device *d, struct ferry_msg *m)
{
    (void)d;
    m->u.piece.off = 0;
}

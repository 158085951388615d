/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of two enumerations. Does not know what their values lead to. */
#include "names.h"

const char *name_of_event(enum ferry_event event)
{
    static const char *const names[] = {
        "?",        "begin",     "resume", "block", "refused", "transfer-error",
        "security", "committed", "reboot", "hello", "reported"};
    return names[event];
}

const char *name_of_state(enum ferry_courier_state state)
{
    static const char *const names[] = {"down",  "hello",  "report", "offer",  "send",
                                        "later", "parked", "done",   "refused"};
    return names[state];
}

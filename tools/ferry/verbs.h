/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs, one file each. */
#ifndef FERRY_TOOL_VERBS_H
#define FERRY_TOOL_VERBS_H

#include "args.h"

extern const struct verb verb_keygen;
extern const struct verb verb_pubkey;
extern const struct verb verb_keytable;
extern const struct verb verb_sign;
extern const struct verb verb_verify;
extern const struct verb verb_inspect;
extern const struct verb verb_tbs;
extern const struct verb verb_attach;
extern const struct verb verb_factory;
extern const struct verb verb_push;
extern const struct verb verb_release;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What speaks against a release though every artifact of it is sound: a wrong number, a
 * build nobody can find again, devices that could not go back. */
#ifndef FERRY_TOOL_RELEASE_RULES_H
#define FERRY_TOOL_RELEASE_RULES_H

#include "job.h"

/* Two artifacts that one device would take: which one is it to be? An exit code. */
int release_check_apart(const struct job *jobs, unsigned n);

/* Against what devices run now, and for its build id. `forced`: versions may jump. An
 * exit code. */
int release_check(struct job *j, bool forced);

/* Does its confirm leave the previous release where a crash loop cannot fall back? */
bool release_removes_net(const struct job *j);
void release_report_net(const struct job *j);

#endif

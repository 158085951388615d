/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs that need no server, and may be used beside one: each takes what stands
 * behind the verb, and returns an exit code (0 done, 1 failed, 2 the command line is
 * wrong). */
#ifndef FERRY_FLEET_OFFLINE_H
#define FERRY_FLEET_OFFLINE_H

int offline_devices(int argc, char **argv);
int offline_releases(int argc, char **argv);
int offline_token(int argc, char **argv);
int offline_check(int argc, char **argv);
int offline_replay(int argc, char **argv);
int offline_backup(int argc, char **argv);

#endif

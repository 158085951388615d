/* SPDX-License-Identifier: Apache-2.0
 *
 * ferryd's verbs that serve nobody: they open the database, do one thing and end. Each
 * gets what stands behind the verb and returns an exit code: 0 done, 1 not, 2 misused.
 * A server may run meanwhile: writers take turns. */
#ifndef FERRY_FLEET_OFFLINE_H
#define FERRY_FLEET_OFFLINE_H

int offline_devices(int argc, char **argv);
int offline_releases(int argc, char **argv);
int offline_token(int argc, char **argv);
int offline_check(int argc, char **argv);
int offline_replay(int argc, char **argv);
int offline_backup(int argc, char **argv);

#endif

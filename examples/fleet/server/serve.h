/* SPDX-License-Identifier: Apache-2.0
 *
 * The server's life: opens everything, serves until it is told to stop, closes. */
#ifndef FERRY_FLEET_SERVE_H
#define FERRY_FLEET_SERVE_H

/* `ferryd serve` behind its verb. An exit code. */
int serve(int argc, char **argv);

#endif

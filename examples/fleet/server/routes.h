/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of the table of routes. Each answers, or leaves the rest to the writer. */
#ifndef FERRY_FLEET_ROUTES_H
#define FERRY_FLEET_ROUTES_H

#include <stdint.h>

struct db;
struct request;

/* phone.c, checkin.c, artifact.c */
void phone_nonce(struct request *r);
void phone_checkin(struct request *r);
void phone_artifact(struct request *r);
void phone_report(struct request *r);

/* operate.c: what changes the fleet */
void operate_release(struct request *r);
void operate_withdraw(struct request *r);
void operate_rollout(struct request *r);
void operate_act(struct request *r);
void operate_waive(struct request *r);
void operate_rollback(struct request *r);
void operate_devices(struct request *r);
/* Rolls that rollout back to the release `version` ("2.1.1"). */
void operate_back_to(struct request *r, int64_t no, const char *version,
                     const char *reason);

/* look.c: what can be seen. The first: where a view is NULL */
void look_nothing(struct request *r, const struct db *db);
void look_releases(struct request *r);
void look_rollouts(struct request *r);
void look_rollout(struct request *r);
void look_health(struct request *r);
void look_devices(struct request *r);
void look_history(struct request *r);
void look_security(struct request *r);
void look_reports(struct request *r);
void look_audit(struct request *r);
void look_metrics(struct request *r);
void look_healthz(struct request *r);
void look_openapi(struct request *r);

/* site.c: the page and its forms */
void site_page(struct request *r);
void site_form(struct request *r);

/* demo.c */
void demo_clock(struct request *r);

#endif

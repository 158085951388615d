/* SPDX-License-Identifier: Apache-2.0
 *
 * The table, and how a path finds its row. */
#include "route.h"

#include <stdio.h>
#include <string.h>

#include "page.h"
#include "routes.h"

#define BODY ROUTE_BODY_MAX
#define CSV_MAX (4U * 1024U * 1024U) /* 10,000 lines of devices */

const struct route route_table[] = {
    {"GET", "/v1/nonce", ROUTE_PHONE, 0, phone_nonce},
    {"POST", "/v1/checkin", ROUTE_PHONE, BODY, phone_checkin},
    {"GET", "/v1/artifacts/{sha256}", ROUTE_PHONE, 0, phone_artifact},
    {"POST", "/v1/transfer-reports", ROUTE_PHONE, BODY, phone_report},

    {"GET", "/v1/releases", ROUTE_READ, 0, look_releases},
    {"POST", "/v1/releases", ROUTE_OPERATE, BODY, operate_release},
    {"POST", "/v1/releases/{no}/withdraw", ROUTE_OPERATE, BODY, operate_withdraw},
    {"GET", "/v1/rollouts", ROUTE_READ, 0, look_rollouts},
    {"POST", "/v1/rollouts", ROUTE_OPERATE, BODY, operate_rollout},
    {"GET", "/v1/rollouts/{no}", ROUTE_READ, 0, look_rollout},
    {"GET", "/v1/rollouts/{no}/health", ROUTE_READ, 0, look_health},
    {"POST", "/v1/rollouts/{no}/open", ROUTE_OPERATE, BODY, operate_act},
    {"POST", "/v1/rollouts/{no}/advance", ROUTE_OPERATE, BODY, operate_act},
    {"POST", "/v1/rollouts/{no}/freeze", ROUTE_OPERATE, BODY, operate_act},
    {"POST", "/v1/rollouts/{no}/resume", ROUTE_OPERATE, BODY, operate_act},
    {"POST", "/v1/rollouts/{no}/cancel", ROUTE_OPERATE, BODY, operate_act},
    {"POST", "/v1/rollouts/{no}/finish", ROUTE_OPERATE, BODY, operate_act},
    {"POST", "/v1/rollouts/{no}/waive", ROUTE_OPERATE, BODY, operate_waive},
    {"POST", "/v1/rollouts/{no}/rollback", ROUTE_OPERATE, BODY, operate_rollback},
    {"GET", "/v1/devices", ROUTE_READ, 0, look_devices},
    {"POST", "/v1/devices", ROUTE_ADMIN, CSV_MAX, operate_devices},
    {"GET", "/v1/devices/{id}/history", ROUTE_READ, 0, look_history},
    {"GET", "/v1/security-events", ROUTE_READ, 0, look_security},
    {"GET", "/v1/transfer-reports", ROUTE_READ, 0, look_reports},
    {"GET", "/v1/audit", ROUTE_READ, 0, look_audit},
    {"POST", "/v1/demo/clock", ROUTE_DEMO, BODY, demo_clock},

    {"GET", "/metrics", ROUTE_READ, 0, look_metrics},
    {"GET", "/healthz", ROUTE_OPEN, 0, look_healthz},
    {"GET", "/openapi.json", ROUTE_OPEN, 0, look_openapi},

    /* Whatever is a page of page/ (page_has); they come last. */
    {"GET", "/*", ROUTE_PHONE, 0, site_page},
    {"POST", "/*", ROUTE_PHONE, PAGE_FORM_MAX, site_form},
};
const size_t route_count = sizeof route_table / sizeof route_table[0];

/* "/v1/rollouts/{no}/open" and "/v1/rollouts/3/open". One argument at most. */
static bool fits(const char *pattern, const char *path,
                 char argument[ROUTE_ARGUMENT_MAX])
{
    const char *brace = strchr(pattern, '{');

    argument[0] = '\0';
    if (strcmp(pattern, "/*") == 0) {
        return page_has(path);
    }
    if (brace == NULL) {
        return strcmp(pattern, path) == 0;
    }
    size_t before = (size_t)(brace - pattern);
    if (strncmp(pattern, path, before) != 0) {
        return false;
    }
    size_t len = strcspn(path + before, "/");
    if (len == 0 || len >= ROUTE_ARGUMENT_MAX ||
        strcmp(strchr(brace, '}') + 1, path + before + len) != 0) {
        return false;
    }
    memcpy(argument, path + before, len);
    argument[len] = '\0';
    return true;
}

const struct route *route_find(const char *method, const char *path,
                               char argument[ROUTE_ARGUMENT_MAX], char *allowed,
                               size_t cap)
{
    const char *asked = strcmp(method, "HEAD") == 0 ? "GET" : method;
    size_t len = 0;

    allowed[0] = '\0';
    for (size_t i = 0; i < route_count; i++) {
        const struct route *row = &route_table[i];
        if (!fits(row->path, path, argument)) {
            continue;
        }
        if (strcmp(row->method, asked) == 0) {
            return row;
        }
        len += (size_t)snprintf(allowed + len, cap - len, "%s%s", len > 0 ? ", " : "",
                                row->method);
    }
    return NULL;
}

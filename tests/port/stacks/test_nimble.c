/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the NimBLE piece over functions that note what they are asked: the tables it
 * registers, values in and out, slots that come free with time, who is asked to pair. */
#include "nimble_ble.h"
#include "scene.h"

#define CONN 4U
#define INTERVAL_MS 50U
#define INFO_LEN 69U /* on the wire */

struct os_mbuf {
    uint16_t len;
    uint8_t bytes[512];
};

static struct {
    const struct ble_gatt_svc_def *svcs;
    int fails; /* what add_svcs answers */
    struct os_mbuf out;
    bool no_mbuf;
    int notify_code;
    unsigned notified, secured, wakes;
    uint16_t mtu, last_len;
    ble_npl_event_fn *fn;
    struct ble_npl_event event;
    uint32_t ticks;
} ble;

static struct ferry_nimble port;
static struct ferry_nimble_config cfg;
static struct world *w;
static uint8_t room[1024];

/* ---- NimBLE ---------------------------------------------------------------------- */

void ble_npl_callout_init(struct ble_npl_callout *callout, struct ble_npl_eventq *queue,
                          ble_npl_event_fn *fn, void *arg)
{
    (void)callout;
    (void)queue;
    ble.fn = fn;
    ble.event.arg = arg;
}

int ble_npl_callout_reset(struct ble_npl_callout *callout, uint32_t ticks)
{
    (void)callout;
    ble.ticks = ticks;
    ble.wakes += ticks == 0;
    return 0;
}

void *ble_npl_event_get_arg(struct ble_npl_event *event)
{
    return event->arg;
}

uint32_t ble_npl_time_ms_to_ticks32(uint32_t ms)
{
    return ms;
}

int ble_gatts_count_cfg(const struct ble_gatt_svc_def *svcs)
{
    assert_non_null(svcs);
    return 0;
}

int ble_gatts_add_svcs(const struct ble_gatt_svc_def *svcs)
{
    ble.svcs = svcs;
    for (uint16_t i = 0; svcs->characteristics[i].uuid != NULL; i++) {
        *svcs->characteristics[i].val_handle = (uint16_t)(10 + i);
    }
    return ble.fails;
}

int ble_gatts_notify_custom(uint16_t conn, uint16_t handle, struct os_mbuf *value)
{
    assert_int_equal(conn, CONN);
    assert_int_equal(handle, 11);
    ble.notified++;
    ble.last_len = value->len;
    return ble.notify_code;
}

struct os_mbuf *ble_hs_mbuf_from_flat(const void *bytes, uint16_t len)
{
    memcpy(ble.out.bytes, bytes, len);
    ble.out.len = len;
    return ble.no_mbuf ? NULL : &ble.out;
}

int ble_hs_mbuf_to_flat(const struct os_mbuf *om, void *flat, uint16_t max_len,
                        uint16_t *len)
{
    *len = om->len < max_len ? om->len : max_len;
    memcpy(flat, om->bytes, *len);
    return om->len > max_len ? 4 : 0;
}

uint16_t ble_att_mtu(uint16_t conn)
{
    (void)conn;
    return ble.mtu;
}

int ble_gap_conn_find(uint16_t conn, struct ble_gap_conn_desc *desc)
{
    desc->conn_handle = conn;
    desc->conn_itvl = INTERVAL_MS * 1000 / 1250;
    return 0;
}

int ble_gap_security_initiate(uint16_t conn)
{
    assert_int_equal(conn, CONN);
    ble.secured++;
    return 0;
}

/* ---- what happens ---------------------------------------------------------------- */

static uint32_t now_ms(void)
{
    return w->now;
}

static int begin(void **state)
{
    (void)state;
    memset(&ble, 0, sizeof ble);
    ble.mtu = 23;
    w = plain_scene();
    w->now = 5000;
    cfg = (struct ferry_nimble_config){
        .now_ms = now_ms, .slots = 2, .room = room, .room_len = sizeof room};
    assert_int_equal(ferry_nimble_init(&port, &w->device, &cfg), 0);
    return 0;
}

static int write_value(size_t chr, uint8_t op, const void *bytes, uint16_t len)
{
    struct os_mbuf om = {.len = len};
    struct ble_gatt_access_ctxt ctxt = {.op = op, .om = &om};
    const struct ble_gatt_chr_def *c = &ble.svcs->characteristics[chr];

    memcpy(om.bytes, bytes, len);
    return c->access_cb(CONN, *c->val_handle, &ctxt, c->arg);
}

static void hello(void)
{
    static const uint8_t bytes[] = {0x00, 0x04, 0x01, 0x01, 0xF4, 0x07, 0xA1,
                                    0xB2, 0xC3, 0xD4, 0x32, 0x9D, 0x00};

    assert_int_equal(write_value(0, BLE_GATT_ACCESS_OP_WRITE_CHR, bytes, sizeof bytes),
                     0);
}

static void run(void)
{
    ble.fn(&ble.event);
}

static void subscribe(uint16_t handle, bool on)
{
    struct ble_gap_event e = {.type = BLE_GAP_EVENT_SUBSCRIBE};

    e.subscribe.conn_handle = CONN;
    e.subscribe.attr_handle = handle;
    e.subscribe.cur_notify = on;
    ferry_nimble_gap_event(&port, &e);
}

/* ---- tests ----------------------------------------------------------------------- */

static void the_tables_name_the_service_and_both_values(void **state)
{
    static const uint8_t uuids[3][16] = {{FERRY_BLE_UUID(FERRY_BLE_SERVICE)},
                                         {FERRY_BLE_UUID(FERRY_BLE_TO_DEVICE)},
                                         {FERRY_BLE_UUID(FERRY_BLE_TO_COURIER)}};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        const ble_uuid_t *u =
            i == 0 ? ble.svcs[0].uuid : ble.svcs[0].characteristics[i - 1].uuid;
        assert_int_equal(u->type, BLE_UUID_TYPE_128);
        assert_memory_equal(((const ble_uuid128_t *)(const void *)u)->value, uuids[i],
                            16);
    }
    assert_int_equal(ble.svcs[0].type, BLE_GATT_SVC_TYPE_PRIMARY);
    assert_int_equal(ble.svcs[1].type, 0);
    assert_int_equal(ble.svcs[0].characteristics[0].flags,
                     BLE_GATT_CHR_F_WRITE_NO_RSP | BLE_GATT_CHR_F_WRITE_ENC);
    assert_int_equal(ble.svcs[0].characteristics[1].flags, BLE_GATT_CHR_F_NOTIFY);
    ble.fails = 6;
    cfg.security = FERRY_BLE_OPEN;
    assert_int_equal(ferry_nimble_init(&port, &w->device, &cfg), 6);
    assert_int_equal(ble.svcs[0].characteristics[0].flags, BLE_GATT_CHR_F_WRITE_NO_RSP);
}

static void slots_come_free_one_connection_interval_after_they_were_used(void **state)
{
    (void)state;
    hello();
    assert_int_equal(ble.wakes, 1);
    run();
    assert_int_equal(ble.notified, 2);
    assert_int_equal(ble.last_len, 20);
    assert_int_equal(ble.ticks, INTERVAL_MS);
    w->now += INTERVAL_MS - 1;
    run();
    assert_int_equal(ble.notified, 2);
    assert_int_equal(ble.ticks, 1);
    w->now += 1;
    run();
    assert_int_equal(ble.notified, 4); /* INFO in four values */
    w->now += INTERVAL_MS;
    run();
    assert_true(ble.ticks > INTERVAL_MS); /* nothing is left that could come free */
}

/* An interval counts from its first value on. */
static void no_more_values_are_said_in_an_interval_than_there_are_slots(void **state)
{
    (void)state;
    ble.mtu = 247;
    for (unsigned i = 0; i < 3; i++) {
        hello();
        run();
        assert_int_equal(ble.notified, i < 2 ? i + 1 : 2);
        w->now += 20;
    }
    w->now -= 11; /* 49 ms after the first */
    run();
    assert_int_equal(ble.notified, 2);
    w->now += 1;
    run();
    assert_int_equal(ble.notified, 3);
}

static void without_memory_a_value_is_said_later_and_with_an_error_never(void **state)
{
    (void)state;
    ble.mtu = 247;
    ble.no_mbuf = true;
    hello();
    run();
    assert_int_equal(ble.notified, 0);
    ble.no_mbuf = false;
    ble.notify_code = BLE_HS_ENOMEM;
    run();
    ble.notify_code = 0;
    run();
    assert_int_equal(ble.notified, 2);
    assert_int_equal(ble.last_len, INFO_LEN);
    ble.notify_code = 7;
    w->now += INTERVAL_MS;
    hello();
    run();
    assert_int_equal(port.ble.lost, 1);
}

static void a_disconnection_ends_the_link_and_a_wrong_access_is_refused(void **state)
{
    uint8_t much[FERRY_BLE_VALUE_MAX + 1] = {0};

    (void)state;
    assert_int_equal(write_value(0, 0, much, 1), BLE_ATT_ERR_UNLIKELY);
    assert_int_equal(write_value(0, BLE_GATT_ACCESS_OP_WRITE_CHR, much, sizeof much),
                     BLE_ATT_ERR_INVALID_ATTR_VALUE_LEN);
    run();
    assert_false(w->device.same_link);
    hello();
    run();
    assert_true(w->device.same_link);
    struct ble_gap_event e = {.type = BLE_GAP_EVENT_DISCONNECT};
    e.disconnect.conn.conn_handle = CONN;
    ferry_nimble_gap_event(&port, &e);
    run();
    assert_false(w->device.same_link);
}

static void whoever_subscribes_is_asked_to_pair_where_that_is_wanted(void **state)
{
    (void)state;
    subscribe(12, true); /* another service's */
    subscribe(11, false);
    assert_int_equal(ble.secured, 0);
    subscribe(11, true);
    assert_int_equal(ble.secured, 1);
    cfg.security = FERRY_BLE_OPEN;
    subscribe(11, true);
    assert_int_equal(ble.secured, 1);
}

int main(void)
{
#define fresh(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        fresh(the_tables_name_the_service_and_both_values),
        fresh(slots_come_free_one_connection_interval_after_they_were_used),
        fresh(no_more_values_are_said_in_an_interval_than_there_are_slots),
        fresh(without_memory_a_value_is_said_later_and_with_an_error_never),
        fresh(a_disconnection_ends_the_link_and_a_wrong_access_is_refused),
        fresh(whoever_subscribes_is_asked_to_pair_where_that_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the GATT service on a SoftDevice that notes what it is asked for: the attributes
 * and who may use them, and that each event reaches the session's link. */
#include "scene.h"
#include "softdevice_ble.h"

#define SERVICE 21U
#define VALUE_HANDLE 0x30U /* of the first characteristic; of the next one more, ... */
#define UUID_TYPE 2U
#define ROOM 1024U
#define INFO_LEN 69U /* on the wire */

static struct {
    uint8_t base[16], service_uuid_type;
    uint16_t service_uuid;
    struct {
        uint16_t uuid, service, max_len;
        ble_gatt_char_props_t props;
        ble_gap_conn_sec_mode_t read, write, cccd_read, cccd_write;
        bool vlen, cccd;
    } added[2];
    unsigned n;
    uint32_t fails; /* the call of this number fails, counted down */
    uint16_t hvx_conn, hvx_handle, hvx_len, mtu_reply;
    unsigned hvx, replies;
    uint32_t hvx_code;
} sd;

static struct ferry_softdevice_ble link;
static struct ferry_softdevice_ble_config cfg;
static struct world *w;
static uint8_t room[ROOM];

/* ---- the SoftDevice -------------------------------------------------------------- */

static uint32_t code(void)
{
    return sd.fails > 0 && --sd.fails == 0 ? 4 : NRF_SUCCESS;
}

uint32_t sd_ble_uuid_vs_add(ble_uuid128_t const *base, uint8_t *type)
{
    memcpy(sd.base, base->uuid128, 16);
    *type = UUID_TYPE;
    return code();
}

uint32_t sd_ble_gatts_service_add(uint8_t type, ble_uuid_t const *uuid,
                                  uint16_t *handle)
{
    assert_int_equal(type, BLE_GATTS_SRVC_TYPE_PRIMARY);
    sd.service_uuid = uuid->uuid;
    sd.service_uuid_type = uuid->type;
    *handle = SERVICE;
    return code();
}

uint32_t sd_ble_gatts_characteristic_add(uint16_t service,
                                         ble_gatts_char_md_t const *md,
                                         ble_gatts_attr_t const *value,
                                         ble_gatts_char_handles_t *handles)
{
    assert_in_range(sd.n, 0, 1);
    assert_int_equal(value->p_uuid->type, UUID_TYPE);
    assert_int_equal(value->p_attr_md->vloc, BLE_GATTS_VLOC_STACK);
    sd.added[sd.n].uuid = value->p_uuid->uuid;
    sd.added[sd.n].service = service;
    sd.added[sd.n].max_len = value->max_len;
    sd.added[sd.n].props = md->char_props;
    sd.added[sd.n].read = value->p_attr_md->read_perm;
    sd.added[sd.n].write = value->p_attr_md->write_perm;
    sd.added[sd.n].vlen = value->p_attr_md->vlen;
    if (md->p_cccd_md != NULL) {
        sd.added[sd.n].cccd = true;
        sd.added[sd.n].cccd_read = md->p_cccd_md->read_perm;
        sd.added[sd.n].cccd_write = md->p_cccd_md->write_perm;
    }
    handles->value_handle = (uint16_t)(VALUE_HANDLE + sd.n++);
    return code();
}

uint32_t sd_ble_gatts_hvx(uint16_t conn, ble_gatts_hvx_params_t const *value)
{
    assert_int_equal(value->type, BLE_GATT_HVX_NOTIFICATION);
    sd.hvx++;
    sd.hvx_conn = conn;
    sd.hvx_handle = value->handle;
    sd.hvx_len = *value->p_len;
    return sd.hvx_code;
}

uint32_t sd_ble_gatts_exchange_mtu_reply(uint16_t conn, uint16_t mtu)
{
    (void)conn;
    sd.mtu_reply = mtu;
    sd.replies++;
    return NRF_SUCCESS;
}

/* ---- events ---------------------------------------------------------------------- */

static void tell(uint16_t id, uint16_t conn)
{
    ble_evt_t e = {.header = {id}};

    e.evt.gatts_evt.conn_handle = conn;
    ferry_softdevice_ble_event(&link, &e);
}

static void tell_mtu(uint16_t id, uint16_t conn, uint16_t mtu)
{
    ble_evt_t e = {.header = {id}};

    e.evt.gatts_evt.conn_handle = conn;
    e.evt.gatts_evt.params.exchange_mtu_request.client_rx_mtu = mtu;
    ferry_softdevice_ble_event(&link, &e);
}

static void tell_sent(uint16_t conn, uint8_t count)
{
    ble_evt_t e = {.header = {BLE_GATTS_EVT_HVN_TX_COMPLETE}};

    e.evt.gatts_evt.conn_handle = conn;
    e.evt.gatts_evt.params.hvn_tx_complete.count = count;
    ferry_softdevice_ble_event(&link, &e);
}

static void write_hello(uint16_t conn, uint16_t handle, uint8_t op)
{
    static const uint8_t hello[] = {0x00, 0x04, 0x01, 0x01, 0xF4, 0x07, 0xA1,
                                    0xB2, 0xC3, 0xD4, 0x32, 0x9D, 0x00};
    union {
        ble_evt_t e;
        uint8_t bytes[sizeof(ble_evt_t) + sizeof hello];
    } event = {.e = {.header = {BLE_GATTS_EVT_WRITE}}};
    ble_gatts_evt_write_t *value = &event.e.evt.gatts_evt.params.write;

    event.e.evt.gatts_evt.conn_handle = conn;
    value->handle = handle;
    value->op = op;
    value->len = sizeof hello;
    memcpy(event.bytes + ((uint8_t *)value->data - event.bytes), hello, sizeof hello);
    ferry_softdevice_ble_event(&link, &event.e);
}

static void hello_on(uint16_t conn)
{
    write_hello(conn, VALUE_HANDLE, BLE_GATTS_OP_WRITE_CMD);
}

static void run(void)
{
    ferry_ble_run(&link.ble, w->now);
}

static int begin(void **state)
{
    (void)state;
    memset(&sd, 0, sizeof sd);
    w = plain_scene();
    cfg = (struct ferry_softdevice_ble_config){
        .att_mtu = FERRY_BLE_MTU, .slots = 2, .room = room, .room_len = ROOM};
    assert_int_equal(ferry_softdevice_ble_init(&link, &w->device, &cfg), NRF_SUCCESS);
    return 0;
}

/* ---- the service ----------------------------------------------------------------- */

static void expect_mode(ble_gap_conn_sec_mode_t mode, uint8_t sm, uint8_t lv)
{
    assert_int_equal(mode.sm, sm);
    assert_int_equal(mode.lv, lv);
}

static void the_service_has_a_value_to_write_and_one_that_is_told(void **state)
{
    static const uint8_t base[] = {FERRY_BLE_UUID(0)};

    (void)state;
    assert_memory_equal(sd.base, base, 16);
    assert_int_equal(sd.service_uuid, FERRY_BLE_SERVICE);
    assert_int_equal(sd.service_uuid_type, UUID_TYPE);
    assert_int_equal(sd.n, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(sd.added[i].service, SERVICE);
        assert_int_equal(sd.added[i].max_len, FERRY_BLE_VALUE_MAX);
        assert_true(sd.added[i].vlen);
        expect_mode(sd.added[i].read, 0, 0);
    }
    assert_int_equal(sd.added[0].uuid, FERRY_BLE_TO_DEVICE);
    assert_int_equal(sd.added[0].props.write_wo_resp, 1);
    assert_int_equal(sd.added[0].props.notify, 0);
    assert_false(sd.added[0].cccd);
    assert_int_equal(sd.added[1].uuid, FERRY_BLE_TO_COURIER);
    assert_int_equal(sd.added[1].props.write_wo_resp, 0);
    assert_int_equal(sd.added[1].props.notify, 1);
    expect_mode(sd.added[1].write, 0, 0);
    assert_true(sd.added[1].cccd);
    expect_mode(sd.added[1].cccd_read, 1, 1);
}

static void by_default_only_an_encrypted_link_may_write_or_subscribe(void **state)
{
    (void)state;
    expect_mode(sd.added[0].write, 1, 2);
    expect_mode(sd.added[1].cccd_write, 1, 2);
    memset(&sd, 0, sizeof sd);
    cfg.security = FERRY_BLE_OPEN;
    assert_int_equal(ferry_softdevice_ble_init(&link, &w->device, &cfg), NRF_SUCCESS);
    expect_mode(sd.added[0].write, 1, 1);
    expect_mode(sd.added[1].cccd_write, 1, 1);
}

static void an_error_of_the_softdevice_is_handed_on(void **state)
{
    (void)state;
    for (uint32_t call = 1; call <= 4; call++) {
        memset(&sd, 0, sizeof sd);
        sd.fails = call;
        assert_int_equal(ferry_softdevice_ble_init(&link, &w->device, &cfg), 4);
    }
}

/* ---- values ---------------------------------------------------------------------- */

static void a_hello_is_answered_on_its_connection(void **state)
{
    (void)state;
    tell(BLE_GAP_EVT_CONNECTED, 3);
    hello_on(3);
    run();
    assert_int_equal(sd.hvx, 2); /* both slots, INFO in values of 20 */
    assert_int_equal(sd.hvx_conn, 3);
    assert_int_equal(sd.hvx_handle, VALUE_HANDLE + 1);
    assert_int_equal(sd.hvx_len, 20);
    tell_sent(3, 1);
    run();
    assert_int_equal(sd.hvx, 3);
    tell_sent(4, 1);
    run();
    assert_int_equal(sd.hvx, 3);
}

static void other_handles_and_other_kinds_of_write_are_nothing_to_us(void **state)
{
    (void)state;
    write_hello(3, VALUE_HANDLE + 1, BLE_GATTS_OP_WRITE_CMD);
    write_hello(3, VALUE_HANDLE, 1);
    tell(0x19, 3);
    run();
    assert_int_equal(sd.hvx, 0);
    assert_false(w->device.same_link);
}

static void a_disconnection_ends_the_sessions_link(void **state)
{
    (void)state;
    hello_on(3);
    run();
    assert_true(w->device.same_link);
    tell(BLE_GAP_EVT_DISCONNECTED, 3);
    run();
    assert_false(w->device.same_link);
}

static const struct {
    uint32_t code;
    unsigned calls; /* in two runs */
} answers[] = {
    {NRF_ERROR_RESOURCES, 2}, /* the same value again */
    {8, 4},                   /* not subscribed: INFO's four values, all lost */
};

static void a_full_queue_keeps_a_value_and_any_other_error_loses_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        begin(NULL);
        sd.hvx_code = answers[i].code;
        hello_on(3);
        run();
        run();
        assert_int_equal(sd.hvx, answers[i].calls);
    }
}

/* ---- MTU ------------------------------------------------------------------------- */

static void values_grow_with_the_mtu_of_their_connection(void **state)
{
    (void)state;
    tell(BLE_GAP_EVT_CONNECTED, 3);
    tell_mtu(BLE_GATTS_EVT_EXCHANGE_MTU_REQUEST, 3, 60);
    assert_int_equal(sd.replies, 0);
    hello_on(3);
    run();
    assert_int_equal(sd.hvx_len, INFO_LEN - 57);
    tell(BLE_GAP_EVT_DISCONNECTED, 3);

    tell(BLE_GAP_EVT_CONNECTED, 3); /* another phone, the same handle */
    hello_on(3);
    run();
    assert_int_equal(sd.hvx_len, 20);
    tell(BLE_GAP_EVT_DISCONNECTED, 3);

    tell(BLE_GAP_EVT_CONNECTED, 3);
    tell_mtu(BLE_GATTC_EVT_EXCHANGE_MTU_RSP, 3, 517);
    hello_on(3);
    run();
    assert_int_equal(sd.hvx_len, INFO_LEN);
}

static void a_phones_larger_mtu_is_no_more_than_ours(void **state)
{
    (void)state;
    cfg.att_mtu = 60;
    tell_mtu(BLE_GATTS_EVT_EXCHANGE_MTU_REQUEST, 3, 517);
    hello_on(3);
    run();
    assert_int_equal(sd.hvx_len, INFO_LEN - 57);
    assert_int_equal(sd.hvx, 2);
}

static void the_exchange_is_answered_where_nobody_else_does(void **state)
{
    (void)state;
    cfg.answer_mtu = true;
    tell_mtu(BLE_GATTS_EVT_EXCHANGE_MTU_REQUEST, 3, 517);
    assert_int_equal(sd.replies, 1);
    assert_int_equal(sd.mtu_reply, FERRY_BLE_MTU);
    tell_mtu(BLE_GATTS_EVT_EXCHANGE_MTU_REQUEST, FERRY_SOFTDEVICE_LINKS + 8, 517);
    hello_on(FERRY_SOFTDEVICE_LINKS + 8);
    run();
    assert_int_equal(sd.hvx_len, 20); /* a handle beyond the table: short values */
}

int main(void)
{
#define fresh(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        fresh(the_service_has_a_value_to_write_and_one_that_is_told),
        fresh(by_default_only_an_encrypted_link_may_write_or_subscribe),
        fresh(an_error_of_the_softdevice_is_handed_on),
        fresh(a_hello_is_answered_on_its_connection),
        fresh(other_handles_and_other_kinds_of_write_are_nothing_to_us),
        fresh(a_disconnection_ends_the_sessions_link),
        fresh(a_full_queue_keeps_a_value_and_any_other_error_loses_it),
        fresh(values_grow_with_the_mtu_of_their_connection),
        fresh(a_phones_larger_mtu_is_no_more_than_ours),
        fresh(the_exchange_is_answered_where_nobody_else_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

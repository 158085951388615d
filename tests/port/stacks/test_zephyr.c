/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the Zephyr piece over functions that note what they are asked: the attributes and
 * who may use them, values in and out, references to connections, times; and flash areas
 * as one address space. */
#include <errno.h>

#include "scene.h"
#include "zephyr_ble.h"
#include "zephyr_ble_api.h"
#include "zephyr_flash.h"

#define INFO_LEN 69U /* on the wire */

struct bt_conn {
    uint8_t index;
    int refs;
};

static struct {
    struct bt_gatt_service *service;
    struct bt_conn_cb *callbacks;
    k_work_handler_t handler;
    int64_t schedule; /* -1: not set */
    unsigned wakes, notified;
    int notify_code;
    uint16_t mtu, last_len;
    void (*func)(struct bt_conn *conn, void *user_data);
} bt;

static struct bt_conn phone, other;
static struct world *w;
static uint8_t room[1024];

/* ---- Zephyr ---------------------------------------------------------------------- */

void k_work_init_delayable(struct k_work_delayable *work, k_work_handler_t handler)
{
    (void)work;
    bt.handler = handler;
}

int k_work_schedule(struct k_work_delayable *work, k_timeout_t delay)
{
    (void)work;
    bt.schedule = delay.ms;
    return 1;
}

int k_work_reschedule(struct k_work_delayable *work, k_timeout_t delay)
{
    (void)work;
    assert_int_equal(delay.ms, 0);
    bt.wakes++;
    return 1;
}

uint32_t k_uptime_get_32(void)
{
    return w->now;
}

k_spinlock_key_t k_spin_lock(struct k_spinlock *lock)
{
    assert_int_equal(lock->held, 0);
    lock->held = 1;
    return (k_spinlock_key_t){0};
}

void k_spin_unlock(struct k_spinlock *lock, k_spinlock_key_t key)
{
    (void)key;
    assert_int_equal(lock->held, 1);
    lock->held = 0;
}

int bt_conn_cb_register(struct bt_conn_cb *callbacks)
{
    bt.callbacks = callbacks;
    return 0;
}

uint8_t bt_conn_index(const struct bt_conn *conn)
{
    return conn->index;
}

struct bt_conn *bt_conn_ref(struct bt_conn *conn)
{
    conn->refs++;
    return conn;
}

void bt_conn_unref(struct bt_conn *conn)
{
    conn->refs--;
}

int bt_gatt_service_register(struct bt_gatt_service *service)
{
    bt.service = service;
    return 0;
}

int bt_gatt_notify_cb(struct bt_conn *conn, struct bt_gatt_notify_params *params)
{
    assert_ptr_equal(params->attr, &bt.service->attrs[4]);
    assert_int_equal(conn->refs, 2); /* held while it is spoken to */
    bt.notified++;
    bt.last_len = params->len;
    bt.func = params->func;
    return bt.notify_code;
}

uint16_t bt_gatt_get_mtu(struct bt_conn *conn)
{
    (void)conn;
    return bt.mtu;
}

/* ---- what happens ---------------------------------------------------------------- */

static int begin_with(enum ferry_ble_security security)
{
    static struct ferry_zephyr_config cfg;

    memset(&bt, 0, sizeof bt);
    bt.mtu = 247;
    phone = (struct bt_conn){.index = 1};
    other = (struct bt_conn){.index = 0};
    w = plain_scene();
    cfg = (struct ferry_zephyr_config){
        .slots = 2, .security = security, .room = room, .room_len = sizeof room};
    return ferry_zephyr_init(&w->device, &cfg);
}

static int begin(void **state)
{
    (void)state;
    return begin_with(FERRY_BLE_ENCRYPTED);
}

/* The piece is one to a program: let it go of the connections it knows. */
static int end(void **state)
{
    (void)state;
    bt.callbacks->disconnected(&phone, 0x13);
    bt.callbacks->disconnected(&other, 0x13);
    assert_int_equal(phone.refs, 0);
    assert_int_equal(other.refs, 0);
    return 0;
}

static void hello(struct bt_conn *conn)
{
    static const uint8_t bytes[] = {0x00, 0x04, 0x01, 0x01, 0xF4, 0x07, 0xA1,
                                    0xB2, 0xC3, 0xD4, 0x32, 0x9D, 0x00};
    const struct bt_gatt_attr *in = &bt.service->attrs[2];

    assert_int_equal(in->write(conn, in, bytes, sizeof bytes, 0, 0), sizeof bytes);
}

static void run(void)
{
    bt.schedule = -1;
    bt.handler(NULL);
}

/* ---- the link -------------------------------------------------------------------- */

static void expect_uuid(unsigned at, uint8_t short_id)
{
    const struct bt_uuid *uuid = bt.service->attrs[at].uuid;
    uint8_t wanted[16] = {FERRY_BLE_UUID(0)};

    wanted[FERRY_BLE_UUID_AT] = short_id;
    assert_memory_equal(((const struct bt_uuid_128 *)(const void *)uuid)->val, wanted,
                        16);
}

static void the_attributes_are_for_encrypted_links_unless_opened(void **state)
{
    (void)state;
    assert_int_equal(bt.service->attr_count, 6);
    expect_uuid(0, FERRY_BLE_SERVICE);
    expect_uuid(2, FERRY_BLE_TO_DEVICE);
    expect_uuid(4, FERRY_BLE_TO_COURIER);
    assert_int_equal(bt.service->attrs[1].properties, BT_GATT_CHRC_WRITE_WITHOUT_RESP);
    assert_int_equal(bt.service->attrs[3].properties, BT_GATT_CHRC_NOTIFY);
    assert_int_equal(bt.service->attrs[2].perm, BT_GATT_PERM_WRITE_ENCRYPT);
    assert_int_equal(bt.service->attrs[4].perm, BT_GATT_PERM_NONE);
    assert_int_equal(bt.service->attrs[5].perm,
                     BT_GATT_PERM_READ | BT_GATT_PERM_WRITE_ENCRYPT);
}

static void opened_anybody_may_write_and_subscribe(void **state)
{
    (void)state;
    assert_int_equal(begin_with(FERRY_BLE_OPEN), 0);
    assert_int_equal(bt.service->attrs[2].perm, BT_GATT_PERM_WRITE);
    assert_int_equal(bt.service->attrs[5].perm, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE);
}

static void a_hello_is_answered_from_the_work_queue(void **state)
{
    (void)state;
    hello(&phone);
    assert_int_equal(bt.wakes, 1);
    assert_int_equal(bt.notified, 0);
    run();
    assert_int_equal(bt.notified, 1);
    assert_int_equal(bt.last_len, INFO_LEN);
    hello(&phone);
    assert_int_equal(phone.refs, 1);
    assert_true(bt.schedule > 0);
    bt.callbacks->disconnected(&phone, 0x13);
    assert_int_equal(phone.refs, 0);
    run();
    assert_false(w->device.same_link);
}

static void a_slot_comes_free_when_its_notification_has_left(void **state)
{
    (void)state;
    bt.mtu = 23;
    hello(&phone);
    run();
    assert_int_equal(bt.notified, 2);
    run();
    assert_int_equal(bt.notified, 2);
    bt.func(&phone, NULL);
    run();
    assert_int_equal(bt.notified, 3);
}

static const struct {
    int code;
    unsigned calls; /* in two runs */
} answers[] = {{-ENOMEM, 2}, {-ENOBUFS, 2}, {-ENOTCONN, 1}, {-EINVAL, 1}};

static void without_buffers_a_value_waits_and_any_other_error_loses_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        end(NULL);
        begin(NULL);
        bt.notify_code = answers[i].code;
        hello(&phone);
        run();
        run();
        assert_int_equal(bt.notified, answers[i].calls);
    }
}

static void another_connections_end_is_not_ours(void **state)
{
    (void)state;
    hello(&phone);
    run();
    hello(&other);
    bt.callbacks->disconnected(&other, 0x13);
    run();
    assert_true(w->device.same_link);
    assert_int_equal(phone.refs, 1);
}

/* ---- flash ----------------------------------------------------------------------- */

static uint8_t cells[2][8192];
static const struct flash_area low = {0x10000, 8192}, high = {0x40000, 8192};
static const struct flash_area *const areas[] = {&low, &high, NULL};
static int flash_code;

static uint8_t *cell(const struct flash_area *fa, off_t off, size_t len)
{
    assert_in_range(off, 0, fa->fa_size - len);
    return cells[fa == &high] + off;
}

int flash_area_erase(const struct flash_area *fa, off_t off, size_t len)
{
    memset(cell(fa, off, len), 0xFF, len);
    return flash_code;
}

int flash_area_write(const struct flash_area *fa, off_t off, const void *from,
                     size_t len)
{
    memcpy(cell(fa, off, len), from, len);
    return flash_code;
}

int flash_area_read(const struct flash_area *fa, off_t off, void *to, size_t len)
{
    memcpy(to, cell(fa, off, len), len);
    return flash_code;
}

uint32_t flash_area_align(const struct flash_area *fa)
{
    (void)fa;
    return 4;
}

uint8_t flash_area_erased_val(const struct flash_area *fa)
{
    (void)fa;
    return 0xFF;
}

static bool no_power(void *ctx)
{
    (void)ctx;
    return false;
}

static struct ferry_zephyr_flash flash;

static struct ferry_flash opened(void)
{
    flash = (struct ferry_zephyr_flash){.areas = areas, .erase_unit = 4096};
    flash_code = 0;
    memset(cells, 0x55, sizeof cells);
    return ferry_zephyr_flash_hal(&flash);
}

static void areas_are_one_address_space(void **state)
{
    uint8_t word[] = {1, 2, 3, 4}, back[4];

    (void)state;
    struct ferry_flash hal = opened();
    assert_int_equal(hal.write_unit, 4);
    assert_int_equal(hal.erased, 0xFF);
    assert_int_equal(hal.erase(hal.ctx, 0x41000), 0);
    assert_int_equal(cells[1][4096], 0xFF);
    assert_int_equal(cells[1][4095], 0x55);
    assert_int_equal(hal.write(hal.ctx, 0x41FFC, word, 4), 0);
    assert_int_equal(hal.read(hal.ctx, 0x41FFC, back, 4), 0);
    assert_memory_equal(back, word, 4);
    assert_true(hal.power_ok(hal.ctx));
    flash.power_ok = no_power;
    assert_false(hal.power_ok(hal.ctx));
}

static void outside_of_the_areas_and_after_a_drivers_error_all_fails(void **state)
{
    static const uint32_t outside[] = {0,       0xFFFC,  0x11FFE,
                                       0x12000, 0x42000, 0xFFFFFFFE};
    uint8_t word[4] = {0};

    (void)state;
    struct ferry_flash hal = opened();
    for (size_t i = 0; i < COUNT(outside); i++) {
        assert_int_equal(hal.read(hal.ctx, outside[i], word, 4), FERRY_E_FLASH);
        assert_int_equal(hal.write(hal.ctx, outside[i], word, 4), FERRY_E_FLASH);
    }
    assert_int_equal(hal.erase(hal.ctx, 0x12000), FERRY_E_FLASH);
    flash.erase_unit = 16384; /* more than there is */
    assert_int_equal(hal.erase(hal.ctx, 0x10000), FERRY_E_FLASH);
    flash.erase_unit = 4096;
    flash_code = -EIO;
    assert_int_equal(hal.read(hal.ctx, 0x10000, word, 4), FERRY_E_FLASH);
    assert_int_equal(hal.write(hal.ctx, 0x10000, word, 4), FERRY_E_FLASH);
    assert_int_equal(hal.erase(hal.ctx, 0x10000), FERRY_E_FLASH);
}

int main(void)
{
#define linked(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        linked(the_attributes_are_for_encrypted_links_unless_opened),
        linked(a_hello_is_answered_from_the_work_queue),
        linked(a_slot_comes_free_when_its_notification_has_left),
        linked(without_buffers_a_value_waits_and_any_other_error_loses_it),
        linked(another_connections_end_is_not_ours),
        linked(opened_anybody_may_write_and_subscribe),
        cmocka_unit_test(areas_are_one_address_space),
        cmocka_unit_test(outside_of_the_areas_and_after_a_drivers_error_all_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

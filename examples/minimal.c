#include "ferry/device.h"

/* Yours: flash, keys, banks and a pool (ferry/hal.h), a radio, a clock. */
extern const struct ferry_device_config config;
size_t radio_read(uint8_t *value, size_t cap); /* what the phone wrote, 0 = nothing */
bool radio_ready(void);                        /* can it take one value now? */
void radio_send(const uint8_t *value, size_t len);
uint32_t millis(void);

void receive_updates(void)
{
    static struct ferry_device device;
    uint8_t value[244];
    size_t len;

    ferry_device_init(&device, &config, millis());
    for (;;) {
        while ((len = radio_read(value, sizeof value)) > 0)
            ferry_device_input(&device, value, len, millis());
        while (radio_ready() &&
               (len = ferry_device_output(&device, value, sizeof value, millis())) > 0)
            radio_send(value, len);
        if (ferry_device_deadline(&device, millis()) == 0)
            ferry_device_tick(&device, millis()); /* one flash call, or 4 KB of hash */
    }
}

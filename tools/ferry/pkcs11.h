/* SPDX-License-Identifier: Apache-2.0
 *
 * The few declarations of PKCS#11 2.40 that signing needs, in the layout that every
 * module has: numbers and pointers of one word, functions in the standard's order. The
 * test pkcs11_layout.c compares it with p11-kit's header. */
#ifndef FERRY_TOOL_PKCS11_H
#define FERRY_TOOL_PKCS11_H

typedef unsigned long p11_ulong;
typedef void (*p11_unused)(
    void); /* stands where a function is that nobody calls here */

#define P11_ALL (~0UL) /* in a length: the value cannot be had */

enum p11_class { P11_PUBLIC_KEY = 2, P11_PRIVATE_KEY = 3 };
enum p11_key_type { P11_EC_EDWARDS = 0x40 };
enum p11_user { P11_USER = 1, P11_THIS_OPERATION = 2 };
enum p11_mechanism_type { P11_EDDSA = 0x1057 };

enum p11_attribute_type {
    P11_CLASS = 0x000,
    P11_LABEL = 0x003,
    P11_KEY_TYPE = 0x100,
    P11_KEY_ID = 0x102,
    P11_EC_POINT = 0x181,
    P11_ALWAYS_AUTHENTICATE = 0x202
};

enum p11_session_flag { P11_SERIAL_SESSION = 4 };

enum p11_token_flag {
    P11_LOGIN_REQUIRED = 0x004,
    P11_OWN_PIN_PAD = 0x100,
    P11_INITIALIZED = 0x400
};

struct p11_attribute_value {
    p11_ulong type;
    void *at;
    p11_ulong len;
};

struct p11_mechanism {
    p11_ulong type;
    void *parameter;
    p11_ulong parameter_len;
};

/* Text is padded with spaces, and has no end. */
struct p11_token_info {
    unsigned char label[32], manufacturer[32], model[16], serial[16];
    p11_ulong flags;
    p11_ulong counts[6], memory[4];
    unsigned char versions[4], time[16];
};

/* As far as C_Sign: modules have more. */
struct p11_functions {
    unsigned char version[2];
    p11_ulong (*initialize)(void *args);
    p11_ulong (*finalize)(void *reserved);
    p11_unused info[2];
    p11_ulong (*slots)(unsigned char with_token, p11_ulong *slots, p11_ulong *len);
    p11_unused slot_info;
    p11_ulong (*token_info)(p11_ulong slot, struct p11_token_info *info);
    p11_unused mechanisms[2], setup[3];
    p11_ulong (*open_session)(p11_ulong slot, p11_ulong flags, void *ctx, void *notify,
                              p11_ulong *session);
    p11_ulong (*close_session)(p11_ulong session);
    p11_unused session_state[4];
    p11_ulong (*login)(p11_ulong session, p11_ulong user, unsigned char *pin,
                       p11_ulong len);
    p11_unused logout, objects[4];
    p11_ulong (*get)(p11_ulong session, p11_ulong object, struct p11_attribute_value *a,
                     p11_ulong len);
    p11_unused set;
    p11_ulong (*find_begin)(p11_ulong session, struct p11_attribute_value *a,
                            p11_ulong len);
    p11_ulong (*find)(p11_ulong session, p11_ulong *objects, p11_ulong cap,
                      p11_ulong *len);
    p11_ulong (*find_end)(p11_ulong session);
    p11_unused encrypt[4], decrypt[4], digest[5];
    p11_ulong (*sign_begin)(p11_ulong session, struct p11_mechanism *mechanism,
                            p11_ulong key);
    p11_ulong (*sign)(p11_ulong session, unsigned char *bytes, p11_ulong len,
                      unsigned char *sig, p11_ulong *sig_len);
};

#endif

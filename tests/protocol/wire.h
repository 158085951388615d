/* SPDX-License-Identifier: Apache-2.0
 *
 * The document's message vectors as the engine's structs, and back. */
#ifndef FERRY_TEST_WIRE_H
#define FERRY_TEST_WIRE_H

#include "doc.h"
#include "msg.h"

struct wire_name {
    const char *name; /* as the document spells it */
    enum ferry_msg_type type;
    bool lead; /* a zero byte goes first */
};
/* All of them; ends with a NULL name. */
extern const struct wire_name wire_names[];
const struct wire_name *wire_named(const char *name);

/* A vector's fields as a message. Pointers point into `v`. */
void wire_build(const struct doc_vector *v, struct ferry_msg *m);
/* Does the message say what the vector says? Fails the test if not. */
void wire_expect(const struct doc_vector *v, const struct ferry_msg *m);

/* Sealed body of a message; either direction. */
size_t wire_encode(const struct ferry_msg *m, uint8_t *body, size_t cap, uint16_t tag);
int wire_decode(struct ferry_msg *m, const uint8_t *body, size_t len, uint16_t tag);
/* A sealed body as bytes on the link; returns their count. */
size_t wire_frame(const uint8_t *body, size_t len, bool lead, uint8_t *out, size_t cap);

#endif

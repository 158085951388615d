/* SPDX-License-Identifier: Apache-2.0
 *
 * Bearer tokens of operators' routes. A token is shown once, when it is made; kept is its
 * BLAKE2b. Knows names, scopes and hashes; not which route wants which scope. */
#ifndef FERRY_FLEET_TOKENS_H
#define FERRY_FLEET_TOKENS_H

#include "event.h"

/* Bits; a scope implies none of the others. */
enum token_scope { TOKEN_READ = 1, TOKEN_OPERATE = 2, TOKEN_ADMIN = 4 };

#define TOKEN_TEXT 56U /* "ferry_" and 43 characters, with its end */
#define TOKEN_NAME_MAX 64U
#define TOKEN_SCOPES_TEXT 24U

/* "read,operate" to bits: false if there is another word in it. And back. */
bool token_scopes_read(const char *text, unsigned *scopes);
void token_scopes_write(unsigned scopes, char text[TOKEN_SCOPES_TEXT]);

/* Whose token is it? False: nobody's, or a revoked one's. Takes as long for either. */
struct token_holder {
    char name[TOKEN_NAME_MAX + 1];
    unsigned scopes;
};
bool token_check(struct db *db, const char *token, struct token_holder *who);

/* In the writer's transaction, with an event for the record. 409: that name is taken;
 * 404: nobody has it. */
void token_add(struct db *db, const char *name, unsigned scopes, int64_t at,
               const char *actor, char token[TOKEN_TEXT], struct outcome *o);
void token_revoke(struct db *db, const char *name, int64_t at, const char *actor,
                  struct outcome *o);

struct token_row {
    const char *name;
    unsigned scopes;
    int64_t made_at, revoked_at; /* 0: it is good */
};
void token_each(struct db *db, void (*each)(void *ctx, const struct token_row *row),
                void *ctx);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The tool's own declarations of PKCS#11 against p11-kit's: a field astray would call
 * another function of a module. Compiling it is the test. */
#include "pkcs11.h"

#include <p11-kit/pkcs11.h>
#include <stddef.h>

#define SAME(theirs, their_field, ours, our_field)                                     \
    _Static_assert(offsetof(theirs, their_field) == offsetof(struct ours, our_field),  \
                   #our_field)
#define FUNCTION(theirs, our_field)                                                    \
    SAME(CK_FUNCTION_LIST, theirs, p11_functions, our_field)

FUNCTION(version, version);
FUNCTION(C_Initialize, initialize);
FUNCTION(C_Finalize, finalize);
FUNCTION(C_GetSlotList, slots);
FUNCTION(C_GetTokenInfo, token_info);
FUNCTION(C_OpenSession, open_session);
FUNCTION(C_CloseSession, close_session);
FUNCTION(C_Login, login);
FUNCTION(C_GetAttributeValue, get);
FUNCTION(C_FindObjectsInit, find_begin);
FUNCTION(C_FindObjects, find);
FUNCTION(C_FindObjectsFinal, find_end);
FUNCTION(C_SignInit, sign_begin);
FUNCTION(C_Sign, sign);

SAME(CK_TOKEN_INFO, label, p11_token_info, label);
SAME(CK_TOKEN_INFO, manufacturerID, p11_token_info, manufacturer);
SAME(CK_TOKEN_INFO, model, p11_token_info, model);
SAME(CK_TOKEN_INFO, serialNumber, p11_token_info, serial);
SAME(CK_TOKEN_INFO, flags, p11_token_info, flags);
_Static_assert(sizeof(CK_TOKEN_INFO) == sizeof(struct p11_token_info), "token info");
SAME(CK_ATTRIBUTE, type, p11_attribute_value, type);
SAME(CK_ATTRIBUTE, pValue, p11_attribute_value, at);
SAME(CK_ATTRIBUTE, ulValueLen, p11_attribute_value, len);
SAME(CK_MECHANISM, mechanism, p11_mechanism, type);
SAME(CK_MECHANISM, pParameter, p11_mechanism, parameter);
_Static_assert(sizeof(CK_MECHANISM) == sizeof(struct p11_mechanism), "mechanism");
_Static_assert(sizeof(CK_ULONG) == sizeof(p11_ulong), "numbers");

_Static_assert(CKO_PUBLIC_KEY == P11_PUBLIC_KEY, "class");
_Static_assert(CKO_PRIVATE_KEY == P11_PRIVATE_KEY, "class");
_Static_assert(CKA_CLASS == P11_CLASS, "attribute");
_Static_assert(CKA_LABEL == P11_LABEL, "attribute");
_Static_assert(CKA_KEY_TYPE == P11_KEY_TYPE, "attribute");
_Static_assert(CKA_ID == P11_KEY_ID, "attribute");
_Static_assert(CKA_EC_POINT == P11_EC_POINT, "attribute");
_Static_assert(CKA_ALWAYS_AUTHENTICATE == P11_ALWAYS_AUTHENTICATE, "attribute");
_Static_assert(CKU_USER == P11_USER, "user");
_Static_assert(CKU_CONTEXT_SPECIFIC == P11_THIS_OPERATION, "user");
_Static_assert(CKF_SERIAL_SESSION == P11_SERIAL_SESSION, "flag");
_Static_assert(CKF_LOGIN_REQUIRED == P11_LOGIN_REQUIRED, "flag");
_Static_assert(CKF_PROTECTED_AUTHENTICATION_PATH == P11_OWN_PIN_PAD, "flag");
_Static_assert(CKF_TOKEN_INITIALIZED == P11_INITIALIZED, "flag");
#ifdef CKM_EDDSA /* not in every version of p11-kit */
_Static_assert(CKM_EDDSA == P11_EDDSA, "mechanism");
#endif

int main(void)
{
    return 0;
}

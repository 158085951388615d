/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier for a JVM, Android's or another: ferry/courier_ffi.h behind the native
 * methods of ferry.courier.Native. Owns the memory of each session and of the artifacts
 * it was given; keeps no reference to anything of Java's. A handle is believed. */
#include <jni.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/courier_ffi.h"

#define PIECE 256 /* bytes that cross at once; a value (244) fits */
#define NONCE_LEN 4
#define QUESTION_LEN 16
#define CLASS_LEN 16
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct session {
    struct ferry_ffi *f;
    uint8_t *artifact[FERRY_FFI_ARTIFACTS];
    size_t held; /* bytes */
};

static atomic_size_t held; /* by all sessions */

/* ---- memory ---------------------------------------------------------------------- */

static void *take(struct session *s, size_t len)
{
    void *memory = malloc(len > 0 ? len : 1);

    if (memory != NULL) {
        s->held += len;
        atomic_fetch_add(&held, len);
    }
    return memory;
}

static void forget(struct session *s)
{
    for (size_t i = 0; i < COUNT(s->artifact); i++) {
        free(s->artifact[i]);
    }
    free(s->f);
    atomic_fetch_sub(&held, s->held);
    free(s);
}

static struct session *of(jlong handle)
{
    return (struct session *)(intptr_t)handle;
}

/* ---- exceptions ------------------------------------------------------------------ */

static void throw(JNIEnv * env, const char *name, const char *why)
{
    jclass type = (*env)->FindClass(env, name);

    if (type != NULL) { /* else that it was not found is thrown */
        (*env)->ThrowNew(env, type, why);
    }
}

static void no_memory(JNIEnv *env)
{
    throw(env, "java/lang/OutOfMemoryError", "no memory for a courier");
}

static void bad_argument(JNIEnv *env, const char *why)
{
    throw(env, "java/lang/IllegalArgumentException", why);
}

/* ---- a session's life ------------------------------------------------------------ */

/* False: an exception is on its way. */
static bool add_artifact(JNIEnv *env, struct session *s, jbyteArray bytes, jsize i)
{
    if (bytes == NULL) {
        throw(env, "java/lang/NullPointerException", "an artifact is null");
        return false;
    }
    jsize len = (*env)->GetArrayLength(env, bytes);
    uint8_t *copy = take(s, (size_t)len);
    if (copy == NULL) {
        no_memory(env);
        return false;
    }
    s->artifact[i] = copy;
    (*env)->GetByteArrayRegion(env, bytes, 0, len, (jbyte *)copy);
    if (ferry_ffi_artifact(s->f, copy, (size_t)len) < 0) {
        bad_argument(env, "an artifact is empty");
        return false;
    }
    return true;
}

static bool add_artifacts(JNIEnv *env, struct session *s, jobjectArray artifacts)
{
    jsize n = (*env)->GetArrayLength(env, artifacts);

    if (n > (jsize)FERRY_FFI_ARTIFACTS) {
        bad_argument(env, "more than 8 artifacts");
        return false;
    }
    for (jsize i = 0; i < n; i++) {
        jbyteArray bytes = (*env)->GetObjectArrayElement(env, artifacts, i);
        bool added = add_artifact(env, s, bytes, i);
        (*env)->DeleteLocalRef(env, bytes);
        if (!added) {
            return false;
        }
    }
    return true;
}

static bool start(JNIEnv *env, struct session *s, jbyteArray question, jbyteArray nonce,
                  jint value_max, jint now)
{
    jbyte asked[QUESTION_LEN], random[NONCE_LEN];
    int err = 0;

    if (question != NULL) {
        (*env)->GetByteArrayRegion(env, question, 0, QUESTION_LEN, asked);
        if ((*env)->ExceptionCheck(env)) {
            return false;
        }
        err = ferry_ffi_ask(s->f, (const uint8_t *)asked);
    }
    (*env)->GetByteArrayRegion(env, nonce, 0, NONCE_LEN, random);
    if ((*env)->ExceptionCheck(env)) {
        return false;
    }
    if (err == 0) {
        err = ferry_ffi_start(s->f, (const uint8_t *)random, (uint16_t)value_max,
                              (uint32_t)now);
    }
    if (err != 0) {
        bad_argument(env, "nothing to carry and nothing to ask");
    }
    return err == 0;
}

static jlong open_session(JNIEnv *env, jclass type, jobjectArray artifacts,
                          jbyteArray question, jbyteArray nonce, jint value_max,
                          jint now)
{
    struct session *s = calloc(1, sizeof *s);

    (void)type;
    if (s == NULL) {
        no_memory(env);
        return 0;
    }
    void *memory = take(s, ferry_ffi_size());
    s->f = memory != NULL ? ferry_ffi_make(memory, ferry_ffi_size()) : NULL;
    if (s->f == NULL) {
        no_memory(env);
    } else if (add_artifacts(env, s, artifacts) &&
               start(env, s, question, nonce, value_max, now)) {
        return (jlong)(intptr_t)s;
    }
    forget(s);
    return 0;
}

static void close_session(JNIEnv *env, jclass type, jlong handle)
{
    (void)env;
    (void)type;
    forget(of(handle));
}

/* ---- the verbs ------------------------------------------------------------------- */

static void link_session(JNIEnv *env, jclass type, jlong handle, jboolean up, jint now)
{
    (void)env;
    (void)type;
    ferry_ffi_link(of(handle)->f, up != JNI_FALSE, (uint32_t)now);
}

static void input(JNIEnv *env, jclass type, jlong handle, jbyteArray bytes, jint now)
{
    jsize len = (*env)->GetArrayLength(env, bytes);
    jbyte piece[PIECE];

    (void)type;
    for (jsize at = 0, n; at < len; at += n) {
        n = len - at < PIECE ? len - at : PIECE;
        (*env)->GetByteArrayRegion(env, bytes, at, n, piece);
        ferry_ffi_input(of(handle)->f, (const uint8_t *)piece, (size_t)n,
                        (uint32_t)now);
    }
}

static jint output(JNIEnv *env, jclass type, jlong handle, jbyteArray value, jint now)
{
    jsize cap = (*env)->GetArrayLength(env, value);
    jbyte piece[PIECE];

    (void)type;
    size_t len = ferry_ffi_output(of(handle)->f, (uint8_t *)piece,
                                  (size_t)(cap < PIECE ? cap : PIECE), (uint32_t)now);
    (*env)->SetByteArrayRegion(env, value, 0, (jsize)len, piece);
    return (jint)len;
}

static void tick(JNIEnv *env, jclass type, jlong handle, jint now)
{
    (void)env;
    (void)type;
    ferry_ffi_tick(of(handle)->f, (uint32_t)now);
}

static jint deadline(JNIEnv *env, jclass type, jlong handle, jint now)
{
    (void)env;
    (void)type;
    return (jint)ferry_ffi_deadline(of(handle)->f, (uint32_t)now);
}

static void abort_session(JNIEnv *env, jclass type, jlong handle, jint now)
{
    (void)env;
    (void)type;
    ferry_ffi_abort(of(handle)->f, (uint32_t)now);
}

/* ---- how it stands --------------------------------------------------------------- */

static void look(JNIEnv *env, jclass type, jlong handle, jintArray places)
{
    uint32_t all[FERRY_FFI_PLACES];
    jint numbers[FERRY_FFI_PLACES];

    (void)type;
    size_t n = ferry_ffi_look(of(handle)->f, all, FERRY_FFI_PLACES);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = (jint)all[i];
    }
    (*env)->SetIntArrayRegion(env, places, 0, (jsize)n, numbers);
}

static jbyteArray new_bytes(JNIEnv *env, const uint8_t *bytes, size_t len)
{
    jbyteArray array = (*env)->NewByteArray(env, (jsize)len);

    if (array != NULL) { /* else there was no memory, and that is thrown */
        (*env)->SetByteArrayRegion(env, array, 0, (jsize)len, (const jbyte *)bytes);
    }
    return array;
}

static jbyteArray peer_class(JNIEnv *env, jclass type, jlong handle)
{
    uint8_t id[CLASS_LEN];

    (void)type;
    ferry_ffi_class(of(handle)->f, id);
    return new_bytes(env, id, sizeof id);
}

static jbyteArray statement(JNIEnv *env, jclass type, jlong handle)
{
    uint8_t said[FERRY_FFI_STATEMENT_MAX];
    size_t len = ferry_ffi_statement(of(handle)->f, said, sizeof said);

    (void)type;
    return len > 0 ? new_bytes(env, said, len) : NULL;
}

static jlong held_now(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
    return (jlong)atomic_load(&held);
}

/* ---- words ----------------------------------------------------------------------- */

static jstring error_name(JNIEnv *env, jclass type, jint code)
{
    (void)type;
    return (*env)->NewStringUTF(env, ferry_errname(code));
}

static jstring error_text(JNIEnv *env, jclass type, jint code)
{
    (void)type;
    return (*env)->NewStringUTF(env, ferry_strerror(code));
}

static jstring wait_name(JNIEnv *env, jclass type, jint wait)
{
    (void)type;
    return (*env)->NewStringUTF(env, ferry_ffi_wait_name((uint32_t)wait));
}

static jstring later_name(JNIEnv *env, jclass type, jint why)
{
    (void)type;
    return (*env)->NewStringUTF(env, ferry_ffi_later_name((uint32_t)why));
}

/* ---- the table ------------------------------------------------------------------- */

#define METHOD(name, signature, function)                                              \
    {                                                                                  \
        (char *)(uintptr_t)(name), (char *)(uintptr_t)(signature), (void *)(function)  \
    }

/* The JVM compares it with Native.java, name by name, when the library is loaded. */
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
    static const JNINativeMethod methods[] = {
        METHOD("open", "([[B[B[BII)J", open_session),
        METHOD("close", "(J)V", close_session),
        METHOD("link", "(JZI)V", link_session),
        METHOD("input", "(J[BI)V", input),
        METHOD("output", "(J[BI)I", output),
        METHOD("tick", "(JI)V", tick),
        METHOD("deadline", "(JI)I", deadline),
        METHOD("abort", "(JI)V", abort_session),
        METHOD("look", "(J[I)V", look),
        METHOD("peerClass", "(J)[B", peer_class),
        METHOD("statement", "(J)[B", statement),
        METHOD("held", "()J", held_now),
        METHOD("errorName", "(I)Ljava/lang/String;", error_name),
        METHOD("errorText", "(I)Ljava/lang/String;", error_text),
        METHOD("waitName", "(I)Ljava/lang/String;", wait_name),
        METHOD("laterName", "(I)Ljava/lang/String;", later_name),
    };
    JNIEnv *env;

    (void)reserved;
    if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_6) != JNI_OK) {
        return JNI_ERR;
    }
    jclass type = (*env)->FindClass(env, "ferry/courier/Native");
    if (type == NULL ||
        (*env)->RegisterNatives(env, type, methods, (jint)COUNT(methods)) != 0) {
        return JNI_ERR;
    }
    return JNI_VERSION_1_6;
}

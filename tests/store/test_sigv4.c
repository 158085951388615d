/* SPDX-License-Identifier: Apache-2.0
 *
 * Signature Version 4 against the examples that AWS publishes: those of the S3 API
 * reference ("Authenticating Requests"), with its example keys, and of the signature's
 * own test suite ("get-vanilla"...). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "s3_xml.h"
#include "sigv4.h"

#define HOST "examplebucket.s3.amazonaws.com"
#define NOW "20130524T000000Z"
#define LEN(array) (sizeof(array) / sizeof *(array))

static const struct sigv4_key key = {
    .access = "AKIAIOSFODNN7EXAMPLE",
    .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    .region = "us-east-1",
    .service = "s3",
};

static void signs(const struct sigv4_key *with, const struct sigv4_request *r,
                  const char *wanted)
{
    char signature[SIGV4_HEX];

    sigv4_sign(with, r, signature);
    assert_string_equal(signature, wanted);
}

static void an_object_is_got_in_part(void **state)
{
    const struct sigv4_pair headers[] = {{"host", HOST},
                                         {"range", "bytes=0-9"},
                                         {"x-amz-content-sha256", SIGV4_NO_BODY},
                                         {"x-amz-date", NOW}};
    const struct sigv4_request r = {.method = "GET",
                                    .path = "/test.txt",
                                    .headers = headers,
                                    .headers_len = LEN(headers),
                                    .payload = SIGV4_NO_BODY,
                                    .time = NOW};
    (void)state;

    signs(&key, &r, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void an_object_is_put_under_a_name_that_needs_escapes(void **state)
{
    char payload[SIGV4_HEX];
    const struct sigv4_pair headers[] = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                                         {"host", HOST},
                                         {"x-amz-content-sha256", payload},
                                         {"x-amz-date", NOW},
                                         {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    const struct sigv4_request r = {.method = "PUT",
                                    .path = "/test$file.text",
                                    .headers = headers,
                                    .headers_len = LEN(headers),
                                    .payload = payload,
                                    .time = NOW};
    (void)state;

    sigv4_hash("Welcome to Amazon S3.", 21, payload);
    signs(&key, &r, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

static void a_query_without_a_value_is_signed_as_an_empty_one(void **state)
{
    const struct sigv4_pair headers[] = {
        {"host", HOST}, {"x-amz-content-sha256", SIGV4_NO_BODY}, {"x-amz-date", NOW}};
    const struct sigv4_pair query[] = {{"lifecycle", ""}};
    const struct sigv4_request r = {.method = "GET",
                                    .path = "/",
                                    .query = query,
                                    .query_len = 1,
                                    .headers = headers,
                                    .headers_len = LEN(headers),
                                    .payload = SIGV4_NO_BODY,
                                    .time = NOW};
    (void)state;

    signs(&key, &r, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static void a_bucket_is_listed(void **state)
{
    const struct sigv4_pair headers[] = {
        {"host", HOST}, {"x-amz-content-sha256", SIGV4_NO_BODY}, {"x-amz-date", NOW}};
    const struct sigv4_pair query[] = {{"max-keys", "2"}, {"prefix", "J"}};
    const struct sigv4_request r = {.method = "GET",
                                    .path = "/",
                                    .query = query,
                                    .query_len = 2,
                                    .headers = headers,
                                    .headers_len = LEN(headers),
                                    .payload = SIGV4_NO_BODY,
                                    .time = NOW};
    char line[400];
    (void)state;

    signs(&key, &r, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    assert_true(sigv4_authorization(&key, &r, line, sizeof line));
    assert_string_equal(
        line,
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
        "aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature="
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    assert_false(sigv4_authorization(&key, &r, line, strlen(line)));
}

static void a_url_can_be_signed_for_a_day(void **state)
{
    char query[600];
    (void)state;

    assert_true(
        sigv4_presign(&key, HOST, "/test.txt", NOW, 86400, query, sizeof query));
    assert_string_equal(
        query, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE"
               "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
               "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
               "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    assert_false(
        sigv4_presign(&key, HOST, "/test.txt", NOW, 86400, query, strlen(query)));
}

static void requests_of_the_test_suite_are_signed_as_it_says(void **state)
{
    static const struct sigv4_key suite = {
        .access = "AKIDEXAMPLE",
        .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
    };
    const struct sigv4_pair headers[] = {{"host", "example.amazonaws.com"},
                                         {"x-amz-date", "20150830T123600Z"}};
    struct sigv4_request r = {.method = "GET",
                              .path = "/",
                              .headers = headers,
                              .headers_len = LEN(headers),
                              .payload = SIGV4_NO_BODY,
                              .time = "20150830T123600Z"};
    (void)state;

    /* get-vanilla, post-vanilla */
    signs(&suite, &r,
          "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    r.method = "POST";
    signs(&suite, &r,
          "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

static void no_byte_of_a_request_can_change_under_its_signature(void **state)
{
    struct sigv4_pair headers[] = {{"host", HOST}, {"x-amz-date", NOW}};
    struct sigv4_pair query[] = {{"prefix", "J"}};
    struct sigv4_request r = {.method = "GET",
                              .path = "/a",
                              .query = query,
                              .query_len = 1,
                              .headers = headers,
                              .headers_len = 2,
                              .payload = SIGV4_NO_BODY,
                              .time = NOW};
    char whole[SIGV4_HEX], other[SIGV4_HEX];
    const char **part[] = {&r.method,         &r.path,         &r.payload,
                           &r.time,           &query[0].name,  &query[0].value,
                           &headers[0].value, &headers[1].name};
    (void)state;

    sigv4_sign(&key, &r, whole);
    for (size_t i = 0; i < LEN(part); i++) {
        char changed[80];
        const char *before = *part[i];
        snprintf(changed, sizeof changed, "%s", before);
        changed[strlen(changed) - 1] ^= 1;
        *part[i] = changed;
        sigv4_sign(&key, &r, other);
        assert_string_not_equal(whole, other);
        *part[i] = before;
    }
}

/* ---- what a server answers ------------------------------------------------------- */

static char seen[4][40];
static unsigned seen_len;

static bool note(void *ctx, const char *name)
{
    (void)ctx;
    snprintf(seen[seen_len++], sizeof seen[0], "%s", name);
    return seen_len < LEN(seen);
}

static bool page(struct s3_page *p, const char *xml)
{
    memset(p, 0, sizeof *p);
    p->each = note;
    seen_len = 0;
    return s3_page_read(p, xml, strlen(xml));
}

static void a_listing_is_read_page_by_page(void **state)
{
    struct s3_page p;
    (void)state;

    assert_true(page(
        &p,
        "<?xml version='1.0'?>\n<ListBucketResult xmlns=\"http://s3/\"><Name>b</Name>"
        "<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</"
        "NextContinuationToken><Contents><Key>x/1</Key><Owner><Key>no</Key></Owner>"
        "</Contents><Contents><Size>3</Size><Key>x/2</Key></Contents>"
        "</ListBucketResult>"));
    assert_int_equal(seen_len, 2);
    assert_string_equal(seen[0], "x/1");
    assert_string_equal(seen[1], "x/2");
    assert_string_equal(p.next, "a&b");
    assert_true(page(&p, "<ListBucketResult></ListBucketResult>"));
    assert_string_equal(p.next, "");
}

static void what_is_no_listing_is_told_apart(void **state)
{
    struct s3_page p;
    char text[200];
    const char *error =
        "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";
    (void)state;

    assert_false(page(&p, error));
    assert_false(page(&p, ""));
    assert_false(page(&p, "<ListBucketResult><Contents>"));
    assert_false(page(&p, "<html></html>"));
    s3_error_read(error, strlen(error), text, sizeof text);
    assert_string_equal(text, "AccessDenied: No.");
    s3_error_read("Gateway down", 12, text, sizeof text);
    assert_string_equal(text, "");
}

static void a_key_longer_than_any_ends_the_reading(void **state)
{
    static char xml[6000];
    struct s3_page p;
    (void)state;

    int len = snprintf(xml, sizeof xml, "<ListBucketResult><Contents><Key>");
    memset(xml + len, 'k', 4000);
    strcpy(xml + len + 4000, "</Key></Contents></ListBucketResult>");
    assert_false(page(&p, xml));
    assert_int_equal(seen_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_got_in_part),
        cmocka_unit_test(an_object_is_put_under_a_name_that_needs_escapes),
        cmocka_unit_test(a_query_without_a_value_is_signed_as_an_empty_one),
        cmocka_unit_test(a_bucket_is_listed),
        cmocka_unit_test(a_url_can_be_signed_for_a_day),
        cmocka_unit_test(requests_of_the_test_suite_are_signed_as_it_says),
        cmocka_unit_test(no_byte_of_a_request_can_change_under_its_signature),
        cmocka_unit_test(a_listing_is_read_page_by_page),
        cmocka_unit_test(what_is_no_listing_is_told_apart),
        cmocka_unit_test(a_key_longer_than_any_ends_the_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows which elements count (S3 API reference: ListObjectsV2, "Error Responses"). The
 * parsing is expat's. */
#include "s3_xml.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 1200U /* a key has at most 1024 bytes */

struct reader {
    XML_Parser parser;
    unsigned depth;
    char text[TEXT_MAX];
    size_t text_len;
    struct s3_page *page; /* NULL: an error is read */
    bool listing;         /* the outermost element is right */
    char code[64], message[256];
};

static void opened(void *ctx, const char *name, const char **attributes)
{
    struct reader *r = ctx;
    (void)attributes;

    if (r->depth++ == 0) {
        r->listing = strcmp(name, "ListBucketResult") == 0;
    }
    r->text_len = 0;
}

static void heard(void *ctx, const char *text, int len)
{
    struct reader *r = ctx;

    if (r->text_len + (size_t)len >= sizeof r->text) {
        XML_StopParser(r->parser, XML_FALSE); /* longer than anything S3 has */
        return;
    }
    memcpy(r->text + r->text_len, text, (size_t)len);
    r->text_len += (size_t)len;
}

static void closed_of_page(struct reader *r, const char *name)
{
    struct s3_page *page = r->page;

    if (r->depth == 2 && strcmp(name, "Key") == 0 && !page->stopped) {
        page->stopped = !page->each(page->ctx, r->text);
    } else if (r->depth == 1 && strcmp(name, "NextContinuationToken") == 0) {
        snprintf(page->next, sizeof page->next, "%s", r->text);
    }
}

static void closed(void *ctx, const char *name)
{
    struct reader *r = ctx;

    r->depth--;
    r->text[r->text_len] = '\0';
    if (r->page != NULL) {
        closed_of_page(r, name);
    } else if (strcmp(name, "Code") == 0) {
        snprintf(r->code, sizeof r->code, "%.63s", r->text);
    } else if (strcmp(name, "Message") == 0) {
        snprintf(r->message, sizeof r->message, "%.255s", r->text);
    }
    r->text_len = 0;
}

static bool parse(struct reader *r, const char *xml, size_t len)
{
    r->parser = XML_ParserCreate(NULL);
    if (r->parser == NULL) {
        return false;
    }
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, opened, closed);
    XML_SetCharacterDataHandler(r->parser, heard);
    bool good = XML_Parse(r->parser, xml, (int)len, 1) == XML_STATUS_OK;
    XML_ParserFree(r->parser);
    return good;
}

bool s3_page_read(struct s3_page *page, const char *xml, size_t len)
{
    struct reader r = {.page = page};

    page->next[0] = '\0';
    return parse(&r, xml, len) && r.listing;
}

void s3_error_read(const char *xml, size_t len, char *to, size_t cap)
{
    struct reader r = {0};

    bool good = len > 0 && parse(&r, xml, len) && r.code[0] != '\0';
    if (good) {
        snprintf(to, cap, "%s: %s", r.code, r.message);
    } else if (cap > 0) {
        *to = '\0';
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * One artifact in the making: fields and an image in, a checked file out. A release has
 * several, and none of them gets its name before all are good. Functions that return int
 * return an exit code and have said why. */
#ifndef FERRY_TOOL_JOB_H
#define FERRY_TOOL_JOB_H

#include "artifact.h"
#include "fields.h"
#include "image.h"
#include "request.h"
#include "signer.h"

/* The files that fields name. */
enum job_file { JOB_MAP, JOB_IMAGE, JOB_PREVIOUS, JOB_FILES };

/* Must stay where it is: its parts point to each other. Zeroed, then `fields` and `out`
 * filled in, and `raw`. */
struct job {
    struct fields fields;
    char *out; /* the artifact's file; freed in the end */
    bool raw;  /* the image's file is the image */
    struct request request;
    struct board board;
    struct image image;
    bool first;        /* there is no previous release, it was said */
    bool has_previous; /* the next two mean something */
    struct bytes previous_file;
    struct artifact previous;
    struct bytes bytes;
    struct artifact a;
    char *paths[JOB_FILES];
};

/* Read the fields and the image: what can be wrong before anybody is asked for a PIN. */
int job_read(struct job *j);
/* Make the artifact in memory, and look at it as a device would. Without a signer the
 * signature is 64 zeros, and all else is looked at. */
int job_sign(struct job *j, struct signer *s);
void job_report(struct job *j);
/* Harmless on a zeroed struct. */
void job_end(struct job *j);

#endif

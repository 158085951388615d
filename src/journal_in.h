/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the journal sees words as bytes, or bytes as words: WP, which keeps them apart,
 * takes these few at their contracts, and EVA goes through them (tests/prove). Knows
 * nothing of places or of what is to be done. */
#ifndef FERRY_JOURNAL_IN_H
#define FERRY_JOURNAL_IN_H

#include <string.h>

#include "crc.h"
#include "journal.h"

#define WORD 4U
#define HEAD (2U * WORD)
#define SAID_MAX (HEAD + WORD + FERRY_JOURNAL_PAYLOAD_MAX)

/*@ requires \valid(j);
  @ terminates \true;
  @ assigns *j;
  @ ensures !j->found && !j->unread; */
static inline void forget(struct ferry_journal *j)
{
    memset(j, 0, sizeof *j);
}

/*@ terminates \true;
  @ assigns \nothing; */
static inline const void *bytes_of(const uint32_t *words)
{
    return words;
}

/*@ requires \valid_read(said + (0 .. len / 4 - 1));
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == crc_of(said, len); */
static inline uint32_t sum_of(const uint32_t *said, unsigned len)
{
    return ferry_crc32(said, len);
}

/*@ requires \valid_read(said + (0 .. len / 4 + 1));
  @ requires \valid((uint8_t *)payload + (0 .. len - 1));
  @ terminates \true;
  @ assigns ((uint8_t *)payload)[0 .. len - 1]; */
static inline void take_payload(void *payload, const uint32_t *said, unsigned len)
{
    memcpy(payload, said + HEAD / WORD, len);
}

/*@ requires \valid(said + (0 .. len / 4 + 1));
  @ requires \valid_read((uint8_t *)payload + (0 .. len - 1));
  @ terminates \true;
  @ assigns said[2 .. len / 4 + 1]; */
static inline void put_payload(uint32_t *said, const void *payload, unsigned len)
{
    memcpy(said + HEAD / WORD, payload, len);
}

/* The head in the room. Mark and CONFIRM share its place there: each is written when those
 * before it stand. */
/*@ requires \valid_read(j);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == words(j->room, j->word_len); */
static inline uint32_t *word_of(const struct ferry_journal *j)
{
    return (uint32_t *)(void *)(j->room + j->word_len - WORD);
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the journal sees words as bytes, or bytes as words: WP, which keeps them apart,
 * takes these few at their contracts, and EVA goes through them (tests/prove); and how
 * long things are. Knows nothing of what is to be done. */
#ifndef FERRY_JOURNAL_IN_H
#define FERRY_JOURNAL_IN_H

#include <string.h>

#include "crc.h"
#include "journal.h"

#define WORD 4U
#define HEAD (2U * WORD)
#define SAID_MAX (HEAD + WORD + FERRY_JOURNAL_PAYLOAD_MAX)

/* In contracts: a scan has come down to the end of this slot; `tail` ends above it, or
 * is 0. */
/*@ predicate down_to(integer slot, integer tail, integer slots) =
  @   0 <= slot <= slots && tail <= slots && (tail == 0 || slot < tail); */

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

/* ---- lengths ---------------------------------------------------------------------- */

/* Of head and body, what the CRC is over. They are one run of bytes, for a word stands at
 * the end of its write unit. */
/*@ requires \valid_read(j);
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result == 8 + j->payload_len; */
static inline unsigned said_len(const struct ferry_journal *j)
{
    return HEAD + j->payload_len;
}

/*@ requires geometry(flash) && 4 <= len <= 88 && len % 4 == 0;
  @ terminates \true;
  @ assigns \nothing;
  @ ensures \result % 4 == 0 && \result % flash->write_unit == 0;
  @ ensures len <= \result <= (len <= 32 ? 32 : 96); */
static inline uint32_t in_units(const struct ferry_flash *flash, uint32_t len)
{
    uint32_t over = flash->write_unit - 1U;

    return (len + over) & ~over;
}

/*@ requires 512 <= unit <= 131072 && 4 <= first <= 32 && 16 <= each <= 160;
  @ terminates \true;
  @ assigns \nothing;
  @ ensures 3 <= \result <= 0x2000;
  @ ensures \forall integer s; 0 <= s < \result ==> fits(s, each, first, unit); */
static inline uint16_t how_many(uint32_t unit, uint32_t first, uint32_t each)
{
    return (uint16_t)((unit - first) / each);
}

#endif

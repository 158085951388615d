/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the words for every error. Both switches have no default, so the compiler
 * names the one that was forgotten. */
#include "ferry/err.h"

const char *ferry_errname(int err)
{
    switch ((enum ferry_err)err) {
    case FERRY_OK:
        return "ok";
    case FERRY_E_ARG:
        return "E_ARG";
    case FERRY_E_STATE:
        return "E_STATE";
    case FERRY_E_SILENCE:
        return "E_SILENCE";
    case FERRY_E_RETRY:
        return "E_RETRY";
    case FERRY_E_PROTO:
        return "E_PROTO";
    case FERRY_E_ABORT:
        return "E_ABORT";
    case FERRY_E_BUSY:
        return "E_BUSY";
    case FERRY_E_STALL:
        return "E_STALL";
    case FERRY_E_FLASH:
        return "E_FLASH";
    case FERRY_E_POWER:
        return "E_POWER";
    case FERRY_E_CRYPTO:
        return "E_CRYPTO";
    case FERRY_E_READ:
        return "E_READ";
    case FERRY_E_COMMIT:
        return "E_COMMIT";
    case FERRY_E_LEN:
        return "E_LEN";
    case FERRY_E_FRAME:
        return "E_FRAME";
    case FERRY_E_KID:
        return "E_KID";
    case FERRY_E_SIG:
        return "E_SIG";
    case FERRY_E_CBOR:
        return "E_CBOR";
    case FERRY_E_ORDER:
        return "E_ORDER";
    case FERRY_E_CRIT:
        return "E_CRIT";
    case FERRY_E_TYPE:
        return "E_TYPE";
    case FERRY_E_MISSING:
        return "E_MISSING";
    case FERRY_E_TRAIL:
        return "E_TRAIL";
    case FERRY_E_CLASS:
        return "E_CLASS";
    case FERRY_E_HW:
        return "E_HW";
    case FERRY_E_DEVICE:
        return "E_DEVICE";
    case FERRY_E_FLOOR:
        return "E_FLOOR";
    case FERRY_E_SAME:
        return "E_SAME";
    case FERRY_E_VERSION:
        return "E_VERSION";
    case FERRY_E_MINFROM:
        return "E_MINFROM";
    case FERRY_E_SIZE:
        return "E_SIZE";
    case FERRY_E_LINK:
        return "E_LINK";
    case FERRY_E_BOOT:
        return "E_BOOT";
    case FERRY_E_ENC:
        return "E_ENC";
    case FERRY_E_BASE:
        return "E_BASE";
    case FERRY_E_TOMBSTONE:
        return "E_TOMBSTONE";
    case FERRY_E_BLOCKS:
        return "E_BLOCKS";
    case FERRY_E_BLOCK:
        return "E_BLOCK";
    case FERRY_E_HASH:
        return "E_HASH";
    case FERRY_E_SIG_FINAL:
        return "E_SIG_FINAL";
    }
    return "E_?";
}

const char *ferry_strerror(int err)
{
    switch ((enum ferry_err)err) {
    case FERRY_OK:
        return "no error";
    case FERRY_E_ARG:
        return "a configuration or argument cannot work";
    case FERRY_E_STATE:
        return "the call does not fit the session's state";
    case FERRY_E_SILENCE:
        return "nothing was heard for 30 seconds";
    case FERRY_E_RETRY:
        return "three retransmissions failed without progress";
    case FERRY_E_PROTO:
        return "the peer said what the protocol does not allow";
    case FERRY_E_ABORT:
        return "the session was ended on request";
    case FERRY_E_BUSY:
        return "the device is serving another courier";
    case FERRY_E_STALL:
        return "the device answers, but nothing has moved for two minutes";
    case FERRY_E_FLASH:
        return "the flash failed or never completed a call";
    case FERRY_E_POWER:
        return "the supply is too low to write";
    case FERRY_E_CRYPTO:
        return "the crypto backend never completed a call";
    case FERRY_E_READ:
        return "the artifact could not be read";
    case FERRY_E_COMMIT:
        return "the commit record could not be written";
    case FERRY_E_LEN:
        return "the envelope is truncated or has extra bytes";
    case FERRY_E_FRAME:
        return "a constant byte of the envelope differs";
    case FERRY_E_KID:
        return "the key slot is out of range or empty";
    case FERRY_E_SIG:
        return "the signature does not hold";
    case FERRY_E_CBOR:
        return "the manifest is not in the one permitted CBOR shape";
    case FERRY_E_ORDER:
        return "the manifest's keys are not strictly ascending";
    case FERRY_E_CRIT:
        return "the manifest has a critical key this reader does not know";
    case FERRY_E_TYPE:
        return "a manifest value has the wrong type, length or range";
    case FERRY_E_MISSING:
        return "a required manifest key is absent";
    case FERRY_E_TRAIL:
        return "there are bytes after the manifest";
    case FERRY_E_CLASS:
        return "the image is made for another product";
    case FERRY_E_HW:
        return "the image is not for this hardware revision";
    case FERRY_E_DEVICE:
        return "the image is bound to another device";
    case FERRY_E_FLOOR:
        return "the image is below the floor or its key slot is revoked";
    case FERRY_E_SAME:
        return "this image is already running";
    case FERRY_E_VERSION:
        return "the image is not newer than the running one";
    case FERRY_E_MINFROM:
        return "the running image is too old for this one";
    case FERRY_E_SIZE:
        return "the image is empty, unaligned or too large for the bank";
    case FERRY_E_LINK:
        return "the image is linked for another address than the staging bank";
    case FERRY_E_BOOT:
        return "this device's bootloader would refuse the image";
    case FERRY_E_ENC:
        return "the encoding is not supported or its fields are inconsistent";
    case FERRY_E_BASE:
        return "the delta is against another image than the running one";
    case FERRY_E_TOMBSTONE:
        return "this image was rolled back from, and it is no newer";
    case FERRY_E_BLOCKS:
        return "the block table does not match the manifest";
    case FERRY_E_BLOCK:
        return "a block stayed wrong after three refills";
    case FERRY_E_HASH:
        return "the whole image does not match the manifest";
    case FERRY_E_SIG_FINAL:
        return "the stored envelope failed its signature check at the gate";
    }
    return "not a Ferry error";
}

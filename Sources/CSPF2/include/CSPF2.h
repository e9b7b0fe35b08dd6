// libspf2 behind a DNS layer of our own: it asks a callback and nothing else, so that no call of it ever waits.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef CSPF2_H
#define CSPF2_H

#include <stddef.h>
#include <stdint.h>

/// Takes the records of one answer.
struct cspf2_reply;

enum { CSPF2_FOUND = 0, CSPF2_NOT_FOUND = 1, CSPF2_NO_DATA = 2, CSPF2_TRY_AGAIN = 3 };

/// A look-up. `type` is 1 (A), 12 (PTR), 15 (MX), 16 (TXT) or 28 (AAAA). Returns one of the values above.
typedef int (*cspf2_lookup)(void *context, const char *name, int type, struct cspf2_reply *reply);

/// Adds one record: 4 octets (A), 16 (AAAA), else text without a NUL. 0, or -1 when there is no memory.
int cspf2_add(struct cspf2_reply *reply, const void *octets, size_t count);

enum {
    CSPF2_NONE = 1, CSPF2_NEUTRAL, CSPF2_PASS, CSPF2_FAIL, CSPF2_SOFTFAIL, CSPF2_TEMPERROR, CSPF2_PERMERROR
};

/// Evaluates check_host() (RFC 7208 section 4) for a client of 4 or 16 octets. One of the values above, or -1 when
/// libspf2 refused the question or had no memory.
int cspf2_check(const uint8_t *address, size_t address_octets, const char *helo, const char *mail_from,
                cspf2_lookup lookup, void *context);

#endif

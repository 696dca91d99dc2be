/* SPDX-License-Identifier: BSD-2-Clause */
/* DER: one element after another, only in its single valid form (X.690). */
#ifndef LIB_DER_H
#define LIB_DER_H

#include "lib/err.h"
#include "lib/types.h"

/* Tags, X.690 8.1.2; those with bit 0x20 contain elements. */
#define DER_INTEGER 0x02u
#define DER_OCTETS 0x04u
#define DER_NULL 0x05u
#define DER_OID 0x06u
#define DER_SEQUENCE 0x30u
#define DER_SET 0x31u
#define DER_CONTEXT_VALUE(n) (0x80u + (n)) /* [n] IMPLICIT, of bytes */
#define DER_CONTEXT(n) (0xa0u + (n))	   /* [n], of elements */

/* Bytes, not owned: what is left of a sequence, or an element's contents. */
struct der {
	const uint8_t *at;
	size_t left;
};

/* der_is - is the next element one of this tag? false at the end, too. */
bool der_is(const struct der *in, unsigned tag);

/*
 * der_take - the next element of `in`, of which there must be one with this tag;
 * `in` then begins after it. A failure leaves `in` as it was. `name`: the
 * element's, for messages. `value`: its contents.
 * Lengths are definite, in the shortest form and of at most 3 bytes (X.690
 * 10.1); the contents are inside `in`. It reads at most 5 bytes.
 * Returns 0, or ERR_FORMAT with reason().
 */
must_check int der_take(struct der *in, unsigned tag, const char *name,
			struct der *value);

/*
 * der_take_last - the same, and nothing follows it.
 * Returns as der_take().
 */
must_check int der_take_last(struct der *in, unsigned tag, const char *name,
			     struct der *value);

/* der_equals - are these the contents? */
bool der_equals(const struct der *value, const void *data, size_t len);

#endif

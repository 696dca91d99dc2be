// SPDX-License-Identifier: BSD-2-Clause
// The vectors that a client passes to ibm,client-architecture-support (LoPAR
// B.6.2.3).

#include "tests/guest/conformance/cas_vectors.h"

unsigned char cas_vectors[VECTORS_SIZE];

// Whether the platform offers the newer choice (LoPAR B.6.2.3:
// ibm,arch-vec-5-platform-support, pairs of index and value).
static bool platform_has(unsigned char index)
{
	unsigned char pairs[64];
	uint32_t n = get_property(find("/chosen"),
				  "ibm,arch-vec-5-platform-support", pairs,
				  sizeof(pairs));
	uint32_t i;

	if (n > sizeof(pairs))
		return false;
	for (i = 0; i + 1 < n; i += 2)
		if (pairs[i] == index)
			return pairs[i + 1] & OV5_CHOICE;
	return false;
}

void cas_make_vectors(bool newer)
{
	static const unsigned char head[] = {
		0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 2, // 2.05
		0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 3, // 2.06
		0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 4, // 2.07
		0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 5, // 3.00
		0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 6, // 3.1
		0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		4, // five vectors
		// 1: processor versions 2.00 to 3.1
		VECTOR1_LENGTH - 1, 0, 0xff, 0xe0, 0,
		// 2 to 4: empty
		0, 0, 0, 0, 0, 0, VECTOR5_LENGTH - 1
	};
	unsigned char *vector5 =
		cas_vectors + CAS_VECTOR5_AT; // [0] is its length

	memset(cas_vectors, 0, sizeof(cas_vectors));
	memcpy(cas_vectors, head, sizeof(head));
	if (newer && platform_has(OV5_INTERRUPTS))
		vector5[OV5_INTERRUPTS] = OV5_NEWER;
	if (newer && platform_has(OV5_MMU)) {
		vector5[OV5_MMU] = OV5_NEWER;
		vector5[OV5_RADIX] = OV5_GTSE;
	}
}

bool cas_call(uint32_t instance, uint32_t address)
{
	uint32_t cells[5] = { cell("ibm,client-architecture-support"), instance,
			      address, UNTOUCHED, UNTOUCHED };

	return !ci("call-method", 3, 2, cells) && !cells[3] && !cells[4];
}

bool cas_negotiate(bool newer)
{
	uint32_t root;
	bool good;

	if (!needs_pseries())
		return false;
	root = open_path("/");
	cas_make_vectors(newer);
	good = expect_not(root, 0, "open of /") &&
	       expect(cas_call(root, cell(cas_vectors)),
		      "the call or the method failed");
	close_instance(root);
	return good;
}

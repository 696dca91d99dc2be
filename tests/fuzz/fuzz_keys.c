// SPDX-License-Identifier: BSD-2-Clause
// The firmware's file with keys: any header, any trailer with a right hash.
#include "tests/fake/keys.h"
#include "tests/fake/log.h"
#include "tests/fuzz/input.h"

/* Inside the trailer's copy? */
static void inside(const void *at, size_t len)
{
	const uint8_t *start = fake_keys_copy();

	assert(!len ||
	       ((const uint8_t *)at >= start && len <= fake_keys_len &&
		(size_t)((const uint8_t *)at - start) <= fake_keys_len - len));
}

static void check_key(const struct keys_key *key)
{
	inside(key->rsa.n, key->rsa.n_len);
	inside(key->rsa.e, key->rsa.e_len);
	inside(key->cert, key->cert_len);
	inside(key->owner, 16);
	inside(key->name, strlen(key->name) + 1);
	assert(key->rsa.n_len >= 256 && key->rsa.n_len <= 512 && *key->rsa.n);
	assert(key->rsa.n[key->rsa.n_len - 1] & 1 &&
	       key->rsa.e[key->rsa.e_len - 1] & 1);
}

/* GRUB ends when it walks these. */
static void check_lists(enum keys_list list)
{
	size_t len, at = 0;
	const uint8_t *data = keys_esl(list, &len);

	inside(data, len);
	while (at < len) {
		uint32_t size = le32_load(data + at + 16);

		assert(size >= 28 && size <= len - at);
		assert(le32_load(data + at + 24) > 16);
		at += size;
	}
}

static void check(void)
{
	size_t len;
	const char *sbat = keys_sbat(&len);

	inside(sbat, len);
	assert(!sbat || (len && len <= 4096));
	assert(keys_count() <= TRAILER_KEYS);
	for (size_t i = 0; i < keys_count(); i++)
		check_key(keys_at(i));
	check_lists(KEYS_DB);
	check_lists(KEYS_DBX);
	assert(keys_mode() < KEYS_ENFORCE || keys_count());
	(void)keys_denies(fake_keys_file);
}

/* Records of any type and contents; some are whole keys and lists. */
static void build(struct fuzz_input *in)
{
	uint8_t data[1024];

	fake_keys_begin(fuzz_u8(in) % 4, fuzz_u8(in) % 3);
	while (in->left && fake_keys_len < FAKE_KEYS_ROOM / 2) {
		uint8_t kind = fuzz_u8(in), type = kind / 4 % 7;
		size_t n;

		if (kind == 0xff)
			return;
		if (kind % 4 == 0) {
			uint8_t last = fuzz_u8(in), e = fuzz_u8(in);

			fake_keys_add_key("name", 2000 + 8u * fuzz_u8(in), last,
					  e);
			continue;
		}
		n = fuzz_take(in, data, fuzz_u16(in) % 512);
		if (kind % 4 == 1)
			fake_keys_add_list(type, data, n);
		else
			fake_keys_add(type, data, n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t how = fuzz_u8(&in);

	fake_log_start();
	fake_keys_reset();
	if (how & 1) {
		fake_keys_len = fuzz_take(&in, fake_keys_file + FAKE_KEYS_IMAGE,
					  FAKE_KEYS_ROOM);
	} else {
		build(&in);
		if (how & 2)
			fuzz_patch(&in, fake_keys_file + FAKE_KEYS_IMAGE,
				   (uint32_t)fake_keys_len);
	}
	fake_keys_seal();
	if (how & 4)
		fuzz_patch(&in, fake_keys_file + KEYS_HEADER,
			   sizeof(struct keys_header));
	if (!keys_read(fake_keys_file) && keys_mode())
		check();
	(void)!keys_raise_mode(how >> 3 & 3);
	keys_print();
	fake_keys_reset();
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
// The commands of a fake TPM 2.0: see tests/fake/tpm_commands.h.
#include "tests/fake/tpm_commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/endian.h"
#include "tests/fake/tpm.h"
#include <cmocka.h>

#define TAG_PLAIN 0x8001u
#define TAG_SESSION 0x8002u
#define RC_INITIALIZE 0x100u
#define RC_COMMAND_CODE 0x143u
#define RC_PCR_HANDLE 0x184u
#define RC_HIERARCHY 0x185u
#define RC_VALUE 0x1c4u
#define RC_HASH 0x1c3u
#define RC_BAD_AUTH 0x9a2u
#define RC_SIZE 0x1d5u

#define PLATFORM 0x4000000cu
#define AUTH_LEN 13u

uint8_t fake_tpm_pcrs[DIGEST_HASHES][FAKE_TPM_PCRS][DIGEST_MAX];

/* The command that is executed, and its response. */
static const uint8_t *in, *in_end;
static uint8_t out[TPM_BUFFER_MAX];
static size_t out_len;

/* A command that is cut short is a bug of the firmware: the test fails. */
static const uint8_t *take(size_t n)
{
	const uint8_t *at = in;

	assert_true((size_t)(in_end - in) >= n);
	in += n;
	return at;
}

static uint16_t take16(void)
{
	return be16_load(take(2));
}

static uint32_t take32(void)
{
	return be32_load(take(4));
}

static void put(const void *bytes, size_t n)
{
	assert_true(n <= sizeof(out) - out_len);
	memcpy(out + out_len, bytes, n);
	out_len += n;
}

static void put8(uint8_t v)
{
	put(&v, 1);
}

static void put16(uint16_t v)
{
	be16 raw = be16_make(v);

	put(&raw, 2);
}

static void put32(uint32_t v)
{
	be32 raw = be32_make(v);

	put(&raw, 4);
}

/* [part 1, 19.4] A password session, with an empty password. */
static void take_session(void)
{
	static const uint8_t empty[AUTH_LEN] = { 0, 0, 0, 9, 0x40, 0, 0,
						 9, 0, 0, 1, 0,	   0 };

	assert_memory_equal(take(AUTH_LEN), empty, AUTH_LEN);
}

static uint32_t take_platform(void)
{
	assert_int_equal(take32(), PLATFORM);
	take_session();
	if (fake_tpm.disabled & FAKE_TPM_PLATFORM)
		return RC_HIERARCHY;
	return fake_tpm.locked ? RC_BAD_AUTH : 0;
}

static int hash_of(uint16_t alg)
{
	for (int i = 0; i < DIGEST_HASHES; i++) {
		if (digest_infos[i].tpm == alg)
			return i;
	}
	return -1;
}

static struct fake_tpm_other *other_of(uint16_t alg)
{
	for (unsigned i = 0; i < fake_tpm.n_others; i++) {
		if (fake_tpm.others[i].alg == alg)
			return &fake_tpm.others[i];
	}
	return NULL;
}

void fake_tpm_clear_pcrs(void)
{
	memset(fake_tpm_pcrs, 0, sizeof(fake_tpm_pcrs));
	/* [PC Client Platform TPM Profile 4.6.2] */
	for (unsigned i = 0; i < DIGEST_HASHES; i++)
		memset(fake_tpm_pcrs[i][17], 0xff,
		       6 * sizeof(fake_tpm_pcrs[i][0]));
}

static uint32_t run_startup(void)
{
	assert_int_equal(take16(), 0);
	if (fake_tpm.started)
		return RC_INITIALIZE;
	fake_tpm.started = true;
	return 0;
}

static uint32_t run_self_test(void)
{
	assert_int_equal(*take(1), 1);
	fake_tpm.tested = true;
	return 0;
}

static void put_bank(uint16_t alg, bool active)
{
	put16(alg);
	put8(3);
	put(active ? "\xff\xff\xff" : "\0\0", 3);
}

static uint32_t run_get_capability(void)
{
	assert_int_equal(take32(), 5);
	assert_int_equal(take32(), 0);
	assert_true(take32() >= 1);
	put8(0);
	put32(5);
	put32((uint32_t)__builtin_popcount(fake_tpm.supported) +
	      fake_tpm.n_others);
	for (unsigned i = 0; i < DIGEST_HASHES; i++) {
		if (fake_tpm.supported & DIGEST_BIT(i))
			put_bank(digest_infos[i].tpm,
				 fake_tpm.banks & DIGEST_BIT(i));
	}
	for (unsigned i = 0; i < fake_tpm.n_others; i++)
		put_bank(fake_tpm.others[i].alg, fake_tpm.others[i].active);
	return 0;
}

static void extend_hash(int hash, uint32_t pcr)
{
	struct digest digest;
	struct digest_values values;
	size_t size = digest_infos[hash].size;
	const uint8_t *value = take(size);

	if (!(fake_tpm.banks & DIGEST_BIT(hash)))
		return;
	digest_begin(&digest, DIGEST_BIT(hash));
	digest_add(&digest, fake_tpm_pcrs[hash][pcr], size);
	digest_add(&digest, value, size);
	digest_end(&digest, &values);
	memcpy(fake_tpm_pcrs[hash][pcr], values.value[hash], size);
}

static uint32_t extend_one(uint32_t pcr)
{
	uint16_t alg = take16();
	int hash = hash_of(alg);
	struct fake_tpm_other *other = other_of(alg);

	if (hash >= 0) {
		extend_hash(hash, pcr);
		return 0;
	}
	if (!other)
		return RC_HASH;
	memcpy(other->last[pcr], take(other->size), other->size);
	other->extends[pcr]++;
	return 0;
}

static uint32_t run_pcr_extend(void)
{
	uint32_t pcr = take32(), count, rc = 0;

	take_session();
	if (pcr >= FAKE_TPM_PCRS)
		return RC_PCR_HANDLE;
	for (count = take32(); count && rc == 0; count--)
		rc = extend_one(pcr);
	return rc;
}

static uint32_t run_pcr_read(void)
{
	uint16_t alg;
	uint32_t select;
	int hash;

	assert_int_equal(take32(), 1);
	alg = take16();
	assert_int_equal(*take(1), 3);
	select = (uint32_t)take(1)[0] | (uint32_t)take(1)[0] << 8;
	select |= (uint32_t)take(1)[0] << 16;
	assert_int_equal(__builtin_popcount(select), 1);
	hash = hash_of(alg);
	if (hash < 0)
		return RC_HASH;
	if (!(fake_tpm.banks & DIGEST_BIT(hash)))
		select = 0;
	put32(7);
	put32(1);
	put16(alg);
	put8(3);
	put8((uint8_t)select);
	put8((uint8_t)(select >> 8));
	put8((uint8_t)(select >> 16));
	put32(select != 0);
	if (!select)
		return 0;
	put16(digest_infos[hash].size);
	put(fake_tpm_pcrs[hash][__builtin_ctz(select)],
	    digest_infos[hash].size);
	return 0;
}

/* Not random at all: each byte is one more than the last. */
static uint32_t run_get_random(void)
{
	static uint8_t next;
	unsigned most = fake_tpm.random_max ? fake_tpm.random_max : 32;
	unsigned n = take16();

	n = MIN(n, most);
	put16((uint16_t)n);
	while (n--)
		put8(next++);
	return 0;
}

static uint32_t run_change_auth(void)
{
	uint32_t rc = take_platform();

	assert_int_equal(take16(), sizeof(fake_tpm.auth));
	if (rc)
		return rc;
	memcpy(fake_tpm.auth, take(sizeof(fake_tpm.auth)),
	       sizeof(fake_tpm.auth));
	fake_tpm.locked = true;
	return 0;
}

static uint32_t run_hierarchy_control(void)
{
	static const struct {
		uint32_t handle;
		unsigned bit;
	} hierarchies[] = {
		{ 0x40000001, FAKE_TPM_OWNER },
		{ 0x4000000b, FAKE_TPM_ENDORSEMENT },
		{ PLATFORM, FAKE_TPM_PLATFORM },
	};
	uint32_t rc = take_platform(), handle = take32();

	assert_int_equal(*take(1), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(hierarchies) && !rc; i++) {
		if (hierarchies[i].handle == handle) {
			fake_tpm.disabled |= hierarchies[i].bit;
			return 0;
		}
	}
	return rc ? rc : RC_VALUE;
}

static uint32_t allocate_one(void)
{
	static const uint8_t none[3], all[3] = { 0xff, 0xff, 0xff };
	uint16_t alg = take16();
	const uint8_t *select;
	int hash = hash_of(alg);
	bool on;

	assert_int_equal(*take(1), 3);
	select = take(3);
	on = !memcmp(select, all, 3);
	assert_true(on || !memcmp(select, none, 3));
	if (hash < 0)
		return other_of(alg) ? 0 : RC_HASH;
	fake_tpm.allocated &= ~DIGEST_BIT((unsigned)hash);
	if (on)
		fake_tpm.allocated |= DIGEST_BIT((unsigned)hash);
	return 0;
}

static uint32_t run_pcr_allocate(void)
{
	uint32_t rc = take_platform(), count;
	unsigned before = fake_tpm.allocated;

	for (count = take32(); count && rc == 0; count--)
		rc = allocate_one();
	if (rc || fake_tpm.no_allocation)
		fake_tpm.allocated = before;
	if (rc)
		return rc;
	put8(!fake_tpm.no_allocation);
	put32(FAKE_TPM_PCRS);
	put32(0x1000);
	put32(0x800);
	return 0;
}

static uint32_t run_clear_control(void)
{
	uint32_t rc = take_platform();

	assert_int_equal(*take(1), 0);
	return rc;
}

static uint32_t run_clear(void)
{
	uint32_t rc = take_platform();

	fake_tpm.clears += rc == 0;
	return rc;
}

static uint32_t run_shutdown(void)
{
	assert_int_equal(take16(), 0);
	fake_tpm.shut_down = true;
	return 0;
}

static const struct command {
	uint32_t code;
	uint16_t tag;
	uint32_t (*run)(void);
} commands[] = {
	{ FAKE_TPM_HIERARCHY_CONTROL, TAG_SESSION, run_hierarchy_control },
	{ FAKE_TPM_CLEAR, TAG_SESSION, run_clear },
	{ FAKE_TPM_CLEAR_CONTROL, TAG_SESSION, run_clear_control },
	{ FAKE_TPM_CHANGE_AUTH, TAG_SESSION, run_change_auth },
	{ FAKE_TPM_PCR_ALLOCATE, TAG_SESSION, run_pcr_allocate },
	{ FAKE_TPM_SELF_TEST, TAG_PLAIN, run_self_test },
	{ FAKE_TPM_STARTUP, TAG_PLAIN, run_startup },
	{ FAKE_TPM_SHUTDOWN, TAG_PLAIN, run_shutdown },
	{ FAKE_TPM_GET_CAPABILITY, TAG_PLAIN, run_get_capability },
	{ FAKE_TPM_GET_RANDOM, TAG_PLAIN, run_get_random },
	{ FAKE_TPM_PCR_READ, TAG_PLAIN, run_pcr_read },
	{ FAKE_TPM_PCR_EXTEND, TAG_SESSION, run_pcr_extend },
};

static void respond(uint16_t tag, uint32_t rc)
{
	static const uint8_t session[] = { 0, 0, 1, 0, 0 };

	if (rc) {
		tag = TAG_PLAIN;
		out_len = TPM_HEADER;
	}
	if (tag == TAG_SESSION) {
		memmove(out + TPM_HEADER + 4, out + TPM_HEADER,
			out_len - TPM_HEADER);
		be32_store(out + TPM_HEADER, (uint32_t)(out_len - TPM_HEADER));
		out_len += 4;
		put(session, sizeof(session));
	}
	be16_store(out, tag);
	be32_store(out + 2, (uint32_t)out_len);
	be32_store(out + 6, rc);
}

static const struct command *find(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].code == code)
			return &commands[i];
	}
	return NULL;
}

size_t fake_tpm_execute(const uint8_t *bytes, size_t len, uint8_t *rsp)
{
	const struct command *cmd = find(be32_load(bytes + 6));
	uint32_t rc = RC_COMMAND_CODE;

	in = bytes + TPM_HEADER;
	in_end = bytes + len;
	out_len = TPM_HEADER;
	assert_int_equal(be32_load(bytes + 2), len);
	if (cmd) {
		assert_int_equal(be16_load(bytes), cmd->tag);
		rc = fake_tpm.started || cmd->code == FAKE_TPM_STARTUP
			     ? cmd->run()
			     : RC_INITIALIZE;
		if (rc == 0)
			assert_ptr_equal(in, in_end);
	}
	respond(cmd ? cmd->tag : TAG_PLAIN, rc);
	memcpy(rsp, out, out_len);
	return out_len;
}

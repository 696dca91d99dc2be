// SPDX-License-Identifier: BSD-2-Clause
// A fake TPM 2.0: see tests/fake/tpm.h.
#include "tests/fake/tpm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"
#include <cmocka.h>

#define TAG_PLAIN 0x8001u

struct fake_tpm fake_tpm;

/* What it answers in place of the truth. */
static struct {
	bool set, once;
	uint32_t code;
	unsigned skip;
	int err;
	size_t len;
	uint8_t bytes[TPM_BUFFER_MAX];
} lie;

static bool lies_to(uint32_t code)
{
	if (!lie.set || (lie.code != FAKE_TPM_ANY && lie.code != code))
		return false;
	if (lie.skip) {
		lie.skip--;
		return false;
	}
	lie.set = !lie.once;
	return true;
}

static long transmit(struct tpm_device *tpm, const void *cmd, size_t len,
		     void *rsp, size_t room)
{
	static uint8_t out[TPM_BUFFER_MAX];
	size_t out_len;
	uint32_t code;

	assert_ptr_equal(tpm, &fake_tpm.tpm);
	assert_true(len >= TPM_HEADER && len <= tpm->max);
	assert_true(fake_tpm.count < FAKE_TPM_LOG);
	memcpy(fake_tpm.command, cmd, len);
	fake_tpm.command_len = len;
	code = be32_load(fake_tpm.command + 6);
	fake_tpm.codes[fake_tpm.count++] = code;
	if (lies_to(code)) {
		if (lie.err)
			return reason_fail(lie.err, "the fake TPM fails");
		memcpy(out, lie.bytes, lie.len);
		out_len = lie.len;
	} else {
		out_len = fake_tpm_execute(fake_tpm.command, len, out);
	}
	if (out_len > room)
		return reason_fail(ERR_NOSPACE, "response of %zu bytes",
				   out_len);
	memcpy(rsp, out, out_len);
	return (long)out_len;
}

/* A device that is up, as long as it is not plugged in. */
static const struct driver none = { .name = "tpm" };
static struct device loose = { .driver = &none, .state = DEVICE_READY };

void fake_tpm_init(unsigned banks)
{
	memset(&fake_tpm, 0, sizeof(fake_tpm));
	memset(&lie, 0, sizeof(lie));
	fake_tpm_clear_pcrs();
	fake_tpm.tpm.max = TPM_BUFFER_MAX;
	fake_tpm.tpm.transmit = transmit;
	fake_tpm.tpm.as.dev = &loose;
	fake_tpm.supported = DIGEST_ALL;
	fake_tpm.banks = fake_tpm.allocated = banks;
}

void fake_tpm_reset(void)
{
	fake_tpm_clear_pcrs();
	fake_tpm.started = fake_tpm.tested = fake_tpm.locked = false;
	fake_tpm.shut_down = false;
	fake_tpm.disabled = 0;
	fake_tpm.banks = fake_tpm.allocated;
	for (unsigned i = 0; i < fake_tpm.n_others; i++) {
		memset(fake_tpm.others[i].extends, 0,
		       sizeof(fake_tpm.others[i].extends));
		memset(fake_tpm.others[i].last, 0,
		       sizeof(fake_tpm.others[i].last));
	}
}

struct fake_tpm_other *fake_tpm_add_bank(uint16_t alg, uint8_t size,
					 bool active)
{
	struct fake_tpm_other *other = &fake_tpm.others[fake_tpm.n_others++];

	assert_true(fake_tpm.n_others <= FAKE_TPM_OTHERS);
	*other = (struct fake_tpm_other){ .alg = alg,
					  .size = size,
					  .active = active };
	return other;
}

const uint8_t *fake_tpm_pcr(enum digest_hash hash, unsigned pcr)
{
	assert_true(pcr < FAKE_TPM_PCRS);
	return fake_tpm_pcrs[hash][pcr];
}

unsigned fake_tpm_count_of(uint32_t code)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fake_tpm.count; i++)
		n += fake_tpm.codes[i] == code;
	return n;
}

void fake_tpm_answer(uint32_t code, const void *bytes, size_t len)
{
	assert_true(len <= sizeof(lie.bytes));
	memset(&lie, 0, sizeof(lie));
	lie.set = true;
	lie.code = code;
	lie.len = len;
	memcpy(lie.bytes, bytes, len);
}

void fake_tpm_refuse(uint32_t code, uint32_t rc)
{
	uint8_t bytes[TPM_HEADER] = { TAG_PLAIN >> 8, TAG_PLAIN & 0xff };

	be32_store(bytes + 2, sizeof(bytes));
	be32_store(bytes + 6, rc);
	fake_tpm_answer(code, bytes, sizeof(bytes));
}

void fake_tpm_fail(uint32_t code, int err)
{
	fake_tpm_answer(code, "", 0);
	lie.err = err;
}

void fake_tpm_skip(unsigned n)
{
	lie.skip = n;
}

void fake_tpm_once(void)
{
	lie.once = true;
}

void fake_tpm_behave(void)
{
	lie.set = false;
}

static int attach(struct device *dev)
{
	return device_add_role(dev, &fake_tpm.tpm.as, &tpm_role);
}

static bool match(const struct device *dev, const void *what)
{
	(void)dev;
	(void)what;
	return true;
}

static const struct bus fake_tpm_bus = { .name = "fake", .match = match };

DRIVER(fake_tpm) = {
	.name = "fake-tpm",
	.bus = &fake_tpm_bus,
	.attach = attach,
};

void fake_tpm_plug(void)
{
	struct node *vdevice = tree_find("/vdevice");

	if (!vdevice)
		vdevice = tree_add_node(tree_root(), "vdevice", TREE_QEMU);
	assert_non_null(vdevice);
	fake_tpm.node = tree_add_node(vdevice, "vtpm@71000002", TREE_QEMU);
	assert_non_null(fake_tpm.node);
	assert_int_equal(tree_set_str(fake_tpm.node, "device_type", "IBM,vtpm"),
			 0);
	assert_int_equal(
		tree_set_str(fake_tpm.node, "compatible", "IBM,vtpm20"), 0);
	assert_int_equal(tree_set_u32(fake_tpm.node, "reg", 0x71000002), 0);
	assert_non_null(device_add(NULL, &fake_tpm_bus, fake_tpm.node, NULL));
}

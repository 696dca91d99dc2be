// SPDX-License-Identifier: BSD-2-Clause
// A fake e1000: see tests/fake/e1000.h. Offsets and bits are those of Intel's
// manual, written out, so that the driver's are checked.
#include "tests/fake/e1000.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"

struct fake_e1000 fake_e1000;

uint32_t *fake_e1000_register(unsigned reg)
{
	assert_true(reg / 4 < ARRAY_SIZE(fake_e1000.reg));
	return &fake_e1000.reg[reg / 4];
}

static uint32_t get(unsigned reg)
{
	return *fake_e1000_register(reg);
}

/* The descriptor at a ring's head; moves the head. */
static uint8_t *head(unsigned ring)
{
	uint64_t base = (uint64_t)get(ring + 4) << 32 | get(ring);
	uint32_t *at = fake_e1000_register(ring + 0x10);
	uint8_t *desc = fake_card_dma(base + 16ull * *at, 16);

	assert_int_equal(base % 16, 0);
	assert_true(*at < get(ring + 8) / 16);
	*at = (*at + 1) % (get(ring + 8) / 16);
	return desc;
}

static void send_one(void)
{
	uint8_t *desc = head(0x3800);
	size_t len = le16_load(desc + 8);
	unsigned i = fake_e1000.sent++ % FAKE_E1000_SENT;

	/* EOP, IFCS, RS; of one that is not done. */
	assert_int_equal(desc[11], 0x0b);
	assert_int_equal(desc[12], 0);
	assert_true(len <= sizeof(fake_e1000.frame[i].data));
	fake_e1000.frame[i].len = len;
	memcpy(fake_e1000.frame[i].data, fake_card_dma(le64_load(desc), len),
	       len);
	desc[12] = 1;
}

/* TCTL.EN */
static void transmit(void)
{
	if (!(get(0x400) & 2) || fake_e1000.stuck)
		return;
	if (get(0x3810) != get(0x3818))
		fake_e1000.kicks++;
	while (get(0x3810) != get(0x3818))
		send_one();
}

bool fake_e1000_receive(size_t len, unsigned seed)
{
	uint8_t *desc;

	/* RCTL.EN */
	if (!(get(0x100) & 2) || !fake_card.master ||
	    get(0x2810) == get(0x2818))
		return false;
	/* BSIZE, SECRC; RFCTL.EXTEN; MRQC */
	assert_int_equal(get(0x100) & 0x04030000, 0x04000000);
	assert_int_equal(get(0x5008) & 0x8000, 0);
	assert_int_equal(get(0x5818), 0);
	desc = head(0x2800);
	assert_int_equal(desc[12], 0);
	fake_card_fill(fake_card_dma(le64_load(desc), len), len, seed);
	le16_store(desc + 8, (uint16_t)(len + fake_e1000.more));
	desc[13] = fake_e1000.error;
	desc[12] = fake_e1000.no_end ? 1 : 3;
	return true;
}

static uint32_t reg_read(unsigned reg, unsigned size)
{
	assert_int_equal(size, 4);
	switch (reg) {
	case 0x0008:
		return 0x80080000 | (fake_e1000.link ? 3 : 1);
	case 0x00c0:
		fake_e1000.cleared++;
		return 0;
	case 0x5400:
	case 0x5404:
		return get(reg);
	default:
		fail_msg("register 0x%x read", reg);
		return 0;
	}
}

static void check_ring(unsigned ring)
{
	assert_true(get(ring + 8) >= 128);
	assert_int_equal(get(ring + 8) % 128, 0);
}

static void reg_write(unsigned reg, unsigned size, uint32_t value)
{
	assert_int_equal(size, 4);
	*fake_e1000_register(reg) = value;
	switch (reg) {
	case 0x00d8:
		fake_e1000.masked |= value;
		break;
	case 0x0100:
		fake_e1000.rctls++;
		if (value & 2)
			check_ring(0x2800);
		break;
	case 0x0400:
	case 0x3818:
		transmit();
		break;
	case 0x2818:
		fake_e1000.tails++;
		break;
	case 0x0000:
	case 0x0410:
	case 0x2800:
	case 0x2804:
	case 0x2808:
	case 0x2810:
	case 0x3800:
	case 0x3804:
	case 0x3808:
	case 0x3810:
	case 0x5008:
	case 0x5400:
	case 0x5404:
	case 0x5818:
		break;
	default:
		fail_msg("register 0x%x written", reg);
	}
}

void fake_e1000_reset(void)
{
	fake_card_reset();
	fake_e1000 = (struct fake_e1000){ .link = true };
	fake_card.bar = 0;
	fake_card.bar_size = 0x20000;
	fake_card.read = reg_read;
	fake_card.write = reg_write;
	fake_card_fn.vendor = 0x8086;
	fake_card_fn.device = 0x100e;
	*fake_e1000_register(0x5400) = 0x12005452;
	*fake_e1000_register(0x5404) = 0x80005634;
}

/* A frame comes whenever it is possible. */
static void busy(void)
{
	fake_e1000_receive(60, 1);
}

void fake_e1000_used(void)
{
	static const uint16_t elsewhere[] = { 0x2800, 0x2804, 0x3800, 0x3804 };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(elsewhere); i++)
		*fake_e1000_register(elsewhere[i]) = 0x70000000;
	*fake_e1000_register(0x0000) = 0x40000041;
	*fake_e1000_register(0x0100) = 0x0407803e;
	*fake_e1000_register(0x0400) = 0x000400fa;
	*fake_e1000_register(0x2808) = *fake_e1000_register(0x3808) = 0x1000;
	*fake_e1000_register(0x2810) = *fake_e1000_register(0x3810) = 7;
	*fake_e1000_register(0x2818) = *fake_e1000_register(0x3818) = 200;
	*fake_e1000_register(0x5008) = 0x8000;
	*fake_e1000_register(0x5400) = 0x99887766;
	*fake_e1000_register(0x5818) = 1;
	fake_card.decoding = fake_card.master = true;
	fake_card.meanwhile = busy;
}

// SPDX-License-Identifier: BSD-2-Clause
// A fake RTL8139: see tests/fake/rtl8139.h. Offsets and bits are those of
// Realtek's data sheet, written out, so that the driver's are checked.
#include "tests/fake/rtl8139.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"

#define RING 32768u

struct fake_rtl8139 fake_rtl8139;

/* Frames that come do not overwrite those to be sent. */
static void check_place(size_t len)
{
	uint64_t start = fake_rtl8139.ring + fake_rtl8139.at;

	for (unsigned i = 0; i < 4; i++)
		assert_true(start + len <= fake_rtl8139.tx[i] ||
			    start >= fake_rtl8139.tx[i] + 2048u);
}

/* With WRAP: past the end of the ring. [QEMU hw/net/rtl8139.c] */
static void store(uint32_t header, size_t len, unsigned seed)
{
	uint8_t *to =
		fake_card_dma(fake_rtl8139.ring + fake_rtl8139.at, len + 8);

	check_place(len + 8);
	le32_store(to, header);
	fake_card_fill(to + 4, len, seed);
	memset(to + 4 + len, 0xcc, 4);
	fake_rtl8139.at += (uint32_t)((len + 8 + 3) & ~3ull);
	fake_rtl8139.at %= RING;
}

bool fake_rtl8139_receive(size_t len, unsigned seed)
{
	uint32_t there = (RING + fake_rtl8139.read - fake_rtl8139.at) % RING;
	uint32_t header = fake_rtl8139.header;

	if (!(fake_rtl8139.command & 8) || (there && there < 1514))
		return false;
	if (there && len + 8 >= there) {
		fake_rtl8139.missed++;
		return false;
	}
	/* Not from address 0, and multicast as well. */
	assert_int_equal(fake_rtl8139.config & 0x188f, 0x108e);
	store(header ? header : (uint32_t)(len + 4) << 16 | 1, len, seed);
	return true;
}

static void transmit(unsigned i, uint32_t value)
{
	size_t len = value & 0x1fff;
	unsigned n = fake_rtl8139.sent % FAKE_RTL8139_SENT;

	/* The card's own; it was the driver's. */
	assert_int_equal(value & 0x2000, 0);
	assert_int_equal(fake_rtl8139.status[i] & 0x2000, 0x2000);
	assert_int_equal(fake_rtl8139.command & 4, 4);
	assert_true(len >= 60 && len <= sizeof(fake_rtl8139.frame[n].data));
	fake_rtl8139.status[i] = value;
	if (fake_rtl8139.stuck)
		return;
	fake_rtl8139.sent++;
	fake_rtl8139.frame[n].len = len;
	memcpy(fake_rtl8139.frame[n].data,
	       fake_card_dma(fake_rtl8139.tx[i], len), len);
	fake_rtl8139.status[i] |= 0xa000;
}

static void reset(void)
{
	fake_rtl8139.resets++;
	fake_rtl8139.command = 0;
	fake_rtl8139.at = fake_rtl8139.read = 0;
	fake_rtl8139.ring = 0;
	for (unsigned i = 0; i < 4; i++)
		fake_rtl8139.status[i] = 0x2000;
}

static uint32_t read_reg(unsigned reg, unsigned size)
{
	switch (reg << 4 | size) {
	case 0x004:
		return 0x12005452;
	case 0x044:
		return 0x5634;
	case 0x1c4:
		return fake_rtl8139.status[3];
	case 0x371:
		return fake_rtl8139.command | (fake_rtl8139.no_reset ? 16 : 0);
	case 0x3a2:
		fake_rtl8139.looks++;
		return (fake_rtl8139.at + fake_rtl8139.lead) & 0xffff;
	case 0x4c4:
		return fake_rtl8139.missed;
	case 0x581:
		return 0xd0 | (fake_rtl8139.down ? 4 : 0);
	default:
		fail_msg("%u bytes of register 0x%x read", size, reg);
		return 0;
	}
}

/* Configuration is taken when it is on. */
static void configure(uint32_t value)
{
	assert_int_equal(fake_rtl8139.command & 12, 12);
	fake_rtl8139.config = value;
	fake_rtl8139.at = fake_rtl8139.read = 0;
}

static void write_config(unsigned reg, unsigned size, uint32_t value)
{
	switch (reg << 4 | size) {
	case 0x084:
	case 0x0c4:
		fake_rtl8139.multicast[(reg - 8) / 4] = value;
		break;
	case 0x304:
		fake_rtl8139.ring = value;
		break;
	case 0x371:
		if (value & 16)
			reset();
		fake_rtl8139.command = value & 12;
		break;
	case 0x404:
		assert_int_equal(fake_rtl8139.command & 4, 4);
		break;
	case 0x444:
		configure(value);
		break;
	case 0x4c4:
		fake_rtl8139.missed = 0;
		break;
	default:
		fail_msg("%u bytes of register 0x%x written", size, reg);
	}
}

static void write_reg(unsigned reg, unsigned size, uint32_t value)
{
	if (reg >= 0x10 && reg < 0x20 && size == 4) {
		transmit((reg - 0x10) / 4, value);
	} else if (reg >= 0x20 && reg < 0x30 && size == 4) {
		assert_int_equal(value % 4, 0);
		fake_rtl8139.tx[(reg - 0x20) / 4] = value;
	} else if (reg == 0x38 && size == 2) {
		fake_rtl8139.read = (value + 16) % RING;
		fake_rtl8139.returns++;
	} else {
		write_config(reg, size, value);
	}
}

void fake_rtl8139_reset(void)
{
	fake_card_reset();
	fake_rtl8139 = (struct fake_rtl8139){ 0 };
	fake_card.bar = 1;
	fake_card.bar_size = 0x100;
	fake_card.read = read_reg;
	fake_card.write = write_reg;
	fake_card_fn.vendor = 0x10ec;
	fake_card_fn.device = 0x8139;
}

static void busy(void)
{
	if (fake_card.master && fake_rtl8139.command & 8)
		store(64 << 16 | 1, 60, 1);
}

void fake_rtl8139_used(void)
{
	fake_rtl8139.command = 12;
	fake_rtl8139.ring = 0x70000000;
	fake_rtl8139.at = 5000;
	fake_rtl8139.missed = 5;
	fake_card.decoding = fake_card.master = true;
	fake_card.meanwhile = busy;
}

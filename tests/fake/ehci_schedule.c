// SPDX-License-Identifier: BSD-2-Clause
// The schedules of a fake EHCI function: see tests/fake/ehci_schedule.h.
#include "tests/fake/ehci_schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "tests/fake/ehci.h"

#define CMD_RUN 1u
#define CMD_PERIODIC 0x10u
#define CMD_ASYNC 0x20u
#define CMD_DOORBELL 0x40u
#define STS_ERROR 0x10u
#define STS_ADVANCE 0x20u
#define STS_HALTED 0x1000u
#define SC_ENABLED 4u
#define ACTIVE 0x80u
#define HALTED 0x40u
#define TOGGLE 0x80000000u
#define LIST_END 1u

/* Only what the standard says, nothing of the driver's headers: words of a QH. */
enum qh_word {
	QH_NEXT,
	QH_EP,
	QH_CAPS,
	QH_CURRENT,
	QH_OVERLAY, /* then as a qTD */
};
enum qtd_word {
	QTD_NEXT,
	QTD_ALT,
	QTD_TOKEN,
	QTD_PAGE,
};
#define QH_TOKEN (QH_OVERLAY + QTD_TOKEN)

/* Structures in memory. */

static uint32_t get(const le32 *words, unsigned n)
{
	return le32_get(words[n]);
}

static void put(le32 *words, unsigned n, uint32_t value)
{
	words[n] = le32_make(value);
}

/* A QH or qTD: both are aligned and at least 32 bytes long. */
static le32 *structure(uint32_t link)
{
	assert_false(link & LIST_END);
	assert_int_equal(link & 0x18, 0);
	return fake_dma_ptr(link & ~31u, 48, DMA_BOTH);
}

/* The device that listens to an address, on an enabled port. */
static struct fake_ehci_device *find_device(unsigned address)
{
	struct fake_ehci_device *found = NULL;

	for (unsigned i = 1; i <= (fake_ehci.hcsparams & 15); i++) {
		struct fake_ehci_device *dev = &fake_ehci.device[i];

		if (!dev->plugged || dev->address != address ||
		    !(fake_ehci.portsc[i] & SC_ENABLED))
			continue;
		/* Two would both answer. */
		assert_null(found);
		found = dev;
	}
	return found;
}

/* Copies the data of a qTD from or to its pages. */
static void copy(const le32 *qtd, uint8_t *buf, unsigned len, bool to_memory)
{
	unsigned offset = get(qtd, QTD_PAGE) & 0xfff, page = 0;

	while (len) {
		unsigned n = MIN(len, 4096 - offset);
		uint32_t at = (get(qtd, QTD_PAGE + page) & ~0xfffu) + offset;
		void *ptr = fake_dma_ptr(
			at, n, to_memory ? DMA_FROM_DEVICE : DMA_TO_DEVICE);

		assert_true(page < 5);
		if (to_memory)
			memcpy(ptr, buf, n);
		else
			memcpy(buf, ptr, n);
		buf += n;
		len -= n;
		offset = 0;
		page++;
	}
}

/* Endpoint 0 takes SET_ADDRESS; it has a new address after its status. */
static int default_handle(struct fake_ehci_device *dev, unsigned endpoint,
			  enum fake_pid pid, const uint8_t *buf)
{
	if (endpoint)
		return FAKE_STALL;
	if (pid == FAKE_SETUP && buf[0] == 0 && buf[1] == 5)
		dev->next_address = buf[2];
	if (pid == FAKE_IN && dev->next_address) {
		dev->address = dev->next_address;
		dev->next_address = 0;
	}
	return pid == FAKE_SETUP ? 8 : 0;
}

static int device_answers(struct fake_ehci_device *dev, unsigned endpoint,
			  enum fake_pid pid, uint8_t *buf, unsigned len)
{
	bool addressing = pid == FAKE_SETUP && buf[0] == 0 && buf[1] == 5;

	if (dev->handle && !addressing && !dev->next_address)
		return dev->handle(dev, endpoint, pid, buf, len);
	return default_handle(dev, endpoint, pid, buf);
}

/* Checks the toggle, and moves the device's on by the packets. */
static void check_toggle(struct fake_ehci_device *dev, unsigned endpoint,
			 enum fake_pid pid, uint32_t token, unsigned packets)
{
	unsigned bit = endpoint & 15;

	if (fake_ehci.any_toggle)
		return;
	if (endpoint == 0) {
		assert_int_equal(!(token & TOGGLE), pid == FAKE_SETUP);
		return;
	}
	bit = bit % 8 + (pid == FAKE_IN ? 8 : 0);
	assert_int_equal(!(token & TOGGLE), !(dev->toggle >> bit & 1));
	if (packets & 1)
		dev->toggle ^= (uint16_t)(1u << bit);
}

/* As the user of the device clears its halt. */
static void clear_toggle(struct fake_ehci_device *dev, unsigned endpoint,
			 enum fake_pid pid)
{
	if (dev)
		dev->toggle &= (uint16_t) ~(
			1u << (endpoint % 8 + (pid == FAKE_IN ? 8 : 0)));
}

/* What halts a queue, and the count of tries left. */
static uint32_t halt_token(int answer)
{
	switch (answer) {
	case FAKE_STALL:
		return HALTED | 3u << 10;
	case FAKE_BABBLE:
		return HALTED | 0x10 | 3u << 10;
	case FAKE_BUFFER:
		return HALTED | 0x20;
	default:
		return HALTED | 8;
	}
}

/* Runs the qTD in the overlay. Returns its new token. */
static uint32_t execute(le32 *qh, uint32_t token)
{
	static uint8_t buf[5 * 4096];
	const uint32_t ep = get(qh, QH_EP), len = token >> 16 & 0x7fff;
	struct fake_ehci_device *dev = find_device(ep & 0x7f);
	const enum fake_pid pid = token >> 8 & 3;
	const unsigned mps = ep >> 16 & 0x7ff;
	unsigned packets;
	int n = FAKE_XACT;

	assert_int_equal(ep >> 12 & 3, 2);
	assert_int_equal(token >> 10 & 3, 3);
	assert_true(len <= sizeof(buf));
	fake_ehci.qtds++;
	fake_ehci.mps = mps;
	if (pid != FAKE_IN)
		copy(qh + QH_OVERLAY, buf, len, false);
	if (dev)
		n = device_answers(dev, ep >> 8 & 15, pid, buf, len);
	if (n == FAKE_NAK)
		return token;
	if (n < 0) {
		clear_toggle(dev, ep >> 8 & 15, pid);
		return (token & ~0xcffu) | halt_token(n);
	}
	assert_true((unsigned)n <= len);
	if (pid == FAKE_IN)
		copy(qh + QH_OVERLAY, buf, (unsigned)n, true);
	if (fake_ehci.lie == EHCI_STAYS_ACTIVE)
		return token;
	packets = n ? ((unsigned)n + mps - 1) / mps : 1;
	check_toggle(dev, ep >> 8 & 15, pid, token, packets);
	if (packets & 1)
		token ^= TOGGLE;
	token = (token & ~(0x7fffu << 16)) | (len - (unsigned)n) << 16;
	if (fake_ehci.lie == EHCI_RESIDUE)
		token = (token & 0xffff) | 0x7fffu << 16;
	return token & ~ACTIVE;
}

/* Where to go on after the overlay's qTD. */
static uint32_t advance(const le32 *qh)
{
	uint32_t left = get(qh, QH_TOKEN) >> 16 & 0x7fff;
	uint32_t alt = get(qh, QH_OVERLAY + QTD_ALT);

	return left && !(alt & LIST_END) ? alt : get(qh, QH_OVERLAY + QTD_NEXT);
}

/* Takes the next qTD into the overlay. Returns whether there is one. */
static bool fetch(le32 *qh)
{
	uint32_t link = advance(qh), old = get(qh, QH_TOKEN);
	const le32 *qtd;

	if (link & LIST_END)
		return false;
	qtd = structure(link);
	if (!(get(qtd, QTD_TOKEN) & ACTIVE))
		return false;
	put(qh, QH_CURRENT, link);
	memcpy(qh + QH_OVERLAY, qtd, 8 * sizeof(*qtd));
	/* Toggle control: the qTD's or the QH's. */
	if (!(get(qh, QH_EP) & 1u << 14))
		put(qh, QH_TOKEN,
		    (get(qh, QH_TOKEN) & ~TOGGLE) | (old & TOGGLE));
	return true;
}

/* Works at a queue. Returns whether it had anything to do. */
static bool work(le32 *qh)
{
	bool any = false;

	for (unsigned n = 0; n < 100; n++) {
		uint32_t token = get(qh, QH_TOKEN);
		le32 *qtd;

		if (token & HALTED)
			return any;
		if (!(token & ACTIVE) && !fetch(qh))
			return any;
		any = true;
		token = execute(qh, get(qh, QH_TOKEN));
		if (fake_ehci.lie != EHCI_HALF_HALTED || !(token & HALTED))
			put(qh, QH_TOKEN, token);
		if (token & ACTIVE)
			return any;
		qtd = structure(get(qh, QH_CURRENT));
		put(qtd, QTD_TOKEN, token);
		if (fake_ehci.lie == EHCI_SCRIBBLES) {
			memset(qtd, 0xff, 8);
			memset(qh, 0xff, 48);
			return any;
		}
		if (fake_ehci.lie == EHCI_HALF_HALTED && token & HALTED)
			return any;
	}
	fail_msg("a queue does not end");
	return any;
}

static bool walk_async(void)
{
	uint32_t first = fake_ehci.async, at = first;
	bool any = false;

	for (unsigned n = 0; n < 500; n++) {
		le32 *qh = structure(at);
		bool head = get(qh, QH_EP) & 1u << 15;
		uint32_t next = get(qh, QH_NEXT);

		/* It has written there itself. */
		if (fake_ehci.lie == EHCI_SCRIBBLES &&
		    (next == UINT32_MAX || get(qh, QH_EP) == UINT32_MAX))
			return any;
		assert_int_equal(head, at == first);
		any |= work(qh);
		assert_int_equal(next & 7, 2);
		at = next & ~31u;
		if (at == first)
			return any;
	}
	fail_msg("the asynchronous schedule has no end");
	return any;
}

static bool may_look(uint32_t schedule)
{
	if (fake_ehci.lie == EHCI_STEPS_DOWN)
		fake_ehci.sts |= STS_ERROR | STS_HALTED;
	if (fake_ehci.lie == EHCI_HALTS)
		fake_ehci.sts |= STS_HALTED;
	return fake_ehci.enabled && fake_ehci.lie != EHCI_SILENT &&
	       fake_ehci.lie != EHCI_GONE && !(fake_ehci.sts & STS_HALTED) &&
	       (fake_ehci.cmd & (CMD_RUN | schedule)) == (CMD_RUN | schedule);
}

void fake_ehci_wake(void)
{
	if (fake_ehci.sts & STS_ADVANCE || !may_look(CMD_ASYNC))
		return;
	fake_ehci.looks++;
	walk_async();
	if (!(fake_ehci.cmd & CMD_DOORBELL) || fake_ehci.lie == EHCI_NO_ADVANCE)
		return;
	fake_ehci.cmd &= ~CMD_DOORBELL;
	fake_ehci.sts |= STS_ADVANCE;
}

void fake_ehci_frame(unsigned frame)
{
	uint32_t at;

	if (!may_look(CMD_PERIODIC))
		return;
	assert_int_equal(fake_ehci.periodic & 0xfff, 0);
	at = le32_load(fake_dma_ptr(fake_ehci.periodic + frame % 1024 * 4, 4,
				    DMA_TO_DEVICE));
	for (unsigned n = 0; !(at & LIST_END); n++) {
		le32 *qh;

		assert_int_equal(at & 7, 2);
		assert_true(n < 500);
		qh = structure(at & ~31u);
		assert_true(get(qh, QH_CAPS) & 0xff);
		at = get(qh, QH_NEXT);
		work(qh);
	}
}

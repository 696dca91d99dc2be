// SPDX-License-Identifier: BSD-2-Clause
// A fake OHCI function: see tests/fake/ohci.h.
#include "tests/fake/ohci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/deadline.h"

/* As QEMU has them. [hw/usb/hcd-ohci.c] */
#define LINK_LIMIT 32u

#define TICKS_PER_MS (TIMEBASE_DEFAULT_HZ / 1000)
#define TICKS_PER_READ (TICKS_PER_MS / 8)

#define OPERATIONAL 2u
#define SKIP (1u << 14)
#define HALTED 1u
#define CARRY 2u
#define POINTER 0xfffffff0u
#define CODE_OVERRUN 8u
#define CODE_UNDERRUN 9u
#define CODE_SILENT 5u

struct fake_ohci fake_ohci;
struct pci_function fake_ohci_fn;

/* EDs of the last walks: what the driver may change in them is limited. */
static struct seen {
	uint8_t *ed;
	uint32_t flags, head;
} seen[512];
static unsigned n_seen;
static uint64_t now;

void fake_ohci_reset(void)
{
	memset(&fake_ohci, 0, sizeof(fake_ohci));
	memset(&fake_ohci_fn, 0, sizeof(fake_ohci_fn));
	fake_dma_reset();
	fake_dma_low();
	n_seen = 0;
	fake_ohci_fn.vendor = 0x106b;
	fake_ohci_fn.device = 0x003f;
	fake_ohci_fn.class_code = 0x0c0310;
	fake_ohci.ports = 3;
	fake_ohci.power = 0x200;
	fake_ohci.revision = 0x10;
	fake_ohci.subsystem = 0x11001af4;
	fake_ohci.bar_size = 256;
}

struct fake_ohci_device *fake_ohci_plug(unsigned port)
{
	struct fake_ohci_device *fd = fake_ohci.device;

	while (fd->port)
		fd++;
	assert_true(fd < fake_ohci.device + FAKE_OHCI_DEVICES);
	fd->port = port;
	fake_ohci.port[port] |= 0x10001;
	return fd;
}

void fake_ohci_unplug(struct fake_ohci_device *fd)
{
	fake_ohci.port[fd->port] &= ~3u;
	fake_ohci.port[fd->port] |= 0x30000;
	memset(fd, 0, sizeof(*fd));
}

/* Memory. */

static uint32_t get(const uint8_t *desc, unsigned word)
{
	return le32_load(desc + 4 * word);
}

static void put(uint8_t *desc, unsigned word, uint32_t value)
{
	le32_store(desc + 4 * word, value);
}

static uint8_t *descriptor(uint32_t bus)
{
	assert_int_equal(bus % 16, 0);
	return fake_dma_ptr(bus, 16, DMA_BOTH);
}

/* Byte `i` of a TD's data: its last byte is on the second page, if any. */
static uint8_t *data_byte(uint32_t current, uint32_t end, uint32_t i,
			  enum dma_dir dir)
{
	uint32_t offset = (current & 0xfff) + i;

	if (offset > 0xfff)
		return fake_dma_ptr((end & ~0xfffu) + (offset & 0xfff), 1, dir);
	return fake_dma_ptr(current + i, 1, dir);
}

static uint32_t data_left(uint32_t current, uint32_t end)
{
	if (!current)
		return 0;
	if ((current ^ end) & ~0xfffu)
		return (end & 0xfff) + 0x1001 - (current & 0xfff);
	return end - current + 1;
}

static uint32_t data_next(uint32_t current, uint32_t end, uint32_t moved)
{
	uint32_t offset = (current & 0xfff) + moved;

	if (moved == data_left(current, end))
		return 0;
	return offset > 0xfff ? (end & ~0xfffu) + (offset & 0xfff)
			      : current + moved;
}

/* Devices. */

static struct fake_ohci_device *find(uint32_t address)
{
	unsigned i;

	for (i = 0; i < FAKE_OHCI_DEVICES; i++) {
		struct fake_ohci_device *fd = &fake_ohci.device[i];

		if (fd->port && fd->enabled && fd->address == address)
			return fd;
	}
	return NULL;
}

static long reply(struct fake_ohci_device *fd, uint8_t *data, uint32_t len)
{
	uint32_t left = MIN(fd->reply_len, le16_load(fd->setup + 6));
	uint32_t n = MIN(len, left - fd->at);

	memcpy(data, fd->reply + fd->at, n);
	fd->at += n;
	return n;
}

/* A packet of endpoint 0. The status stage is the last, and empty. */
static long answer_control(struct fake_ohci_device *fd, enum fake_ohci_pid pid,
			   uint8_t *data, uint32_t len)
{
	switch (pid) {
	case FAKE_OHCI_SETUP:
		assert_int_equal(len, 8);
		memcpy(fd->setup, data, 8);
		fd->setups++;
		fd->at = 0;
		if (fd->setup[0] == 0 && fd->setup[1] == USB_SET_ADDRESS)
			fd->new_address = fd->setup[2];
		return 8;
	case FAKE_OHCI_OUT:
		assert_true(len <= sizeof(fd->got) - fd->at);
		memcpy(fd->got + fd->at, data, len);
		fd->at += len;
		return len;
	default:
		if (len)
			return reply(fd, data, len);
		if (fd->new_address)
			fd->address = fd->new_address;
		fd->new_address = 0;
		return 0;
	}
}

static long answer(struct fake_ohci_device *fd, enum fake_ohci_pid pid,
		   unsigned endpoint, uint8_t *data, uint32_t len)
{
	long moved = FAKE_OHCI_PASS;

	fd->packets++;
	if (fd->packet)
		moved = fd->packet(fd, pid, endpoint, data, len);
	if (moved != FAKE_OHCI_PASS)
		return moved;
	return endpoint ? FAKE_OHCI_NAK : answer_control(fd, pid, data, len);
}

/* Lists. */

static void retire(uint8_t *ed, uint8_t *td, uint32_t code)
{
	uint32_t at = get(ed, 2) & POINTER, flags = get(td, 0);
	uint32_t head = get(td, 2) & POINTER;

	/* Ours are toggles of the TD, or, after a packet, of what is next. */
	if (flags >> 25 & 1 && (!code || code == CODE_UNDERRUN))
		head |= flags >> 24 & 1 ? CARRY : 0;
	else
		head |= get(ed, 2) & CARRY;
	put(ed, 2, head | (code ? HALTED : 0));
	put(td, 0, (flags & 0x0fffffff) | code << 28);
	put(td, 2, fake_ohci.done);
	fake_ohci.done = at;
}

static enum fake_ohci_pid direction(uint32_t ed_flags, uint32_t td_flags)
{
	uint32_t pid = ed_flags >> 11 & 3;

	if (pid == 0 || pid == 3)
		pid = td_flags >> 19 & 3;
	assert_true(pid != 3);
	return pid;
}

static bool toggle_of(const uint8_t *ed, uint32_t td_flags)
{
	return td_flags >> 25 & 1 ? td_flags >> 24 & 1 : get(ed, 2) & CARRY;
}

/* Data of endpoint 0 begins with DATA1, the status stage is one. */
static void check(struct fake_ohci_device *fd, const uint8_t *ed,
		  const uint8_t *td, enum fake_ohci_pid pid)
{
	uint32_t flags = get(ed, 0), endpoint = flags >> 7 & 15;

	assert_int_equal(flags >> 13 & 1, fd->low);
	assert_int_equal(get(td, 0) >> 21 & 7, 7);
	assert_true(pid != FAKE_OHCI_SETUP || endpoint == 0);
	if (pid == FAKE_OHCI_SETUP)
		fd->toggle[0] = false;
	if (endpoint == 0 && !get(td, 1))
		assert_true(toggle_of(ed, get(td, 0)));
	else
		assert_int_equal(toggle_of(ed, get(td, 0)),
				 fd->toggle[endpoint]);
}

/* One packet. Returns what the device did. */
static long packet(struct fake_ohci_device *fd, uint8_t *ed, uint8_t *td,
		   uint32_t *len)
{
	uint32_t flags = get(ed, 0), current = get(td, 1), end = get(td, 3), i;
	enum fake_ohci_pid pid = direction(flags, get(td, 0));
	uint8_t data[2048];
	long moved;

	if (!fake_ohci.unchecked)
		check(fd, ed, td, pid);
	*len = MIN(data_left(current, end), flags >> 16 & 0x7ff);
	for (i = 0; pid != FAKE_OHCI_IN && i < *len; i++)
		data[i] = *data_byte(current, end, i, DMA_TO_DEVICE);
	moved = answer(fd, pid, flags >> 7 & 15, data, *len);
	if (moved > (long)*len)
		return FAKE_OHCI_CODE(CODE_OVERRUN);
	for (i = 0; pid == FAKE_OHCI_IN && (long)i < moved; i++)
		*data_byte(current, end, i, DMA_FROM_DEVICE) = data[i];
	return moved;
}

/* Returns whether the TD was retired without an error. */
static bool serve_td(uint8_t *ed)
{
	uint8_t *td = descriptor(get(ed, 2) & POINTER);
	struct fake_ohci_device *fd = find(get(ed, 0) & 0x7f);
	uint32_t first = get(td, 1), len, current;
	long moved;

	if (!fd && fake_ohci.qemu)
		return false;
	do {
		moved = fd ? packet(fd, ed, td, &len)
			   : FAKE_OHCI_CODE(CODE_SILENT);
		if (moved == FAKE_OHCI_NAK)
			return false;
		if (moved < 0) {
			retire(ed, td, (uint32_t)-moved);
			return false;
		}
		current = get(td, 1);
		current = current ? data_next(current, get(td, 3),
					      (uint32_t)moved)
				  : 0;
		put(td, 1, current);
		fd->toggle[get(ed, 0) >> 7 & 15] ^= 1;
		/* Also what comes next has a toggle of its own now. */
		put(td, 0,
		    (get(td, 0) & ~(3u << 24)) |
			    (2u | !toggle_of(ed, get(td, 0))) << 24);
	} while (current && moved == (long)len);
	if (current && !(get(td, 0) & 1u << 18)) {
		if (fake_ohci.qemu)
			put(td, 1, first);
		retire(ed, td, CODE_UNDERRUN);
		return false;
	}
	retire(ed, td, 0);
	return true;
}

static void remember(uint8_t *ed)
{
	assert_true(n_seen < ARRAY_SIZE(seen));
	seen[n_seen++] = (struct seen){ ed, get(ed, 0), get(ed, 2) };
}

/* Returns whether there was work. */
static bool walk(uint32_t at)
{
	unsigned n = 0;
	bool active = false;

	while (at && n++ < LINK_LIMIT) {
		uint8_t *ed = descriptor(at);

		at = get(ed, 3) & POINTER;
		while (!(get(ed, 0) & SKIP) && !(get(ed, 2) & HALTED) &&
		       (get(ed, 2) & POINTER) != get(ed, 1)) {
			active = true;
			if (!serve_td(ed))
				break;
		}
		remember(ed);
	}
	fake_ohci.longest = MAX(fake_ohci.longest, n);
	return active;
}

/* Only the tail, the link and the skip bit, unless it was halted or skipped. */
static void check_changes(void)
{
	unsigned i;

	for (i = 0; i < n_seen; i++) {
		struct seen *s = &seen[i];

		if (s->flags & SKIP || s->head & HALTED)
			continue;
		assert_int_equal(s->flags & ~SKIP, get(s->ed, 0) & ~SKIP);
		assert_int_equal(s->head, get(s->ed, 2));
	}
	n_seen = 0;
}

void fake_ohci_forget(void)
{
	n_seen = 0;
}

static void frame(void)
{
	uint8_t *hcca;

	if (fake_ohci.between)
		fake_ohci.between();
	if (FAKE_OHCI_STATE(fake_ohci.control) != OPERATIONAL ||
	    !fake_ohci.enabled || fake_ohci.lie != FAKE_OHCI_HONEST)
		return;
	if (!fake_ohci.unchecked)
		check_changes();
	n_seen = 0;
	hcca = fake_dma_ptr(fake_ohci.hcca, 256, DMA_BOTH);
	if (fake_ohci.control & 0x04)
		walk(le32_load(hcca + 4 * (fake_ohci.frame & 31)));
	if (fake_ohci.control & 0x10 && fake_ohci.filled & 2 &&
	    !walk(fake_ohci.head[0]))
		fake_ohci.filled &= ~2u;
	if (fake_ohci.control & 0x20 && fake_ohci.filled & 4 &&
	    !walk(fake_ohci.head[1]))
		fake_ohci.filled &= ~4u;
	fake_ohci.frames++;
	le16_store(hcca + 0x80, ++fake_ohci.frame);
}

void fake_ohci_run(unsigned n)
{
	while (n--)
		frame();
}

uint64_t timebase_read(void)
{
	uint64_t before = now / TICKS_PER_MS;

	now += TICKS_PER_READ + (uint64_t)fake_ohci.step * TICKS_PER_MS;
	if (now / TICKS_PER_MS != before)
		frame();
	return now;
}

uint8_t *fake_ohci_ed(unsigned list)
{
	uint8_t *hcca = fake_dma_ptr(fake_ohci.hcca, 256, DMA_BOTH);
	uint32_t at = list < 2 ? fake_ohci.head[list]
			       : le32_load(hcca + 4 * (list - 2));

	for (; at; at = get(descriptor(at), 3)) {
		if (!(get(descriptor(at), 0) & SKIP))
			return descriptor(at);
	}
	return NULL;
}

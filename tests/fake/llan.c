// SPDX-License-Identifier: BSD-2-Clause
// A fake logical LAN: see tests/fake/llan.h.
#include "tests/fake/llan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/vio/vio.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

TABLE_LINK(drivers, driver_llan);

/* Descriptors, and the page of the buffer list. [QEMU hw/net/spapr_llan.c] */
#define BD_VALID (1ULL << 63)
#define BD_LEN(bd) ((uint32_t)((bd) >> 32 & 0xffffff))
#define BD_ADDR(bd) ((bd)&0xffffffff)
#define PAGE 4096u
#define PAGE_BUFFERS 16u
#define PAGE_DROPPED 4088u
#define PAGE_MAX ((PAGE_DROPPED - PAGE_BUFFERS) / 8)
#define POOLS_MAX ARRAY_SIZE(fake_llan.lens)

struct fake_llan fake_llan;

int rtas_set_tce_bypass(uint32_t unit, bool on)
{
	assert_int_equal(unit, FAKE_LLAN_UNIT);
	if (fake_llan.no_bypass)
		return ERR_NOTSUP;
	fake_llan.bypass = on;
	return 0;
}

/* Both ways, as check_bd(). */
static bool is_valid(uint64_t bd, uint32_t align)
{
	if (BD_ADDR(bd) % align || BD_LEN(bd) % align)
		return false;
	(void)fake_dma_ptr(BD_ADDR(bd), BD_LEN(bd), DMA_BOTH);
	return true;
}

static uint8_t *list(unsigned offset)
{
	return (uint8_t *)fake_dma_ptr(fake_llan.list, PAGE, DMA_BOTH) + offset;
}

static uint8_t *queue(void)
{
	return fake_dma_ptr(BD_ADDR(fake_llan.queue), BD_LEN(fake_llan.queue),
			    DMA_BOTH);
}

static int64_t register_lan(struct hcall *h)
{
	int64_t error = fake_llan.register_error;

	assert_int_equal(h->reg[0], FAKE_LLAN_UNIT);
	fake_llan.register_error = 0;
	fake_llan.registers++;
	if (error || fake_llan.open)
		return error ? error : H_RESOURCE;
	assert_true(h->reg[1] <= UINT32_MAX && h->reg[3] <= UINT32_MAX);
	assert_true(h->reg[1] % PAGE == 0 && h->reg[3] % PAGE == 0);
	assert_true(h->reg[2] & BD_VALID && is_valid(h->reg[2], 16));
	(void)fake_dma_ptr(h->reg[3], PAGE, DMA_BOTH);
	fake_llan.list = h->reg[1];
	fake_llan.queue = h->reg[2];
	fake_llan.mac = h->reg[4];
	fake_llan.place = fake_llan.n_bds = 0;
	fake_llan.use = PAGE_BUFFERS - 8;
	memset(fake_llan.lens, 0, sizeof(fake_llan.lens));
	fake_llan.toggle = FAKE_LLAN_TOGGLE;
	fake_llan.open = true;
	memset(list(0), 0, PAGE);
	memset(queue(), 0, BD_LEN(fake_llan.queue));
	memset(fake_llan.shadow, 0, sizeof(fake_llan.shadow));
	return H_SUCCESS;
}

/* Nobody else writes to the queue. */
static int64_t free_lan(struct hcall *h)
{
	assert_int_equal(h->reg[0], FAKE_LLAN_UNIT);
	fake_llan.frees++;
	if (fake_llan.free_error)
		return fake_llan.free_error;
	if (!fake_llan.open)
		return H_RESOURCE;
	if (fake_llan.queue)
		assert_memory_equal(queue(), fake_llan.shadow,
				    BD_LEN(fake_llan.queue));
	fake_llan.open = false;
	return H_SUCCESS;
}

static bool overlap(uint64_t a, uint64_t b)
{
	return BD_ADDR(a) < BD_ADDR(b) + BD_LEN(b) &&
	       BD_ADDR(b) < BD_ADDR(a) + BD_LEN(a);
}

/* A buffer is a part of no other, and of nothing else. */
static void check_overlap(uint64_t bd)
{
	unsigned n = fake_llan.forges ? 0 : fake_llan.n_bds;

	assert_false(overlap(bd, fake_llan.queue));
	assert_false(overlap(bd, (uint64_t)PAGE << 32 | fake_llan.list));
	while (n--)
		assert_false(overlap(bd, fake_llan.bds[n]));
}

/* There is room for 5 lengths. */
static bool is_full(uint64_t bd)
{
	unsigned i;

	if (fake_llan.n_bds == (fake_llan.page ? PAGE_MAX : FAKE_LLAN_BUFFERS))
		return true;
	for (i = 0; i < POOLS_MAX && fake_llan.lens[i]; i++) {
		if (fake_llan.lens[i] == BD_LEN(bd))
			return false;
	}
	if (i < POOLS_MAX)
		fake_llan.lens[i] = BD_LEN(bd);
	return i == POOLS_MAX && !fake_llan.page;
}

static int64_t add_buffer(struct hcall *h)
{
	uint64_t bd = h->reg[1];
	unsigned at = PAGE_BUFFERS;

	assert_int_equal(h->reg[0], FAKE_LLAN_UNIT);
	if (fake_llan.add_error && fake_llan.adds_left-- == 0) {
		fake_llan.adds_left = 0;
		return fake_llan.add_error;
	}
	assert_true(fake_llan.open && bd & BD_VALID);
	assert_true(is_valid(bd, 4) && BD_LEN(bd) >= 16);
	check_overlap(bd);
	if (is_full(bd))
		return H_RESOURCE;
	while (fake_llan.page && be64_load(list(at)) & BD_VALID)
		at += 8;
	if (fake_llan.page)
		be64_store(list(at), bd);
	fake_llan.bds[fake_llan.n_bds++] = bd;
	fake_llan.adds++;
	return H_SUCCESS;
}

static int64_t send_frame(struct hcall *h)
{
	uint64_t token = h->reg[7];
	uint32_t len = BD_LEN(h->reg[1]);

	assert_int_equal(h->reg[0], FAKE_LLAN_UNIT);
	assert_true(h->reg[1] & BD_VALID);
	assert_int_equal(h->reg[2], 0);
	assert_true(len >= NETWORK_FRAME_MIN && len <= NETWORK_FRAME_MAX);
	memcpy(fake_llan.sent, fake_dma_ptr(BD_ADDR(h->reg[1]), len, DMA_BOTH),
	       len);
	fake_llan.sent_len = len;
	h->reg[0] = token + 1;
	if (fake_llan.busy) {
		fake_llan.busy--;
		return H_BUSY;
	}
	fake_llan.sends += fake_llan.send_error == 0;
	return fake_llan.send_error;
}

void fake_llan_reset(void)
{
	fake_llan = (struct fake_llan){ 0 };
	fake_dma_reset();
	fake_dma_low();
	fake_hcall_reset();
	fake_hcall_set(H_REGISTER_LOGICAL_LAN, register_lan);
	fake_hcall_set(H_FREE_LOGICAL_LAN, free_lan);
	fake_hcall_set(H_ADD_LOGICAL_LAN_BUFFER, add_buffer);
	fake_hcall_set(H_SEND_LOGICAL_LAN, send_frame);
}

/* [QEMU hw/net/spapr_llan.c, spapr_vlan_devnode] */
struct node *fake_llan_plug(uint32_t mac_len)
{
	static const uint32_t window[] = { FAKE_LLAN_UNIT, 0, 0, 0, 1 << 28 };
	uint8_t mac[8] = { 0 };
	struct node *node;

	memcpy(mac + (mac_len == 8 ? 2 : 0), FAKE_LLAN_MAC, NETWORK_MAC);
	assert_int_equal(tree_init(), 0);
	device_init();
	device_attach_rest();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "l-lan@71000003", TREE_QEMU);
	assert_int_equal(tree_set_u32(node, "reg", FAKE_LLAN_UNIT), 0);
	assert_int_equal(tree_set_str(node, "compatible", "IBM,l-lan"), 0);
	assert_int_equal(tree_set_cells(node, "ibm,my-dma-window", window, 5),
			 0);
	if (mac_len)
		assert_int_equal(tree_setprop(node, "local-mac-address", mac,
					      mac_len, TREE_QEMU),
				 0);
	(void)device_add(NULL, &vio_bus, node, NULL);
	return node;
}

/* From the pool of the least length that is enough: the last that came. */
static unsigned find_in_pools(size_t len)
{
	unsigned i, best = fake_llan.n_bds;

	for (i = 0; i < fake_llan.n_bds; i++) {
		uint32_t room = BD_LEN(fake_llan.bds[i]);

		if (room >= len + 8 && (best == fake_llan.n_bds ||
					room <= BD_LEN(fake_llan.bds[best])))
			best = i;
	}
	return best;
}

/* The next one in the page that is large enough, whatever its length. */
static unsigned find_in_page(size_t len)
{
	uint64_t bd = 0;
	unsigned i;

	for (i = 0; i < PAGE_MAX; i++) {
		fake_llan.use += 8;
		if (fake_llan.use >= PAGE_DROPPED)
			fake_llan.use = PAGE_BUFFERS;
		bd = be64_load(list(fake_llan.use));
		if (bd & BD_VALID && BD_LEN(bd) >= len + 8)
			break;
	}
	if (i == PAGE_MAX)
		return fake_llan.n_bds;
	be64_store(list(fake_llan.use), 0);
	for (i = 0; i < fake_llan.n_bds && fake_llan.bds[i] != bd; i++)
		;
	return i;
}

uint64_t fake_llan_take(size_t len)
{
	unsigned i = fake_llan.page ? find_in_page(len) : find_in_pools(len);
	uint64_t bd;

	if (i == fake_llan.n_bds) {
		be64_store(list(PAGE_DROPPED),
			   be64_load(list(PAGE_DROPPED)) + 1);
		return 0;
	}
	bd = fake_llan.bds[i];
	fake_llan.n_bds--;
	memmove(&fake_llan.bds[i], &fake_llan.bds[i + 1],
		(fake_llan.n_bds - i) * sizeof(bd));
	return bd;
}

uint8_t *fake_llan_ptr(uint64_t bd)
{
	return fake_dma_ptr(BD_ADDR(bd), BD_LEN(bd), DMA_BOTH);
}

void fake_llan_entry(uint8_t control, uint16_t offset, uint32_t len,
		     uint64_t handle)
{
	uint8_t *at = queue() + fake_llan.place;

	be64_store(at + 8, handle);
	be32_store(at + 4, len);
	be16_store(at + 2, offset);
	at[0] = control ^ fake_llan.toggle;
	memcpy(fake_llan.shadow + fake_llan.place, at, 16);
	fake_llan.place += 16;
	if (fake_llan.place < BD_LEN(fake_llan.queue))
		return;
	fake_llan.place = 0;
	fake_llan.toggle ^= FAKE_LLAN_TOGGLE;
}

bool fake_llan_put(const void *frame, size_t len)
{
	uint64_t bd = fake_llan.open ? fake_llan_take(len) : 0;

	if (!bd)
		return false;
	memcpy(fake_llan_ptr(bd) + 8, frame, len);
	fake_llan_entry(FAKE_LLAN_VALID, 8, (uint32_t)len,
			be64_load(fake_llan_ptr(bd)));
	return true;
}

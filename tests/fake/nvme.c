// SPDX-License-Identifier: BSD-2-Clause
// Fake NVMe controllers: see tests/fake/nvme.h.
#include "tests/fake/nvme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"

#define RDY 1u
#define CFS 2u

struct fake_nvme fake_nvmes[FAKE_NVMES];
uint8_t fake_nvme_data[FAKE_NVME_DATA];
static bool filled;

/* A forgotten TCE of a ring is fatal. [QEMU hw/nvme/ctrl.c, nvme_post_cqes] */
static void *ring_entry(struct fake_nvme *fn, uint64_t bus, size_t len,
			enum fake_nvme_dir dir)
{
	void *ptr = fake_nvme_dma(bus, len, dir);

	if (!ptr)
		fn->csts |= CFS;
	return ptr;
}

static void post_phase(struct fake_nvme *fn, unsigned q, uint16_t sq_head,
		       uint16_t cid, unsigned status)
{
	struct fake_nvme_queue *fq = &fn->queue[q];
	uint8_t *cqe = ring_entry(fn, fq->cq + 16ull * fq->cq_tail, 16,
				  FAKE_NVME_WRITES);

	if (!cqe)
		return;
	le32_store(cqe, 0);
	le16_store(cqe + 8, sq_head);
	le16_store(cqe + 10, (uint16_t)(fn->lie == NVME_LIE_SQ_ID ? !q : q));
	le16_store(cqe + 12, cid);
	le16_store(cqe + 14, (uint16_t)status);
	if (fn->completion)
		fn->completion(q, cqe);
	fq->cq_tail = (fq->cq_tail + 1) % fq->cq_size;
	fq->phase ^= !fq->cq_tail;
}

void fake_nvme_post(struct fake_nvme *fn, unsigned q, uint16_t sq_head,
		    uint16_t cid, uint16_t status)
{
	unsigned phase = fn->queue[q].phase ^ (fn->lie == NVME_LIE_OLD_PHASE);

	post_phase(fn, q, sq_head, cid, (unsigned)status << 1 | phase);
}

/* Room for one more: an entry stays free. */
static bool queue_has_room(const struct fake_nvme_queue *fq)
{
	return (fq->cq_tail + 1) % fq->cq_size != fq->cq_head;
}

static void complete(struct fake_nvme *fn, unsigned q, uint16_t cid,
		     uint16_t status)
{
	struct fake_nvme_queue *fq = &fn->queue[q];
	unsigned head = fq->sq_head;

	assert_true(queue_has_room(fq) || fn->lie != NVME_HONEST);
	switch (fn->lie) {
	case NVME_LIE_UNKNOWN_ID:
		cid = 0xffff;
		break;
	case NVME_LIE_FREE_SLOT:
		cid ^= 4;
		break;
	case NVME_LIE_OLD_GENERATION:
		cid = (uint16_t)(cid - 8);
		break;
	case NVME_LIE_SQ_HEAD:
		head = (fq->sq_tail + 1) % fq->sq_size;
		break;
	case NVME_LIE_SQ_HEAD_RANGE:
		head += fq->sq_size;
		break;
	default:
		break;
	}
	fake_nvme_post(fn, q, (uint16_t)head, cid, status);
	if (fn->lie == NVME_LIE_TWICE)
		fake_nvme_post(fn, q, (uint16_t)head, cid, status);
	if (fn->lie == NVME_LIE_EARLY_PHASE)
		post_phase(fn, q, 0, 0, fq->phase);
}

/* The bus address of page `i` of the data; 0: a list is not mapped. */
static uint64_t prp_page(const uint8_t *sqe, unsigned i, bool list)
{
	uint64_t prp2 = le64_load(sqe + 32);
	const uint8_t *entry;

	if (i == 0)
		return le64_load(sqe + 24);
	if (!list)
		return prp2;
	entry = fake_nvme_dma(prp2 + 8 * (i - 1), 8, FAKE_NVME_READS);
	return entry ? le64_load(entry) : 0;
}

/* Page by page; what is not mapped is silently not transferred. */
static uint16_t transfer(struct fake_nvme *fn, const uint8_t *sqe,
			 uint8_t *data, size_t len, bool read)
{
	uint64_t first = le64_load(sqe + 24), at;
	size_t pages = (first % 4096 + len + 4095) / 4096, n;

	if (first % 4)
		return 0x13;
	filled &= read;
	fn->seen.lists += pages > 2;
	for (unsigned i = 0; len; i++, len -= n, data += n) {
		uint8_t *ptr;

		at = prp_page(sqe, i, pages > 2);
		if (!at)
			return 0x04;
		if (i && at % 4096)
			return 0x13;
		n = MIN(len, 4096 - at % 4096);
		ptr = fake_nvme_dma(at, n,
				    read ? FAKE_NVME_WRITES : FAKE_NVME_READS);
		if (ptr)
			memcpy(read ? ptr : data, read ? data : ptr, n);
	}
	return 0;
}

static struct fake_nvme_namespace *find_namespace(struct fake_nvme *fn,
						  uint32_t id)
{
	for (unsigned i = 0; i < fn->n_ns; i++) {
		if (fn->ns[i].id == id)
			return &fn->ns[i];
	}
	return NULL;
}

static uint16_t io_transfer(struct fake_nvme *fn, const uint8_t *sqe)
{
	struct fake_nvme_namespace *ns = find_namespace(fn, le32_load(sqe + 4));
	uint64_t lba = le64_load(sqe + 40), blocks;
	size_t count = le16_load(sqe + 48) + 1u, len;

	fn->seen.dw12 = le32_load(sqe + 48);
	fn->seen.dw14 = le32_load(sqe + 56);
	fn->seen.prp[0] = le64_load(sqe + 24);
	fn->seen.prp[1] = le64_load(sqe + 32);
	if (!ns)
		return 0x400b;
	len = count << ns->shift;
	blocks = ns->len >> ns->shift;
	if (fn->mdts && fn->mdts < 20 && len > 4096u << fn->mdts)
		return 0x4002;
	if (lba >= blocks || count > blocks - lba)
		return 0x4080;
	return transfer(fn, sqe, ns->data + (lba << ns->shift), len,
			sqe[0] == 2);
}

static void identify_namespace(struct fake_nvme *fn, uint32_t id, uint8_t *page)
{
	const struct fake_nvme_namespace *ns = find_namespace(fn, id);

	if (!ns)
		return;
	le64_store(page, ns->blocks);
	page[25] = ns->nlbaf;
	page[26] = ns->flbas;
	page[29] = ns->dps;
	page[99] = ns->attr;
	for (unsigned i = 0; i < 64; i++)
		le32_store(page + 128 + 4 * i,
			   (uint32_t)ns->shift << 16 | ns->metadata);
}

static void identify_list(const struct fake_nvme *fn, uint32_t above,
			  uint8_t *page)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fn->n_ns && n < 1024; i++) {
		if (fn->ns[i].id > above)
			le32_store(page + 4 * n++, fn->ns[i].id);
	}
}

static uint16_t identify(struct fake_nvme *fn, const uint8_t *sqe)
{
	uint64_t prp = le64_load(sqe + 24);
	uint8_t *page = fake_nvme_dma(prp, 4096, FAKE_NVME_WRITES);
	uint32_t cns = le32_load(sqe + 40), id = le32_load(sqe + 4);

	assert_int_equal(prp % 4096, 0);
	if (!page)
		return 0x04;
	memset(page, 0, 4096);
	if (cns == 0) {
		identify_namespace(fn, id, page);
	} else if (cns == 1) {
		memset(page + 4, ' ', 60);
		memcpy(page + 24, "QEMU NVMe Ctrl", 14);
		page[77] = fn->mdts;
		page[525] = fn->vwc;
	} else {
		assert_int_equal(cns, 2);
		identify_list(fn, id, page);
	}
	if (fn->identify)
		fn->identify(cns, id, page);
	return 0;
}

/* Create CQ, SQ: physically contiguous; without interrupts. */
static uint16_t create(struct fake_nvme *fn, const uint8_t *sqe, bool cq)
{
	uint32_t dw10 = le32_load(sqe + 40), dw11 = le32_load(sqe + 44);
	struct fake_nvme_queue *fq = &fn->queue[1];
	unsigned size = (dw10 >> 16) + 1;

	assert_int_equal(dw10 & 0xffff, 1);
	assert_int_equal(dw11, cq ? 1 : 1 << 16 | 1);
	assert_int_equal(le64_load(sqe + 24) % 4096, 0);
	if (size < 2 || size > (fn->cap & 0xffff) + 1)
		return 0x4102;
	if (cq)
		*fq = (struct fake_nvme_queue){ .cq = le64_load(sqe + 24),
						.cq_size = size,
						.phase = 1 };
	else if (!fq->cq)
		return 0x4100;
	if (!cq) {
		fq->sq = le64_load(sqe + 24);
		fq->sq_size = size;
	}
	return 0;
}

static uint16_t serve_admin(struct fake_nvme *fn, const uint8_t *sqe)
{
	switch (sqe[0]) {
	case 0x01:
	case 0x05:
		return create(fn, sqe, sqe[0] == 5);
	case 0x06:
		return identify(fn, sqe);
	case 0x09:
		assert_int_equal(le32_load(sqe + 40), 7);
		assert_int_equal(le32_load(sqe + 44), 0);
		return 0;
	default:
		return 0x4001;
	}
}

static uint16_t serve_io(struct fake_nvme *fn, const uint8_t *sqe)
{
	switch (sqe[0]) {
	case 0x00:
		return find_namespace(fn, le32_load(sqe + 4)) ? 0 : 0x400b;
	case 0x01:
	case 0x02:
		return io_transfer(fn, sqe);
	default:
		return 0x4001;
	}
}

static void die(struct fake_nvme *fn)
{
	if (fn->lie == NVME_LIE_DIES)
		fn->csts |= CFS;
	fn->gone |= fn->lie == NVME_LIE_VANISHES;
	if (fn->lie == NVME_LIE_STOPS)
		fn->csts &= ~RDY;
}

static void serve(struct fake_nvme *fn, unsigned q, const uint8_t *sqe)
{
	uint16_t status, cid = le16_load(sqe + 2);

	assert_int_equal(sqe[1], 0);
	assert_int_equal(le64_load(sqe + 16), 0);
	fn->seen.commands[q][sqe[0]]++;
	if (q)
		die(fn);
	if (fn->gone || !(fn->csts & RDY) || fn->csts & CFS ||
	    fn->lie == NVME_LIE_SILENT)
		return;
	if (fn->fails && fn->fail_queue == q && fn->fail_opcode == sqe[0]) {
		fn->fails--;
		status = fn->status;
	} else {
		status = q ? serve_io(fn, sqe) : serve_admin(fn, sqe);
	}
	complete(fn, q, cid, status);
}

static void run(struct fake_nvme *fn, unsigned q)
{
	struct fake_nvme_queue *fq = &fn->queue[q];
	unsigned left = (fq->sq_tail + fq->sq_size - fq->sq_head) % fq->sq_size;

	fn->seen.most = MAX(fn->seen.most, left);
	while (fq->sq_head != fq->sq_tail && !(fn->csts & CFS)) {
		const uint8_t *at = ring_entry(fn, fq->sq + 64ull * fq->sq_head,
					       64, FAKE_NVME_READS);
		uint8_t sqe[64];

		if (!at)
			return;
		memcpy(sqe, at, sizeof(sqe));
		fq->sq_head = (fq->sq_head + 1) % fq->sq_size;
		serve(fn, q, sqe);
	}
}

void fake_nvme_release(struct fake_nvme *fn)
{
	fn->hold = false;
	run(fn, 1);
}

static void ring_bell(struct fake_nvme *fn, unsigned reg, uint32_t value)
{
	unsigned stride = 4u << (fn->cap >> 32 & 15);
	unsigned n = (reg - 0x1000) / stride, q = n / 2;
	struct fake_nvme_queue *fq = &fn->queue[q];
	bool fits;

	assert_int_equal((reg - 0x1000) % stride, 0);
	assert_true(n < 4);
	fits = fn->csts & RDY && value < (n & 1 ? fq->cq_size : fq->sq_size);
	assert_true(fits || fn->lie != NVME_HONEST);
	if (!fits)
		return;
	if (n & 1) {
		fn->seen.head_bells[q]++;
		fq->cq_head = value;
		return;
	}
	fn->seen.tail_bells[q]++;
	fq->sq_tail = value;
	if (!q || !fn->hold)
		run(fn, q);
}

static void enable(struct fake_nvme *fn)
{
	unsigned sq = (fn->aqa & 0xfff) + 1, cq = (fn->aqa >> 16 & 0xfff) + 1;

	assert_int_equal(fn->cc, 6 << 16 | 4 << 20 | 1);
	assert_int_equal(fn->asq % 4096, 0);
	assert_int_equal(fn->acq % 4096, 0);
	fn->seen.enables++;
	memset(fn->queue, 0, sizeof(fn->queue));
	fn->queue[0] = (struct fake_nvme_queue){ .sq = fn->asq,
						 .cq = fn->acq,
						 .sq_size = sq,
						 .cq_size = cq,
						 .phase = 1 };
	fn->csts = 0;
	if (fn->lie == NVME_LIE_FATAL)
		fn->csts = CFS;
	else if (fn->lie != NVME_LIE_NEVER_READY && !fn->ready_ms)
		fn->csts = RDY;
	else if (fn->lie != NVME_LIE_NEVER_READY)
		fn->ready_at = deadline_ms() + fn->ready_ms;
}

static void control(struct fake_nvme *fn, uint32_t value)
{
	uint32_t was = fn->cc;

	fn->cc = value;
	if (!(was & 1) && value & 1) {
		enable(fn);
	} else if (!(value & 1)) {
		fn->seen.resets += was & 1;
		fn->ready_at = 0;
		if (fn->lie != NVME_LIE_STAYS_READY)
			fn->csts = 0;
	} else if (value >> 14 & 3) {
		assert_int_equal(value >> 14 & 3, 1);
		fn->seen.shutdowns++;
		fn->csts |= fn->lie == NVME_LIE_NO_SHUTDOWN ? 1 << 2 : 2 << 2;
	}
}

static uint32_t read_register(struct fake_nvme *fn, unsigned reg)
{
	switch (reg) {
	case 0x00:
		return (uint32_t)fn->cap;
	case 0x04:
		return (uint32_t)(fn->cap >> 32);
	case 0x14:
		return fn->cc;
	case 0x1c:
		if (fn->ready_at && deadline_ms() >= fn->ready_at) {
			fn->csts |= RDY;
			fn->ready_at = 0;
		}
		return fn->csts;
	default:
		fail_msg("register 0x%x read", reg);
		return 0;
	}
}

uint32_t fake_nvme_read(struct fake_nvme *fn, unsigned reg)
{
	uint32_t value = fn->gone ? UINT32_MAX : read_register(fn, reg);

	return fn->read ? fn->read(reg, value) : value;
}

void fake_nvme_write(struct fake_nvme *fn, unsigned reg, uint32_t value)
{
	if (fn->gone)
		return;
	if (reg == 0x14)
		control(fn, value);
	else if (reg == 0x24)
		fn->aqa = value;
	else if (reg == 0x28)
		fn->asq = value;
	else if (reg == 0x2c)
		fn->asq |= (uint64_t)value << 32;
	else if (reg == 0x30)
		fn->acq = value;
	else if (reg == 0x34)
		fn->acq |= (uint64_t)value << 32;
	else if (reg >= 0x1000)
		ring_bell(fn, reg, value);
	else
		fail_msg("register 0x%x written", reg);
}

struct fake_nvme_namespace *fake_nvme_add(struct fake_nvme *fn, uint32_t id)
{
	struct fake_nvme_namespace *ns = &fn->ns[fn->n_ns++];

	*ns = (struct fake_nvme_namespace){
		.id = id,
		.blocks = FAKE_NVME_DATA / 512,
		.shift = 9,
		.data = fake_nvme_data,
		.len = FAKE_NVME_DATA,
	};
	return ns;
}

void fake_nvme_reset(struct fake_nvme *fn)
{
	memset(fn, 0, sizeof(*fn));
	/* [QEMU 7.2 hw/nvme/ctrl.c, nvme_init_ctrl] */
	fn->cap = 0x004018200f0107ffULL;
	fn->mdts = 7;
	fn->vwc = 7;
	fake_nvme_add(fn, 1);
}

void fake_nvme_fill(void)
{
	for (unsigned i = 0; i < FAKE_NVME_DATA && !filled; i++)
		fake_nvme_data[i] = (uint8_t)(i / 512 * 11 + i);
	filled = true;
}

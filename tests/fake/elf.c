// SPDX-License-Identifier: BSD-2-Clause
// ELF files made byte by byte, and memory to load them into.
#include "tests/fake/elf.h"

#include <stdlib.h>
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"

uint8_t fake_elf_memory[0x8000];
uint64_t fake_elf_claimed, fake_elf_flushed;
uint64_t fake_elf_used_first = 1, fake_elf_used_last;

static void put(struct elf_maker *m, size_t offset, unsigned bytes,
		uint64_t val)
{
	for (unsigned i = 0; i < bytes; i++) {
		unsigned shift = m->little_endian ? i : bytes - 1 - i;

		m->file[offset + i] = (uint8_t)(val >> 8 * shift);
	}
}

void elf_maker_init(struct elf_maker *m, bool is_64, bool little_endian)
{
	*m = (struct elf_maker){ .is_64 = is_64,
				 .little_endian = little_endian,
				 .file = malloc(ELF_MAKER_SIZE),
				 .size = ELF_MAKER_SIZE,
				 .phentsize = is_64 ? 56 : 32,
				 .phoff = is_64 ? 64 : 52 };
	for (size_t i = 0; i < ELF_MAKER_SIZE; i++)
		m->file[i] = (uint8_t)(i + (i >> 8));
	memset(m->file, 0, 64);
	memcpy(m->file, "\177ELF", 4);
	m->file[4] = is_64 ? 2 : 1;
	m->file[5] = little_endian ? 1 : 2;
	m->file[6] = 1;
	put(m, 16, 2, 2);
	put(m, 18, 2, is_64 ? 21 : 20);
	put(m, is_64 ? 32 : 28, is_64 ? 8 : 4, m->phoff);
	put(m, is_64 ? 54 : 42, 2, m->phentsize);
}

void elf_maker_free(struct elf_maker *m)
{
	free(m->file);
	m->file = NULL;
}

void elf_maker_grow(struct elf_maker *m, size_t size)
{
	m->file = realloc(m->file, size);
	memset(m->file + m->size, 0, size - m->size);
	m->size = size;
}

void elf_maker_phdr(struct elf_maker *m, uint32_t type, uint64_t paddr,
		    uint64_t vaddr, uint64_t offset, uint64_t filesz,
		    uint64_t memsz)
{
	const uint64_t vals[] = { offset, vaddr, paddr, filesz, memsz };
	size_t at = m->phoff + (size_t)m->phnum * m->phentsize;
	unsigned width = m->is_64 ? 8 : 4;

	memset(m->file + at, 0, m->phentsize);
	put(m, at, 4, type);
	at += width;
	for (unsigned i = 0; i < 5; i++, at += width)
		put(m, at, width, vals[i]);
	m->phnum++;
	put(m, m->is_64 ? 56 : 44, 2, m->phnum);
}

void elf_maker_align(struct elf_maker *m, uint64_t align)
{
	size_t at = m->phoff + (size_t)m->phnum * m->phentsize;
	unsigned width = m->is_64 ? 8 : 4;

	put(m, at - width, width, align);
}

void elf_maker_load(struct elf_maker *m, uint64_t paddr, uint64_t vaddr,
		    uint64_t offset, uint64_t filesz, uint64_t memsz)
{
	elf_maker_phdr(m, 1, paddr, vaddr, offset, filesz, memsz);
}

void elf_maker_entry(struct elf_maker *m, uint64_t vaddr)
{
	put(m, 24, m->is_64 ? 8 : 4, vaddr);
}

void elf_maker_flags(struct elf_maker *m, uint32_t flags)
{
	put(m, m->is_64 ? 48 : 36, 4, flags);
}

void elf_maker_put64(struct elf_maker *m, size_t offset, uint64_t val)
{
	put(m, offset, 8, val);
}

static long maker_read(struct image *img, uint64_t offset, void *buf,
		       size_t len)
{
	struct elf_maker *m = img->priv;

	m->reads++;
	if (m->bad_offset >= offset && m->bad_offset < offset + len &&
	    m->bad_offset)
		return reason_fail(ERR_IO, "a bad byte");
	/* Exactly this length: ASan catches what the check misses. */
	memcpy(buf, m->file + offset, len);
	return m->read_error ? m->read_error : (long)len;
}

void elf_maker_image(struct elf_maker *m, struct image *img)
{
	*img = (struct image){
		.name = "elf", .size = m->size, .read = maker_read, .priv = m
	};
}

static bool in_memory(uint64_t addr, uint64_t size)
{
	return addr <= sizeof(fake_elf_memory) &&
	       size <= sizeof(fake_elf_memory) - addr;
}

static int place_claim(void *arg, uint64_t addr, uint64_t size)
{
	(void)arg;
	if (!in_memory(addr, size))
		return ERR_RANGE;
	if (fake_elf_used_first <= fake_elf_used_last &&
	    addr <= fake_elf_used_last && addr + size > fake_elf_used_first)
		return ERR_EXIST;
	fake_elf_claimed += size;
	return 0;
}

static void place_release(void *arg, uint64_t addr, uint64_t size)
{
	(void)arg;
	(void)addr;
	fake_elf_claimed -= size;
}

static void *place_ptr(void *arg, uint64_t addr, uint64_t size)
{
	(void)arg;
	return in_memory(addr, size) ? fake_elf_memory + addr : NULL;
}

static void place_flush(void *arg, void *ptr, uint64_t size)
{
	(void)arg;
	(void)ptr;
	fake_elf_flushed += size;
}

const struct elf_place fake_elf_place = {
	.claim = place_claim,
	.release = place_release,
	.ptr = place_ptr,
	.flush = place_flush,
};

void fake_elf_reset(void)
{
	fake_elf_claimed = fake_elf_flushed = 0;
	fake_elf_used_first = 1;
	fake_elf_used_last = 0;
}

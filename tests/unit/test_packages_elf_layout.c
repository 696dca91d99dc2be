// SPDX-License-Identifier: BSD-2-Clause
// Tests of packages/elf_layout.c: against the host's <elf.h>.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <elf.h>

#include "lib/endian.h"
#include "packages/elf_layout.h"

#define SAME(field, type, member)                                              \
	assert_int_equal(field, offsetof(type, member))

static void offsets_of_32_bit_files_are_those_of_elf_h(void **state)
{
	const struct elf_layout *l = elf_layout(false);

	(void)state;
	assert_int_equal(l->word, 4);
	assert_int_equal(l->header, sizeof(Elf32_Ehdr));
	SAME(l->entry, Elf32_Ehdr, e_entry);
	SAME(l->flags, Elf32_Ehdr, e_flags);
	SAME(l->phoff, Elf32_Ehdr, e_phoff);
	SAME(l->shoff, Elf32_Ehdr, e_shoff);
	SAME(l->phentsize, Elf32_Ehdr, e_phentsize);
	SAME(l->phentsize + 2, Elf32_Ehdr, e_phnum);
	SAME(l->phentsize + 4, Elf32_Ehdr, e_shentsize);
	SAME(l->phentsize + 6, Elf32_Ehdr, e_shnum);
	assert_int_equal(l->phdr, sizeof(Elf32_Phdr));
	SAME(l->offset, Elf32_Phdr, p_offset);
	SAME(l->vaddr, Elf32_Phdr, p_vaddr);
	SAME(l->paddr, Elf32_Phdr, p_paddr);
	SAME(l->filesz, Elf32_Phdr, p_filesz);
	SAME(l->memsz, Elf32_Phdr, p_memsz);
	SAME(l->align, Elf32_Phdr, p_align);
	assert_int_equal(l->shdr, sizeof(Elf32_Shdr));
	SAME(4, Elf32_Shdr, sh_type);
	SAME(l->sh_offset, Elf32_Shdr, sh_offset);
	SAME(l->sh_size, Elf32_Shdr, sh_size);
}

static void offsets_of_64_bit_files_are_those_of_elf_h(void **state)
{
	const struct elf_layout *l = elf_layout(true);

	(void)state;
	assert_int_equal(l->word, 8);
	assert_int_equal(l->header, sizeof(Elf64_Ehdr));
	SAME(l->entry, Elf64_Ehdr, e_entry);
	SAME(l->flags, Elf64_Ehdr, e_flags);
	SAME(l->phoff, Elf64_Ehdr, e_phoff);
	SAME(l->shoff, Elf64_Ehdr, e_shoff);
	SAME(l->phentsize, Elf64_Ehdr, e_phentsize);
	SAME(l->phentsize + 2, Elf64_Ehdr, e_phnum);
	SAME(l->phentsize + 4, Elf64_Ehdr, e_shentsize);
	SAME(l->phentsize + 6, Elf64_Ehdr, e_shnum);
	assert_int_equal(l->phdr, sizeof(Elf64_Phdr));
	SAME(l->offset, Elf64_Phdr, p_offset);
	SAME(l->vaddr, Elf64_Phdr, p_vaddr);
	SAME(l->paddr, Elf64_Phdr, p_paddr);
	SAME(l->filesz, Elf64_Phdr, p_filesz);
	SAME(l->memsz, Elf64_Phdr, p_memsz);
	SAME(l->align, Elf64_Phdr, p_align);
	assert_int_equal(l->shdr, sizeof(Elf64_Shdr));
	SAME(4, Elf64_Shdr, sh_type);
	SAME(l->sh_offset, Elf64_Shdr, sh_offset);
	SAME(l->sh_size, Elf64_Shdr, sh_size);
}

static void numbers_are_read_in_both_byte_orders(void **state)
{
	static const uint8_t bytes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0xf8 };

	(void)state;
	assert_int_equal(elf_number(bytes + 1, 2, false), 0x0102);
	assert_int_equal(elf_number(bytes + 1, 2, true), 0x0201);
	assert_int_equal(elf_number(bytes + 1, 4, false), 0x01020304);
	assert_int_equal(elf_number(bytes + 1, 4, true), 0x04030201);
	assert_int_equal(elf_number(bytes + 1, 8, false), 0x01020304050607f8);
	assert_int_equal(elf_number(bytes + 1, 8, true), 0xf807060504030201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_of_32_bit_files_are_those_of_elf_h),
		cmocka_unit_test(offsets_of_64_bit_files_are_those_of_elf_h),
		cmocka_unit_test(numbers_are_read_in_both_byte_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

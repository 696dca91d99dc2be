// SPDX-License-Identifier: BSD-2-Clause
// State a call preserves: registers, CR, MSR, floating point, vectors, in
// either mode of a 64-bit client (PowerPC binding 7.1).

#include "tests/guest/conformance/register_calls.h"

#define CR2_TO_CR4 0x00fff000u
#define LOW_HALF UINT64_C(0xffffffff)

// Cells are 32 bits wide, so a call must keep only 32 bits.
static uint64_t width = LOW_HALF;

static void same_register(unsigned int n, const char *service)
{
	uint64_t want = registers_before.gpr[n] & width;

	if (n == 1)
		want = guest_registers.own_stack & width;
	if (!expect_is(guest_registers.gpr[n] & width, want, service))
		note_number("it is register", n);
}

static void look_at_stack(enum depth depth, const char *service)
{
	(void)depth;
	same_register(1, service);
}

static void look_at_toc(enum depth depth, const char *service)
{
	(void)depth;
	same_register(2, service);
}

static void look_at_registers(enum depth depth, const char *service)
{
	unsigned int i;

	(void)depth;
	for (i = 13; i < 32; i++)
		same_register(i, service);
}

static void look_at_cr2(enum depth depth, const char *service)
{
	(void)depth;
	expect_is(guest_registers.cr & CR2_TO_CR4,
		  registers_before.cr & CR2_TO_CR4, service);
}

static void look_at_cr(enum depth depth, const char *service)
{
	(void)depth;
	expect_is(guest_registers.cr & LOW_HALF, registers_before.cr, service);
}

static void look_at_msr(enum depth depth, const char *service)
{
	(void)depth;
	expect_is(guest_registers.msr, guest_registers.msr_before, service);
}

static void look_at_sprg(enum depth depth, const char *service)
{
	unsigned int i;

	(void)depth;
	for (i = 0; i < 3; i++)
		expect_is(guest_registers.sprg[i] & width,
			  registers_before.sprg[i] & width, service);
}

static void look_at_fp(enum depth depth, const char *service)
{
	unsigned int i;

	(void)depth;
	for (i = 0; i < 32; i++)
		expect_is(guest_registers.fpr[i], registers_before.fpr[i],
			  service);
}

static void look_at_fpscr(enum depth depth, const char *service)
{
	(void)depth;
	expect_is(guest_registers.fpscr & LOW_HALF,
		  guest_registers.fpscr_before & LOW_HALF, service);
	expect_is(guest_registers.fpscr & 3, FPSCR_PATTERN & 3,
		  "the rounding mode");
}

static void look_at_vmx(enum depth depth, const char *service)
{
	(void)depth;
	expect_bytes(guest_registers.vmx, registers_before.vmx,
		     sizeof(registers_before.vmx), service);
	expect_is(guest_registers.vrsave & LOW_HALF, registers_before.vrsave,
		  "VRSAVE");
}

static void look_at_vscr(enum depth depth, const char *service)
{
	(void)depth;
	expect_bytes(guest_registers.vscr, guest_registers.vscr_before,
		     sizeof(registers_before.vscr), service);
}

static void look_at_vsx(enum depth depth, const char *service)
{
	(void)depth;
	expect_bytes(guest_registers.vsx, registers_before.vsx,
		     sizeof(registers_before.vsx), service);
}

// Checks that the call did its job.
static void look_at_result(enum depth depth, const char *service)
{
	uint32_t got = register_result(depth);

	if (depth == UNKNOWN)
		return;
	expect_is((uint32_t)guest_registers.gpr[3], 0, service);
	expect_not(got, UNTOUCHED, service);
	expect_not(got,
		   depth == METHOD || depth == TEXT || depth == OPEN ? 0
								     : MISSING,
		   service);
	if (depth == PROPERTY) {
		expect_is(got, 4, "the length of / #address-cells");
		expect_is(guest_be32(cases_buffer),
			  guest_number("/", "#address-cells", 0),
			  "/ #address-cells");
	}
	if (depth == READ)
		expect_is(got, SECTOR, "bytes read");
}

static void change_fp(void)
{
	guest_registers.uses = USES_FP;
	guest_registers.msr_set = MSR_FP;
}

// The boot processor's vectors (LoPAR B.6: ibm,vmx; Apple: altivec).
static uint32_t vectors(void)
{
	uint32_t cpu = ci1("child", 1, find("/cpus"), 0, 0, 0);
	unsigned char value[4];

	if (get_property(cpu, "ibm,vmx", value, 4) == 4)
		return guest_be32(value);
	return get_property(cpu, "altivec", value, 0) == 0;
}

static void change_vmx(void)
{
	guest_registers.uses = USES_VMX;
	guest_registers.msr_set = MSR_VEC;
}

static void change_vsx(void)
{
	guest_registers.uses = USES_VSX;
	guest_registers.msr_set = MSR_FP | MSR_VEC | MSR_VSX;
}

static void stack_survives(void)
{
	each_call(NULL, look_at_stack);
}

static void toc_survives(void)
{
	each_call(NULL, look_at_toc);
}

static void registers_survive(void)
{
	each_call(NULL, look_at_registers);
}

static void cr2_survives(void)
{
	each_call(NULL, look_at_cr2);
}

static void change_cr(void)
{
	guest_registers.cr = ~CR_PATTERN;
}

// The standard only requires CR2 to CR4.
static void cr_survives(void)
{
	register_call(CLOCK, NULL);
	if ((uint32_t)guest_registers.cr != CR_PATTERN) {
		skip("the firmware keeps CR2 to CR4 only");
		return;
	}
	each_call(NULL, look_at_cr);
	each_call(change_cr, look_at_cr);
}

static void msr_survives(void)
{
	each_call(NULL, look_at_msr);
}

static void change_msr(void)
{
	guest_registers.msr_set = MSR_RI;
	guest_registers.msr_clear = MSR_FP;
}

static void msr_without_fp_survives(void)
{
	each_call(change_msr, look_at_msr);
	each_call(change_msr, look_at_result);
	expect_is(guest_registers.msr_before & (MSR_FP | MSR_RI), MSR_RI,
		  "FP and RI at the call");
}

static void sprg_survive(void)
{
	each_call(NULL, look_at_sprg);
}

static void fp_survives(void)
{
	each_call(change_fp, look_at_fp);
}

static void fpscr_survives(void)
{
	each_call(change_fp, look_at_fpscr);
}

static void vmx_survives(void)
{
	if (vectors())
		each_call(change_vmx, look_at_vmx);
	else
		skip("the processor has no vector unit");
}

static void vscr_survives(void)
{
	if (vectors())
		each_call(change_vmx, look_at_vscr);
	else
		skip("the processor has no vector unit");
}

static void vsx_survives(void)
{
	if (vectors() > 1)
		each_call(change_vsx, look_at_vsx);
	else
		skip("the processor has no VSX unit");
}

static void results_are_right(void)
{
	each_call(NULL, look_at_result);
}

static void change_r13(void)
{
	guest_registers.gpr[13] = 1;
}

static void r13_is_no_flag(void)
{
	each_call(change_r13, look_at_result);
	each_call(change_r13, look_at_registers);
	each_call(change_r13, look_at_msr);
}

static void change_mode(void)
{
	guest_registers.msr_clear = MSR_SF;
}

// The upper halves of a 32-bit client's registers are undefined.
static void change_mode_and_halves(void)
{
	guest_registers.msr_clear = MSR_SF;
	guest_registers.gpr[3] |= UINT64_C(0xfeedface00000000);
}

static bool is_32bit(void)
{
	if (sizeof(void *) == 4)
		skip("this client is a 32-bit program");
	return sizeof(void *) == 4;
}

static void works_in_32bit_mode(void)
{
	if (is_32bit())
		return;
	each_call(change_mode, look_at_result);
	expect_is(guest_registers.msr_before & MSR_SF, 0, "SF at the call");
}

static void survives_in_32bit_mode(void)
{
	if (is_32bit())
		return;
	each_call(change_mode, look_at_stack);
	each_call(change_mode, look_at_toc);
	each_call(change_mode, look_at_registers);
	each_call(change_mode, look_at_cr2);
}

static void mode_survives(void)
{
	if (!is_32bit())
		each_call(change_mode, look_at_msr);
}

static void upper_half_is_ignored(void)
{
	if (!is_32bit())
		each_call(change_mode_and_halves, look_at_result);
}

static void all_64_bits_survive(void)
{
	if (is_32bit())
		return;
	width = UINT64_MAX;
	each_call(NULL, look_at_stack);
	each_call(NULL, look_at_toc);
	each_call(NULL, look_at_registers);
	each_call(NULL, look_at_sprg);
	width = LOW_HALF;
}

static void works_in_64bit_mode(void)
{
	if (is_32bit())
		return;
	each_call(NULL, look_at_result);
	expect_is(guest_registers.msr_before & MSR_SF, MSR_SF,
		  "SF at the call");
}

static const struct test_case cases[] = {
	RUNS("calls of any depth give their results", "PowerPC binding 7.1",
	     REQUIRED, results_are_right),
	RUNS("r1 survives a call", "PowerPC binding 7.1", REQUIRED,
	     stack_survives),
	RUNS("r2 survives a call", "PowerPC binding 7.1", REQUIRED,
	     toc_survives),
	RUNS("r13 to r31 survive a call", "PowerPC binding 7.1", REQUIRED,
	     registers_survive),
	RUNS("CR2 to CR4 survive a call", "PowerPC binding 7.1", REQUIRED,
	     cr2_survives),
	RUNS("the other fields of the CR survive a call", "Power ISA I 2.3.1",
	     EXTENSION, cr_survives),
	RUNS("the MSR survives a call", "PowerPC binding 7.1", REQUIRED,
	     msr_survives),
	RUNS("a call works with FP off, which stays off", "PowerPC binding 7.1",
	     REQUIRED, msr_without_fp_survives),
	RUNS("SPRG0, SPRG1 and SPRG3 survive a call", "PowerPC binding 7.1",
	     REQUIRED, sprg_survive),
	RUNS("f0 to f31 survive a call", "PowerPC binding 7.1", REQUIRED,
	     fp_survives),
	RUNS("FPSCR survives a call", "PowerPC binding 7.1", REQUIRED,
	     fpscr_survives),
	RUNS("v0 to v31 and VRSAVE survive a call", "LoPAR C.8.1", REQUIRED,
	     vmx_survives),
	RUNS("VSCR survives a call", "LoPAR C.8.1", EXPECTED, vscr_survives),
	RUNS("vs0 to vs31 survive a call", "Linux prom_init.c", EXPECTED,
	     vsx_survives),
	RUNS("SLOF: r13 = 1 says nothing about the byte order", "SLOF entry.S",
	     EXPECTED, r13_is_no_flag),
	RUNS("zImage: calls in 64-bit mode give their results",
	     "Linux arch/powerpc/boot/oflib.c", EXPECTED, works_in_64bit_mode),
	RUNS("in 64-bit mode registers survive with all their bits",
	     "PowerPC binding 7.1", EXPECTED, all_64_bits_survive),
	RUNS("Linux: calls in 32-bit mode give their results",
	     "Linux prom_entry_64.S", EXPECTED, works_in_32bit_mode),
	RUNS("Linux: a call in 32-bit mode returns in 32-bit mode",
	     "Linux prom_entry_64.S", EXPECTED, mode_survives),
	RUNS("Linux: registers' lower halves survive in 32-bit mode",
	     "Linux prom_entry_64.S", EXPECTED, survives_in_32bit_mode),
	RUNS("in 32-bit mode the upper half of r3 counts for nothing",
	     "PowerPC binding 7.1", EXPECTED, upper_half_is_ignored),
};

GROUP("14", "registers", NULL);

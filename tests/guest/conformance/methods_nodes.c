// SPDX-License-Identifier: BSD-2-Clause
// Methods of nodes other than input and output: memory, mmu, clock, disk
// controllers (call-method, IEEE 1275-1994 6.3.2.2).

#include "tests/guest/conformance/io.h"

#define COPYING "FreeBSD ofw_copy.c"
#define PIECE 0x80000u
#define CLOCK_CELLS 6

static uint32_t memory(void)
{
	return guest_number("/chosen", "memory", 0);
}

static uint32_t mmu(void)
{
	return guest_number("/chosen", "mmu", 0);
}

static bool package_lacks(uint32_t ihandle, const char *method)
{
	if (has_method(node_of(ihandle), method))
		return false;
	skip("the package has no such method");
	return true;
}

// ( addr size align -- base ): the alignment is on top.
static uint32_t method_claim(uint32_t ihandle, uint32_t addr, uint32_t size,
			     uint32_t align, uint32_t *base)
{
	struct method_call call = {
		"claim", ihandle, 3, 1, { align, size, addr }, { 0 }
	};
	uint32_t caught = call_method(&call);

	*base = call.out[0];
	return caught;
}

// ( addr size -- )
static uint32_t method_release(uint32_t ihandle, uint32_t addr, uint32_t size)
{
	struct method_call call = { "release", ihandle,	       2,
				    0,	       { size, addr }, { 0 } };

	return call_method(&call);
}

static void claims_aligned(void)
{
	uint32_t base, other;

	expect_is(method_claim(memory(), 0, 0x3000, 0x10000, &base), 0,
		  "the catch-result of claim");
	expect_not(base, 0, "the address");
	if (!expect_is(base & 0xffff, 0, "the address below its alignment"))
		return;
	memset((void *)(uintptr_t)base, 0x12, 0x3000);
	expect_is(claim(base, 0x1000, 0), MISSING,
		  "claim of what the method claimed");
	expect_is(claim(base + 0x2000, 0x1000, 0), MISSING,
		  "claim of its last page");
	expect_is(method_release(memory(), base, 0x3000), 0,
		  "the catch-result of release");
	other = claim(base, 0x3000, 0);
	expect_is(other, base, "claim of what the method released");
	if (other == base)
		release(base, 0x3000);
}

static void claims_exact(void)
{
	uint32_t place = claim(0, PIECE, 0x1000), base;

	expect_not(place, MISSING, "memory for a piece");
	release(place, PIECE);
	expect_is(method_claim(memory(), place, PIECE, 0, &base), 0,
		  "the catch-result of claim");
	expect_is(base, place, "the address");
	expect_is(claim(place, PIECE, 0), MISSING,
		  "claim of what the method claimed");
	expect_is(method_release(memory(), place, PIECE), 0,
		  "the catch-result of release");
	expect_is(claim(place, PIECE, 0), place, "claim of it once released");
	release(place, PIECE);
}

static void releases_a_part(void)
{
	uint32_t place = claim(0, PIECE, 0x1000);

	expect_not(place, MISSING, "memory for a piece");
	expect_is(method_release(memory(), place + 0x2000, 0x1000), 0,
		  "the catch-result of release");
	expect_is(claim(place, 0x1000, 0), MISSING, "claim of the first page");
	expect_is(claim(place + 0x1000, 0x1000, 0), MISSING,
		  "claim of the page in front");
	expect_is(claim(place + 0x3000, 0x1000, 0), MISSING,
		  "claim of the page behind");
	expect_is(claim(place + 0x2000, 0x1000, 0), place + 0x2000,
		  "claim of the page that was released");
	release(place, PIECE);
}

// The loader claims piece by piece, even what it has; only -1 means "no".
static void claims_overlap(void)
{
	uint32_t place = claim(0, 2 * PIECE, 0x1000), base, i;

	expect_not(place, MISSING, "memory for two pieces");
	release(place, 2 * PIECE);
	for (i = 0; i < 4; i++) {
		uint32_t at = place + i * (PIECE / 4);

		expect_not(method_claim(memory(), at, PIECE, 0, &base), MISSING,
			   "the catch-result of claim");
	}
	method_release(memory(), place, 2 * PIECE);
	expect_is(claim(place, 2 * PIECE, 0), place, "claim of it all");
	release(place, 2 * PIECE);
}

static void claims_too_much(void)
{
	uint32_t base, caught;

	caught = method_claim(memory(), 0, 0xfffff000, 0x1000, &base);
	expect_not(caught, 0, "the catch-result of claim");
	expect_not(caught, MISSING, "the catch-result of claim");
	caught = method_claim(memory(), 0xfffff000, 0x2000, 0, &base);
	expect_not(caught, 0, "the catch-result of a claim over 2^32");
	expect_not(caught, MISSING, "the catch-result of a claim over 2^32");
	expect_alive();
}

static void claim_of_few(void)
{
	struct method_call call = { "claim", memory(),		 2,
				    1,	     { 0x1000, 0x1000 }, { 0 } };

	expect_not(call_method(&call), 0, "the catch-result of claim");
	call.nargs = 0;
	expect_not(call_method(&call), 0, "the catch-result of claim");
	call.name = "release";
	call.nargs = 1;
	call.nresults = 0;
	expect_not(call_method(&call), 0, "the catch-result of release");
	expect_alive();
}

static void releases_what_is_free(void)
{
	uint32_t place = claim(0, PIECE, 0x1000);

	release(place, PIECE);
	method_release(memory(), place, PIECE);
	method_release(memory(), 0xdead0000, 0x1000);
	method_release(memory(), 0xfffff000, 0xffffffff);
	expect_is(claim(place, PIECE, 0), place, "claim of the free piece");
	release(place, PIECE);
	expect_alive();
}

// ( virt -- phys mode true | false ) Both are equal in real mode.
static void translates(void)
{
	struct method_call call = {
		"translate", mmu(), 1, 3, { cell(cases_buffer) }, { 0 }
	};

	if (package_lacks(mmu(), "translate"))
		return;
	expect_is(call_method(&call), 0, "the catch-result of translate");
	expect_is(call.out[0], MISSING, "true");
	expect_is(call.out[2], cell(cases_buffer), "the physical address");
	expect_not(call.out[1], UNTOUCHED, "the mode");
}

// map ( phys virt size mode -- ), unmap ( virt size -- )
static void maps(void)
{
	uint32_t place = claim(0, PIECE, 0x1000);
	struct method_call map = {
		"map", mmu(), 4, 0, { 0x10, PIECE, place, place }, { 0 }
	};
	struct method_call unmap = { "unmap",	       mmu(), 2, 0,
				     { PIECE, place }, { 0 } };

	if (package_lacks(mmu(), "map")) {
		release(place, PIECE);
		return;
	}
	*(volatile uint32_t *)(uintptr_t)place = 0x600df00d;
	expect_is(call_method(&map), 0, "the catch-result of map");
	expect_is(*(volatile uint32_t *)(uintptr_t)place, 0x600df00d,
		  "memory that was mapped");
	expect_is(call_method(&unmap), 0, "the catch-result of unmap");
	release(place, PIECE);
}

static void mmu_claims(void)
{
	uint32_t place = claim(0, PIECE, 0x1000), base;

	release(place, PIECE);
	if (package_lacks(mmu(), "claim"))
		return;
	expect_is(method_claim(mmu(), place, PIECE, 0, &base), 0,
		  "the catch-result of claim");
	expect_is(base, place, "the address");
	expect_is(method_release(mmu(), place, PIECE), 0,
		  "the catch-result of release");
	expect_is(claim(place, PIECE, 0), place, "claim of the memory");
	release(place, PIECE);
}

// An empty stack cannot supply the arguments of the mmu's methods.
static void mmu_with_few_arguments(void)
{
	static const struct {
		const char *name;
		unsigned int nargs;
	} methods[] = {
		{ "translate", 0 }, { "map", 3 },   { "map", 0 },
		{ "unmap", 1 },	    { "claim", 2 }, { "release", 1 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct method_call call = { methods[i].name,
					    mmu(),
					    methods[i].nargs,
					    1,
					    { 0x1000, 0x1000, 0x1000 },
					    { 0 } };

		if (package_lacks(mmu(), methods[i].name))
			return;
		expect_not(call_method(&call), 0, methods[i].name);
	}
	expect_alive();
}

static uint32_t open_clock(void)
{
	uint32_t node = find("rtc"), rtc;
	char path[PATH_SIZE];

	if (node == MISSING)
		node = find("/rtc");
	memset(path, 0, sizeof(path));
	if (node != MISSING)
		path_by("package-to-path", node, path, sizeof(path) - 1);
	rtc = node != MISSING ? open_path(path) : 0;
	if (!rtc || rtc == MISSING) {
		skip("there is no clock");
		return 0;
	}
	return rtc;
}

static uint32_t get_time(uint32_t rtc, uint32_t now[CLOCK_CELLS])
{
	struct method_call call = { "get-time",	 rtc,	0,
				    CLOCK_CELLS, { 0 }, { 0 } };
	uint32_t caught = call_method(&call);

	memcpy(now, call.out, CLOCK_CELLS * sizeof(now[0]));
	return caught;
}

static uint32_t set_time(uint32_t rtc, const uint32_t now[CLOCK_CELLS])
{
	struct method_call call = { "set-time", rtc,   CLOCK_CELLS,
				    0,		{ 0 }, { 0 } };

	memcpy(call.in, now, CLOCK_CELLS * sizeof(now[0]));
	return call_method(&call);
}

static void tells_time(void)
{
	static const uint32_t least[] = { 1970, 1, 1, 0, 0, 0 };
	static const uint32_t most[] = { 9999, 12, 31, 23, 59, 60 };
	uint32_t rtc = open_clock(), now[CLOCK_CELLS], i;

	if (!rtc)
		return;
	expect_is(get_time(rtc, now), 0, "the catch-result of get-time");
	for (i = 0; i < CLOCK_CELLS; i++)
		expect(now[i] >= least[i] && now[i] <= most[i],
		       "a part of year, month, day, hour, minute, second");
	close_instance(rtc);
}

static void sets_time(void)
{
	static const uint32_t then[] = { 2031, 5, 17, 12, 34, 5 };
	uint32_t rtc = open_clock(), before[CLOCK_CELLS], now[CLOCK_CELLS];
	uint32_t i;

	if (!rtc)
		return;
	get_time(rtc, before);
	expect_is(set_time(rtc, then), 0, "the catch-result of set-time");
	expect_is(get_time(rtc, now), 0, "the catch-result of get-time");
	for (i = 0; i < 5; i++)
		expect_is(now[i], then[i], "a part of the time that was set");
	expect(now[5] >= 5 && now[5] < 50, "the second is not near");
	expect_is(set_time(rtc, before), 0, "the catch-result of set-time");
	close_instance(rtc);
}

// Refused, or set as another time; the clock still tells a time.
static void sets_no_time(void)
{
	static const uint32_t wild[][CLOCK_CELLS] = {
		{ 2031, 13, 32, 24, 60, 61 },
		{ 0, 0, 0, 0, 0, 0 },
		{ MISSING, MISSING, MISSING, MISSING, MISSING, MISSING },
	};
	struct method_call few = {
		"set-time", 0, 5, 0, { 1, 1, 1, 1, 1 }, { 0 }
	};
	uint32_t rtc = open_clock(), before[CLOCK_CELLS], now[CLOCK_CELLS], i;

	if (!rtc)
		return;
	get_time(rtc, before);
	few.ihandle = rtc;
	expect_not(call_method(&few), 0, "set-time of five numbers");
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		set_time(rtc, wild[i]);
		if (!get_time(rtc, now))
			expect(now[1] >= 1 && now[1] <= 12 && now[2] >= 1 &&
				       now[2] <= 31 && now[3] < 24 &&
				       now[4] < 60 && now[5] <= 60,
			       "what get-time gives is no time");
	}
	expect_is(set_time(rtc, before), 0, "set-time of what it was");
	get_time(rtc, now);
	expect_bytes(now, before, 3 * sizeof(now[0]), "year, month, day");
	close_instance(rtc);
	expect_alive();
}

// The first node of that type below /vdevice.
static uint32_t find_vscsi(void)
{
	uint32_t node = ci1("child", 1, find("/vdevice"), 0, 0, 0);
	char type[16];

	for (; node && node != MISSING; node = ci1("peer", 1, node, 0, 0, 0)) {
		memset(type, 0, sizeof(type));
		get_property(node, "device_type", type, sizeof(type) - 1);
		if (same_text(type, "vscsi"))
			return node;
	}
	return 0;
}

// vscsi-report-luns ( -- table n ): n 8-byte addresses of lists; each list has
// 8-byte LUNs and ends with 0.
static void reports_luns(void)
{
	uint32_t node = find_vscsi(), i;
	struct method_call call = { "vscsi-report-luns", 0, 0, 2, { 0 }, { 0 } };
	const unsigned char *table, *list;
	char path[PATH_SIZE];

	if (!node) {
		skip("there is no virtual SCSI adapter");
		return;
	}
	memset(path, 0, sizeof(path));
	path_by("package-to-path", node, path, sizeof(path) - 1);
	call.ihandle = open_path(path);
	expect_is(call_method(&call), 0, "the catch-result");
	expect(call.out[0] <= 512, "there are more than 512 targets");
	table = (const unsigned char *)(uintptr_t)call.out[1];
	for (i = 0; i < call.out[0] && i <= 512; i++) {
		expect_is(guest_be32(table + 8 * i), 0, "a high half");
		list = (const unsigned char *)(uintptr_t)guest_be32(table +
								    8 * i + 4);
		if (expect(list != NULL, "a target has no list"))
			expect(guest_be32(list) >> 31, "a LUN of no target");
	}
	close_instance(call.ihandle);
}

#define TESTS(method_, path_)                                                  \
	CALLS("test-method finds " method_ " of " path_, "LoPAR B.10",         \
	      EXPECTED, "test-method", IN(NODE(path_), TEXT(method_)),         \
	      OUT(IS(0)))

static const struct test_case cases[] = {
	RUNS("FreeBSD: claim of /memory claims aligned memory", COPYING,
	     EXPECTED, claims_aligned),
	RUNS("FreeBSD: claim of /memory claims at an address", COPYING,
	     EXPECTED, claims_exact),
	RUNS("FreeBSD: claims of /memory that overlap are not caught as -1",
	     COPYING, EXPECTED, claims_overlap),
	RUNS("release of /memory releases what it names and no more",
	     "IEEE 1275 6.3.2.2", EXPECTED, releases_a_part),
	RUNS("FreeBSD: a claim of too much is caught, not as -1", COPYING,
	     EXPECTED, claims_too_much),
	RUNS("claim and release with too few arguments are caught",
	     "IEEE 1275 6.3.2.2", EXPECTED, claim_of_few),
	RUNS("release of /memory of what is free changes nothing",
	     "IEEE 1275 6.3.2.2", EXPECTED, releases_what_is_free),
	RUNS("translate of the mmu in real mode is the address itself",
	     "PowerPC binding 6.1", EXTENSION, translates),
	RUNS("map and unmap of the mmu in real mode succeed",
	     "PowerPC binding 6.1", EXTENSION, maps),
	RUNS("claim of the mmu in real mode takes no memory",
	     "PowerPC binding 6.1", EXTENSION, mmu_claims),
	RUNS("methods of the mmu with too few arguments are caught",
	     "IEEE 1275 6.3.2.2", EXTENSION, mmu_with_few_arguments),
	RUNS("GRUB: get-time gives year, month, day, hour, minute, second",
	     "GRUB lib/ieee1275/datetime.c", EXTENSION, tells_time),
	RUNS("GRUB: set-time sets what get-time gives",
	     "GRUB lib/ieee1275/datetime.c", EXTENSION, sets_time),
	RUNS("set-time of what is no time does no harm",
	     "GRUB lib/ieee1275/datetime.c", EXTENSION, sets_no_time),
	RUNS("GRUB: vscsi-report-luns gives a table of targets",
	     "GRUB disk/ieee1275/ofdisk.c", EXTENSION, reports_luns),
	TESTS("claim", "/memory"),
	TESTS("release", "/memory"),
};

GROUP("61", "methods of nodes", NULL);

// SPDX-License-Identifier: BSD-2-Clause
// Random calls, with random cells of all kinds, to every service that returns
// and changes nothing permanently. The argument seed=N selects another
// sequence; each case prints its seed. A call may write to storm_area only, so
// everything else must stay unchanged.

#include "tests/guest/conformance/storm.h"

#define CALLS_OF_KIND 4000
#define CALLS_OF_ALL 20000
#define PROBE_EVERY 256
#define CELLS 8u
#define OPENED_MAX 16
#define CLAIMED_MAX 16
#define LENGTH_MAX 0x4000u

// Argument types: h phandle, i ihandle, w ihandle that cannot be written to,
// c ihandle to close, t text, f Forth text, m method, p property for the storm,
// b buffer and l its length, s buffer of at least 32 bytes, n number, r memory
// to release and g its size.
static const struct service {
	const char *name;
	const char *arguments;
	enum storm_kind kind;
} services[] = {
	{ "test", "t", STORM_TREE },
	{ "test-method", "ht", STORM_TREE },
	{ "peer", "h", STORM_TREE },
	{ "child", "h", STORM_TREE },
	{ "parent", "h", STORM_TREE },
	{ "finddevice", "t", STORM_TREE },
	{ "getproplen", "ht", STORM_TREE },
	{ "getprop", "htbl", STORM_TREE },
	{ "nextprop", "hts", STORM_TREE },
	{ "canon", "tbl", STORM_TREE },
	{ "package-to-path", "hbl", STORM_TREE },
	{ "setprop", "hpbl", STORM_SETPROP },
	{ "instance-to-package", "i", STORM_INSTANCES },
	{ "instance-to-path", "ibl", STORM_INSTANCES },
	{ "instance-to-interposed-path", "ibl", STORM_INSTANCES },
	{ "open", "t", STORM_INSTANCES },
	{ "close", "c", STORM_INSTANCES },
	{ "read", "ibl", STORM_INSTANCES },
	{ "write", "wbl", STORM_INSTANCES },
	{ "seek", "inn", STORM_INSTANCES },
	{ "call-method", "minnnn", STORM_INSTANCES },
	{ "claim", "nnn", STORM_MEMORY },
	{ "release", "rg", STORM_MEMORY },
	{ "interpret", "f", STORM_USER },
	{ "set-callback", "n", STORM_USER },
	{ "set-symbol-lookup", "nn", STORM_USER },
	{ "milliseconds", "", STORM_USER },
	{ "fdt-fetch", "bl", STORM_FDT },
	{ "no-such-service", "ntb", STORM_USER },
	{ "", "nt", STORM_USER },
};

#define SERVICES (sizeof(services) / sizeof(services[0]))

static struct {
	uint32_t seed, call;
	uint32_t opened[OPENED_MAX], stale;
	struct range claimed[CLAIMED_MAX];
} now;

static uint32_t random_word(void)
{
	now.seed ^= now.seed << 13;
	now.seed ^= now.seed >> 17;
	now.seed ^= now.seed << 5;
	return now.seed;
}

static uint32_t random_below(uint32_t limit)
{
	return random_word() % limit;
}

// Numbers of all magnitudes, often next to a power of two.
static uint32_t random_number(void)
{
	switch (random_below(4)) {
	case 0:
		return random_below(16);
	case 1:
		return (1u << random_below(32)) + random_below(3) - 1;
	case 2:
		return 0u - random_below(16);
	default:
		return random_word();
	}
}

// Not the client's memory: the firmware's, or no memory at all.
static uint32_t wild_address(void)
{
	uint64_t end = memory_size();

	if (!end || end > 0xf0000000 || !random_below(4))
		return (uint32_t)guest_entry.gpr[5] + random_below(64);
	if (!random_below(3))
		return 0u - 1 - random_below(64);
	return (uint32_t)end + random_below(0u - (uint32_t)end);
}

static uint32_t bad_handle(void)
{
	switch (random_below(4)) {
	case 0:
		return now.stale;
	case 1:
		return wild_address();
	default:
		return random_number();
	}
}

static uint32_t package(void)
{
	return random_below(3) ? storm_package(random_word()) : bad_handle();
}

static uint32_t instance(bool writable)
{
	uint32_t ihandle = now.opened[random_below(OPENED_MAX)];

	switch (random_below(8)) {
	case 0:
		return package();
	case 1:
		return bad_handle();
	case 2:
		return writable ? guest_number("/chosen", "stdin", 0) : 0;
	default:
		return writable ? ihandle : storm_root_instance();
	}
}

static uint32_t text_of(const char *(*choose)(uint32_t number))
{
	switch (random_below(8)) {
	case 0:
		return wild_address();
	case 1:
		return 0;
	default:
		return cell(choose(random_word()));
	}
}

// A length for a buffer in storm_area, or for one that is not memory.
static uint32_t length_of(uint32_t buffer)
{
	if (buffer >= cell(storm_area) &&
	    buffer < cell(storm_area) + LENGTH_MAX)
		return random_below(2) ? random_below(40)
				       : random_below(LENGTH_MAX);
	return buffer ? 1 + random_number() : 0;
}

static uint32_t buffer(uint32_t least)
{
	uint32_t choice = random_below(8);

	if (choice == 0 || (choice == 1 && least))
		return wild_address();
	return choice == 1 ? 0 : cell(storm_area) + random_below(LENGTH_MAX);
}

// One of our instances, removed from the list, or a bad handle.
static uint32_t to_close(void)
{
	uint32_t *slot = &now.opened[random_below(OPENED_MAX)];
	uint32_t ihandle = *slot;

	if (!ihandle || !random_below(4))
		return bad_handle();
	now.stale = ihandle;
	*slot = 0;
	return ihandle;
}

static uint32_t to_release(uint32_t *size)
{
	struct range *r = &now.claimed[random_below(CLAIMED_MAX)];
	uint32_t base = (uint32_t)r->base;

	*size = (uint32_t)r->size;
	r->size = 0;
	if (*size)
		return base;
	base = wild_address();
	if (random_below(2))
		*size = random_below(0u - base);
	return base;
}

static void make_cells(const char *arguments, uint32_t cells[CELLS])
{
	uint32_t i, size = 0;

	for (i = 0; i < CELLS; i++)
		cells[i] = random_number();
	for (i = 0; arguments[i]; i++) {
		switch (arguments[i]) {
		case 'h':
			cells[i] = package();
			break;
		case 'i':
		case 'w':
			cells[i] = instance(arguments[i] == 'i');
			break;
		case 'c':
			cells[i] = to_close();
			break;
		case 't':
			cells[i] = text_of(storm_text);
			break;
		case 'f':
			cells[i] = text_of(storm_forth);
			break;
		case 'm':
			cells[i] = text_of(storm_method);
			break;
		case 'p':
			cells[i] = text_of(storm_property);
			break;
		case 'b':
		case 's':
			cells[i] = buffer(arguments[i] == 's');
			break;
		case 'l':
			cells[i] = length_of(cells[i - 1]);
			break;
		case 'r':
			cells[i] = to_release(&size);
			break;
		case 'g':
			cells[i] = size;
			break;
		default:
			break;
		}
	}
}

static void keep_opened(uint32_t ihandle)
{
	uint32_t *slot = &now.opened[random_below(OPENED_MAX)];

	if (!ihandle || ihandle == MISSING || ihandle == UNTOUCHED)
		return;
	if (*slot) {
		now.stale = *slot;
		close_instance(*slot);
	}
	*slot = ihandle;
}

static void keep_claimed(uint32_t base, uint32_t size)
{
	struct range *r = &now.claimed[random_below(CLAIMED_MAX)];

	if (base == MISSING || base == UNTOUCHED || !size)
		return;
	if (r->size)
		release((uint32_t)r->base, (uint32_t)r->size);
	r->base = base;
	r->size = size;
}

static bool call(const struct service *s)
{
	uint32_t cells[2 * CELLS], nargs = (uint32_t)strlen(s->arguments);
	uint32_t nrets = 1, i;
	int32_t status;

	make_cells(s->arguments, cells);
	if (!random_below(8))
		nargs = random_below(CELLS + 1);
	if (!random_below(4))
		nrets = 1 + random_below(CELLS);
	for (i = nargs; i < nargs + nrets; i++)
		cells[i] = UNTOUCHED;
	status = ci(s->name, nargs, nrets, cells);
	if (!expect(!guest_ci_overrun, "a call wrote after its results"))
		return false;
	if (!status && same_text(s->name, "open"))
		keep_opened(cells[nargs]);
	if (!status && same_text(s->name, "claim") && nargs >= 3)
		keep_claimed(cells[nargs], cells[1]);
	return true;
}

static void clean_up(void)
{
	uint32_t i, none[2] = { 0, 0 };

	for (i = 0; i < OPENED_MAX; i++)
		if (now.opened[i])
			close_instance(now.opened[i]);
	for (i = 0; i < CLAIMED_MAX; i++)
		if (now.claimed[i].size)
			release((uint32_t)now.claimed[i].base,
				(uint32_t)now.claimed[i].size);
	ci1("set-callback", 1, 0, 0, 0, 0);
	ci("set-symbol-lookup", 2, 0, none);
}

static const struct service *choose(unsigned int kinds)
{
	const struct service *s;

	do {
		s = &services[random_below(SERVICES)];
	} while (!(s->kind & kinds));
	// Fetching the blob is slow.
	return s->kind == STORM_FDT && random_below(8) ? services : s;
}

static void storm(unsigned int kinds, uint32_t calls)
{
	uint32_t seed = guest_argument_number("seed", 12751994);
	const struct service *s = services;
	bool good = true;

	guest_print("# storm: seed=");
	guest_print_decimal(seed);
	guest_print("\r\n");
	memset(&now, 0, sizeof(now));
	now.seed = seed * 2654435761u + kinds;
	now.seed += !now.seed;
	storm_remember();
	while (good && now.call < calls) {
		s = choose(kinds);
		good = call(s);
		if (++now.call % PROBE_EVERY == 0)
			good = good && storm_probe();
	}
	if (!good) {
		note_number("storm: failed at call", now.call);
		note(s->name);
	}
	clean_up();
	storm_compare();
}

static void tree(void)
{
	storm(STORM_TREE, CALLS_OF_KIND);
}

static void setprop(void)
{
	storm(STORM_TREE | STORM_SETPROP, CALLS_OF_KIND);
}

static void instances(void)
{
	storm(STORM_INSTANCES, CALLS_OF_KIND);
}

static void memory(void)
{
	storm(STORM_MEMORY, CALLS_OF_KIND);
}

static void user(void)
{
	storm(STORM_USER | STORM_FDT, CALLS_OF_KIND);
}

static void all(void)
{
	storm(~0u, CALLS_OF_ALL);
}

static const struct test_case cases[] = {
	RUNS("4000 random calls that read the tree do no harm",
	     "IEEE 1275 6.3.2.2", EXPECTED, tree),
	RUNS("4000 random calls that read and set properties do no harm",
	     "IEEE 1275 6.3.2.2", EXPECTED, setprop),
	RUNS("4000 random calls on instances do no harm", "IEEE 1275 6.3.2.3",
	     EXPECTED, instances),
	RUNS("4000 random claims and releases do no harm", "IEEE 1275 6.3.2.4",
	     EXPECTED, memory),
	RUNS("4000 random calls of the user interface do no harm",
	     "IEEE 1275 6.3.2.6", EXPECTED, user),
	RUNS("20000 random calls of all services do no harm", "IEEE 1275 6.3.2",
	     EXPECTED, all),
};

GROUP("85", "storm", "storm");

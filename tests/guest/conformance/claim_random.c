// SPDX-License-Identifier: BSD-2-Clause
// Random claims and releases against a model of free memory. The argument
// seed=N selects another sequence; the seed is printed.

#include "tests/guest/conformance/ranges.h"

#define OPERATIONS 10000
#define COMPARE_EVERY 256
#define LIVE_MAX 24 // with the initial holes, 32 at most
#define MANY_MAX 200
#define ARENA 0x400000u
#define LISTED 32 // holes that `available` must list

static struct {
	struct ranges model, start, seen;
	struct range live[MANY_MAX];
	uint32_t count, limit, arena, seed, operation;
} now;

static uint32_t random_number(uint32_t below)
{
	now.seed ^= now.seed << 13;
	now.seed ^= now.seed >> 17;
	now.seed ^= now.seed << 5;
	return now.seed % below;
}

// A size of any magnitude, in bytes, up to 64 KiB.
static uint32_t random_size(void)
{
	return 1 + random_number(1u << (1 + random_number(16)));
}

static bool took(uint32_t base, uint32_t size, const char *what)
{
	if (!expect(ranges_take(&now.model, base, size), what))
		return false;
	now.live[now.count].base = base;
	now.live[now.count++].size = size;
	return true;
}

static bool claim_somewhere(void)
{
	uint32_t base = now.arena + random_number(ARENA);
	uint32_t size = random_size(), got = claim(base, size, 0);
	bool could = ranges_find(&now.model, base, size) >= 0;

	if (!expect_is(got, could ? base : MISSING, "an exact claim"))
		return false;
	return !could || took(base, size, "the model has no such memory");
}

static bool claim_beside(void)
{
	struct range *l = &now.live[random_number(now.count)];
	uint32_t base = (uint32_t)(l->base + l->size), size = random_size();
	bool could = ranges_find(&now.model, base, size) >= 0;

	if (!expect_is(claim(base, size, 0), could ? base : MISSING,
		       "a claim right after another"))
		return false;
	return !could || took(base, size, "the model has no such memory");
}

static bool claim_over(void)
{
	struct range *l = &now.live[random_number(now.count)];
	uint32_t base = (uint32_t)l->base + random_number((uint32_t)l->size);

	return expect_is(claim(base, random_size(), 0), MISSING,
			 "a claim of what is claimed");
}

static bool claim_aligned(void)
{
	uint32_t size = random_size(), align = 1u << random_number(18);
	uint32_t got = claim(random_number(0x10000), size, align);

	return expect_not(got, MISSING, "an aligned claim") &&
	       expect_not(got, 0, "an aligned claim") &&
	       expect_is(got % align, 0, "what is above the alignment") &&
	       took(got, size, "an aligned claim of what is claimed");
}

static void give_back(uint64_t base, uint64_t size)
{
	release((uint32_t)base, (uint32_t)size);
	ranges_give(&now.model, base, size);
}

// Releases all, the start, end or middle of a claim.
static bool release_some(void)
{
	struct range *l = &now.live[random_number(now.count)], was = *l;
	uint32_t size = (uint32_t)was.size;
	uint32_t front = random_number(2) ? 0 : random_number(size);
	uint32_t back = random_number(2) ? 0 : random_number(size - front);

	if (front && back && now.count == now.limit)
		back = 0;
	give_back(was.base + front, size - front - back);
	if (front) {
		l->size = front;
	} else {
		*l = now.live[--now.count];
	}
	if (back) {
		now.live[now.count].base = was.base + size - back;
		now.live[now.count++].size = back;
	}
	return true;
}

static bool operate(void)
{
	uint32_t what = random_number(8);

	if (!now.count)
		return claim_somewhere();
	if (what == 0)
		return claim_over();
	if (now.count == now.limit || what > 4)
		return release_some();
	if (what == 1)
		return claim_beside();
	return what == 2 ? claim_aligned() : claim_somewhere();
}

static bool compare(void)
{
	unsigned int i;

	read_available(&now.seen);
	if (now.model.count <= LISTED)
		return expect(ranges_equal(&now.seen, &now.model),
			      "available differs from the model");
	for (i = 0; i < now.seen.count; i++) {
		int at = ranges_find(&now.model, now.seen.at[i].base,
				     now.seen.at[i].size);

		if (!expect(at >= 0 && now.model.at[at].size ==
					       now.seen.at[i].size,
			    "available lists what is no hole of the model"))
			return false;
	}
	return expect(now.seen.count >= LISTED, "available is too short");
}

static void run(uint32_t limit, uint32_t salt)
{
	bool good = true;

	now.seed = guest_argument_number("seed", 12751994) * 2654435761u + salt;
	guest_print("# random claims: seed=");
	guest_print_decimal(guest_argument_number("seed", 12751994));
	guest_print("\r\n");
	if (!now.seed)
		now.seed = 1;
	now.count = 0;
	now.limit = limit;
	now.arena = free_place(ARENA + 0x20000);
	read_available(&now.start);
	now.model = now.start;
	for (now.operation = 0; good && now.operation < OPERATIONS;) {
		good = now.arena && operate();
		if (++now.operation % COMPARE_EVERY == 0)
			good = good && compare();
	}
	if (!good)
		note_number("random claims: failed in operation",
			    now.operation);
	while (now.count) {
		now.count--;
		give_back(now.live[now.count].base, now.live[now.count].size);
	}
	read_available(&now.seen);
	expect(ranges_equal(&now.seen, &now.start),
	       "not all is free again afterwards");
}

static void few(void)
{
	run(LIVE_MAX, 0);
}

static void many(void)
{
	run(MANY_MAX, 1);
}

static const struct test_case cases[] = {
	RUNS("10000 random claims and releases answer as a model does",
	     "IEEE 1275 6.3.2.4", EXPECTED, few),
	RUNS("10000 random claims of up to 200 pieces answer as a model does",
	     "IEEE 1275 6.3.2.4", EXPECTED, many),
};

GROUP("68", "random claims", NULL);

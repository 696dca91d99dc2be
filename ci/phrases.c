// SPDX-License-Identifier: BSD-2-Clause
/* Forth text without Forth: a table of phrases, and its matcher. */
#include "ci/phrases.h"

#include <string.h>

#include "ci/ci.h"
#include "ci/mem.h"
#include "ci/quiesce.h"
#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/measure.h"
#include "packages/secure/keys.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Throw codes (ANS Forth, table 9.2). */
#define THROW_ABORT ((cell_t)-2)
#define THROW_ADDRESS ((cell_t)-9)
#define THROW_RANGE ((cell_t)-11)
#define THROW_UNDEFINED ((cell_t)-13)

#define PHRASE_NUMS 2

/* While secure boot is enforced. */
enum phrase_lock {
	PHRASE_FREE,   /* it steers the firmware, which verifies what it runs */
	PHRASE_LOCKED, /* it changes memory or properties: nobody may send it */
};

/* Values of the holes in a phrase. */
struct phrase_args {
	uint64_t num[PHRASE_NUMS]; /* %x, in order */
	size_t nums;
	const char *text; /* %q or %r; not terminated */
	size_t len;
};

/* One pass over the text; the first (dry) only checks that it is valid. */
struct phrase_run {
	const struct phrase_sender *sender;
	bool dry;
	bool at_root;	   /* the root is selected, for `property` */
	uint64_t delay_ms; /* total so far */
};

/* The remaining text. */
struct phrase_text {
	const char *pos, *end;
};

const struct phrase_sender phrase_client = {
	.name = "a client",
	.boot = ci_leave_boot,
	.ends_machine = true,
};

const struct phrase_sender phrase_script = { .name = "a boot script" };

static bool phrase_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int phrase_nothing(struct phrase_run *run, const struct phrase_args *a)
{
	(void)run;
	(void)a;
	return 0;
}

static int phrase_refuse(const struct phrase_run *run, const char *what)
{
	return reason_fail(ERR_NOTSUP, "%s is not allowed in %s", what,
			   run->sender->name);
}

static int phrase_end_machine(struct phrase_run *run, void (*end)(void),
			      const char *what)
{
	if (!run->sender->ends_machine)
		return phrase_refuse(run, what);
	if (run->dry)
		return 0;
	end();
	return reason_fail(ERR_NOTSUP, "%s: the machine keeps running", what);
}

static int phrase_reset(struct phrase_run *run, const struct phrase_args *a)
{
	(void)a;
	return phrase_end_machine(run, ci_reboot, "reset-all");
}

static int phrase_power_off(struct phrase_run *run, const struct phrase_args *a)
{
	(void)a;
	return phrase_end_machine(run, ci_power_off, "power-off");
}

/* The total delay of a text must be short: it cannot be interrupted. */
static int phrase_ms(struct phrase_run *run, const struct phrase_args *a)
{
	if (a->num[0] > PHRASES_MS_MAX - run->delay_ms)
		return reason_fail(ERR_RANGE, "ms: more than %u ms",
				   PHRASES_MS_MAX);
	run->delay_ms += a->num[0];
	if (!run->dry)
		deadline_delay((uint32_t)a->num[0]);
	return 0;
}

/* <value> <address> on the stack. [IEEE 1275, memory access: c! w! l!] */
static int phrase_store(struct phrase_run *run, const struct phrase_args *a,
			uint32_t size)
{
	uint8_t *mem = NULL, value[4];

	if (a->num[1] <= UINT32_MAX)
		mem = ci_buf(a->num[1], size);
	if (!mem)
		return reason_fail(ERR_PERM, "%llx: not writable memory",
				   (unsigned long long)a->num[1]);
	if (run->dry)
		return 0;
	be32_store(value, (uint32_t)a->num[0]);
	memcpy(mem, value + sizeof(value) - size, size);
	return 0;
}

static int phrase_c_store(struct phrase_run *run, const struct phrase_args *a)
{
	return phrase_store(run, a, 1);
}

static int phrase_w_store(struct phrase_run *run, const struct phrase_args *a)
{
	return phrase_store(run, a, 2);
}

static int phrase_l_store(struct phrase_run *run, const struct phrase_args *a)
{
	return phrase_store(run, a, 4);
}

static int phrase_dev_root(struct phrase_run *run, const struct phrase_args *a)
{
	(void)a;
	run->at_root = true;
	return 0;
}

static int phrase_device_end(struct phrase_run *run,
			     const struct phrase_args *a)
{
	(void)a;
	run->at_root = false;
	return 0;
}

/* Adds an empty property to the root; AIX reads such flags. */
static int phrase_property(struct phrase_run *run, const struct phrase_args *a)
{
	char name[TREE_PROP_NAME_MAX + 1];

	if (!run->at_root)
		return reason_fail(ERR_NOTSUP, "property: only the root takes "
					       "one, after dev /");
	if (!a->len || a->len >= sizeof(name) || memchr(a->text, '/', a->len))
		return reason_fail(ERR_NOTSUP,
				   "\"%.*s\" is not a valid property name",
				   (int)MIN(a->len, sizeof(name)), a->text);
	if (run->dry)
		return 0;
	memcpy(name, a->text, a->len);
	name[a->len] = '\0';
	return tree_setprop(tree_root(), name, NULL, 0, TREE_QUOIN);
}

/* "<name> <path>", as nvalias stores them in nvramrc. */
static int phrase_devalias(struct phrase_run *run, const struct phrase_args *a)
{
	char *name = heap_strndup(a->text, a->len), *path;
	int rc;

	if (!name)
		return reason_fail(ERR_NOMEM, "devalias: out of memory");
	path = name;
	while (*path && !phrase_is_blank(*path))
		path++;
	while (phrase_is_blank(*path))
		*path++ = '\0';
	if (!*path || strchr(path, ' ') || strchr(path, '\t'))
		rc = reason_fail(ERR_NOTSUP,
				 "devalias needs a name and a path");
	else
		rc = run->dry ? tree_check_alias(name, path)
			      : tree_set_alias(name, path);
	heap_free(name);
	return rc;
}

static int phrase_boot(struct phrase_run *run, const struct phrase_args *a)
{
	char *text;
	int rc;

	if (!run->sender->boot)
		return phrase_refuse(run, "boot");
	if (run->dry)
		return 0;
	text = heap_strndup(a->text, a->len);
	if (!text)
		return reason_fail(ERR_NOMEM, "boot: out of memory");
	rc = run->sender->boot(text);
	heap_free(text);
	return rc;
}

/*
 * All known phrases. Holes: %x a hexadecimal number (SLOF's default base),
 * %q text up to a quotation mark, %r the rest of the line. Words match in any
 * case. (IEEE 1275 7.2)
 *
 * yaboot also sends definitions of its own words (": D2NIP ...") and colour
 * settings; it ignores the result, "undefined word".
 */
/* clang-format off */
static const struct phrase {
	const char *pattern;
	int (*run)(struct phrase_run *run, const struct phrase_args *args);
	enum phrase_lock lock;
} phrases[] = {
	/* GRUB, when it shows or hides the cursor; it also sends escape
	   sequences for that (term/ieee1275/console.c). */
	{ "cursor-on", phrase_nothing, PHRASE_FREE },
	{ "cursor-off", phrase_nothing, PHRASE_FREE },
	/* GRUB at startup: selects the output device again. */
	{ "output-device output", phrase_nothing, PHRASE_FREE },
	/* GRUB's reboot, and its halt, which tries three words. */
	{ "reset-all", phrase_reset, PHRASE_FREE },
	{ "power-off", phrase_power_off, PHRASE_FREE },
	{ "shut-down", phrase_power_off, PHRASE_FREE },
	{ "poweroff", phrase_power_off, PHRASE_FREE },
	/* yaboot between failed reads (second/prom.c: " 10 ms"). */
	{ "%x ms", phrase_ms, PHRASE_FREE },
	/* QEMU's prom-env-test and pxe-test. */
	{ "%x %x c!", phrase_c_store, PHRASE_LOCKED },
	{ "%x %x w!", phrase_w_store, PHRASE_LOCKED },
	{ "%x %x l!", phrase_l_store, PHRASE_LOCKED },
	/* AIX users' boot-command: ibm,aix-diagnostics. */
	{ "dev /", phrase_dev_root, PHRASE_FREE },
	{ "0 0 s\" %q property", phrase_property, PHRASE_LOCKED },
	{ "device-end", phrase_device_end, PHRASE_FREE },
	/* The lines that nvalias adds to nvramrc. */
	{ "devalias %r", phrase_devalias, PHRASE_FREE },
	{ "boot %r", phrase_boot, PHRASE_FREE },
	/* Comments, and the first line of a boot script. */
	{ "\\ %r", phrase_nothing, PHRASE_FREE },
};
/* clang-format on */

static void phrase_skip_blanks(struct phrase_text *t)
{
	while (t->pos < t->end && phrase_is_blank(*t->pos))
		t->pos++;
}

/* The next word; its length is 0 at the end of the text. */
static const char *phrase_word(struct phrase_text *t, size_t *len)
{
	const char *word;

	phrase_skip_blanks(t);
	word = t->pos;
	while (t->pos < t->end && !phrase_is_blank(*t->pos))
		t->pos++;
	*len = (size_t)(t->pos - word);
	return word;
}

/* One blank, then text up to a quotation mark: the syntax of s". */
static bool phrase_take_quoted(struct phrase_text *t, struct phrase_args *args)
{
	const char *quote;

	if (t->pos == t->end)
		return false;
	t->pos++;
	quote = memchr(t->pos, '"', (size_t)(t->end - t->pos));
	if (!quote)
		return false;
	args->text = t->pos;
	args->len = (size_t)(quote - t->pos);
	t->pos = quote + 1;
	return true;
}

static void phrase_take_line(struct phrase_text *t, struct phrase_args *args)
{
	while (t->pos < t->end && (*t->pos == ' ' || *t->pos == '\t'))
		t->pos++;
	args->text = t->pos;
	while (t->pos < t->end && *t->pos != '\n' && *t->pos != '\r')
		t->pos++;
	args->len = (size_t)(t->pos - args->text);
	while (args->len && phrase_is_blank(args->text[args->len - 1]))
		args->len--;
}

/* Takes the word or the hole `token` off the text. False: no match. */
static bool phrase_take(struct phrase_text *t, const char *token, size_t len,
			struct phrase_args *args)
{
	bool hole = len == 2 && token[0] == '%';
	const char *word;
	size_t n;

	if (hole && token[1] == 'q')
		return phrase_take_quoted(t, args);
	if (hole && token[1] == 'r') {
		phrase_take_line(t, args);
		return true;
	}
	word = phrase_word(t, &n);
	if (hole)
		return !fmt_parse_hex(word, n, &args->num[args->nums++]);
	return n == len && !strncasecmp(word, token, n);
}

static bool phrase_match(struct phrase_text *t, const char *pattern,
			 struct phrase_args *args)
{
	struct phrase_text pat = { pattern, pattern + strlen(pattern) };
	struct phrase_text left = *t;
	const char *token;
	size_t len;

	memset(args, 0, sizeof(*args));
	while ((token = phrase_word(&pat, &len)), len) {
		if (!phrase_take(&left, token, len, args))
			return false;
	}
	*t = left;
	return true;
}

/* Takes the first phrase off the text. Returns it, or NULL: unknown. */
static const struct phrase *phrase_next(struct phrase_text *t,
					struct phrase_args *args)
{
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (phrase_match(t, phrases[i].pattern, args))
			return &phrases[i];
	}
	return NULL;
}

/* Its last word is what it does: "%x %x l!". */
static int phrase_check_lock(const struct phrase *phrase)
{
	const char *blank = strrchr(phrase->pattern, ' ');

	if (phrase->lock == PHRASE_FREE || !keys_is_locked())
		return 0;
	return reason_fail(ERR_PERM,
			   "%s is not allowed: secure boot is enforced",
			   blank ? blank + 1 : phrase->pattern);
}

static int phrase_pass(struct phrase_text t, struct phrase_run *run)
{
	int rc = 0;

	phrase_skip_blanks(&t);
	while (!rc && t.pos < t.end) {
		struct phrase_args args;
		const char *text = t.pos;
		const struct phrase *phrase = phrase_next(&t, &args);

		if (!phrase) {
			size_t len;
			const char *word = phrase_word(&t, &len);

			return reason_fail(ERR_NOTSUP,
					   "\"%.*s\" is not a known phrase",
					   (int)MIN(len, (size_t)80), word);
		}
		rc = phrase_check_lock(phrase);
		/* As code: it may change what was, or will be, measured. */
		if (!rc && !run->dry && phrase->lock == PHRASE_LOCKED)
			measure_now(MEASURE_PHRASE, NULL, text,
				    (size_t)(t.pos - text));
		if (!rc)
			rc = phrase->run(run, &args);
		phrase_skip_blanks(&t);
	}
	return rc;
}

static cell_t phrase_throw_code(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case ERR_NOTSUP:
		return THROW_UNDEFINED;
	case ERR_PERM:
		return THROW_ADDRESS;
	case ERR_RANGE:
		return THROW_RANGE;
	default:
		return THROW_ABORT;
	}
}

int phrases_run(const char *text, size_t len,
		const struct phrase_sender *sender, cell_t *result)
{
	struct phrase_text t = { text, text + strnlen(text, len) };
	struct phrase_run look = { .sender = sender, .dry = true };
	struct phrase_run act = { .sender = sender };
	int rc;

	look.at_root = act.at_root = sender->at_root && sender->at_root();
	rc = phrase_pass(t, &look);

	if (!rc)
		rc = phrase_pass(t, &act);
	if (result)
		*result = phrase_throw_code(rc);
	return rc;
}

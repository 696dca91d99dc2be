// SPDX-License-Identifier: BSD-2-Clause
// SBAT: lines of components and generations, read and compared.
#include "packages/secure/sbat.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/reason.h"

/* Of a name, in a message. */
#define SBAT_SHOWN 40

struct sbat_text {
	const char *whose; /* for messages */
	const char *at;
	size_t left;
	unsigned line; /* read so far */
};

struct sbat_component {
	const char *name;
	size_t len;
	uint64_t generation;
};

/* The bytes before the next `end`, or all; they are taken, and that too. */
static size_t sbat_take(const char **at, size_t *left, char end)
{
	const char *found = memchr(*at, end, *left);
	size_t len = found ? (size_t)(found - *at) : *left;

	*at += len + (found ? 1 : 0);
	*left -= len + (found ? 1 : 0);
	return len;
}

static int sbat_parse(const struct sbat_text *text, const char *line,
		      size_t len, struct sbat_component *component)
{
	const char *number;

	component->name = line;
	component->len = sbat_take(&line, &len, ',');
	number = line;
	len = sbat_take(&line, &len, ',');
	if (!component->len ||
	    fmt_parse_dec(number, len, &component->generation))
		return reason_fail(
			ERR_FORMAT,
			"%s, line %u: not a component and its generation",
			text->whose, text->line);
	return 0;
}

/* Returns 1: there is one more component; 0: no; or ERR_FORMAT. */
static int sbat_next(struct sbat_text *text, struct sbat_component *component)
{
	while (text->left) {
		const char *line = text->at;
		size_t len = sbat_take(&text->at, &text->left, '\n');

		text->line++;
		if (len) {
			int err = sbat_parse(text, line, len, component);

			return err < 0 ? err : 1;
		}
	}
	return 0;
}

static int sbat_compare(const struct sbat_component *component,
			const struct sbat_component *lowest)
{
	if (component->len != lowest->len ||
	    memcmp(component->name, lowest->name, lowest->len) ||
	    component->generation >= lowest->generation)
		return 0;
	return reason_fail(ERR_PERM,
			   "component %.*s %llu, but at least %llu is required",
			   (int)MIN(component->len, SBAT_SHOWN),
			   component->name,
			   (unsigned long long)component->generation,
			   (unsigned long long)lowest->generation);
}

/* `lowest` is a copy: it is read from its start for each component. */
static int sbat_check_component(const struct sbat_component *component,
				struct sbat_text lowest)
{
	struct sbat_component level;
	int rc;

	while ((rc = sbat_next(&lowest, &level)) > 0) {
		rc = sbat_compare(component, &level);
		if (rc < 0)
			return rc;
	}
	if (rc == 0 && !lowest.line)
		rc = reason_fail(ERR_FORMAT, "%s: empty", lowest.whose);
	return rc;
}

int sbat_check(const char *csv, size_t len, const char *lowest,
	       size_t lowest_len)
{
	struct sbat_text text = { "its SBAT note", csv, len, 0 };
	const struct sbat_text levels = { "SBAT levels from the host", lowest,
					  lowest_len, 0 };
	struct sbat_component component;
	unsigned count = 0;
	int rc;

	while (text.left && !csv[text.left - 1])
		text.left--;
	while ((rc = sbat_next(&text, &component)) > 0) {
		rc = sbat_check_component(&component, levels);
		if (rc < 0)
			return rc;
		count++;
	}
	if (rc == 0 && !count)
		rc = reason_fail(ERR_FORMAT, "its SBAT note: no components");
	return rc;
}

// SPDX-License-Identifier: BSD-2-Clause
// The boot script in bootinfo.txt: found, checked and expanded.
#include "packages/bootinfo.h"

#include <string.h>

#include "lib/reason.h"

/* A part of the file; not NUL-terminated. */
struct bootinfo_text {
	const char *p;
	size_t len;
};

/* The buffer for expanded text; one byte is kept for the NUL. */
struct bootinfo_out {
	char *buf;
	size_t size, len;
};

static bool bootinfo_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void bootinfo_skip(struct bootinfo_text *text, size_t len)
{
	text->p += len;
	text->len -= len;
}

/* Advances to the first `what`, in any case; false: there is none. */
static bool bootinfo_seek(struct bootinfo_text *text, const char *what)
{
	size_t len = strlen(what);

	for (; text->len >= len; bootinfo_skip(text, 1)) {
		if (!strncasecmp(text->p, what, len))
			return true;
	}
	return false;
}

/* Advances past "<name>" or "<name attributes>"; false: there is none. */
static bool bootinfo_seek_tag(struct bootinfo_text *text, const char *tag)
{
	size_t len = strlen(tag);

	while (bootinfo_seek(text, tag)) {
		bootinfo_skip(text, len);
		if (!text->len ||
		    (*text->p != '>' && !bootinfo_is_blank(*text->p)))
			continue;
		if (!bootinfo_seek(text, ">"))
			return false;
		bootinfo_skip(text, 1);
		return true;
	}
	return false;
}

static int bootinfo_put(struct bootinfo_out *out, const char *text, size_t len)
{
	if (len >= out->size - out->len)
		return reason_fail(ERR_NOSPACE,
				   "command longer than %zu characters",
				   out->size - 1);
	memcpy(out->buf + out->len, text, len);
	out->len += len;
	out->buf[out->len] = '\0';
	return 0;
}

/* Appends the value of an entity; for "&device;", `name` is "device". */
static int bootinfo_put_entity(struct bootinfo_out *out,
			       const struct bootinfo_names *names,
			       const char *name, size_t len)
{
	/* CHRP I/O Device Reference 11.1.3; XML 1.0, 4.6. */
	const struct {
		const char *name;
		const char *text[7];
	} entities[] = {
		{ "device", { names->device } },
		{ "partition", { names->partition } },
		{ "directory", { names->directory } },
		{ "filename", { names->filename } },
		{ "full-path",
		  { names->device, ":", names->partition, ",", names->directory,
		    names->filename } },
		{ "lt", { "<" } },
		{ "gt", { ">" } },
		{ "amp", { "&" } },
		{ "quot", { "\"" } },
		{ "apos", { "'" } },
	};
	const char *const *text;
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(entities); i++) {
		if (strlen(entities[i].name) != len ||
		    strncasecmp(entities[i].name, name, len))
			continue;
		for (text = entities[i].text; *text && err == 0; text++)
			err = bootinfo_put(out, *text, strlen(*text));
		return err;
	}
	return reason_fail(ERR_FORMAT, "unknown entity \"&%.*s;\"",
			   (int)MIN(len, 32), name);
}

/* Appends one character or expanded entity and advances `text` past it. */
static int bootinfo_expand(struct bootinfo_out *out,
			   const struct bootinfo_names *names,
			   struct bootinfo_text *text)
{
	const char *end;
	size_t len;
	int err;

	if (*text->p != '&') {
		if ((unsigned char)*text->p < ' ' || *text->p == 0x7f)
			return reason_fail(ERR_FORMAT,
					   "control character in the command");
		err = bootinfo_put(out, text->p, 1);
		bootinfo_skip(text, 1);
		return err;
	}
	end = memchr(text->p, ';', text->len);
	if (!end)
		return reason_fail(ERR_FORMAT,
				   "unterminated entity in the command");
	len = (size_t)(end - text->p);
	err = bootinfo_put_entity(out, names, text->p + 1, len - 1);
	bootinfo_skip(text, len + 1);
	return err;
}

/* Expands up to a blank, or to the end of the line if `all`. */
static int bootinfo_expand_until(char *buf, size_t size, bool all,
				 const struct bootinfo_names *names,
				 struct bootinfo_text *text)
{
	struct bootinfo_out out = { buf, size, 0 };
	int err = 0;

	*buf = '\0';
	while (err == 0 && text->len && *text->p != '\r' && *text->p != '\n') {
		if (!all && bootinfo_is_blank(*text->p))
			break;
		err = bootinfo_expand(&out, names, text);
	}
	while (out.len && buf[out.len - 1] == ' ')
		buf[--out.len] = '\0';
	return err;
}

/* Cuts `text` down to the script. */
static int bootinfo_find_script(struct bootinfo_text *text)
{
	struct bootinfo_text end;

	if (!bootinfo_seek_tag(text, "<chrp-boot"))
		return reason_fail(ERR_FORMAT, "no <chrp-boot>");
	if (!bootinfo_seek_tag(text, "<boot-script"))
		return reason_fail(ERR_FORMAT, "no <boot-script>");
	end = *text;
	if (!bootinfo_seek(&end, "</boot-script"))
		return reason_fail(ERR_FORMAT, "unterminated <boot-script>");
	text->len -= end.len;
	return 0;
}

/* Advances past "boot &device;:". */
static int bootinfo_find_command(struct bootinfo_text *text)
{
	static const char device[] = "&device;:";
	const char *start = text->p;
	const char *word;

	if (!bootinfo_seek(text, device))
		return reason_fail(ERR_FORMAT, "no \"%s\" in the script",
				   device);
	word = text->p;
	while (word > start && bootinfo_is_blank(word[-1]))
		word--;
	if (word == text->p || word - start < 4 ||
	    strncasecmp(word - 4, "boot", 4) ||
	    (word - start > 4 && !bootinfo_is_blank(word[-5])))
		return reason_fail(ERR_FORMAT,
				   "the script's command is not boot");
	bootinfo_skip(text, strlen(device));
	return 0;
}

int bootinfo_parse(const char *p, size_t len,
		   const struct bootinfo_names *names, struct bootinfo *info)
{
	struct bootinfo_text text = { p, len };
	int err = bootinfo_find_script(&text);

	if (err == 0)
		err = bootinfo_find_command(&text);
	if (err == 0)
		err = bootinfo_expand_until(info->open_args,
					    sizeof(info->open_args), false,
					    names, &text);
	if (err < 0)
		return err;
	while (text.len && (*text.p == ' ' || *text.p == '\t'))
		bootinfo_skip(&text, 1);
	return bootinfo_expand_until(info->client_args,
				     sizeof(info->client_args), true, names,
				     &text);
}

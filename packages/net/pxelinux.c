// SPDX-License-Identifier: BSD-2-Clause
// pxelinux's configuration files, read twice: first for what is the default.
#include "packages/net/pxelinux.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* Bytes of a file and all that it includes. */
#define PXELINUX_ALL_MAX (4u * PXELINUX_FILE_MAX)

/* A part of the file; p NULL: it is not there. */
struct px_text {
	char *p;
	size_t len;
};

/* What a label says. Before the first label: for all labels. */
struct px_label {
	struct px_text name, kernel, local, append, initrd, ipappend;
	bool marked; /* MENU DEFAULT */
};

struct px_parser {
	long (*include)(void *arg, const char *path, char *buf);
	void *arg;
	struct px_text all, rest; /* `rest` is not read yet */
	struct px_text line;	  /* what is left of it */
	unsigned included;
	bool help; /* between TEXT and ENDTEXT */
	int err;
	struct px_text by_default, on_timeout, ui, prompt;
	/* Known at the second reading: */
	struct px_text wanted; /* a label's name */
	bool menu;	       /* another label will do */
	struct px_label global, now, best;
	unsigned rank;		/* of the best */
	struct px_text command; /* arguments that the default adds */
	struct px_text initrd;	/* in arguments */
};

static bool px_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool px_line_end(char c)
{
	return c == '\n' || c == '\r' || c == '\0';
}

static void px_skip(struct px_text *text, size_t len)
{
	text->p += len;
	text->len -= len;
}

static void px_skip_blanks(struct px_text *text)
{
	while (text->len && px_blank(*text->p))
		px_skip(text, 1);
}

/* Takes a word and the blanks after it. */
static struct px_text px_word(struct px_text *text)
{
	struct px_text word = { text->p, 0 };

	while (text->len && !px_blank(*text->p)) {
		px_skip(text, 1);
		word.len++;
	}
	px_skip_blanks(text);
	return word;
}

/* Sets `line`, without blanks around it. */
static void px_next_line(struct px_parser *px)
{
	struct px_text *line = &px->line;

	*line = px->rest;
	line->len = 0;
	while (!px_line_end(line->p[line->len]))
		line->len++;
	px_skip(&px->rest, line->len + 1);
	while (line->len && px_blank(line->p[line->len - 1]))
		line->len--;
	px_skip_blanks(line);
}

static bool px_is(struct px_text text, const char *word)
{
	return text.len == strlen(word) && !strncasecmp(text.p, word, text.len);
}

static bool px_ends(struct px_text text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len &&
	       !strncasecmp(text.p + text.len - len, end, len);
}

/* A menu program for x86 in the place of a label: we show no menu. */
static bool px_is_menu(struct px_text command)
{
	return !command.len || px_ends(command, ".c32") ||
	       px_is(command, "menu") || px_is(command, "vesamenu");
}

static int px_check_include(struct px_parser *px)
{
	if (px->included++ == PXELINUX_INCLUDES)
		return reason_fail(ERR_FORMAT, "more than %u included files",
				   PXELINUX_INCLUDES);
	if (px->all.len >= PXELINUX_ALL_MAX - 2 * PXELINUX_FILE_MAX)
		return reason_fail(ERR_FORMAT, "included files too large");
	return 0;
}

/*
 * Puts a file between its line and the rest; without a name, the line does
 * nothing at the second reading. One that cannot be read is empty.
 */
static void px_take_include(struct px_parser *px)
{
	struct px_text path = px_word(&px->line);
	char *file = px->all.p + PXELINUX_ALL_MAX - PXELINUX_FILE_MAX;
	long len = 0;

	if (!path.len)
		return;
	px->err = px_check_include(px);
	if (px->err < 0)
		return;
	path.p[path.len] = '\0';
	if (path.len < PXELINUX_PATH)
		len = px->include(px->arg, path.p, file);
	if (len == ERR_ABORT)
		px->err = ERR_ABORT;
	if (len < 0 || len > (long)PXELINUX_FILE_MAX)
		len = 0;
	memset(path.p, ' ', (size_t)(px->line.p + px->line.len - path.p));
	memmove(px->rest.p + len + 1, px->rest.p, px->rest.len);
	memcpy(px->rest.p, file, (size_t)len);
	px->rest.p[len] = '\n';
	px->rest.len += (size_t)len + 1;
	px->all.len += (size_t)len + 1;
}

/* 0: it will not do. */
static unsigned px_rank(const struct px_parser *px)
{
	const struct px_label *label = &px->now;

	if (!label->kernel.len && !label->local.p)
		return 0;
	if (px->menu && label->marked)
		return 3;
	if (px->wanted.len && label->name.len == px->wanted.len &&
	    !memcmp(label->name.p, px->wanted.p, px->wanted.len))
		return 2;
	return px->menu;
}

static void px_end_label(struct px_parser *px)
{
	unsigned rank = px_rank(px);

	if (!px->now.name.p)
		px->global = px->now;
	if (rank > px->rank) {
		px->best = px->now;
		px->rank = rank;
	}
}

static void px_take_label(struct px_parser *px)
{
	px_end_label(px);
	px->now = (struct px_label){
		.name = px_word(&px->line),
		.append = px->global.append,
		.initrd = px->global.initrd,
		.ipappend = px->global.ipappend,
	};
}

static void px_take_menu(struct px_parser *px)
{
	struct px_text word = px_word(&px->line);

	if (px_is(word, "default"))
		px->now.marked = true;
	else if (px_is(word, "include"))
		px_take_include(px);
}

static void px_take_text(struct px_parser *px)
{
	px->help = true;
}

/* A field keeps the rest of the line, or a function takes it. */
static const struct {
	const char *word;
	uint32_t field;
	void (*take)(struct px_parser *px);
} px_keywords[] = {
#define FIELD(word, field)                                                     \
	{                                                                      \
		word, offsetof(struct px_parser, field), NULL                  \
	}
	FIELD("default", by_default),
	FIELD("ontimeout", on_timeout),
	FIELD("ui", ui),
	FIELD("prompt", prompt),
	FIELD("kernel", now.kernel),
	FIELD("linux", now.kernel),
	FIELD("localboot", now.local),
	FIELD("append", now.append),
	FIELD("initrd", now.initrd),
	FIELD("ipappend", now.ipappend),
	FIELD("sysappend", now.ipappend),
	{ "label", 0, px_take_label },
	{ "menu", 0, px_take_menu },
	{ "include", 0, px_take_include },
	{ "text", 0, px_take_text },
};

static void px_take_line(struct px_parser *px)
{
	struct px_text word = px_word(&px->line);

	if (px->help) {
		px->help = !px_is(word, "endtext");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(px_keywords); i++) {
		if (!px_is(word, px_keywords[i].word))
			continue;
		if (px_keywords[i].take)
			px_keywords[i].take(px);
		else
			*(struct px_text *)((char *)px + px_keywords[i].field) =
				px->line;
		return;
	}
}

static void px_run(struct px_parser *px)
{
	memset(&px->now, 0, sizeof(px->now));
	px->rank = 0;
	px->help = false;
	px->rest = px->all;
	while (px->rest.len && px->err == 0) {
		px_next_line(px);
		px_take_line(px);
	}
	px_end_label(px);
}

/* Reads twice. */
static void px_choose(struct px_parser *px)
{
	px_run(px);
	px->command = px->by_default;
	px->wanted = px_word(&px->command);
	px->menu = px->ui.len || px_is_menu(px->wanted);
	/* Nobody is at the keyboard: a menu or a prompt ends so. */
	if (px->on_timeout.len &&
	    (px->menu || (px->prompt.len && *px->prompt.p != '0'))) {
		px->command = px->on_timeout;
		px->wanted = px_word(&px->command);
		px->menu = false;
	}
	if (px->err == 0)
		px_run(px);
	if (px->rank || px->menu)
		return;
	/* No label has this name: it is a kernel. */
	px->best = px->global;
	px->best.kernel = px->wanted;
}

static int px_fail(struct px_text text, const char *why)
{
	return reason_fail(ERR_FORMAT, "\"%.*s\": %s", (int)MIN(text.len, 64),
			   text.p, why);
}

/* Appends to the text in `buf`. */
static int px_put(char *buf, size_t size, struct px_text text)
{
	size_t len = strlen(buf);

	if (text.len >= size - len)
		return px_fail(text, "too long");
	memcpy(buf + len, text.p, text.len);
	buf[len + text.len] = '\0';
	return 0;
}

static bool px_skip_name(struct px_text *word, const char *name)
{
	size_t len = strlen(name);

	if (word->len < len || memcmp(word->p, name, len))
		return false;
	px_skip(word, len);
	return true;
}

/* Appends arguments, without "initrd=", whose last value counts. */
static int px_put_args(struct px_parser *px, char *buf, struct px_text args)
{
	size_t len = strlen(buf);
	int err = 0;

	if (len && len < PXELINUX_APPEND - 1 && args.len)
		memcpy(buf + len, " ", 2);
	px->line = args;
	while (err == 0 && px->line.len) {
		struct px_text word = px_word(&px->line);

		if (px_skip_name(&word, "initrd=")) {
			px->initrd = word;
			continue;
		}
		word.len = (size_t)(px->line.p - word.p); /* and blanks */
		err = px_put(buf, PXELINUX_APPEND, word);
	}
	len = strlen(buf);
	while (len && px_blank(buf[len - 1]))
		buf[--len] = '\0';
	return err;
}

static unsigned px_number(struct px_text text)
{
	uint64_t number = 0;

	if (fmt_parse_dec(text.p, text.len, &number) < 0 &&
	    fmt_parse_hex(text.p, text.len, &number) < 0)
		return 0;
	return (unsigned)number;
}

static int px_finish_kernel(struct px_parser *px, struct pxelinux *out)
{
	struct px_label *label = &px->best;
	struct px_text kernel = px_word(&label->kernel);
	int err = px_put(out->kernel, sizeof(out->kernel), kernel);

	if (err == 0)
		err = px_put_args(px, out->append, label->kernel);
	if (err == 0 && !px_is(label->append, "-"))
		err = px_put_args(px, out->append, label->append);
	if (err == 0)
		err = px_put_args(px, out->append, px->command);
	if (label->initrd.len)
		px->initrd = label->initrd;
	if (err == 0 && px->initrd.len)
		err = px_put(out->initrd, sizeof(out->initrd), px->initrd);
	out->ipappend = px_number(label->ipappend);
	return err;
}

static int px_finish(struct px_parser *px, struct pxelinux *out)
{
	struct px_text kernel = px->best.kernel;

	if (px->err < 0)
		return px->err;
	out->local = kernel.len ? px_ends(kernel, "chain.c32")
				: px->best.local.p != NULL;
	if (out->local)
		return 0;
	if (!kernel.len)
		return reason_fail(ERR_FORMAT, "no label has a kernel");
	if (px_ends(kernel, ".c32"))
		return px_fail(kernel, "a program for x86");
	return px_finish_kernel(px, out);
}

int pxelinux_parse(const char *text, size_t len,
		   long (*include)(void *arg, const char *path, char *buf),
		   void *arg, struct pxelinux *out)
{
	struct px_parser px = { .include = include, .arg = arg };
	int err;

	memset(out, 0, sizeof(*out));
	if (len > PXELINUX_FILE_MAX)
		return reason_fail(ERR_FORMAT, "larger than %u bytes",
				   PXELINUX_FILE_MAX);
	px.all.p = heap_alloc(PXELINUX_ALL_MAX);
	if (!px.all.p)
		return reason_fail(ERR_NOMEM, "out of memory");
	memcpy(px.all.p, text, len);
	px.all.p[len] = '\n'; /* so that each line has an end */
	px.all.len = len + 1;
	px_choose(&px);
	err = px_finish(&px, out);
	heap_free(px.all.p);
	return err;
}

// SPDX-License-Identifier: BSD-2-Clause
// The printf subset, and numbers from text.
#include "lib/fmt.h"

#include <string.h>

#include "lib/err.h"

/* The output, the number of bytes sent, and the remaining arguments. */
struct fmt_sink {
	void (*out)(void *arg, const char *text, size_t len);
	void *arg;
	bool plain; /* escape arguments to printable ASCII, see fmt_show() */
	size_t total;
	va_list ap;
};

/* One conversion: "%-08.3lx". */
struct fmt_spec {
	bool left, zero;
	size_t width;
	bool has_precision;
	size_t precision;
	unsigned bytes; /* of an integer argument */
};

static void fmt_send(struct fmt_sink *sink, const char *text, size_t len)
{
	if (len)
		sink->out(sink->arg, text, len);
	sink->total += len;
}

static void fmt_pad(struct fmt_sink *sink, char c, size_t n)
{
	char pad[16];

	memset(pad, c, sizeof(pad));
	for (; n > sizeof(pad); n -= sizeof(pad))
		fmt_send(sink, pad, sizeof(pad));
	fmt_send(sink, pad, n);
}

static bool fmt_is_spelt(const struct fmt_sink *sink, char c)
{
	return sink->plain && (c < ' ' || c > '~');
}

/* Number of columns an argument occupies. */
static size_t fmt_columns(const struct fmt_sink *sink, const char *text,
			  size_t len)
{
	size_t columns = len;

	if (!sink->plain)
		return len;
	for (size_t i = 0; i < len; i++)
		columns += fmt_is_spelt(sink, text[i]) ? 3 : 0;
	return columns;
}

/* Sends an argument; escapes bytes that could control a terminal: "\x1b". */
static void fmt_send_argument(struct fmt_sink *sink, const char *text,
			      size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t start = 0;

	for (size_t i = 0; sink->plain && i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		char spelt[4] = { '\\', 'x', digits[c / 16], digits[c % 16] };

		if (!fmt_is_spelt(sink, text[i]))
			continue;
		fmt_send(sink, text + start, i - start);
		fmt_send(sink, spelt, sizeof(spelt));
		start = i + 1;
	}
	fmt_send(sink, text + start, len - start);
}

/* Zero padding goes after the first `sign` bytes of `text`. */
static void fmt_field(struct fmt_sink *sink, const struct fmt_spec *spec,
		      const char *text, size_t len, size_t sign)
{
	size_t columns = fmt_columns(sink, text, len);
	size_t pad = spec->width > columns ? spec->width - columns : 0;

	if (spec->left) {
		fmt_send_argument(sink, text, len);
		fmt_pad(sink, ' ', pad);
	} else if (spec->zero) {
		fmt_send(sink, text, sign);
		fmt_pad(sink, '0', pad);
		fmt_send(sink, text + sign, len - sign);
	} else {
		fmt_pad(sink, ' ', pad);
		fmt_send_argument(sink, text, len);
	}
}

/* Writes the digits of `val` backwards from `end`. Returns the first. */
static char *fmt_digits(char *end, uint64_t val, unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char *p = end;

	do {
		*--p = digits[val % base];
		val /= base;
	} while (val);
	return p;
}

static void fmt_number(struct fmt_sink *sink, struct fmt_spec *spec, char conv,
		       uint64_t val)
{
	char text[24]; /* 20 digits of 2^64 and a prefix */
	char *end = text + sizeof(text);
	bool negative = (conv == 'd' || conv == 'i') && (int64_t)val < 0;
	bool hex = conv == 'x' || conv == 'X' || conv == 'p';
	const char *prefix = conv == 'p' ? "0x" : (negative ? "-" : "");
	size_t prefix_len = strlen(prefix);
	char *p = fmt_digits(end, negative ? 0 - val : val, hex ? 16 : 10,
			     conv == 'X');

	p -= prefix_len;
	memcpy(p, prefix, prefix_len);
	fmt_field(sink, spec, p, (size_t)(end - p), prefix_len);
}

/* Sign-extends or truncates `val` to the size of the length modifier. */
static uint64_t fmt_cut(uint64_t val, unsigned bytes, bool is_signed)
{
	unsigned shift = 64 - 8 * bytes;

	if (is_signed)
		return (uint64_t)((int64_t)(val << shift) >> shift);
	return val << shift >> shift;
}

static void fmt_string(struct fmt_sink *sink, struct fmt_spec *spec,
		       const char *text)
{
	if (!text)
		text = "(null)";
	size_t len = spec->has_precision ? strnlen(text, spec->precision)
					 : strlen(text);
	spec->zero = false;
	fmt_field(sink, spec, text, len, 0);
}

/* A number in the format itself, or the next argument for '*'. */
static size_t fmt_count(struct fmt_sink *sink, const char **fmt)
{
	size_t n = 0;

	if (**fmt == '*') {
		int arg = va_arg(sink->ap, int);

		(*fmt)++;
		return (size_t)MAX(arg, 0);
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++) {
		if (n < 4096)
			n = n * 10 + (size_t)(**fmt - '0');
	}
	return n;
}

/* Parses everything between '%' and the conversion. Returns the conversion. */
static const char *fmt_parse_spec(struct fmt_sink *sink, const char *fmt,
				  struct fmt_spec *spec)
{
	*spec = (struct fmt_spec){ .bytes = sizeof(int) };
	for (; *fmt == '-' || *fmt == '0'; fmt++) {
		if (*fmt == '-')
			spec->left = true;
		else
			spec->zero = true;
	}
	spec->width = fmt_count(sink, &fmt);
	if (*fmt == '.') {
		fmt++;
		spec->has_precision = true;
		spec->precision = fmt_count(sink, &fmt);
	}
	for (;; fmt++) {
		if (*fmt == 'h' && spec->bytes > 1)
			spec->bytes /= 2;
		else if (*fmt == 'l' || *fmt == 'z' || *fmt == 'j')
			spec->bytes = sizeof(uint64_t);
		else
			return fmt;
	}
}

static_assert(sizeof(long) == 8 && sizeof(size_t) == 8, "LP64 (ELFv2 ABI 2.1)");

static void fmt_integer(struct fmt_sink *sink, struct fmt_spec *spec, char conv)
{
	uint64_t val = spec->bytes == sizeof(uint64_t)
			       ? va_arg(sink->ap, uint64_t)
			       : va_arg(sink->ap, unsigned);

	fmt_number(sink, spec, conv,
		   fmt_cut(val, spec->bytes, conv == 'd' || conv == 'i'));
}

/* Formats one argument. Returns false if `conv` is not a conversion. */
static bool fmt_convert(struct fmt_sink *sink, struct fmt_spec *spec, char conv)
{
	char c;

	switch (conv) {
	case '%':
		fmt_send(sink, "%", 1);
		return true;
	case 'c':
		c = (char)va_arg(sink->ap, int);
		spec->zero = false;
		fmt_field(sink, spec, &c, 1, 0);
		return true;
	case 's':
		fmt_string(sink, spec, va_arg(sink->ap, const char *));
		return true;
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
		fmt_integer(sink, spec, conv);
		return true;
	case 'p':
		fmt_number(sink, spec, conv,
			   (uintptr_t)va_arg(sink->ap, void *));
		return true;
	default:
		return false;
	}
}

static void fmt_run(struct fmt_sink *sink, const char *fmt)
{
	struct fmt_spec spec;

	while (*fmt) {
		const char *start = fmt;

		while (*fmt && *fmt != '%')
			fmt++;
		fmt_send(sink, start, (size_t)(fmt - start));
		if (!*fmt)
			break;
		start = fmt;
		fmt = fmt_parse_spec(sink, fmt + 1, &spec);
		if (*fmt && fmt_convert(sink, &spec, *fmt))
			fmt++;
		else /* unknown: show it unchanged */
			fmt_send(sink, start, (size_t)(fmt - start));
	}
}

/* Formats to a callback. Returns the number of bytes sent. */
static size_t fmt_out(void (*out)(void *arg, const char *text, size_t len),
		      void *arg, const char *fmt, va_list ap)
{
	struct fmt_sink sink = { .out = out, .arg = arg };

	va_copy(sink.ap, ap);
	fmt_run(&sink, fmt);
	va_end(sink.ap);
	return sink.total;
}

size_t fmt_show(void (*out)(void *arg, const char *text, size_t len), void *arg,
		const char *fmt, va_list ap)
{
	struct fmt_sink sink = { .out = out, .arg = arg, .plain = true };

	va_copy(sink.ap, ap);
	fmt_run(&sink, fmt);
	va_end(sink.ap);
	return sink.total;
}

struct fmt_buffer {
	char *text;
	size_t size; /* without the NUL */
	size_t len;
};

static void fmt_to_buffer(void *arg, const char *text, size_t len)
{
	struct fmt_buffer *buf = arg;
	size_t n = MIN(len, buf->size - buf->len);

	memcpy(buf->text + buf->len, text, n);
	buf->len += n;
}

size_t fmt_vstr(char *buf, size_t size, const char *fmt, va_list ap)
{
	assert(size > 0);

	struct fmt_buffer out = { buf, size - 1, 0 };
	size_t len = fmt_out(fmt_to_buffer, &out, fmt, ap);

	buf[out.len] = '\0';
	return len;
}

size_t fmt_str(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	size_t len = fmt_vstr(buf, size, fmt, ap);
	va_end(ap);
	return len;
}

static int fmt_digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static int fmt_parse(const char *text, size_t len, unsigned base, uint64_t *val)
{
	uint64_t sum = 0;

	if (len == 0)
		return ERR_INVAL;
	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)fmt_digit_value(text[i]);

		if (digit >= base || sum > (UINT64_MAX - digit) / base)
			return ERR_INVAL;
		sum = sum * base + digit;
	}
	*val = sum;
	return 0;
}

int fmt_parse_hex(const char *text, size_t len, uint64_t *val)
{
	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		len -= 2;
	}
	return len > 16 ? ERR_INVAL : fmt_parse(text, len, 16, val);
}

int fmt_parse_dec(const char *text, size_t len, uint64_t *val)
{
	return fmt_parse(text, len, 10, val);
}

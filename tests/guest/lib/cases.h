/* SPDX-License-Identifier: BSD-2-Clause */
/* Test cases and their results in TAP 14. */
#ifndef TESTS_GUEST_LIB_CASES_H
#define TESTS_GUEST_LIB_CASES_H

#include "tests/guest/lib/guest.h"

enum level {
	REQUIRED,  /* the standard says so */
	EXPECTED,  /* a real client relies on it */
	EXTENSION, /* skipped if the firmware does not have it */
};

/* How an argument of a call is made. */
enum argument_kind {
	ARG_NUMBER,   /* number */
	ARG_TEXT,     /* address of text */
	ARG_NODE,     /* phandle of the path in text */
	ARG_OPEN,     /* an instance of the path in text, closed afterwards */
	ARG_CHOSEN,   /* the ihandle in the property of /chosen named text */
	ARG_BUFFER,   /* address of cases_buffer plus number */
	ARG_FIRMWARE, /* address of the firmware's code, which must stay */
};

struct argument {
	enum argument_kind kind;
	uint32_t number;
	const char *text;
};

#define NUM(n)                                                                 \
	{                                                                      \
		ARG_NUMBER, (uint32_t)(n), NULL                                \
	}
#define TEXT(s)                                                                \
	{                                                                      \
		ARG_TEXT, 0, s                                                 \
	}
#define NODE(path)                                                             \
	{                                                                      \
		ARG_NODE, 0, path                                              \
	}
#define OPENED(path)                                                           \
	{                                                                      \
		ARG_OPEN, 0, path                                              \
	}
#define CHOSEN(name)                                                           \
	{                                                                      \
		ARG_CHOSEN, 0, name                                            \
	}
#define BUFFER                                                                 \
	{                                                                      \
		ARG_BUFFER, 0, NULL                                            \
	}
#define BUFFER_AT(offset)                                                      \
	{                                                                      \
		ARG_BUFFER, offset, NULL                                       \
	}

#define FIRMWARE                                                               \
	{                                                                      \
		ARG_FIRMWARE, 0, NULL                                          \
	}

/* What a result cell must be. */
enum result_kind {
	WANT_ANYTHING, /* also the default */
	WANT_NUMBER,   /* number */
	WANT_NOT,      /* anything but number */
	WANT_HANDLE,   /* neither 0 nor -1 */
	WANT_NODE,     /* phandle of the path in text */
	WANT_MOST,     /* from 0 to number, unsigned */
};

struct result {
	enum result_kind kind;
	uint32_t number;
	const char *text;
};

#define IS(n)                                                                  \
	{                                                                      \
		WANT_NUMBER, (uint32_t)(n), NULL                               \
	}
#define NOT(n)                                                                 \
	{                                                                      \
		WANT_NOT, (uint32_t)(n), NULL                                  \
	}
#define HANDLE                                                                 \
	{                                                                      \
		WANT_HANDLE, 0, NULL                                           \
	}
#define IS_NODE(path)                                                          \
	{                                                                      \
		WANT_NODE, 0, path                                             \
	}
#define AT_MOST(n)                                                             \
	{                                                                      \
		WANT_MOST, (uint32_t)(n), NULL                                 \
	}
#define ANYTHING                                                               \
	{                                                                      \
		WANT_ANYTHING, 0, NULL                                         \
	}

/* What the client interface itself returns in r3. */
enum status {
	STATUS_DONE,   /* 0 */
	STATUS_FAILED, /* -1; the result cells do not count */
	STATUS_EITHER, /* -1, or 0 with the results wanted */
};

#define CASE_ARGUMENTS 8
#define CASE_RESULTS 4

/*
 * One case: one line of TAP. With `run` it is a function, which calls
 * expect() and the like; without, it is the call that the row describes.
 */
struct test_case {
	const char *name;   /* what must hold, as a sentence */
	const char *source; /* its source: "IEEE 1275 6.3.2.2", "GRUB ..." */
	enum level level;
	void (*run)(void);
	/* The rest of the case after the client was entered again. */
	void (*resumed)(void);

	const char *service;
	uint8_t nargs, nrets;
	enum status status;
	struct argument in[CASE_ARGUMENTS];
	struct result out[CASE_RESULTS];
	/* The first `length` bytes of cases_buffer after the call; the bytes
	 * after must be unchanged. NULL: the buffer is not checked. */
	const char *bytes;
	uint32_t length;
};

/* Rows of a table of cases. */
#define RUNS(name_, source_, level_, function)                                 \
	{                                                                      \
		.name = name_, .source = source_, .level = level_,             \
		.run = function                                                \
	}
/* A case that enters the client again: by `boot` with the argument resumed=N,
 * or by `chain` after cases_enter_anew(); it continues in a second function. */
#define RESUMES(name_, source_, level_, function, resumed_)                    \
	{                                                                      \
		.name = name_, .source = source_, .level = level_,             \
		.run = function, .resumed = resumed_                           \
	}
/* ... then IN(), OUT(), FAILS, EITHER and BYTES() as needed. */
#define CALLS(name_, source_, level_, service_, ...)                           \
	{                                                                      \
		.name = name_, .source = source_, .level = level_,             \
		.service = service_, __VA_ARGS__                               \
	}
#define IN(...)                                                                \
	.in = { __VA_ARGS__ },                                                 \
	.nargs = sizeof((struct argument[]){ __VA_ARGS__ }) /                  \
		 sizeof(struct argument)
#define OUT(...)                                                               \
	.out = { __VA_ARGS__ },                                                \
	.nrets = sizeof((struct result[]){ __VA_ARGS__ }) /                    \
		 sizeof(struct result)
#define FAILS .status = STATUS_FAILED
#define EITHER .status = STATUS_EITHER
#define BYTES(literal) .bytes = literal, .length = sizeof(literal) - 1

/* Cases that belong together, in the order in which they run. */
struct test_group {
	const char *name;
	/* A separate run for cases that end the firmware or change its state
	 * for good: the word that selects it. NULL: the main run. */
	const char *own_run;
	const struct test_case *cases;
	unsigned int count;
};

/* A file's cases; groups run in the order of their numbers, two digits. */
#define GROUP(order, name_, own_run_)                                          \
	static const struct test_group group                                   \
		__attribute__((used, section(".groups." order))) = {           \
			name_, own_run_, cases,                                \
			sizeof(cases) / sizeof(cases[0])                       \
		}

/* Filled with CASES_FILL before each case. */
#define CASES_BUFFER 65536u
#define CASES_FILL 0xa5
extern unsigned char cases_buffer[CASES_BUFFER];

/*
 * cases_main - run the cases that the arguments select (guest_argument()):
 *   run=WORD  the groups of that run instead of the main one
 *   from=N    begin with case N (they count from 1 over all groups)
 *   only=N    case N alone
 *   run=list  print "# case NUMBER | GROUP | RUN | LEVEL | SOURCE | NAME"
 * In the main run the cases of other runs are printed as skipped.
 */
void cases_main(void) __attribute__((noreturn));

/* In a case: the first expectation that fails is the case's diagnosis, with a
 * text that says what was checked. They return whether it held. */
bool expect(bool good, const char *what);
bool expect_is(uint64_t got, uint64_t want, const char *what);
bool expect_not(uint64_t got, uint64_t bad, const char *what);
bool expect_bytes(const void *got, const void *want, uint32_t length,
		  const char *what);
bool expect_text(const char *got, const char *want, const char *what);

/* Marks the case as skipped: the machine or the firmware has no such thing.
 * Only for an extension, or a case whose hardware is absent. */
void skip(const char *reason);

/* A line of diagnosis or information. */
void note(const char *text);
void note_number(const char *text, uint64_t number);

/* Prints the verdict on the current case: for a case that continues in another
 * program, which `chain` entered. */
void cases_verdict(void);

/* For a case whose call does not return: prints "# leave N how". The reader of
 * the console judges: ok if the firmware prints anything afterwards, or ends
 * the machine. */
void cases_leave(const char *how);

/* The number of the current case. A client that `boot` loads again with the
 * argument resumed=N continues case N, then ends. */
unsigned int cases_number(void);

/* anew: from now on the client's first instruction leads to the rest of this
 * case, for `chain`; else no longer. Only .data keeps its value. */
void cases_enter_anew(bool anew);

/* Prints the end and powers the machine off. */
void cases_end(void) __attribute__((noreturn));

#endif /* TESTS_GUEST_LIB_CASES_H */

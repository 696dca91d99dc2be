/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole small machine around the client interface: tree, two terminals, a
 * disk, RTAS, a client's memory, and calls as a client makes them. */
#ifndef TESTS_FAKE_MACHINE_H
#define TESTS_FAKE_MACHINE_H

#include "ci/ci.h"
#include "drivers/instance.h"
#include "tests/fake/blocks.h"
#include "tests/fake/hcall.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"

/* The client's memory: its address 0 is fake_memory[0]. */
#define FAKE_MEMORY 0x100000u
extern uint8_t fake_memory[FAKE_MEMORY];
/* The firmware's window in it, and the client's stack inside of that. */
#define FAKE_WINDOW 0xc0000u
#define FAKE_WINDOW_END 0xf0000u
#define FAKE_STACK 0xd0000u
#define FAKE_STACK_END 0xd8000u
/* Argument arrays are here; fake_str() and fake_buf() use the memory after. */
#define FAKE_ARRAY 0x1000u

/*
 * fake_machine_start, _stop - cmocka's set-up and tear-down: the state at
 * client entry. The tree:
 * /cpus/PowerPC,POWER9@8, /memory@0, /rtas, /vdevice/{vty@71000001,
 * vty@71000000, disk@71000002}, and what ci_nodes_create() adds.
 */
int fake_machine_start(void **state);
int fake_machine_stop(void **state);

/* fake_str - a string in the client's memory; its address. */
cell_t fake_str(const char *text);

/* fake_buf - `len` bytes of 0xee there, and one more byte of 0xee after. */
cell_t fake_buf(size_t len);

/* fake_text - what the client sees at an address. */
static inline char *fake_text(cell_t addr)
{
	return (char *)fake_memory + addr;
}

/* The results of the last call; 24 cells. */
extern cell_t fake_ret[24];

/*
 * fake_ci - call the service `name` through ci_call(); fake_ret receives the
 * return cells, which hold 0x5a5a5a5a before. Returns ci_call()'s value.
 */
int64_t fake_ci(const char *name, const cell_t *args, size_t nargs,
		size_t nrets);

/* CI(name, args...): the return cell of a call that must not itself fail. */
cell_t fake_ci1(const char *name, const cell_t *args, size_t nargs);
#define CI_CELLS(...) ((const cell_t[]){ 0, ##__VA_ARGS__ } + 1)
#define CI_COUNT(...)                                                          \
	(sizeof((const cell_t[]){ 0, ##__VA_ARGS__ }) / sizeof(cell_t) - 1)
#define CI(name, ...)                                                          \
	fake_ci1(name, CI_CELLS(__VA_ARGS__), CI_COUNT(__VA_ARGS__))
#define CI_N(name, nrets, ...)                                                 \
	fake_ci(name, CI_CELLS(__VA_ARGS__), CI_COUNT(__VA_ARGS__), nrets)

/* fake_phandle - the phandle of a path; 0: no such node. */
cell_t fake_phandle(const char *path);

/* fake_console_typed - the next input of the terminals. */
void fake_console_typed(const char *text);
/* What clients wrote to the terminals, with their unit's last digit before
 * each hypercall's text. */
extern char fake_console_out[4096];

/* The order of what happened: "stop=disk bus: dma rtas=quiesce ...". */
extern char fake_events[1024];
void fake_event(const char *fmt, ...) printf_like(1, 2);
/* Keep neither: for runs of any length. */
extern bool fake_quiet;
/* fake_events_clear - forget events, printed and written text. */
void fake_events_clear(void);

/* RTAS: the status of later calls, the results after it, the last arguments. */
extern int fake_rtas_status;
extern uint32_t fake_rtas_results[8];
extern uint32_t fake_rtas_args[8];

/* The disk: the errors of starting and reading it; its bytes; the size that an
 * instance reports; the last position of a seek. */
extern int fake_disk_error, fake_disk_read_error;
extern uint8_t fake_disk[16384];
extern size_t fake_disk_size;
extern uint64_t fake_disk_sought;

/* The last ci_hooks.leave: why, result; -1: none. */
extern int fake_left;
/* Bytes reported to code_written. */
extern uint64_t fake_code_written;
/* The last call of option_changed: "name=value". */
extern char fake_option[128];

#endif

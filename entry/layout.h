/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout of low memory and frames, for assembly and C. */
#ifndef ENTRY_LAYOUT_H
#define ENTRY_LAYOUT_H

/*
 * Low memory while the firmware runs: the file's header, the vectors, and from
 * 0x1900 their code and data. Clients may overwrite all of it.
 */
#define LOW_IMAGE 0	  /* the firmware's file, as QEMU loaded it */
#define LOW_HEADER 0x40	  /* struct keys_header: of the firmware's file */
#define LOW_COMMON 0x1900 /* code that all vectors share */
#define LOW_STACK 0x1a00  /* the first stack, for window_place() */
#define LOW_STACK_TOP 0x2400
#define LOW_SAVE 0x2400	     /* struct exception_frame */
#define LOW_STOP_SELF 0x2550 /* RTAS arguments; token 0: no such call */
#define LOW_HANDLER 0x2560   /* code address of exception_entry; 0: not ready */
#define LOW_NESTED 0x2568    /* not 0: report in progress */
#define LOW_SCRATCH 0x2570   /* r3, in vectors that return */
#define LOW_END 0x2580

/* Offsets in struct exception_frame. */
#define EXC_GPR 0
#define EXC_PC 256
#define EXC_MSR 264
#define EXC_CR 272
#define EXC_LR 280
#define EXC_CTR 288
#define EXC_XER 296
#define EXC_DAR 304
#define EXC_DSISR 312
#define EXC_VECTOR 320

/* The frame in which the client interface saves the caller's state. */
#define CI_FRAME 256
#define CI_GPR1 48
#define CI_GPR2 56
#define CI_GPR13 64 /* r13..r31: 19 doublewords */
#define CI_LR 216
#define CI_CR 224
#define CI_MSR 232

/* The frame in which client_enter() saves the firmware's state. */
#define ENTER_FRAME 240
#define ENTER_TOC 24
#define ENTER_GPR14 48 /* r14..r31: 18 doublewords */
#define ENTER_PREVIOUS 192
#define ENTER_RESULT 200

/* Offsets in struct client_regs. */
#define CLIENT_PC 0
#define CLIENT_MSR 8
#define CLIENT_GPR1 16 /* r1..r7 */
#define CLIENT_GPR12 72

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of SCSI targets for targets that fuzz what is around them. */
#ifndef TESTS_FUZZ_SCSI_H
#define TESTS_FUZZ_SCSI_H

#include "tests/fuzz/input.h"

#define FUZZ_SCSI_ANSWER 256u

/*
 * fuzz_scsi_usual - what an honest enough disk answers for a scan to get on: a
 * LUN, its type, its capacity. `answer`: FUZZ_SCSI_ANSWER bytes of zeros.
 * `lun`: the first entry of its list. Returns how many bytes count.
 */
size_t fuzz_scsi_usual(struct fuzz_input *in, uint8_t op, uint64_t lun,
		       uint8_t *answer);

#endif

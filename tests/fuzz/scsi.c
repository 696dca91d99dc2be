// SPDX-License-Identifier: BSD-2-Clause
/* Answers of SCSI targets for targets that fuzz what is around them. */
#include "tests/fuzz/scsi.h"

#include "drivers/scsi/cdb.h"
#include "lib/endian.h"

size_t fuzz_scsi_usual(struct fuzz_input *in, uint8_t op, uint64_t lun,
		       uint8_t *answer)
{
	static const uint8_t types[] = { 0, 5, 7, 0xe };

	switch (op) {
	case SCSI_REPORT_LUNS:
		be32_store(answer, 16);
		be64_store(answer + 16, lun);
		return 24;
	case SCSI_INQUIRY:
		answer[0] = types[fuzz_u8(in) % 4];
		memcpy(answer + 8, "QEMU    QEMU HARDDISK   2.5+", 28);
		return 36;
	case SCSI_READ_CAPACITY_10:
		be32_store(answer, fuzz_u8(in) & 1 ? UINT32_MAX : 999);
		be32_store(answer + 4, fuzz_u8(in) & 1 ? 2048 : 512);
		return 8;
	case SCSI_SERVICE_ACTION_IN_16:
		be64_store(answer, 1ULL << 33);
		be32_store(answer + 8, 512);
		return 32;
	}
	return 0;
}

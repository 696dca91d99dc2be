// SPDX-License-Identifier: BSD-2-Clause
/* Quiescing, in an order in which no device can write to freed memory. */
#include "ci/quiesce.h"

#include "ci/fdt.h"
#include "ci/nodes.h"
#include "drivers/console.h"
#include "drivers/dma.h"
#include "drivers/instance.h"
#include "hcall/rtas.h"
#include "lib/log.h"
#include "packages/tpm/tpm.h"

static bool quiesced;

bool ci_is_quiesced(void)
{
	return quiesced;
}

void ci_quiesce_reset(void)
{
	quiesced = false;
}

/*
 * First reset the devices, while they can still access memory; then stop bus
 * mastering; then remove the mappings. (A device that is reset after its
 * mapping is removed causes an IOMMU fault.)
 */
void ci_quiesce(void)
{
	const struct instance *out = instance_get(ci_stdout());
	int rc;

	if (quiesced)
		return;
	quiesced = true;
	console_keep(out ? out->node : NULL);
	device_quiesce_all(out ? out->node : NULL);
	dma_quiesce_all();
	instance_quiesce(out);
	ci_fdt_update();
	rc = rtas_quiesce();
	if (rc && rc != ERR_NOTSUP)
		log_err("quiesce: RTAS: %s", err_str(rc));
}

/* After quiesce, the TPM is the client's. */
void ci_reboot(void)
{
	tpm_shutdown();
	device_sync_all();
	rtas_reboot();
}

void ci_power_off(void)
{
	tpm_shutdown();
	device_sync_all();
	rtas_power_off();
}

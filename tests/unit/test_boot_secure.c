// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/secure.c: what is refused, told and measured in each mode. */
#include "boot/secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/nodes.h"
#include "lib/reason.h"
#include "packages/measure.h"
#include "packages/secure/keys.h"
#include "packages/secure/verify.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"

static enum keys_mode mode;
static bool refuse_kernel;
static const uint8_t owner[16] = "the owner's guid";
static const uint8_t cert[] = { 0x30, 1, 2, 3 };
static const struct keys_key key = { .name = "Vendor",
				     .owner = owner,
				     .cert = cert,
				     .cert_len = sizeof(cert) };

/* What verify_image() returns, and how often it was called. */
static int verified;
static unsigned verifications;

static unsigned policies;
static int policy_error;

static bool tpm;
static char measured[64];
static size_t measured_len;
static unsigned measurements;

enum keys_mode keys_mode(void)
{
	return mode;
}

bool keys_is_locked(void)
{
	return mode == KEYS_ENFORCE;
}

bool keys_refuse_kernel(void)
{
	return refuse_kernel;
}

int ci_nodes_policy(void)
{
	policies++;
	return policy_error;
}

int verify_image(struct image *img, struct verify_result *result)
{
	verifications++;
	assert_string_equal(img->name, "/disk:1");
	result->key = verified ? NULL : &key;
	return verified ? reason_fail(verified, "not signed") : 0;
}

bool measure_is_on(void)
{
	return tpm;
}

void measure_later(enum measure_event what, const char *name, const void *data,
		   size_t len)
{
	assert_int_equal(what, MEASURE_AUTHORITY);
	assert_string_equal(name, "grubdb");
	assert_true(len <= sizeof(measured));
	memcpy(measured, data, len);
	measured_len = len;
	measurements++;
}

static int start(void **state)
{
	(void)state;
	mode = KEYS_ENFORCE;
	refuse_kernel = tpm = false;
	verified = 0;
	verifications = measurements = policies = 0;
	policy_error = 0;
	fake_log_start();
	reason_clear();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_log_stop();
	return 0;
}

static int program(void)
{
	struct image img = { .name = "/disk:1", .size = 1000 };

	return secure_program(&img);
}

static void what_is_signed_runs_and_its_signer_is_named(void **state)
{
	(void)state;
	assert_true(secure_is_on());
	assert_int_equal(program(), 0);
	assert_string_equal(fake_printed, "  Verified: signed by Vendor\r\n");
	mode = KEYS_AUDIT;
	fake_log_clear();
	assert_int_equal(program(), 0);
	assert_string_equal(fake_printed, "  Verified: signed by Vendor\r\n");
}

/* The loader prints it, with its code. */
static void enforcing_refuses_with_the_verifiers_reason(void **state)
{
	(void)state;
	verified = ERR_PERM;
	assert_int_equal(program(), ERR_PERM);
	assert_string_equal(reason(), "not signed");
	assert_string_equal(fake_printed, "");
	verified = ERR_IO;
	assert_int_equal(program(), ERR_IO);
	verified = ERR_NOMEM;
	assert_int_equal(program(), ERR_NOMEM);
}

static void audit_runs_everything_and_says_what_it_would_refuse(void **state)
{
	(void)state;
	mode = KEYS_AUDIT;
	verified = ERR_PERM;
	assert_int_equal(program(), 0);
	assert_string_equal(
		fake_printed,
		"\r\nSecure boot: would refuse /disk:1: not signed\r\n");
	verified = ERR_NOMEM;
	assert_int_equal(program(), 0);
	fake_log_clear();
	assert_int_equal(secure_other("/disk:2", "a boot script"), 0);
	assert_string_equal(fake_printed,
			    "\r\nSecure boot: would refuse /disk:2: a boot "
			    "script cannot be signed\r\n");
}

static void what_cannot_be_signed_is_refused(void **state)
{
	(void)state;
	assert_int_equal(secure_other("/disk:2", "an AIX boot image"),
			 ERR_PERM);
	assert_string_equal(reason(), "an AIX boot image cannot be signed");
	assert_string_equal(fake_printed, "");
}

static void without_keys_nothing_is_verified_said_or_set(void **state)
{
	(void)state;
	mode = KEYS_OFF;
	refuse_kernel = true;
	assert_false(secure_is_on());
	verified = ERR_PERM;
	assert_int_equal(program(), 0);
	assert_int_equal(secure_other("/disk:2", "a boot script"), 0);
	assert_int_equal(secure_kernel(), 0);
	secure_enter();
	assert_string_equal(fake_printed, "");
	assert_int_equal(verifications, 0);
	assert_int_equal(policies, 0);
}

static void a_kernel_is_the_hosts_and_is_not_checked(void **state)
{
	(void)state;
	assert_int_equal(secure_kernel(), 0);
	assert_string_equal(fake_printed,
			    "-kernel: from the host, not checked\r\n");
	mode = KEYS_AUDIT;
	fake_log_clear();
	assert_int_equal(secure_kernel(), 0);
	assert_string_equal(fake_printed,
			    "-kernel: from the host, not checked\r\n");
	assert_int_equal(verifications, 0);
}

static void the_host_may_forbid_kernels(void **state)
{
	(void)state;
	refuse_kernel = true;
	assert_int_equal(secure_kernel(), ERR_PERM);
	assert_string_equal(fake_printed, "\r\nE3403: Bad executable: -kernel: "
					  "the host's keys forbid it\r\n");
	mode = KEYS_AUDIT;
	fake_log_clear();
	assert_int_equal(secure_kernel(), 0);
	assert_string_equal(fake_printed,
			    "\r\nSecure boot: would refuse -kernel: the host's "
			    "keys forbid it\r\n");
}

/* Whatever an earlier one has written there. */
static void each_client_is_told_the_policy(void **state)
{
	(void)state;
	secure_enter();
	secure_enter();
	assert_int_equal(policies, 2);
	assert_string_equal(fake_printed, "");
	policy_error = ERR_NOMEM;
	secure_enter();
	assert_true(fake_log_has("out of memory for ibm,secure-boot"));
}

static void the_log_gets_owner_and_certificate(void **state)
{
	(void)state;
	tpm = true;
	assert_int_equal(program(), 0);
	assert_int_equal(measurements, 1);
	assert_int_equal(measured_len, sizeof(owner) + sizeof(cert));
	assert_memory_equal(measured, owner, sizeof(owner));
	assert_memory_equal(measured + sizeof(owner), cert, sizeof(cert));
}

static void without_a_tpm_nothing_is_measured(void **state)
{
	(void)state;
	assert_int_equal(program(), 0);
	assert_int_equal(measurements, 0);
}

static void a_certificate_without_memory_is_refused(void **state)
{
	(void)state;
	tpm = true;
	fake_heap_fail_after(0);
	assert_int_equal(program(), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_string_equal(reason(), "no memory for a certificate of 4 bytes");
	assert_int_equal(measurements, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_signed_runs_and_its_signer_is_named),
		T(enforcing_refuses_with_the_verifiers_reason),
		T(audit_runs_everything_and_says_what_it_would_refuse),
		T(what_cannot_be_signed_is_refused),
		T(without_keys_nothing_is_verified_said_or_set),
		T(a_kernel_is_the_hosts_and_is_not_checked),
		T(the_host_may_forbid_kernels),
		T(each_client_is_told_the_policy),
		T(the_log_gets_owner_and_certificate),
		T(without_a_tpm_nothing_is_measured),
		T(a_certificate_without_memory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

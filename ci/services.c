// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of all services of the client interface. in: required argument
 * cells; out: cells that the service returns.
 */
#include "ci/call.h"

/* clang-format off */
const struct ci_service ci_services[] = {
	/*      name                           in out handler                          source */
	SERVICE("test",                         1, 1, svc_test,                        "IEEE 1275 6.3.2.1"),
	SERVICE("test-method",                  2, 1, svc_test_method,                 "LoPAR B.10"),

	SERVICE("peer",                         1, 1, svc_peer,                        "IEEE 1275 6.3.2.2"),
	SERVICE("child",                        1, 1, svc_child,                       "IEEE 1275 6.3.2.2"),
	SERVICE("parent",                       1, 1, svc_parent,                      "IEEE 1275 6.3.2.2"),
	SERVICE("instance-to-package",          1, 1, svc_instance_to_package,         "IEEE 1275 6.3.2.2"),
	SERVICE("getproplen",                   2, 1, svc_getproplen,                  "IEEE 1275 6.3.2.2"),
	SERVICE("getprop",                      4, 1, svc_getprop,                     "IEEE 1275 6.3.2.2"),
	SERVICE("nextprop",                     3, 1, svc_nextprop,                    "IEEE 1275 6.3.2.2"),
	SERVICE("setprop",                      4, 1, svc_setprop,                     "IEEE 1275 6.3.2.2"),
	SERVICE("canon",                        3, 1, svc_canon,                       "IEEE 1275 6.3.2.2"),
	SERVICE("finddevice",                   1, 1, svc_finddevice,                  "IEEE 1275 6.3.2.2"),
	SERVICE("instance-to-path",             3, 1, svc_instance_to_path,            "IEEE 1275 6.3.2.2"),
	SERVICE("instance-to-interposed-path",  3, 1, svc_instance_to_interposed_path, "LoPAR B.10"),
	SERVICE("package-to-path",              3, 1, svc_package_to_path,             "IEEE 1275 6.3.2.2"),
	SERVICE_STACK("call-method",            2, 1, svc_call_method,                 "IEEE 1275 6.3.2.2"),

	SERVICE("open",                         1, 1, svc_open,                        "IEEE 1275 6.3.2.3"),
	SERVICE("close",                        1, 0, svc_close,                       "IEEE 1275 6.3.2.3"),
	SERVICE("read",                         3, 1, svc_read,                        "IEEE 1275 6.3.2.3"),
	SERVICE("write",                        3, 1, svc_write,                       "IEEE 1275 6.3.2.3"),
	SERVICE("seek",                         3, 1, svc_seek,                        "IEEE 1275 6.3.2.3"),

	SERVICE("claim",                        3, 1, svc_claim,                       "IEEE 1275 6.3.2.4"),
	SERVICE("release",                      2, 0, svc_release,                     "IEEE 1275 6.3.2.4"),

	SERVICE("boot",                         1, 0, svc_boot,                        "IEEE 1275 6.3.2.5"),
	SERVICE("enter",                        0, 0, svc_enter,                       "IEEE 1275 6.3.2.5"),
	SERVICE("exit",                         0, 0, svc_exit,                        "IEEE 1275 6.3.2.5"),
	SERVICE("chain",                        5, 0, svc_chain,                       "IEEE 1275 6.3.2.5"),

	/* The standard has a stack here, too, but no phrase uses it. */
	SERVICE("interpret",                    1, 1, svc_interpret,                   "IEEE 1275 6.3.2.6"),
	SERVICE("set-callback",                 1, 1, svc_set_callback,                "IEEE 1275 6.3.2.6"),
	SERVICE("set-symbol-lookup",            2, 0, svc_set_symbol_lookup,           "IEEE 1275 6.3.2.6"),
	SERVICE("milliseconds",                 0, 1, svc_milliseconds,                "IEEE 1275 6.3.2.7"),

	SERVICE("start-cpu",                    3, 0, svc_start_cpu,                   "LoPAR B.10"),
	SERVICE("quiesce",                      0, 0, svc_quiesce,                     "SLOF client.fs"),
	SERVICE("fdt-fetch",                    2, 1, svc_fdt_fetch,                   "SLOF fdt-fl.fs"),

	SERVICE("pks-max-object-size",          0, 1, svc_pks_max_object_size,         "GRUB 2.14 kern/powerpc/ieee1275"),
	SERVICE("pks-read-object",              5, 3, svc_pks_read_object,             "GRUB 2.14 kern/powerpc/ieee1275"),
	SERVICE("pks-read-sbvar",               4, 2, svc_pks_read_sbvar,              "GRUB 2.14 kern/powerpc/ieee1275"),
	{ .name = NULL },
};
/* clang-format on */

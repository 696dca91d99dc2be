// SPDX-License-Identifier: BSD-2-Clause
/* THE table: every service of the client interface. */
#include "ci/call.h"

/* clang-format off */
const struct ci_service ci_services[] = {
	/* name                        in out  handler                          source */
	{ "test",                       1, 1, svc_test,                        "IEEE 1275 6.3.2.1" },
	{ "test-method",                2, 1, svc_test_method,                 "LoPAR B.10" },

	{ "peer",                       1, 1, svc_peer,                        "IEEE 1275 6.3.2.2" },
	{ "child",                      1, 1, svc_child,                       "IEEE 1275 6.3.2.2" },
	{ "parent",                     1, 1, svc_parent,                      "IEEE 1275 6.3.2.2" },
	{ "instance-to-package",        1, 1, svc_instance_to_package,         "IEEE 1275 6.3.2.2" },
	{ "getproplen",                 2, 1, svc_getproplen,                  "IEEE 1275 6.3.2.2" },
	{ "getprop",                    4, 1, svc_getprop,                     "IEEE 1275 6.3.2.2" },
	{ "nextprop",                   3, 1, svc_nextprop,                    "IEEE 1275 6.3.2.2" },
	{ "setprop",                    4, 1, svc_setprop,                     "IEEE 1275 6.3.2.2" },
	{ "canon",                      3, 1, svc_canon,                       "IEEE 1275 6.3.2.2" },
	{ "finddevice",                 1, 1, svc_finddevice,                  "IEEE 1275 6.3.2.2" },
	{ "instance-to-path",           3, 1, svc_instance_to_path,            "IEEE 1275 6.3.2.2" },
	{ "instance-to-interposed-path", 3, 1, svc_instance_to_interposed_path, "LoPAR B.10" },
	{ "package-to-path",            3, 1, svc_package_to_path,             "IEEE 1275 6.3.2.2" },
	{ "call-method",                2, 1, svc_call_method,                 "IEEE 1275 6.3.2.2" },

	{ "open",                       1, 1, svc_open,                        "IEEE 1275 6.3.2.3" },
	{ "close",                      1, 0, svc_close,                       "IEEE 1275 6.3.2.3" },
	{ "read",                       3, 1, svc_read,                        "IEEE 1275 6.3.2.3" },
	{ "write",                      3, 1, svc_write,                       "IEEE 1275 6.3.2.3" },
	{ "seek",                       3, 1, svc_seek,                        "IEEE 1275 6.3.2.3" },

	{ "claim",                      3, 1, svc_claim,                       "IEEE 1275 6.3.2.4" },
	{ "release",                    2, 0, svc_release,                     "IEEE 1275 6.3.2.4" },

	{ "boot",                       1, 0, svc_boot,                        "IEEE 1275 6.3.2.5" },
	{ "enter",                      0, 0, svc_enter,                       "IEEE 1275 6.3.2.5" },
	{ "exit",                       0, 0, svc_exit,                        "IEEE 1275 6.3.2.5" },
	{ "chain",                      5, 0, svc_chain,                       "IEEE 1275 6.3.2.5" },

	{ "interpret",                  1, 1, svc_interpret,                   "IEEE 1275 6.3.2.6" },
	{ "set-callback",               1, 1, svc_set_callback,                "IEEE 1275 6.3.2.6" },
	{ "set-symbol-lookup",          2, 0, svc_set_symbol_lookup,           "IEEE 1275 6.3.2.6" },
	{ "milliseconds",               0, 1, svc_milliseconds,                "IEEE 1275 6.3.2.7" },

	{ "start-cpu",                  3, 0, svc_start_cpu,                   "LoPAR B.10" },
	{ "quiesce",                    0, 0, svc_quiesce,                     "SLOF client.fs" },
	{ "fdt-fetch",                  2, 1, svc_fdt_fetch,                   "SLOF fdt-fl.fs" },
	{ .name = NULL },
};
/* clang-format on */

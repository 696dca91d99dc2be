// SPDX-License-Identifier: BSD-2-Clause
// pxelinux's files as installers and provisioning tools write them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/net/pxelinux.h"
#include "tests/fake/pxelinux.h"

/* The debian-installer's files, of its package for amd64; shortened. */
static void the_debian_installer_has_a_menu_of_included_files(void **state)
{
	static const struct pxelinux_file files[] = {
		{ "debian-installer/boot-screens/menu.cfg",
		  "menu hshift 7\nmenu width 61\n\nmenu title Debian\n"
		  "include debian-installer/boot-screens/stdmenu.cfg\n"
		  "include debian-installer/boot-screens/gtk.cfg\n"
		  "include debian-installer/boot-screens/txt.cfg\n"
		  "menu begin advanced\n"
		  "    menu label ^Advanced options\n"
		  "\tinclude debian-installer/boot-screens/stdmenu.cfg\n"
		  "\tlabel mainmenu\n\t\tmenu label ^Back..\n\t\tmenu exit\n"
		  "\tinclude debian-installer/boot-screens/adtxt.cfg\n"
		  "menu end\n" },
		{ "debian-installer/boot-screens/gtk.cfg",
		  "default installgui\nlabel installgui\n"
		  "\tmenu label ^Graphical install\n\tmenu default\n"
		  "\tkernel debian-installer/linux\n"
		  "\tappend vga=788 initrd=debian-installer/initrd.gz --- quiet"
		  " \n" },
		{ "debian-installer/boot-screens/txt.cfg",
		  "label install\n\tmenu label ^Install\n"
		  "\tkernel debian-installer/linux2\n"
		  "\tappend initrd=debian-installer/initrd2.gz\n" },
		{ NULL, NULL },
	};

	(void)state;
	pxelinux_expect_with(
		"# D-I config version 2.0\n"
		"# search path for the c32 support libraries (libcom32)\n"
		"path debian-installer/boot-screens/\n"
		"include debian-installer/boot-screens/menu.cfg\n"
		"default debian-installer/boot-screens/vesamenu.c32\n"
		"prompt 0\ntimeout 0\n",
		files, "debian-installer/linux", "debian-installer/initrd.gz",
		"vga=788 --- quiet");
}

static void cobbler_boots_the_local_disk_after_its_menu(void **state)
{
	(void)state;
	pxelinux_expect_local(
		"DEFAULT menu\nPROMPT 0\n"
		"MENU TITLE Cobbler | https://cobbler.github.io\n"
		"TIMEOUT 200\nTOTALTIMEOUT 6000\nONTIMEOUT local\n\n"
		"LABEL local\n        MENU LABEL (local)\n"
		"        MENU DEFAULT\n        LOCALBOOT -1\n\n"
		"LABEL rhel9-ppc64le\n"
		"        kernel /images/rhel9/vmlinuz\n"
		"        append initrd=/images/rhel9/initrd.img\n\n"
		"MENU end\n");
}

static void cobbler_installs_a_system_that_netboots(void **state)
{
	static const char text[] =
		"default linux\nprompt 0\ntimeout 1\nlabel linux\n"
		"        kernel /images/rhel9-ppc64le/vmlinuz\n"
		"        ipappend 2\n"
		"        append initrd=/images/rhel9-ppc64le/initrd.img "
		"ksdevice=bootif lang=  kssendmac text  "
		"ks=http://10.0.0.1/cblr/svc/op/ks/system/p1\n";

	(void)state;
	pxelinux_expect(text, "/images/rhel9-ppc64le/vmlinuz",
			"/images/rhel9-ppc64le/initrd.img",
			"ksdevice=bootif lang=  kssendmac text  "
			"ks=http://10.0.0.1/cblr/svc/op/ks/system/p1");
	pxelinux_expect_ipappend(text, 2);
}

static void foreman_provisions_a_host(void **state)
{
	static const char text[] =
		"# This file was deployed via 'Kickstart default PXELinux'\n\n"
		"TIMEOUT 10\nDEFAULT linux\n\nLABEL linux\n"
		"    KERNEL boot/rocky-9-AbCd-vmlinuz\n"
		"    APPEND initrd=boot/rocky-9-AbCd-initrd.img "
		"inst.ks=http://foreman/unattended/provision?token=a-b "
		"network ksdevice=bootif\n"
		"    IPAPPEND 2\n";

	(void)state;
	pxelinux_expect(text, "boot/rocky-9-AbCd-vmlinuz",
			"boot/rocky-9-AbCd-initrd.img",
			"inst.ks=http://foreman/unattended/provision?token=a-b "
			"network ksdevice=bootif");
	pxelinux_expect_ipappend(text, 2);
}

static void foreman_boots_installed_hosts_from_their_disk(void **state)
{
	(void)state;
	pxelinux_expect_local(
		"DEFAULT menu\nMENU TITLE Booting local disk\n"
		"PROMPT 0\nMENU INCLUDE pxelinux.cfg/kickstart_menu\n"
		"TIMEOUT 200\nTOTALTIMEOUT 6000\nONTIMEOUT local\n\n"
		"LABEL local\n  MENU LABEL (local)\n  MENU DEFAULT\n"
		"  LOCALBOOT 0\n");
	pxelinux_expect_local("DEFAULT local_chain_hd0\n"
			      "LABEL local_chain_hd0\n  COM32 chain.c32\n"
			      "  KERNEL chain.c32\n  APPEND hd0\n");
}

static void xcat_writes_a_file_for_petitboot(void **state)
{
	(void)state;
	pxelinux_expect(
		"#netboot rhels7.3-ppc64le-compute\ndefault xCAT\nlabel xCAT\n"
		"\tkernel http://10.3.5.21:80//install/netboot/kernel\n"
		"\tinitrd http://10.3.5.21:80//install/netboot/rootimg.gz\n"
		"\tappend \"imgurl=http://10.3.5.21:80//install/rootimg.tgz "
		"XCAT=10.3.5.21:3001 \"\n",
		"http://10.3.5.21:80//install/netboot/kernel",
		"http://10.3.5.21:80//install/netboot/rootimg.gz",
		"\"imgurl=http://10.3.5.21:80//install/rootimg.tgz "
		"XCAT=10.3.5.21:3001 \"");
}

static void maas_commissions_ppc64el(void **state)
{
	static const char text[] =
		"DEFAULT execute\n\nLABEL execute\n"
		"  SAY Booting under MAAS direction...\n"
		"  KERNEL ubuntu/ppc64el/ga-24.04/noble/boot-kernel\n"
		"  INITRD ubuntu/ppc64el/ga-24.04/noble/boot-initrd\n"
		"  APPEND nomodeset ro root=squash:http://10.0.0.2:5248/s "
		"ip=::::node:BOOTIF ip6=off overlayroot=tmpfs\n"
		"  IPAPPEND 2\n";

	(void)state;
	pxelinux_expect(text, "ubuntu/ppc64el/ga-24.04/noble/boot-kernel",
			"ubuntu/ppc64el/ga-24.04/noble/boot-initrd",
			"nomodeset ro root=squash:http://10.0.0.2:5248/s "
			"ip=::::node:BOOTIF ip6=off overlayroot=tmpfs");
	pxelinux_expect_ipappend(text, 2);
}

static void maas_boots_deployed_machines_from_their_disk(void **state)
{
	(void)state;
	pxelinux_expect_local("DEFAULT local\n\nLABEL local\n"
			      "  SAY Booting local disk ...\n  LOCALBOOT 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_debian_installer_has_a_menu_of_included_files),
		cmocka_unit_test(cobbler_boots_the_local_disk_after_its_menu),
		cmocka_unit_test(cobbler_installs_a_system_that_netboots),
		cmocka_unit_test(foreman_provisions_a_host),
		cmocka_unit_test(foreman_boots_installed_hosts_from_their_disk),
		cmocka_unit_test(xcat_writes_a_file_for_petitboot),
		cmocka_unit_test(maas_commissions_ppc64el),
		cmocka_unit_test(maas_boots_deployed_machines_from_their_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

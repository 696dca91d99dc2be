# SPDX-License-Identifier: BSD-2-Clause
"""Raw frames of a client on every network card, as GRUB's own protocols use
them: DHCP, ARP and pings, one after the other and many at once."""
import pytest

import frames
import images
import netpeer
import netservers
import netuser

pytestmark = pytest.mark.guest

MODERN = "virtio-net-pci,disable-legacy=on"
CARDS = {
    "virtio-net": "virtio-net-pci",
    "virtio-net-legacy": "virtio-net-pci,disable-modern=on",
    "virtio-net-modern": MODERN,
    "virtio-net-iommu": MODERN + ",iommu_platform=on",
    "spapr-vlan": "spapr-vlan",
    "e1000": "e1000",
    "e1000-82544gc": "e1000-82544gc",
    "e1000-82545em": "e1000-82545em",
    "e1000e": "e1000e",
    "rtl8139": "rtl8139",
}
ON_PCI = [name for name in CARDS if name != "spapr-vlan"]
ALL_CARDS = pytest.mark.parametrize("card", CARDS)

SECOND_PHB = ["-device", "spapr-pci-host-bridge,index=1,id=pci.1"]
BRIDGE = ["-device", "pci-bridge,id=b1,chassis_nr=1"]
# 69,632 bytes are the longest frame of QEMU's back ends. [include/net/net.h]
LONG = (1515, 3000, 33000, 65550, 69632)


def client(words, build="be32"):
    """QEMU options for tests/guest/net.c."""
    return ["-kernel", images.guest("net." + build), "-append", words]


def device(card, options="", ident="n0"):
    return ["-device", "%s,netdev=%s%s" % (CARDS[card], ident,
                                           options and "," + options)]


def use(vm, name="net", server="10.0.2.2", own="10.0.2.15"):
    """Expects all of a card's answers: slirp's MAC has its address."""
    there = ":".join("%02x" % int(n) for n in server.split("."))
    vm.expect(r"NET %s offer %s arp 52:55:%s all well 0\r" %
              (name, own, there))


def done(vm):
    vm.expect(r"NET done")
    assert vm.ended() == 0


@ALL_CARDS
def test_a_client_sends_and_receives(boot, card):
    vm = boot(*client("pings=1000"), *netuser.user(), *device(card))
    vm.expect(r"NET net mac %s\r" % netuser.MAC)
    use(vm)
    done(vm)


@ALL_CARDS
def test_many_frames_wait_in_the_card(boot, card):
    vm = boot(*client("pings=2000 burst=60"), *netuser.user(), *device(card))
    use(vm)
    done(vm)


@pytest.mark.parametrize("build", ("be64", "be64v2", "le64"))
def test_clients_of_every_kind_send_and_receive(boot, build):
    vm = boot(*client("pings=10", build), *netuser.user(), *device("e1000e"))
    use(vm)
    done(vm)


@ALL_CARDS
def test_two_instances_share_a_card(boot, card):
    vm = boot(*client("pings=100 burst=7 twice=1"), *netuser.user(),
              *device(card))
    use(vm)
    done(vm)


@pytest.mark.parametrize("card", ON_PCI)
def test_cards_behind_a_bridge_and_on_the_second_host_bridge(boot, card):
    vm = boot(*client("pings=100 burst=20 cards=net,net1"), *SECOND_PHB,
              *BRIDGE, *netuser.user(),
              *netuser.user(options="net=10.0.9.0/24", ident="n1"),
              *device(card, "bus=b1,addr=3"),
              *device(card, "bus=pci.1.0", "n1"))
    use(vm)
    use(vm, "net1", "10.0.9.2", "10.0.9.15")
    done(vm)


def test_cards_of_all_kinds_are_open_at_once(boot):
    """Each has a network of its own. The first is the one of /vdevice."""
    order = ["spapr-vlan"] + ON_PCI
    names = ["net"] + ["net%d" % n for n in range(1, len(order))]
    options = []
    for n, card in enumerate(order):
        options += netuser.user(options="net=10.0.%d.0/24" % (n + 10),
                                ident="n%d" % n)
        options += device(card, "mac=52:54:00:00:00:%02x" % n, "n%d" % n)
    vm = boot(*client("pings=200 burst=30 cards=" + ",".join(names)), *options)
    for n, name in enumerate(names):
        vm.expect(r"NET %s mac 52:54:00:00:00:%02x\r" % (name, n))
    for n, name in enumerate(names):
        use(vm, name, "10.0.%d.2" % (n + 10), "10.0.%d.15" % (n + 10))
    done(vm)


@ALL_CARDS
def test_frames_that_are_too_long_end_nothing(boot, card):
    """Before each answer come some that no card should pass on."""
    def precede(frame):
        return [frames.BROADCAST + netpeer.MAC + b"\x08\0" + bytes(n - 14)
                for n in LONG] + [frame]

    wire = netpeer.Peer("too-long-" + card, to_guest=precede)
    wire.serve(67, netservers.Dhcp4())
    wire.start()
    try:
        vm = boot(*client("pings=50"), *wire.netdev(), *device(card))
        vm.expect(r"NET net offer 10\.1\.0\.9 arp 02:00:00:00:00:01 "
                  r"all well 0\r")
        done(vm)
    finally:
        wire.close()


@ALL_CARDS
def test_a_card_works_after_a_reset_in_the_midst(boot, card):
    vm = boot(*client("pings=4000000"), *netuser.user(), *device(card))
    vm.expect(r"NET net offer")
    vm.qmp("system_reset")
    vm.expect(r"NET net mac")
    vm.expect(r"NET net offer")
    vm.qmp("quit")

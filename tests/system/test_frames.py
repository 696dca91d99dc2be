# SPDX-License-Identifier: BSD-2-Clause
"""A client's own frames on every network card, as GRUB's protocols send them."""
import pytest

import images
import netuser

pytestmark = pytest.mark.guest

# Where else a card may be.
PLACES = {
    "legacy": ["-device", "virtio-net-pci,netdev=n0,disable-modern=on"],
    "modern": ["-device", "virtio-net-pci,netdev=n0,disable-legacy=on"],
    "iommu": ["-device", "virtio-net-pci,netdev=n0,disable-legacy=on,"
              "iommu_platform=on"],
    "long-queue": ["-device", "virtio-net-pci,netdev=n0,disable-modern=on,"
                   "rx_queue_size=1024"],
    "two-bridges": ["-device", "pci-bridge,id=b1,chassis_nr=1",
                    "-device", "pci-bridge,id=b2,chassis_nr=2,bus=b1,addr=3",
                    "-device", "virtio-net-pci,netdev=n0,bus=b2,addr=5"],
    "second-phb": ["-device", "spapr-pci-host-bridge,index=1,id=pci.1",
                   "-device", "virtio-net-pci,netdev=n0,bus=pci.1.0"],
}


def run_frames(boot, *options):
    vm = boot(*netuser.user(), *options, "-kernel", images.guest("frames.be32"))
    vm.expect(r"FRAMES (\w+) empty")
    assert vm.child.match.group(1) == "all"


@pytest.mark.parametrize("card", netuser.CARDS)
def test_a_client_sends_and_receives_frames(boot, card):
    run_frames(boot, *netuser.card(card))


@pytest.mark.parametrize("place", PLACES)
def test_it_does_so_wherever_a_virtio_card_is(boot, place):
    run_frames(boot, *PLACES[place])


@pytest.mark.parametrize("driver, device", (
    ("virtio-net", "virtio-net-pci,disable-modern=on"),
    ("virtio-net", "virtio-net-pci,disable-legacy=on"),
    ("e1000", "e1000"), ("e1000", "e1000e"), ("rtl8139", "rtl8139")))
def test_a_link_that_is_down_is_said(boot, driver, device):
    """QEMU's user network is off: the client has no answer."""
    vm = boot(*netuser.user(), "-device", device + ",netdev=n0,id=card", "-S",
              "-kernel", images.guest("frames.be32"))
    vm.qmp("set_link", name="card", up=False)
    vm.qmp("cont")
    vm.expect(r"%s /pci@\S+: the link is down" % driver)


@pytest.mark.parametrize("card", netuser.CARDS)
def test_a_client_loads_a_file_by_the_method(boot, tmp_path, card):
    file = bytes((i * 7 + i // 251) % 256 for i in range(1 << 20))
    folder = netuser.folder(tmp_path, {"file": file})
    vm = boot(*netuser.user(folder), *netuser.card(card), "-kernel",
              images.guest("load.be32"), "-append", "card=net:10.0.2.2,file")
    vm.expect(r"LOAD catch 00000000 size %d sum %d\r" % (len(file), sum(file)))
    assert vm.ended() == 0

# SPDX-License-Identifier: BSD-2-Clause
"""virtio-gpu: its sizes and options, what it shows when a client takes over,
and devices that do not start."""
import pytest

import devices
import images
import screen

PROMPT = r"0 > "
QUICK = 4       # seconds, see test_usb.py


@pytest.fixture
def show(boot, tmp_path):
    """show(options of the card, QEMU options...): a machine with its screen,
    at the prompt."""
    def start(card, *options, size=(1280, 800)):
        log = tmp_path / "serial"
        vm = boot(*screen.raw_serial(log), *options, "-device",
                  "virtio-gpu-pci,id=s" + card, "-prom-env",
                  "auto-boot?=false", serial="chardev:tty")
        vm.expect(PROMPT, QUICK)
        return vm, screen.Screen(vm, log, "s", size=size)
    return start


@pytest.mark.parametrize("card, size", (
    ("", (1280, 800)), (",xres=640,yres=480", (640, 480)),
    (",xres=1020,yres=767", (1020, 767)), (",xres=32,yres=32", (32, 32)),
    (",xres=3840,yres=2160", (1920, 1200)), (",max_outputs=2", (1280, 800)),
    (",iommu_platform=on", (1280, 800)), (",disable-legacy=on", (1280, 800)),
    (",edid=off,vectors=0", (1280, 800))))
def test_screen_has_the_size_of_the_card(show, card, size):
    vm, one = show(card, size=size)
    one.agrees()
    assert "virtio-gpu" not in vm.output().split("\n", 1)[1]


@pytest.mark.parametrize("iommu", ("", ",iommu_platform=on"))
def test_card_behind_a_bridge_shows_the_text(show, iommu):
    _, one = show(",bus=b,addr=3" + iommu, "-device",
                  "pci-bridge,id=b,chassis_nr=1")
    one.agrees()


def test_vga_card_beside_it_shows_the_same_text(show):
    vm, one = show("", "-device", "VGA,id=v")
    one.agrees()
    screen.Screen(vm, one.log, "v").agrees()


@pytest.mark.parametrize("card, reason", (
    (",xres=31,yres=20", "screen 0 of 31 by 20 pixels"),
    (",xres=8193,yres=600", "screen 0 of 8193 by 600 pixels"),
    (",max_hostmem=1000000", r'command "create": error 0x1201 \(out of '
     r'memory\)')))
def test_card_that_does_not_start_is_named_once(boot, card, reason):
    vm = boot("-device", "virtio-gpu-pci" + card, "-prom-env",
              "auto-boot?=false")
    vm.expect(r"\nvirtio-gpu /pci@\w+/display@\w+: %s\r" % reason, QUICK)
    vm.expect(PROMPT, QUICK)
    vm.line("printenv load-base")
    vm.expect(r"16384(?s:.)* ok\s", QUICK)
    assert vm.output().count("virtio-gpu /") == 1


@pytest.mark.parametrize("card", ("", ",iommu_platform=on"))
@pytest.mark.parametrize("out", ("vty", "screen"))
def test_picture_stays_when_linux_takes_over(boot, card, out):
    """Until its driver, which this kernel has as a module, resets the card.
    The card is no bus master then."""
    options = ["-prom-env", "output-device=screen"] if out == "screen" else []
    vm = boot("-device", "virtio-gpu-pci,id=s" + card, *options,
              *images.linux("quoin.test=poweroff console=hvc0"),
              "-no-shutdown")
    vm.expect(r"Booting Linux via __start\(\)")
    vm.expect(r"Power down")
    texts = ["Preparing to boot Linux version"]
    if out == "screen":
        texts.append("Quiescing Open Firmware ...")
    screen.Screen(vm, device="s").shows(*texts)


def test_reset_while_linux_runs_starts_it_again(boot, tmp_path):
    log = tmp_path / "serial"
    vm = boot(*screen.raw_serial(log), "-device", "virtio-gpu-pci,id=s",
              *images.linux("quoin.test=wait console=hvc0"),
              serial="chardev:tty")
    one = screen.Screen(vm, log, "s", size=(1280, 800))
    for _ in range(2):
        vm.expect(r"Booting Linux via __start\(\)")
        vm.qmp("system_reset")
    vm.expect(r"Preparing to boot Linux version")
    one.shows("Preparing to boot Linux version")

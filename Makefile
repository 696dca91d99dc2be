# SPDX-License-Identifier: BSD-2-Clause
# quoin: the firmware image, its host tests and every check. `make help` lists
# the targets; all output goes to build/.

CROSS	?= powerpc64-linux-gnu-
PREFIX	?= /usr/local
B	:= build
VERSION	:= $(shell cat VERSION)
LAYERS	:= lib hcall tree drivers packages ci boot entry
SRCS	:= $(sort $(wildcard $(foreach d,$(LAYERS),$d/*.[cS] $d/*/*.[cS])))
TESTS	:= $(sort $(wildcard tests/unit/test_*.c))
FUZZES	:= $(sort $(wildcard tests/fuzz/fuzz_*.c))

include ci-scripts/third-party.mk
TREES	:= fw claims/fw host/gcc host/clang host/ppc64 host/cov host/fuzz
$(TREES:%=$(B)/%/$(T)/%.o): CHECKS = -w -I$(BEAR)/src
$(B)/host/ppc64/$(MOCK)/%.o: CHECKS = -w -DHAVE_INTTYPES_H -DHAVE_SIGNAL_H

WARN	:= -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wpointer-arith -Wwrite-strings \
	-Wundef -Wvla -Wimplicit-fallthrough
COMMON	:= -std=c11 -I. -Ipackages/net/lwip -MMD -MP -g \
	$(patsubst %,-isystem %,$(FDT) $(LW)/include $(BEAR)/inc)

# The machine: any 64-bit server CPU from the 970 on, no FP, no vectors; no
# libgcc, no unwinding, no 12 bytes of traceback table after each function.
# __FILE__ and debug data do not contain the build folder.
# Aligned code or a second TOC (entry/call.h) would add no-ops, a tenth of the code.
FW_INC	= -nostdinc -isystem lib/libc \
	-isystem $(shell $(CROSS)gcc -print-file-name=include)
FW	= $(COMMON) $(FW_INC) -O2 -ffreestanding -mbig-endian -m64 -mabi=elfv2 -mcpu=970 \
	-mtraceback=no -mno-altivec -mno-vsx -msoft-float -fPIE -fno-common -msingle-pic-base \
	-include entry/call.h $(patsubst %,-falign-%=4,functions loops jumps labels) \
	-fstack-protector-strong $(patsubst %,-mstack-protector-guard%,=tls -reg=r2 -offset=-32768) \
	-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -ffile-prefix-map=$(CURDIR)=.
FW_WARN	:= $(WARN) -Wframe-larger-than=1024
FW_LD	:= -m elf64ppc -pie --no-dynamic-linker -z text -z norelro --gc-sections \
	--build-id=none --no-warn-rwx-segments -z max-page-size=4096 -z pack-relative-relocs

# Host programs: static data below 4 GiB, because guest addresses are 32 bits.
HOST	:= $(COMMON) $(WARN) -D_GNU_SOURCE -iquote tests/watch -fno-omit-frame-pointer -fno-pie
SANE	:= -O1 -fsanitize=address,undefined -fno-sanitize-recover=all

# The claim checker (tests/watch/): a call at each store in the firmware.
$(foreach d,claims host/clang host/fuzz,$(eval $(B)/$d/%.o: WATCH = @tests/watch/$(notdir $d).flags))
$(B)/claims/fw/tests/%.o: WATCH = -iquote tests/watch
$(B)/claims/fw/entry/window.c.o: WATCH =
$(B)/host/clang/tests/%.o $(B)/host/fuzz/tests/%.o: WATCH =

# Short lines; V=1 shows the commands.
Q	:= $(if $(V),,@)
say	= $(if $(V),,@echo '  $1  $@')

.DELETE_ON_ERROR .SUFFIXES:
.PHONY: all run bench install clean distclean help check check-full check-style \
	check-host check-guest check-system check-newer claims coverage unit fuzz \
	conformance conformance-matrix setup dist FORCE

all: $(B)/quoin.bin $(B)/LICENSES
claims: $(B)/claims/quoin.bin

# An image in its own folder; arguments: the folder, sources from tests/.
define IMAGE
$1/quoin.bin: $1/quoin.elf
	$$(call say,BIN)
	$(Q)$(CROSS)objcopy -O binary $$< $$@
$1/quoin.elf $1/quoin.map &: entry/fw.lds $(patsubst %,$1/fw/%.o,$(SRCS) $(THIRD_C) $(B)/font.c $2)
	$$(call say,LD)
	$(Q)$(CROSS)ld $(FW_LD) -T $$< -Map=$1/quoin.map -o $1/quoin.elf $$(filter %.o,$$^)
$1/fw/%.o: % Makefile ci-scripts/third-party.mk | $(FDT)/ORIGIN
	@mkdir -p $$(@D)
	$$(call say,CC)
	$(Q)$(CROSS)gcc $$(FW) $$(SMALL) $(FW_WARN) $$(WATCH) $$(FLAGS) $$(CHECKS) -c -o $$@ $$<
endef
$(eval $(call IMAGE,$(B)))
$(eval $(call IMAGE,$(B)/claims,tests/watch/watch.c tests/watch/guest.c))
$(B)/LICENSES: LICENSE VERSION ci-scripts/list-licenses $(THIRD:%=$(T)/%/ORIGIN)
	$(Q)ci-scripts/list-licenses $(THIRD) >$@

# Small code where speed does not matter: a large image starts late.
$(foreach d,boot/ ci/ entry/ packages/ $(LW)/ $(BEAR)/ $(addprefix lib/,der di f log rsa) \
	$(addprefix tree/,a b f m) $(patsubst %,drivers/%,bu c in n p scsi t u v w \
	$(addprefix display/,d s u v)),$(B)/fw/$d%.o $(B)/claims/fw/$d%.o): SMALL := -Os

# memset() must not call memset(); ten window_place() frames fit LOW_STACK.
$(B)/fw/lib/string.c.o $(B)/claims/fw/lib/string.c.o: FLAGS := -fno-tree-loop-distribute-patterns
$(B)/fw/entry/window.c.o $(B)/claims/fw/entry/window.c.o: FLAGS := -Wframe-larger-than=256

# Only the files that print the version depend on it.
NAMING	:= $(if $(SRCS),$(shell grep -lw QUOIN_VERSION $(SRCS)))
VERSIONED := $(foreach d,$(TREES),$(NAMING:%=$(B)/$d/%.o))
$(VERSIONED): FLAGS := -DQUOIN_VERSION='"$(VERSION)"'
$(VERSIONED): VERSION

# `run` and `conformance` install what is missing before they build.
$(THIRD:%=$(T)/%/ORIGIN) &: ci-scripts/fetch-third-party $(if $(LIBFDT)$(SPLEEN)$(LWIP)$(BEARSSL),FORCE) | \
	$(if $(filter run conformance%,$(MAKECMDGOALS)),setup)
	$(Q)ci-scripts/fetch-third-party $(THIRD)
$(THIRD_C): | $(FDT)/ORIGIN ;
$(B)/font.c: ci-scripts/make-font $(FONT)/ORIGIN
	$(Q)$< $(FONT)/spleen-8x16.psfu.gz >$@
$(MOCK)/ORIGIN: ci-scripts/fetch-third-party $(if $(CMOCKA),FORCE) | $(FDT)/ORIGIN
	$(Q)ci-scripts/fetch-third-party cmocka
$(MOCK)/src/cmocka.c: | $(MOCK)/ORIGIN ;
setup: ; $(Q)ci-scripts/setup

# Unit tests link an archive of what runs on the host. Heap, C library, clock
# and hypercalls come from the host or fakes (see tests/README.md).
HOST_C	:= $(filter-out lib/heap.c lib/string.c entry/cache.c \
	entry/exception.c entry/main.c,$(filter %.c,$(SRCS))) $(THIRD_C) $(B)/font.c \
	$(patsubst %,tests/fake/%.c,hcall heap timebase) \
	$(wildcard tests/toys/*.c)
FAKES	:= $(filter-out $(FUZZES),$(wildcard tests/fake/*.c tests/fuzz/*.c)) \
	tests/watch/watch.c tests/watch/host.c
$(patsubst %,$(B)/host/ppc64/%.o,$(TESTS) $(FAKES)): | $(MOCK)/ORIGIN

# Rules for host code; arguments: name, compiler, flags, tests, prefix of a cross
# compiler, which has no cmocka. A test links the fakes whose headers it includes.
# They override the archive, but not each other: hence two steps.
define HOSTED
$(B)/host/$1/%.o: % Makefile ci-scripts/third-party.mk | $(FDT)/ORIGIN
	@mkdir -p $$(@D)
	$$(call say,CC)
	$(Q)$5$2 $(HOST) $3 $$(WATCH) $$(FLAGS) $$(CHECKS) -c -o $$@ $$<
$(B)/host/$1/libquoin.a: $(patsubst %,$(B)/host/$1/%.o,$(HOST_C) $(if $5,$(MOCK)/src/cmocka.c))
	$$(call say,AR)
	$(Q)rm -f $$@ && $5ar qcs $$@ $$^
$(patsubst %.c,$(B)/host/$1/%,$(notdir $4)): $(B)/host/$1/%: \
	$(B)/host/$1/$(dir $(firstword $4))%.c.o \
	$(FAKES:%=$(B)/host/$1/%.o) $(B)/host/$1/libquoin.a
	$$(call say,LD)
	$(Q)$5$2 -r -nostdlib -o $$@.o $$(filter $$< $(B)/host/$1/tests/watch/% \
		$$(patsubst %.h,$(B)/host/$1/%.c.o,$$(file <$$(<:o=d))),$$^)
	$(Q)$5$2 -no-pie $3 -Wl,-z,muldefs -o $$@ $$@.o $$(filter %.a,$$^) $(if $5,,-lcmocka)
endef

$(eval $(call HOSTED,gcc,gcc,$(SANE),$(TESTS)))
$(eval $(call HOSTED,clang,clang,$(SANE),$(TESTS)))
$(eval $(call HOSTED,ppc64,gcc,-O1 -static -isystem $(MOCK)/include,$(TESTS),$(CROSS)))
$(eval $(call HOSTED,cov,gcc,-O0 --coverage -w,$(TESTS)))
$(eval $(call HOSTED,fuzz,clang,$(SANE) -fsanitize=fuzzer,$(FUZZES)))

UNIT	:= $(foreach c,gcc clang ppc64,$(TESTS:tests/unit/%.c=$(B)/host/$c/%))
COV	:= $(TESTS:tests/unit/%.c=$(B)/host/cov/%)
FUZZERS	:= $(FUZZES:tests/fuzz/%.c=$(B)/host/fuzz/%)

unit: $(UNIT)
coverage: $(COV) ; ci-scripts/coverage $(B)/host/cov $(COV)

# Checks. Each part writes "passed failed" to build/results/.
check check-full: setup ; ci-scripts/check-all $@
check-host: $(UNIT) $(COV) $(FUZZERS)
	ci-scripts/run-unit $(UNIT) $(FUZZERS)
fuzz: $(FUZZERS) ; ci-scripts/fuzz $(or $(TARGET),$(FUZZERS:$(B)/host/fuzz/fuzz_%=%))
check-style: $(FDT)/ORIGIN $(MOCK)/ORIGIN ; ci-scripts/check-style
check-guest check-system check-newer: all claims ; ci-scripts/run-system $(@:check-%=%)

run: all ; ci-scripts/run-demo
bench: all ; ci-scripts/bench
conformance: $(if $(BIOS),setup,all) ; ci-scripts/conformance
conformance-matrix: all ; ci-scripts/conformance --matrix

dist: $(THIRD:%=$(T)/%/ORIGIN) $(MOCK)/ORIGIN
	$(Q)ci-scripts/make-dist $(THIRD) cmocka
install: all
	install -Dm644 $(B)/quoin.bin $(DESTDIR)$(PREFIX)/share/quoin/quoin.bin
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/doc/quoin share/quoin/quoin_keys \
		share/quoin/quoin_measure)
	install -m755 tools/quoin-* $(DESTDIR)$(PREFIX)/bin/
	install -m644 tools/quoin_keys/*.py $(DESTDIR)$(PREFIX)/share/quoin/quoin_keys/
	install -m644 tools/quoin_measure/*.py $(DESTDIR)$(PREFIX)/share/quoin/quoin_measure/
	install -m644 $(B)/LICENSES $(wildcard README.md CHANGELOG.md docs/*.md docs/*.png) \
		$(DESTDIR)$(PREFIX)/share/doc/quoin/

clean: ; rm -rf $(addprefix $(B)/,quoin[.-]* font.c fw claims host results LICENSES dist fuzz)
distclean: ; rm -rf $(B)

help:
	@echo 'make               build quoin.bin, .elf, .map in build/'
	@echo 'make run           boot the demo disk (DISK= CDROM= KERNEL= INITRD='
	@echo '                   APPEND= QEMU= QEMU_ARGS= GUI=1)'
	@echo 'make check         run check-{style,host,guest,system}; check-full: and -newer'
	@echo 'make conformance   test the client interface of BIOS= (FLAVOUR= MEDIA='
	@echo '                   QEMU= QEMU_MACHINE=); conformance-matrix: of all'
	@echo 'make fuzz          fuzz every parser (TARGET= one, SECONDS= each)'
	@echo 'make bench         measure quoin and PEERS="slof vof"'
	@echo 'make install       install to PREFIX= DESTDIR='
	@echo 'make dist          pack sources that build without a network'
	@echo 'make V=1 ...       show the commands'
	@echo 'make clean         remove build output; distclean: all of build/'

-include $(shell find $(TREES:%=$(B)/%) -name '*.d' 2>/dev/null)

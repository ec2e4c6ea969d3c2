package main

import (
	"slices"
	"strings"
	"testing"
)

func TestOnlyPagesOfTheProgramThatNobodyWroteAreDropped(t *testing.T) {
	const rest = "Size: 10724 kB\nRss: 10016 kB\nPrivate_Dirty: 0 kB\n"
	smaps := "00400000-00e7a000 r-xp 00000000 fe:00 10018381    /opt/after care/aftercare\n" + rest + "Anonymous:             0 kB\n" +
		"00e7a000-01d64000 r--p 00a7a000 fe:00 10018381    /opt/after care/aftercare\n" + rest + "Anonymous:             0 kB\n" +
		"01d64000-01d65000 r--p 01964000 fe:00 10018381    /opt/after care/aftercare\n" + rest + "Anonymous:             4 kB\n" + // relocated
		"01d65000-0206f000 rw-p 01964000 fe:00 10018381    /opt/after care/aftercare\n" + rest + "Anonymous:             0 kB\n" +
		"36864000-3f0dd940 r--p 00000000 00:00 0\n" + rest + "Anonymous:             0 kB\n" +
		"7f40d7ff0000-7f40d80f0000 r-xp 00000000 fe:00 77  /usr/lib/libc.so.6\n" + rest + "Anonymous:             0 kB\n" +
		"broken-line r-xp 0 0 0 /opt/after care/aftercare\nAnonymous:             0 kB\n"
	want := []mapping{{0x400000, 0xe7a000}, {0xe7a000, 0x1d64000}}
	if got := cleanMappings(strings.NewReader(smaps), "/opt/after care/aftercare"); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

package main

import (
	"slices"
	"strings"
	"testing"
)

func TestOnlyPagesOfTheProgramThatCannotBeWrittenAreDropped(t *testing.T) {
	maps := `00400000-00e7a000 r-xp 00000000 fe:00 10018381                           /opt/after care/aftercare
00e7a000-01d64000 r--p 00a7a000 fe:00 10018381                           /opt/after care/aftercare
01d64000-0206f000 rw-p 01964000 fe:00 10018381                           /opt/after care/aftercare
36864000-1f0dd940 r--p 00000000 00:00 0
7f40d7ff0000-7f40d80f0000 r-xp 00000000 fe:00 77                         /usr/lib/libc.so.6
broken
`
	want := []mapping{{0x400000, 0xe7a000}, {0xe7a000, 0x1d64000}}
	if got := mappings(strings.NewReader(maps), "/opt/after care/aftercare"); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

package main

import (
	"strings"
)

// commands are the commands for looking and for working on cases.
type commands struct {
	Explain explainCmd `cmd:"" help:"Say what would happen with mails and why; no server, no database."`
}

// plainAddress tells whether s looks like an address that can be typed: local@domain.
func plainAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(s, " \t<>,;\"") && !strings.Contains(domain, "@")
}

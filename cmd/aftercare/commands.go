package main

import (
	"strings"
)

// commands are the commands for looking and for working on cases.
type commands struct {
	Explain    explainCmd    `cmd:"" help:"Say what would happen with mails and why; no server, no database."`
	Why        whyCmd        `cmd:"" help:"Say everything that happened to a case or a message, in order, with reasons."`
	Replay     replayCmd     `cmd:"" help:"Decide about past mail in order, and say what another configuration would change."`
	Case       caseCmd       `cmd:"" help:"Look at cases and work on them."`
	Visit      visitCmd      `cmd:"" help:"Look at on-site visits and work on them."`
	Quarantine quarantineCmd `cmd:"" help:"Look at messages that could not be handled, and take them up again."`
	Blocked    blockedCmd    `cmd:"" help:"Look at addresses that are not written to."`
	Contract   contractCmd   `cmd:"" help:"Customers, contracts and products: read them from a file, look at them."`
	Repair     repairCmd     `cmd:"" hidden:"" help:"Put a finished repair on record, and whether it met the requirements."`
	Report     reportCmd     `cmd:"" help:"Count the windows met and missed, and what became of messages, replies and visits."`
	Classes    classesCmd    `cmd:"" help:"Look at the classes and what they learned from, and measure them."`
	Template   templateCmd   `cmd:"" help:"Look at the reply templates, try them, and go back."`
}

// plainAddress tells whether s looks like an address that can be typed: local@domain.
func plainAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(s, " \t<>,;\"") && !strings.Contains(domain, "@")
}

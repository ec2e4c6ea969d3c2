package app

import (
	_ "embed"
	"strings"

	"aftercare/cmd/aftercare/config"
)

//go:embed data/freemail.txt
var builtInFreemail string

// freemailDomains is the built-in list and the configured additions.
func freemailDomains(c *config.Config) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(builtInFreemail) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out[line] = true
		}
	}
	for _, d := range c.Caps.Freemail {
		out[strings.ToLower(d)] = true
	}
	return out
}

// Freemail is the set of domains where anybody gets an address, by a configuration: never a customer's own.
func Freemail(c *config.Config) map[string]bool { return freemailDomains(c) }

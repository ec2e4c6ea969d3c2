// Package memory holds a small IMAP server and a small SMTP server that live inside the process and listen on loopback,
// for tests and for the demo. They speak the real protocols over real sockets, so that the program under test cannot
// tell the difference; they keep everything in memory, and can be told to misbehave in the ways that matter (slow, refuse,
// drop before or after the 250). The package imports neither testing nor os/exec, because the demo links it.
package memory

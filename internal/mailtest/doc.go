// Package mailtest starts mail servers for tests: real Dovecot and Postfix in a temporary directory on loopback, servers
// that follow a script of bad behaviour, and a proxy that spoils a connection on command. The servers that need no other
// program, and that the demo links, are in the package memory below it.
//
// Everything that is started is stopped by the test's cleanup, by process id.
package mailtest

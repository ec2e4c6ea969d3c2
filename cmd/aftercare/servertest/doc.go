// Package servertest holds the tests of the whole program: they write a configuration as an operator would, run app.Run (or
// the built binary) against in-process servers and against Dovecot and Postfix, and look at what customers, staff, the
// mailboxes and the record have afterwards.
package servertest

// Package mailbox says what a mail is: it turns the bytes that a stranger sent into a Message, and a Message into the
// words that are new in it. It is pure: no clock, no disk, no network, no state between calls. Whatever the bytes are, a
// Message comes back; what was wrong with them is a line in Message.Defects, never an error that loses the mail.
package mailbox

// Package outbox sends what stands in the queue: claim, send, mark. A failure is temporary until it is proven permanent:
//
//	dial, TLS, login      the mail is released, the server rests with back-off, and the operator hears of it
//	4xx, or a connection lost before the end of data   nothing was accepted: again later
//	5xx to MAIL, RCPT, DATA or the end of data         refused for good: staff hear of it
//	no answer to the end of data                       unknown: proof is looked for, then the same bytes go out once more, by
//	                                                   the same server; after that a person decides
//	an address or a mail that cannot stand in SMTP     failed at once: it would be refused, or read as a command
//
// The attempt is on record before the server hears of the mail, so that a crash leaves no doubt about what was tried.
//
// Goroutines, all started and awaited by Run: the dispatcher claims and hands out; the resolver looks after mails of unknown
// outcome; each account has some workers for customers' mail and one for staff, each with its own connections; the marker
// puts results on record.
package outbox

// Package outbox sends what stands in the queue: claim, send, mark. A failure is temporary until it is proven permanent:
//
//	dial, TLS, login      the mail is released, the account pauses with back-off, and the operator hears of it
//	4xx, or a connection lost before the end of data   nothing was accepted: again later
//	5xx to MAIL, RCPT, DATA or the end of data         refused for good: staff hear of it
//	no answer to the end of data                       unknown: proof is looked for, then the same bytes go out once more, by
//	                                                   the same server; after that a person decides
//
// The attempt is on record before the server hears of the mail, so that a crash leaves no doubt about what was tried.
package outbox

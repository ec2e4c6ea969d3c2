// Package health is what the daemon knows about its own troubles and how an operator hears of them: a Board of named
// checks, the /healthz page, alerts by ways that need neither mailbox nor SMTP, and a ping that stops when all is not
// well.
//
// Whoever does the work sets its check on the Board; the Alerter tells a trouble once when it has lasted and once when
// it is over. Every channel has its own goroutine and queue, so that a slow one holds up nobody. All goroutines of this
// package end before the Run that started them returns.
package health

// Package responder decides what a message gets: guard, thread, classify, entitle, decide, compose. Every mail that the
// program writes, to customers and to staff, is composed here. It is pure: Engine is an immutable value, facts and the
// time are arguments, and a Decision carries a constant reason with its evidence, so that explain, why, the log, the case
// history and the tests all say the same thing.
package responder

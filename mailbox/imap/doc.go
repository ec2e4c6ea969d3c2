// Package imap watches folders of IMAP accounts (RFC 3501, RFC 9051), hands every new mail to a Sink, and does the few
// things that have to be done on the server afterwards: file a mail, append a reply to Sent, look whether a person has
// answered.
//
// A Watcher is one account. It holds one connection for each watched folder, which idles (RFC 2177) or polls, and one
// more for the work that must not disturb the idling. Every command has a watchdog: a server that falls silent costs its
// connection, not the daemon.
//
// A failure is temporary until proven permanent: the connection is made anew, at once and then with growing pauses, and
// the folder is read on from the cursor that the Sink has on record. What is asked for and does not come is reported
// (Missing), and so is a mail that breaks the connection twice (Poisoned); neither holds up the mails behind it.
//
// The package never sets or clears \Seen, and expunges nothing that it did not copy itself.
package imap

// Package store keeps everything that is on record: SQLite in one file. A message is recorded in one immediate
// transaction together with all that its decision changes (Record); what the clock asks for is said in another (Tick);
// the outbox is claimed and marked in others (Claim, Mark). The rest are queries by noun for the command line, the page
// and the health checks.
//
// One connection writes and a pool of read-only connections stands beside it. Two processes, the daemon and a command,
// may have the same file open: every write bumps a generation number, and Lock keeps a second daemon out. Times are
// INTEGER milliseconds since 1970 in UTC; NULL or absent is the zero time.
package store

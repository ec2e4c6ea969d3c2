//go:build !unix

package store

import "errors"

// ErrLocked is returned by Lock when another daemon runs on the same database.
var ErrLocked = errors.New("another aftercare runs on this database")

// Lock is not known on this system: the daemon does not run without it.
func (s *Store) Lock() (release func() error, err error) {
	return nil, errors.New("locking a database file is not supported on this system")
}

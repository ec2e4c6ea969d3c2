package store

import (
	"context"
	"fmt"
	"time"

	"aftercare/mailbox"
)

// DueKeys returns where the messages lie whose windows are due for a look at now, at most limit: before anybody is warned
// about them, the server can be asked whether a person has answered them by hand.
func (s *Store) DueKeys(ctx context.Context, now time.Time, limit int) ([]mailbox.Key, error) {
	var keys []mailbox.Key
	err := s.each(ctx, `SELECT DISTINCT f.account, f.folder, m.uidvalidity, m.uid FROM windows w JOIN messages m ON m.id = w.message_id
		JOIN folders f ON f.id = m.folder WHERE w.next_at <= ? AND w.met IS NULL AND w.dropped IS NULL AND m.uidvalidity = f.uidvalidity LIMIT ?`,
		[]any{ms(now), limit}, func(r scanner) error {
			var k mailbox.Key
			err := r.Scan(&k.Account, &k.Folder, &k.UIDValidity, &k.UID)
			keys = append(keys, k)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("reading which messages are due: %w", err)
	}
	return keys, nil
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
)

// RawMessage reads the bytes of a recorded message, one piece in memory at a time. It is an io.ReaderAt and an io.Reader
// and needs no closing. One goroutine at a time.
type RawMessage struct {
	Message int64
	Size    int64

	s     *Store
	ctx   context.Context
	off   int64
	piece int64 // the number of the piece in bytes, -1 for none
	bytes []byte
}

// Raw returns the bytes of a message. ctx is for the reading too. ErrNotFound when nothing is kept of it.
func (s *Store) Raw(ctx context.Context, message int64) (*RawMessage, error) {
	r := &RawMessage{Message: message, s: s, ctx: ctx, piece: -1}
	var pieces, last sql.NullInt64
	_, err := s.get(ctx, `SELECT max(id) - ?1 * ?2, (SELECT length(bytes) FROM raw WHERE id >= ?1 * ?2 AND id < (?1 + 1) * ?2 ORDER BY id DESC LIMIT 1)
		FROM raw WHERE id >= ?1 * ?2 AND id < (?1 + 1) * ?2`, []any{message, maxChunks}, &pieces, &last)
	if err != nil {
		return nil, fmt.Errorf("reading message %d: %w", message, err)
	}
	if !pieces.Valid {
		return nil, fmt.Errorf("reading message %d: %w", message, ErrNotFound)
	}
	r.Size = pieces.Int64*chunkSize + last.Int64
	return r, nil
}

// ReadAt reads from any place (io.ReaderAt).
func (r *RawMessage) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("reading a message before its begin")
	}
	for n < len(p) {
		if off >= r.Size {
			return n, io.EOF
		}
		if err := r.load(off / chunkSize); err != nil {
			return n, err
		}
		at := off % chunkSize
		if at >= int64(len(r.bytes)) {
			return n, io.ErrUnexpectedEOF
		}
		k := copy(p[n:], r.bytes[at:])
		n += k
		off += int64(k)
	}
	return n, nil
}

// Read reads on (io.Reader).
func (r *RawMessage) Read(p []byte) (int, error) {
	n, err := r.ReadAt(p, r.off)
	r.off += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func (r *RawMessage) load(piece int64) error {
	if piece == r.piece {
		return nil
	}
	ok := false
	err := r.s.each(r.ctx, "SELECT bytes FROM raw WHERE id = ?", []any{r.Message*maxChunks + piece}, func(rows scanner) error {
		var b sql.RawBytes // one copy less than []byte
		err := rows.Scan(&b)
		r.bytes, ok = append(r.bytes[:0], b...), true
		return err
	})
	if err != nil || !ok {
		r.piece = -1
		return fmt.Errorf("reading message %d: %w", r.Message, errors.Join(err, notIf(ok)))
	}
	r.piece = piece
	return nil
}

func notIf(ok bool) error {
	if ok {
		return nil
	}
	return ErrNotFound
}

package store

import (
	"errors"
	"fmt"
	"io"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

const (
	chunkSize = 256 << 10 // of one piece of a raw message
	maxChunks = 4096      // pieces of one message: 1 GiB
)

// messageRow is a row of messages.
type messageRow struct {
	folder      *folderRow
	key         mailbox.Key
	hash        []byte
	messageID   string
	caseID, of  int64
	clock       time.Time
	size        int64
	disposition responder.Disposition
	reason      responder.Reason
	evidence    []string
	kind        responder.Kind
	sender      string
	customer    string
	replyTo     any // "" for customer, nil when there is nobody to answer
	subject     string
	language    string
	class       string
	confidence  float64
	certain     bool
}

// messageRow fills in what is known of a message before its decision; its Reading may be nil.
func (b *batch) messageRow(fo *folderRow, in *Incoming) *messageRow {
	m := &messageRow{folder: fo, key: in.Raw.Key, size: in.Raw.Size, clock: in.Raw.Internal, replyTo: ""}
	if in.Raw.Body == nil && in.again == 0 {
		m.size = 0 // nothing of it could be read
	}
	r := in.Reading
	if m.clock.IsZero() {
		m.clock = b.now
	}
	if r == nil {
		return m
	}
	m.hash, m.kind, m.language = hashOf(r), r.Verdict.Kind, r.Language
	m.class, m.confidence, m.certain = r.Class.Class, r.Class.Confidence, r.Class.Certain
	m.customer = r.Verdict.Customer.Key()
	switch to := r.Verdict.ReplyTo; to.Key() {
	case m.customer:
		m.replyTo = ""
	case "":
		m.replyTo = nil
	default:
		m.replyTo = to.Addr
	}
	if !r.Clock.IsZero() {
		m.clock = r.Clock
	}
	if r.Message != nil {
		from := r.Message.Sender1()
		m.messageID, m.subject, m.sender = r.Message.MessageID, r.Message.Subject, from.Key()
	}
	return m
}

func (b *batch) insertMessage(id int64, m *messageRow) error {
	var hash any
	if m.hash != nil {
		hash = m.hash
	}
	return b.t.exec(`INSERT INTO messages (id, folder, uidvalidity, uid, hash, message_id, case_id, duplicate_of, recorded, clock,
		size, disposition, reason, evidence, kind, sender, customer, reply_to, subject, language, class, confidence, certain)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, m.folder.id, m.key.UIDValidity, m.key.UID, hash, nullText(m.messageID), nullID(m.caseID), nullID(m.of), ms(b.now),
		ms(m.clock), m.size, string(m.disposition), string(m.reason), list(m.evidence), string(m.kind), m.sender, m.customer,
		m.replyTo, m.subject, m.language, m.class, m.confidence, m.certain)
}

// keepMessage writes a message with its bytes and its filing, or the new findings about one that was quarantined.
func (b *batch) keepMessage(in *Incoming, id int64, m *messageRow) error {
	if in.again != 0 {
		return b.updateMessage(id, m)
	}
	b.next.message++
	if err := b.insertMessage(id, m); err != nil {
		return err
	}
	if err := b.insertRaw(id, &in.Raw); err != nil {
		return err
	}
	return b.file(in, id)
}

func (b *batch) updateMessage(id int64, m *messageRow) error {
	var hash any
	if m.hash != nil {
		hash = m.hash
	}
	return b.t.exec(`UPDATE messages SET hash = ?, message_id = ?, case_id = ?, duplicate_of = ?, clock = ?, disposition = ?, reason = ?,
		evidence = ?, kind = ?, sender = ?, customer = ?, reply_to = ?, subject = ?, language = ?, class = ?, confidence = ?, certain = ? WHERE id = ?`,
		hash, nullText(m.messageID), nullID(m.caseID), nullID(m.of), ms(m.clock), string(m.disposition), string(m.reason), list(m.evidence),
		string(m.kind), m.sender, m.customer, m.replyTo, m.subject, m.language, m.class, m.confidence, m.certain, id)
}

// insertRaw keeps the bytes of a message in pieces, one in memory at a time. A body that ends early is kept as far as it
// goes, one of more than 1 GiB up to there.
func (b *batch) insertRaw(message int64, raw *mailbox.Raw) error {
	if raw.Body == nil {
		return nil
	}
	s, size := b.t.s, min(raw.Size, chunkSize*maxChunks)
	for n, off := int64(0), int64(0); off < size; n++ {
		want := min(size-off, chunkSize)
		if int64(len(s.buf)) < want {
			s.buf = make([]byte, want)
		}
		got, err := raw.Body.ReadAt(s.buf[:want], off)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the message: %w", err)
		}
		if got > 0 {
			if err := b.t.exec("INSERT INTO raw (id, bytes) VALUES (?, ?)", message*maxChunks+n, s.buf[:got]); err != nil {
				return err
			}
		}
		if int64(got) < want {
			return nil
		}
		off += want
	}
	return nil
}

package store

import (
	"strings"
	"time"

	"aftercare/responder"
)

// capScan bounds what is counted for a cap: beyond it every limit is passed.
const capScan = 100000

// facts reads what stands on record about a message.
func (b *batch) facts(in *Incoming) (responder.Facts, error) {
	r := in.Reading
	f := b.bareFacts()
	f.Key, f.Internal, f.Answered = in.Raw.Key, in.Raw.Internal, in.Raw.Answered
	if err := b.thread(r, &f); err != nil {
		return f, err
	}
	if err := b.registry(r, &f); err != nil {
		return f, err
	}
	return f, b.replies(&f, r.Verdict.Customer.Key(), r.Verdict.ReplyTo.Key())
}

// bareFacts holds the numbers that come next and what holds for every message.
func (b *batch) bareFacts() responder.Facts {
	return responder.Facts{
		Message: b.next.message, NextCase: b.next.kase, NextOutbox: b.next.outbox, NextVisit: b.next.visit, Paused: b.paused, Crowd: b.crowd,
	}
}

// replies fills in what the caps need to know of the address that an answer goes to, and whether the customer is known.
func (b *batch) replies(f *responder.Facts, customer, to string) error {
	domain, total := domainOf(to), 0
	inDomain, counted := b.domains[domain]
	hour := ms(b.now.Add(-time.Hour))
	_, err := b.t.get(`SELECT EXISTS (SELECT 1 FROM members WHERE address = ?1),
		EXISTS (SELECT 1 FROM blocked WHERE address = ?2),
		(SELECT count(*) FROM outbox WHERE recipient = ?2 AND queued > ?3 AND counted = 1),
		(SELECT count(*) FROM outbox WHERE recipient = ?2 AND queued > ?4 AND counted = 1),
		iif(?5, 0, (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE domain = ?6 AND queued > ?7 AND counted = 1 LIMIT ?8)))`,
		[]any{customer, to, ms(b.now.Add(-2 * time.Hour)), ms(b.now.Add(-24 * time.Hour)), counted, domain, hour, capScan},
		&f.Known, &f.Blocked, &f.SenderReplies2h, &f.SenderReplies24h, &total)
	if err != nil {
		return err
	}
	if !counted {
		inDomain, b.domains[domain] = total, total
	}
	f.DomainReplies1h = inDomain
	f.TotalReplies1h, err = b.totalReplies()
	return err
}

func (b *batch) totalReplies() (int, error) {
	if b.counted {
		return b.total, nil
	}
	_, err := b.t.get("SELECT count(*) FROM (SELECT 1 FROM outbox WHERE queued > ? AND counted = 1 LIMIT ?)",
		[]any{ms(b.now.Add(-time.Hour)), capScan}, &b.total)
	b.counted = err == nil
	return b.total, err
}

// addReply keeps the counts up with a reply that this batch has queued.
func (b *batch) addReply(domain string) {
	if b.counted {
		b.total++
	}
	if n, ok := b.domains[domain]; ok {
		b.domains[domain] = n + 1
	}
}

// domainOf is the part of an address after its last @, in lower case.
func domainOf(addr string) string {
	if i := strings.LastIndexByte(addr, '@'); i >= 0 {
		return strings.ToLower(addr[i+1:])
	}
	return ""
}

// automatic tells whether a kind of mail to customers is one that the caps count.
func automatic(lane responder.Lane, kind string) bool {
	if lane != responder.LaneCustomer {
		return false
	}
	switch kind {
	case responder.MailReply, responder.MailNeutral, responder.MailBare, responder.MailFurther:
		return true
	}
	return false
}

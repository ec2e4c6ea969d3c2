package store

import (
	"fmt"

	"aftercare/responder"
)

// tellLists queues the lists of what staff are told together, and notes in each case what told of it.
func (b *batch) tellLists() error {
	for len(b.listed) > 0 {
		var mine, rest []responder.Listed
		to, account := b.listed[0].To, b.listed[0].Account
		for _, c := range b.listed {
			if c.To == to && c.Account == account && len(mine) < responder.ListMax {
				mine = append(mine, c)
			} else {
				rest = append(rest, c)
			}
		}
		b.listed = rest
		if err := b.tellList(mine); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) tellList(cases []responder.Listed) error {
	m, ok := b.t.s.opt.List(cases, b.next.outbox, b.now)
	what, outbox := "told-in-list", int64(0)
	if ok {
		if err := b.queue(&m, 0); err != nil {
			return fmt.Errorf("queueing a list of cases: %w", err)
		}
		outbox = m.ID
	} else {
		what = "not-told"
	}
	for _, c := range cases {
		if err := b.note(note{caseID: c.Case, outbox: outbox, what: what, reason: c.Reason, detail: c.To}); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"aftercare/responder"
)

// BenchmarkRecord records mails of 8 KB with replies of 5 KB and two windows each, sixty in a transaction.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{1, 20, 60} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) { benchRecord(b, size) })
	}
}

func benchRecord(b *testing.B, size int) {
	s := open(b, Options{NextWindow: nil})
	body, reply := bytes.Repeat([]byte("12345678"), 1024), bytes.Repeat([]byte("abcde"), 1024)
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision {
		d := decideFirst(r, f, t0)
		d.Reason = responder.ReasonReply
		if len(d.Mails) == 1 {
			d.Mails[0].Raw = reply
		}
		return d
	}
	b.ReportAllocs()
	uid := uint32(0)
	for b.Loop() {
		in := make([]Incoming, size)
		for i := range in {
			uid++
			p := post{uid: uid, from: fmt.Sprintf("customer%d@c%d.example", uid, uid%1000), id: fmt.Sprintf("%x.%d@mail.example", uid*2654435761, uid),
				subject: "The pump leaks again", text: fmt.Sprint(uid)}
			in[i] = p.incoming()
			in[i].Raw.Body, in[i].Raw.Size = bytes.NewReader(body), int64(len(body))
		}
		if _, err := s.Record(context.Background(), in, decide, t0.Add(time.Duration(uid)*time.Second)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(uid)/b.Elapsed().Seconds(), "mails/s")
}

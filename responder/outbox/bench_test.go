package outbox

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
)

// BenchmarkSend is the way of a mail from the queue in memory to the answer of a server in the same process.
func BenchmarkSend(b *testing.B) {
	for _, conns := range []int{1, 4} {
		b.Run(fmt.Sprintf("connections=%d", conns), func(b *testing.B) {
			srv, err := memory.StartSMTP(memory.SMTPConfig{})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = srv.Close() }()
			q := &listQueue{left: b.N, done: make(chan struct{})}
			s := at(srv.Addr())
			s.Connections = conns
			o := New(Options{Queue: q, Servers: []Server{s}, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
			ctx, cancel := context.WithCancel(b.Context())
			end := make(chan error, 1)
			b.ReportAllocs()
			b.ResetTimer()
			go func() { end <- o.Run(ctx) }()
			<-q.done
			b.StopTimer()
			cancel()
			if err := <-end; err != nil || srv.Count() != b.N {
				b.Fatalf("%d of %d, %v", srv.Count(), b.N, err)
			}
		})
	}
}

// listQueue hands out mails until none is left, at no cost.
type listQueue struct {
	Queue
	next, left, marked int
	done               chan struct{}
}

var benchMail = rawMail(1)

func (q *listQueue) Claim(_ context.Context, lane responder.Lane, n int, _ []string, _ time.Time) ([]Job, error) {
	if lane == responder.LaneStaff {
		return nil, nil
	}
	jobs := make([]Job, min(n, q.left-q.next))
	for i := range jobs {
		q.next++
		jobs[i] = Job{ID: int64(q.next), Lane: lane, Account: "support", EnvelopeFrom: "support@service.example", To: "anna@customer.example", Raw: benchMail}
	}
	return jobs, nil
}

func (q *listQueue) Mark(_ context.Context, rs []Result, _ time.Time) error {
	if q.marked += len(rs); q.marked == q.left {
		close(q.done)
	}
	return nil
}

func (q *listQueue) Unknown(context.Context) ([]Job, error)          { return nil, nil }
func (q *listQueue) Recover(context.Context, time.Time) (int, error) { return 0, nil }

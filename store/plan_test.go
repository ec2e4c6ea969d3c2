package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
)

// TestStatementsUseIndexes runs the work of a day and then asks SQLite how it carries out every statement that was
// prepared for it. One that reads a whole table, or sorts, would be slower with each case that is kept.
func TestStatementsUseIndexes(t *testing.T) {
	s, ctx := open(t, Options{AppendSent: func(string) bool { return true }}), context.Background()
	record(t, s, t0, post{uid: 1, from: "a@x.example", id: "one@x", text: "1", visit: true},
		post{uid: 2, from: "b@x.example", refs: []string{"none@x"}, tags: []int64{1, 9}, text: "2"})
	claim(t, s, 10, t0)
	mark(t, s, t0, responder.Result{ID: 1, Outcome: responder.OutcomeSent}, responder.Result{ID: 2, Outcome: responder.OutcomeUnknown})
	if _, err := s.Resend(ctx, 2, t0); err != nil {
		t.Fatal(err)
	}
	mark(t, s, t0, responder.Result{ID: 2, Outcome: responder.OutcomeFailed})
	record(t, s, t0, post{uid: 3, from: "mailer-daemon@x.example", kind: responder.KindBounce, text: "3", refs: []string{"x@y"},
		bounce: &responder.Bounce{Action: "failed", MessageID: "none@x", Addresses: []string{"z@x.example"}}},
		post{uid: 4, from: "a@x.example", tokens: []responder.Token{{Case: 1, Outbox: 1}}, text: "4"})
	tick(t, s, t0.Add(30*time.Hour), rules("eve@desk.example"))
	if _, err := s.CancelAnswered(ctx, []mailbox.Key{{Account: "support", Folder: "INBOX", UIDValidity: 1, UID: 4}}, t0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recover(ctx, t0); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{jobColumns + "WHERE o." + loose + "o.state = 'unknown' AND o.resent = 0", "SELECT count(*) FROM outbox WHERE " + loose + "state = 'failed'"} {
		if steps := strings.Join(explain(t, s, query), "; "); !strings.Contains(steps, "outbox_loose") {
			t.Errorf("%s\n\t%s", steps, query)
		}
	}
	if steps := strings.Join(explain(t, s, dueMaintenance), "; "); !strings.Contains(steps, "contracts_maintenance") || strings.Contains(steps, "TEMP B-TREE") {
		t.Errorf("%s\n\t%s", steps, dueMaintenance)
	}
	if len(s.writer.stmts) < 40 {
		t.Fatalf("only %d statements were prepared", len(s.writer.stmts))
	}
	for query := range s.writer.stmts {
		if strings.HasPrefix(query, "UPDATE state") || strings.Contains(query, "paused_at IS NOT NULL FROM state") {
			continue // a table of one row
		}
		for _, step := range explain(t, s, query) {
			if strings.HasPrefix(step, "SCAN") && !harmless(step) || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\n\t%s", step, query)
			}
		}
	}
}

// harmless are scans of what is small or is walked by an index that holds only what is open.
func harmless(step string) bool {
	for _, ok := range []string{"SCAN state", "SCAN json_each", "SCAN CONSTANT ROW", "SCAN (subquery", "USING INDEX notices_open", "USING COVERING INDEX notices_open"} {
		if strings.Contains(step, ok) {
			return true
		}
	}
	return false
}

func explain(t *testing.T, s *Store, query string) (steps []string) {
	t.Helper()
	word, _, _ := strings.Cut(query, " ")
	if word != "SELECT" && word != "INSERT" && word != "UPDATE" && word != "DELETE" {
		return nil
	}
	args := make([]any, strings.Count(query, "?"))
	for i := range args {
		args[i] = 1
	}
	for n := 9; n > 0; n-- { // numbered parameters may come more than once
		if strings.Contains(query, "?"+string(rune('0'+n))) {
			args = args[:n]
			break
		}
	}
	err := s.each(context.Background(), "EXPLAIN QUERY PLAN "+query, args, func(r scanner) error {
		var id, parent, unused int
		var step string
		err := r.Scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	})
	if err != nil {
		t.Errorf("explaining: %v\n\t%s", err, query)
	}
	return steps
}

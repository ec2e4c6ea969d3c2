package store

import (
	"context"
	"strings"
	"testing"

	"aftercare/mailbox"
	"aftercare/responder"
)

// TestRegistryStatementsUseIndexes asks SQLite how it carries out what a mail asks the registry.
func TestRegistryStatementsUseIndexes(t *testing.T) {
	s := open(t, Options{})
	importInto(t, s, sampleRegistry())
	for query, st := range s.writer.stmts { // what an import reads whole is read once
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		delete(s.writer.stmts, query)
	}
	record(t, s, t0, post{uid: 100, from: "x@x.example", text: "x"})
	if _, err := s.RecordRepair(context.Background(), NewRepair{Case: 1, Serial: "PX-100-2233", At: t0}, t0); err != nil {
		t.Fatal(err)
	}
	var in []Incoming
	for i, f := range []mailbox.Facts{{Serial: "PX-200-0001"}, {Contract: "C-2026-01"}, {}, {Serial: "PX-100-2239", Contract: "C-2026-02"}} {
		m := post{uid: uint32(i + 1), from: "ann@client.example", replyTo: "bob@acme.example", text: f.Serial + f.Contract}.incoming()
		m.Reading.Facts = f
		in = append(in, m)
	}
	decide := func(r *responder.Reading, f responder.Facts) responder.Decision { return decideFirst(r, f, t0) }
	if _, err := s.Record(context.Background(), in, decide, t0); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for query := range s.writer.stmts {
		if !strings.Contains(query, "contract") && !strings.Contains(query, "customer_") && !strings.Contains(query, "repairs") || !strings.HasPrefix(query, "SELECT") {
			continue
		}
		if strings.Contains(query, "FROM cases") || strings.Contains(query, "SELECT ok FROM repairs") {
			continue // of a command: a case has few repairs
		}
		seen++
		for _, step := range explain(t, s, query) {
			if strings.HasPrefix(step, "SCAN") && !harmless(step) && !strings.HasPrefix(step, "SCAN j ") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\n\t%s", step, query)
			}
		}
	}
	if seen < 6 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

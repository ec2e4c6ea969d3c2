package store

import (
	"context"
	"database/sql"
	"strings"
	"testing"
)

func TestWriterTakesAndGives(t *testing.T) {
	s := open(t, Options{})
	ctx, w := context.Background(), s.writer
	type word string
	for _, tt := range []struct {
		name string
		in   any
		dest any
		want func(dest any) bool
	}{
		{"text", "ab", new(string), func(d any) bool { return *d.(*string) == "ab" }},
		{"a kind of text", word("ab"), new(word), func(d any) bool { return *d.(*word) == "ab" }},
		{"number", 7, new(int64), func(d any) bool { return *d.(*int64) == 7 }},
		{"small number", uint32(4294967295), new(uint32), func(d any) bool { return *d.(*uint32) == 4294967295 }},
		{"truth", true, new(bool), func(d any) bool { return *d.(*bool) }},
		{"fraction", 0.25, new(float64), func(d any) bool { return *d.(*float64) == 0.25 }},
		{"whole number as a fraction", 3, new(float64), func(d any) bool { return *d.(*float64) == 3 }},
		{"bytes", []byte{0, 1}, new([]byte), func(d any) bool { return string(*d.(*[]byte)) == "\x00\x01" }},
		{"no bytes", nil, &[]byte{1}, func(d any) bool { return *d.(*[]byte) == nil }},
		{"nothing", nil, new(sql.NullInt64), func(d any) bool { return !d.(*sql.NullInt64).Valid }},
		{"something", 5, new(sql.NullInt64), func(d any) bool { return *d.(*sql.NullInt64) == sql.NullInt64{Int64: 5, Valid: true} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := w.get(ctx, "SELECT ?", []any{tt.in}, []any{tt.dest})
			if err != nil || !found || !tt.want(tt.dest) {
				t.Errorf("%v, %v: %#v", found, err, tt.dest)
			}
		})
	}
	for _, tt := range []struct {
		name, query string
		args        []any
		dest        []any
		says        string
	}{
		{"too large", "SELECT ?", []any{5000000000}, []any{new(uint32)}, "does not go into uint32"},
		{"negative", "SELECT -1", nil, []any{new(uint32)}, "does not go into uint32"},
		{"nothing into text", "SELECT NULL", nil, []any{new(string)}, "does not go into string"},
		{"text into a number", "SELECT 'x'", nil, []any{new(int64)}, "does not go into int64"},
		{"fewer destinations", "SELECT 1, 2", nil, []any{new(int)}, "1 destinations for 2 columns"},
		{"no such kind", "SELECT ?", []any{struct{}{}}, []any{new(int)}, "argument 1"},
		{"an argument is missing", "SELECT ?, ?", []any{1}, []any{new(int), new(int)}, "missing argument"},
		{"no such table", "SELECT 1 FROM nowhere", nil, []any{new(int)}, "no such table"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := w.get(ctx, tt.query, tt.args, tt.dest); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
			if len(w.args) != 0 || len(w.row) != 0 {
				t.Errorf("the room still holds %v and %v", w.args, w.row)
			}
		})
	}
	if found, err := w.get(ctx, "SELECT 1 FROM cases WHERE id = ?", []any{12345}, []any{new(int)}); found || err != nil {
		t.Errorf("no row: %v, %v", found, err)
	}
}

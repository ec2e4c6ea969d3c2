package store

import (
	"database/sql"
	"encoding/json"
	"time"
)

// never is the next_at of what needs no further look.
const never = int64(1) << 62

// ms is t in the form that is kept, 0 for the zero time.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// nullMS is like ms with NULL for the zero time.
func nullMS(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// fromMS is the time that v stands for, in UTC; 0 is the zero time.
func fromMS(v int64) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.UnixMilli(v).UTC()
}

func fromNull(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return fromMS(v.Int64)
}

// nullID is id, or NULL for 0.
func nullID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// nullText is s, or NULL for "".
func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// list is ss as JSON, "" when there is nothing.
func list(ss []string) string {
	if len(ss) == 0 {
		return ""
	}
	b, err := json.Marshal(ss)
	if err != nil {
		return ""
	}
	return string(b)
}

// unlist reads what list wrote; what is damaged reads as nothing.
func unlist(s string) []string {
	if s == "" {
		return nil
	}
	var ss []string
	if json.Unmarshal([]byte(s), &ss) != nil {
		return nil
	}
	return ss
}

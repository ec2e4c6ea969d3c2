package health

import (
	"encoding/json"
	"fmt"
	"time"
)

// State says what an Alert is about.
type State string

// The two things that are told of a trouble, each once.
const (
	Trouble   State = "trouble"
	Recovered State = "recovered"
)

// Alert is one message about one check.
type Alert struct {
	State  State
	Check  string
	Detail string    // the latest failure
	Host   string    // the name of this machine
	Since  time.Time // when the trouble began
	Until  time.Time // when it ended, zero while it lasts
	At     time.Time // when it was told
}

// ID is the same for all deliveries of an alert, so that a receiver can tell a repeated one, and begins the same for the
// trouble and its recovery.
func (a Alert) ID() string {
	return fmt.Sprintf("%s@%d/%s", a.Check, a.Since.UnixMilli(), a.State)
}

// Summary is the alert in one line of English.
func (a Alert) Summary() string {
	on := ""
	if a.Host != "" {
		on = " on " + a.Host
	}
	if a.State == Recovered {
		return fmt.Sprintf("aftercare%s: %s is well again after %v (was: %s)", on, a.Check, a.Until.Sub(a.Since).Round(time.Second), a.Detail)
	}
	return fmt.Sprintf("aftercare%s: %s in trouble since %s: %s", on, a.Check, a.Since.UTC().Format(time.RFC3339), a.Detail)
}

// MarshalJSON writes the stable form that webhooks and commands get. "text" is the Summary, which chat programs show.
func (a Alert) MarshalJSON() ([]byte, error) {
	out := struct {
		ID      string     `json:"id"`
		Program string     `json:"program"`
		Host    string     `json:"host,omitempty"`
		State   State      `json:"state"`
		Check   string     `json:"check"`
		Detail  string     `json:"detail"`
		Since   time.Time  `json:"since"`
		Until   *time.Time `json:"until,omitempty"`
		At      time.Time  `json:"at"`
		Text    string     `json:"text"`
	}{a.ID(), "aftercare", a.Host, a.State, a.Check, a.Detail, a.Since.UTC(), nil, a.At.UTC(), a.Summary()}
	if !a.Until.IsZero() {
		until := a.Until.UTC()
		out.Until = &until
	}
	return json.Marshal(out)
}

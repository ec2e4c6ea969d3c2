package main

import (
	"fmt"
	"strings"
	"time"

	"aftercare/responder"
	"aftercare/store"
)

type whyCmd struct {
	readFlags
	About string `arg:"" help:"A case (AC-000123), or the Message-ID of a message or of a mail of ours." placeholder:"CASE|MESSAGE-ID"`
}

func (*whyCmd) Help() string {
	return "Everything that happened to a case or message, in order, with the reason of each decision and what it rests on. " +
		"What the kinds and reasons mean stands in docs/reading-mail.md."
}

func (w *whyCmd) Run(env *environment) error {
	c, st, err := w.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	var es []store.Event
	if id, ok := responder.ParseCase(w.About); ok {
		es, err = st.Why(env.ctx, id)
		err = missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
	} else {
		es, err = st.WhyMessage(env.ctx, w.About)
		err = missing(err, w.About, "no message and no mail of ours has this Message-ID")
	}
	if err != nil {
		return err
	}
	if w.JSON {
		out := make([]eventJSON, 0, len(es))
		for _, e := range es {
			out = append(out, eventJSON{At: e.At.UTC(), What: e.What, Reason: e.Reason, Who: e.Who, Detail: e.Detail, Evidence: e.Evidence, Message: e.Message, Outbox: e.Outbox})
		}
		return printJSON(env.out, out)
	}
	for _, e := range es {
		printEvent(env, e, c.Company.Location)
	}
	return nil
}

type eventJSON struct {
	At       time.Time        `json:"at"`
	What     string           `json:"what"`
	Reason   responder.Reason `json:"reason,omitempty"`
	Who      string           `json:"who,omitempty"`
	Detail   string           `json:"detail,omitempty"`
	Evidence []string         `json:"evidence,omitempty"`
	Message  int64            `json:"message,omitempty"`
	Outbox   int64            `json:"outbox,omitempty"`
}

func printEvent(env *environment, e store.Event, zone *time.Location) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-18s", e.At.In(zone).Format("2006-01-02 15:04:05"), e.What)
	if e.Reason != "" {
		fmt.Fprintf(&b, "  %s", e.Reason)
	}
	if e.Who != "" {
		fmt.Fprintf(&b, "  by %s", e.Who)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, "  %s", oneLine(e.Detail))
	}
	env.printf("%s\n", strings.TrimRight(oneLineKeep(b.String()), " "))
	for _, ev := range e.Evidence {
		env.printf("%21s- %s\n", "", cut(oneLine(ev), 200))
	}
}

// oneLineKeep is printable text on one line that keeps its columns.
func oneLineKeep(s string) string { return strings.ReplaceAll(printable(s), "\n", " ") }

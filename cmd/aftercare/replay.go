package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
)

type replayCmd struct {
	configFlag
	Dir       string `arg:"" optional:"" help:"A folder with mails, taken in the order of their arrival." placeholder:"DIR"`
	FromStore bool   `help:"The messages on record instead, in the order of their record."`
	Since     string `help:"Only those that arrived since this day or time." placeholder:"DATE"`
	Against   string `help:"Another configuration: print only what it would decide differently." placeholder:"FILE"`
	JSON      bool   `help:"One JSON object a line, for programs."`
}

func (*replayCmd) Help() string {
	return "Decides about past mail in order, as if it came now: cases, threads, duplicates and caps build up as they go, in a record of their own that is thrown away. " +
		"Nothing is sent, and the database is only read. What people did in the meantime (answers, closed cases, corrections) is not played again."
}

func (p *replayCmd) Run(env *environment) error {
	if (p.Dir == "") == !p.FromStore {
		return usagef("expected a folder with mails, or --from-store")
	}
	c, err := p.load()
	if err != nil {
		return err
	}
	since, err := parseDay("--since", p.Since, c.Company.Location, time.Time{})
	if err != nil {
		return err
	}
	a, err := newStage(env, c)
	if err != nil {
		return err
	}
	defer a.close()
	var b *stage
	if p.Against != "" {
		other, err := configFlag{p.Against}.load()
		if err != nil {
			return err
		}
		if b, err = newStage(env, other); err != nil {
			return fmt.Errorf("%s: %w", p.Against, err)
		}
		defer b.close()
	}
	src, err := p.source(env, c, since)
	if err != nil {
		return err
	}
	defer src.close()
	return p.play(env, c, src, a, b)
}

func (p *replayCmd) play(env *environment, c *config.Config, src source, a, b *stage) error {
	total, differ := 0, 0
	for {
		m, err := src.next(env.ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		total++
		x := a.decide(env.ctx, m)
		if b == nil {
			p.show(env, c, m, x, nil)
			continue
		}
		if y := b.decide(env.ctx, m); x.differs(y) {
			differ++
			p.show(env, c, m, x, &y)
		}
		if err := env.ctx.Err(); err != nil {
			return errStopped
		}
	}
	switch {
	case p.JSON:
	case b != nil:
		env.printf("%d mails, %d decided differently\n", total, differ)
	default:
		env.printf("%d mails: %s\n", total, a.counts())
	}
	return nil
}

// verdict is what one configuration decided about one mail.
type verdict struct {
	Kind        responder.Kind        `json:"kind,omitempty"`
	Disposition responder.Disposition `json:"disposition"`
	Reason      responder.Reason      `json:"reason,omitempty"`
	Evidence    []string              `json:"evidence,omitempty"`
	Class       string                `json:"class,omitempty"`
	Also        []string              `json:"also,omitempty"`
	Certain     bool                  `json:"certain"`
	Case        string                `json:"case,omitempty"`
	Opened      bool                  `json:"opened"`
	Template    string                `json:"template,omitempty"`
	To          string                `json:"to,omitempty"`
}

// differs compares what somebody would notice; the numbers of cases, and words of evidence, may drift apart.
func (v verdict) differs(o verdict) bool {
	return v.Kind != o.Kind || v.Disposition != o.Disposition || v.Reason != o.Reason || v.Class != o.Class || strings.Join(v.Also, "+") != strings.Join(o.Also, "+") ||
		v.Opened != o.Opened || v.Template != o.Template || v.To != o.To
}

func (v verdict) String() string {
	s := fmt.Sprintf("%s %s (%s)", v.Kind, v.Disposition, v.Reason)
	if v.Class != "" {
		s += " " + strings.Join(append([]string{v.Class}, v.Also...), "+")
		if !v.Certain {
			s += "?"
		}
	}
	if v.Case != "" {
		s += " " + v.Case
	}
	if v.Template != "" {
		s += " " + v.Template + " to " + v.To
	}
	return oneLine(s)
}

func (p *replayCmd) show(env *environment, c *config.Config, m *replayed, a verdict, b *verdict) {
	if p.JSON {
		row := map[string]any{"file": m.name, "at": m.at.UTC(), "message_id": m.message.MessageID, "from": m.message.Sender1().Addr, "subject": m.message.Subject, "a": a}
		if b != nil {
			row["b"] = b
		}
		e := json.NewEncoder(env.out)
		e.SetEscapeHTML(false)
		_ = e.Encode(row) // plain values; an output that is closed ends the process
		return
	}
	env.printf("%s  %s  %s\n", shortTime(m.at, c.Company.Location), or(oneLine(m.message.Sender1().Addr), "nobody"), cut(oneLine(m.message.Subject), maxCell))
	if b == nil {
		env.printf("    %s\n", a)
		return
	}
	env.printf("    - %s\n    + %s\n", a, *b)
}

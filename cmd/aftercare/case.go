package main

import (
	"slices"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/responder"
	"aftercare/store"
)

type caseCmd struct {
	List     caseListCmd     `cmd:"" help:"List cases, the newest first."`
	Show     caseShowCmd     `cmd:"" help:"Show a case with its messages, mails, windows and visits."`
	Open     caseOpenCmd     `cmd:"" help:"Record a contact that did not come by a watched mailbox: by telephone, in person, by letter."`
	Close    caseCloseCmd    `cmd:"" help:"Close a case; its open windows end without being met, drafts are dropped."`
	Reopen   caseReopenCmd   `cmd:"" help:"Open a closed case again."`
	Take     caseTakeCmd     `cmd:"" help:"Say that you look after a case: warnings stop, a breach is still told."`
	Answered caseAnsweredCmd `cmd:"" help:"Record that a person answered the customer: windows are met, replies that wait are cancelled."`
	Note     caseNoteCmd     `cmd:"" help:"Add a line to the history of a case."`
	Entitle  caseEntitleCmd  `cmd:"" help:"Take a proof on record: ask the records for the number that you name."`
	Repair   repairCmd       `cmd:"" help:"Put a finished repair on record, and whether it met the requirements."`
	Reclass  caseReclassCmd  `cmd:"" help:"Correct the class of a case; the message is kept as an example, so that the next one is read better."`
	Send     caseSendCmd     `cmd:"" help:"Release a held reply: it goes out as it is."`
	Edit     caseEditCmd     `cmd:"" help:"Release a held reply with other words."`
	Drop     caseDropCmd     `cmd:"" help:"Drop a held reply: it is not sent."`
	Unblock  caseUnblockCmd  `cmd:"" help:"Let the customer of a case be written to again, after a mail came back."`
}

type caseListCmd struct {
	readFlags
	State    string `help:"Only cases in this state: open or closed." placeholder:"STATE"`
	Class    string `help:"Only cases of this class." placeholder:"CLASS"`
	Office   string `help:"Only cases of this office." placeholder:"NAME"`
	Customer string `help:"Only cases that this address belongs to." placeholder:"ADDR"`
	Since    string `help:"Only cases opened since this day or time." placeholder:"DATE"`
	Waiting  bool   `help:"Only cases with an open window."`
	Held     bool   `help:"Only cases with a reply that waits for a person."`
	Limit    int    `help:"At most so many." default:"50"`
}

func (l *caseListCmd) Run(env *environment) error {
	c, st, err := l.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if l.State != "" {
		if err := oneOf("--state", l.State, []string{responder.CaseOpen, responder.CaseClosed}); err != nil {
			return err
		}
	}
	since, err := parseDay("--since", l.Since, c.Company.Location, time.Time{})
	if err != nil {
		return err
	}
	lines, err := st.Cases(env.ctx, store.CaseFilter{State: l.State, Class: l.Class, Office: l.Office, Customer: l.Customer, Since: since, Waiting: l.Waiting, Limit: l.Limit})
	if err != nil {
		return err
	}
	if l.Held {
		if lines, err = onlyHeld(env, st, lines); err != nil {
			return err
		}
	}
	if l.JSON {
		out := make([]caseJSON, 0, len(lines))
		for _, x := range lines {
			out = append(out, newCaseJSON(&x.Case, x.Channel, x.Due))
		}
		return printJSON(env.out, out)
	}
	t := newTable("case", "state", "class", "opened", "due", "taken by", "office", "customer", "subject")
	for _, x := range lines {
		t.add(responder.FormatCase(x.ID), x.State, classWords(&x.Case), shortTime(x.Opened, c.Company.Location), dueWords(x.Due, env.now(), c.Company.Location),
			or(x.Taken, "-"), or(x.Office, "-"), or(x.Customer, x.CustomerName, "-"), x.Subject)
	}
	t.print(env.out)
	return nil
}

func onlyHeld(env *environment, st *store.Store, lines []store.CaseLine) ([]store.CaseLine, error) {
	drafts, err := st.Mails(env.ctx, store.StateDraft, 100_000)
	if err != nil {
		return nil, err
	}
	held := map[int64]bool{}
	for _, m := range drafts {
		held[m.Case] = true
	}
	return slices.DeleteFunc(lines, func(x store.CaseLine) bool { return !held[x.ID] }), nil
}

func classWords(c *responder.Case) string {
	return strings.Join(append([]string{c.Class}, c.Also...), "+")
}

func dueWords(due, now time.Time, zone *time.Location) string {
	s := shortTime(due, zone)
	if !due.IsZero() && due.Before(now) {
		s += " MISSED"
	}
	return s
}

type caseReclassCmd struct {
	writeFlags
	Case      caseArg `arg:"" help:"The case."`
	Class     string  `arg:"" help:"Its right class."`
	NoExample bool    `help:"Do not keep the message as an example to learn from."`
}

func (r *caseReclassCmd) Run(env *environment) error {
	id, err := r.Case.number()
	if err != nil {
		return err
	}
	c, st, err := r.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	set, err := app.LoadClasses(c)
	if err != nil {
		return err
	}
	if err := oneOf("class", r.Class, set.Names()); err != nil {
		return err
	}
	f, err := st.Case(env.ctx, id)
	if err != nil {
		return missing(err, responder.FormatCase(id), "`aftercare case list` shows the cases")
	}
	if err := st.Reclass(env.ctx, id, r.Class, r.who(), env.now()); err != nil {
		return err
	}
	env.printf("%s is %s now, before %s\n", responder.FormatCase(id), r.Class, or(f.Class, "nothing"))
	if r.NoExample {
		return nil
	}
	return r.learn(env, c, st, &f)
}

// learn keeps the customer's words as an example of the class; those of an earlier correction move.
func (r *caseReclassCmd) learn(env *environment, c *config.Config, st *store.Store, f *store.CaseFile) error {
	all, err := st.Examples(env.ctx, "")
	if err != nil {
		return err
	}
	moved := false
	for _, e := range all {
		if e.Case == f.ID && e.Class != r.Class {
			if err := st.MoveExample(env.ctx, e.ID, r.Class, r.who(), env.now()); err != nil {
				return err
			}
			moved = true
		}
	}
	if moved {
		env.printf("The example of an earlier correction moved with it; the daemon learns anew.\n")
		return nil
	}
	ex, ok, err := exampleOf(env.ctx, c, st, f)
	if err != nil {
		return err
	}
	if !ok {
		env.printf("No words of the customer are on record: nothing to learn from.\n")
		return nil
	}
	ex.Class, ex.Who = r.Class, r.who()
	n, err := st.AddExamples(env.ctx, []store.Example{ex}, env.now())
	if err != nil {
		return err
	}
	if n > 0 {
		env.printf("Its words are kept as an example, names and numbers masked; the daemon learns anew.\n")
	}
	return nil
}

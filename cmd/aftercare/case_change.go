package main

import (
	"errors"
	"fmt"
	"time"

	"aftercare/responder"
	"aftercare/store"
)

type caseCloseCmd struct {
	writeFlags
	Case caseArg `arg:"" help:"The case."`
	Why  string  `help:"Why, for the record." placeholder:"TEXT"`
}

func (k *caseCloseCmd) Run(env *environment) error {
	return k.onCase(env, k.Case, "is closed", func(st *store.Store, id int64) error {
		f, err := st.Case(env.ctx, id)
		if err != nil {
			return err
		}
		for _, v := range f.Visits {
			if visitOpen(v) {
				env.printf("visit %d goes on until it is done or cancelled\n", v.ID)
			}
		}
		return st.CloseCase(env.ctx, id, k.who(), k.Why, env.now())
	})
}

type caseReopenCmd struct {
	writeFlags
	Case caseArg `arg:"" help:"The case."`
	Why  string  `help:"Why, for the record." placeholder:"TEXT"`
}

func (k *caseReopenCmd) Run(env *environment) error {
	return k.onCase(env, k.Case, "is open", func(st *store.Store, id int64) error {
		return st.ReopenCase(env.ctx, id, k.who(), k.Why, env.now())
	})
}

type caseTakeCmd struct {
	writeFlags
	Case caseArg `arg:"" help:"The case."`
	Over bool    `help:"Also from somebody who has it."`
}

func (k *caseTakeCmd) Run(env *environment) error {
	return k.onCase(env, k.Case, "is yours, "+k.who(), func(st *store.Store, id int64) error {
		err := st.TakeCase(env.ctx, id, k.who(), k.Over, env.now())
		if errors.Is(err, store.ErrTaken) {
			return fmt.Errorf("%w; --over takes it from them", err)
		}
		return err
	})
}

type caseAnsweredCmd struct {
	writeFlags
	Case caseArg `arg:"" help:"The case."`
	At   string  `help:"When. Default now." placeholder:"TIME"`
	How  string  `help:"By which way: by telephone, from my own mail program." placeholder:"TEXT"`
}

func (k *caseAnsweredCmd) Run(env *environment) error {
	c, err := k.load()
	if err != nil {
		return err
	}
	at, err := parseTime("--at", k.At, c.Company.Location, env.now())
	if err != nil {
		return err
	}
	if at.After(env.now()) {
		return usagef("--at %q lies in the future", k.At)
	}
	return k.onCase(env, k.Case, "was answered at "+shortTime(at, c.Company.Location), func(st *store.Store, id int64) error {
		return st.AnswerCase(env.ctx, id, at, k.who(), k.How, env.now())
	})
}

type caseNoteCmd struct {
	writeFlags
	Case caseArg `arg:"" help:"The case."`
	Text string  `arg:"" help:"The line."`
}

func (k *caseNoteCmd) Run(env *environment) error {
	return k.onCase(env, k.Case, "noted", func(st *store.Store, id int64) error {
		return st.NoteCase(env.ctx, id, k.who(), k.Text, env.now())
	})
}

type caseUnblockCmd struct {
	writeFlags
	Case caseArg `arg:"" help:"The case."`
}

func (k *caseUnblockCmd) Run(env *environment) error {
	return k.onCase(env, k.Case, "", func(st *store.Store, id int64) error {
		f, err := st.Case(env.ctx, id)
		if err != nil {
			return err
		}
		if f.Customer == "" {
			return usagef("%s has no address of a customer", responder.FormatCase(id))
		}
		if err := st.Unblock(env.ctx, f.Customer, k.who(), env.now()); err != nil {
			return missing(err, "a block of "+f.Customer, "`aftercare blocked list` shows those that are")
		}
		env.printf("%s may be written to again\n", oneLine(f.Customer))
		return nil
	})
}

// The rest of a case for programs: times in UTC.

type caseJSON struct {
	Case        string     `json:"case"`
	State       string     `json:"state"`
	Channel     string     `json:"channel"`
	Class       string     `json:"class"`
	Also        []string   `json:"also,omitempty"`
	Subject     string     `json:"subject"`
	Customer    string     `json:"customer,omitempty"`
	Name        string     `json:"name,omitempty"`
	Language    string     `json:"language,omitempty"`
	Opened      *time.Time `json:"opened"`
	Due         *time.Time `json:"due,omitempty"`
	Closed      *time.Time `json:"closed,omitempty"`
	Answered    *time.Time `json:"person_answered,omitempty"`
	Taken       string     `json:"taken_by,omitempty"`
	Office      string     `json:"office,omitempty"`
	Entitlement string     `json:"entitlement,omitempty"`
	Rung        string     `json:"rung,omitempty"`
	Record      string     `json:"record,omitempty"`
	Serial      string     `json:"serial,omitempty"`
	Contract    string     `json:"contract,omitempty"`
	Phone       string     `json:"phone,omitempty"`
	City        string     `json:"city,omitempty"`
	Province    string     `json:"province,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	Because     []string   `json:"because,omitempty"`
}

func newCaseJSON(c *responder.Case, channel string, due time.Time) caseJSON {
	return caseJSON{
		Case: responder.FormatCase(c.ID), State: c.State, Channel: channel, Class: c.Class, Also: c.Also, Subject: c.Subject, Customer: c.Customer, Name: c.CustomerName,
		Language: c.Language, Opened: jsonTime(c.Opened), Due: jsonTime(due), Closed: jsonTime(c.Closed), Answered: jsonTime(c.PersonAnswered), Taken: c.Taken,
		Office: c.Office, Entitlement: c.Entitlement, Rung: c.Rung, Record: c.Record, Serial: c.Serial, Contract: c.Contract, Phone: c.Phone, City: c.City,
		Province: c.Province, Reason: string(c.Reason), Because: c.Because,
	}
}

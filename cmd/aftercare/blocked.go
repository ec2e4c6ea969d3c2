package main

import (
	"strconv"
	"strings"
	"time"
)

type blockedCmd struct {
	List   blockedListCmd   `cmd:"" help:"List the addresses that are not written to, since a mail to them came back."`
	Add    blockedAddCmd    `cmd:"" help:"Write no more to an address."`
	Remove blockedRemoveCmd `cmd:"" help:"Write to an address again."`
}

type blockedListCmd struct{ readFlags }

func (l *blockedListCmd) Run(env *environment) error {
	c, st, err := l.openToRead(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	bs, err := st.BlockedAddresses(env.ctx)
	if err != nil {
		return err
	}
	if l.JSON {
		type row struct {
			Address string     `json:"address"`
			At      *time.Time `json:"at"`
			Mail    int64      `json:"mail,omitempty"`
			Detail  string     `json:"detail,omitempty"`
		}
		out := make([]row, 0, len(bs))
		for _, b := range bs {
			out = append(out, row{b.Address, jsonTime(b.At), b.Outbox, b.Detail})
		}
		return printJSON(env.out, out)
	}
	t := newTable("address", "since", "mail", "why")
	for _, b := range bs {
		mail := "-"
		if b.Outbox != 0 {
			mail = strconv.FormatInt(b.Outbox, 10)
		}
		t.add(b.Address, shortTime(b.At, c.Company.Location), mail, b.Detail)
	}
	t.print(env.out)
	return nil
}

type blockedAddCmd struct {
	writeFlags
	Address string `arg:"" help:"The address."`
	Why     string `required:"" help:"Why, for the record." placeholder:"TEXT"`
}

func (a *blockedAddCmd) Run(env *environment) error {
	if !plainAddress(a.Address) {
		return usagef("%q: expected an address such as anna@example.com", a.Address)
	}
	_, st, err := a.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Block(env.ctx, strings.ToLower(a.Address), a.who(), a.Why, env.now()); err != nil {
		return err
	}
	env.printf("%s is not written to any more\n", a.Address)
	return nil
}

type blockedRemoveCmd struct {
	writeFlags
	Address string `arg:"" help:"The address."`
}

func (r *blockedRemoveCmd) Run(env *environment) error {
	_, st, err := r.openToWrite(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Unblock(env.ctx, strings.ToLower(r.Address), r.who(), env.now()); err != nil {
		return missing(err, "a block of "+r.Address, "`aftercare blocked list` shows those that are")
	}
	env.printf("%s may be written to again\n", r.Address)
	return nil
}

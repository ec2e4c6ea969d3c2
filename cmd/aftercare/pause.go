package main

import (
	"os/user"
)

type pauseCmd struct{ configFlag }

func (p *pauseCmd) Run(env *environment) error {
	_, st, err := p.openStore(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Pause(env.ctx, operator(), env.now()); err != nil {
		return err
	}
	env.printf("Replies to customers rest. The record goes on; staff are told as windows run out. `aftercare resume` ends it.\n")
	return nil
}

type resumeCmd struct{ configFlag }

func (p *resumeCmd) Run(env *environment) error {
	_, st, err := p.openStore(env.ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Resume(env.ctx, operator(), env.now()); err != nil {
		return err
	}
	env.printf("Replies to customers go out again.\n")
	return nil
}

// operator is who is at the keyboard, for the record.
func operator() string {
	u, err := user.Current()
	if err != nil {
		return "somebody"
	}
	return u.Username
}

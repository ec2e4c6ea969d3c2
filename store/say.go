package store

import (
	"fmt"

	"aftercare/responder"
	"aftercare/sla"
)

// dueStep is a step with what the store knows about it.
type dueStep struct {
	sla.Step
	look    *look
	window  *sla.Window
	message int64  // the message that the window is about
	about   int64  // the outbox row that a notice is about
	detail  string // of a notice
}

// stepError is what went wrong with one step alone.
type stepError struct {
	step sla.Step
	err  error
}

func (e *stepError) Error() string {
	return fmt.Sprintf("step %s of %s to %s: %v", e.step.Name, e.step.Subject, e.step.Recipient, e.err)
}

func (e *stepError) Unwrap() error { return e.err }

// say puts one step and its mail on record unless it stands there already.
func (k *ticker) say(st dueStep) error {
	said, err := k.t.get("SELECT 1 FROM steps WHERE subject = ? AND name = ? AND recipient = ? AND due = ?",
		[]any{st.Subject, st.Name, st.Recipient, ms(st.Due)}, new(int))
	if err != nil || said {
		return err
	}
	f, err := k.stepFacts(st)
	if err != nil {
		return err
	}
	mail, send, err := k.compose(st.Step, f)
	if err != nil {
		return &stepError{step: st.Step, err: err}
	}
	if err := k.t.exec("SAVEPOINT step"); err != nil {
		return err
	}
	if err := k.record(st, mail, send); err != nil {
		if !ownFault(err) {
			return err
		}
		if e := k.t.exec("ROLLBACK TO step"); e != nil {
			return e
		}
		k.forget()
		err = &stepError{step: st.Step, err: err}
		if e := k.t.exec("RELEASE step"); e != nil {
			return e
		}
		return err
	}
	return k.t.exec("RELEASE step")
}

func (k *ticker) record(st dueStep, mail responder.Mail, send bool) error {
	said := SaidStep{Step: st.Step}
	if send {
		if mail.Case == 0 {
			mail.Case = st.Case
		}
		if mail.Visit == 0 {
			mail.Visit = st.Visit
		}
		if mail.Window == 0 {
			mail.Window = st.Window
		}
		if err := k.queue(&mail, st.message); err != nil {
			return err
		}
		said.Outbox, said.Kind, said.To = mail.ID, mail.Kind, mail.To
	}
	err := k.t.exec("INSERT INTO steps (subject, name, recipient, due, at, said, case_id, outbox_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		st.Subject, st.Name, st.Recipient, ms(st.Due), ms(st.At), ms(k.now), nullID(st.Case), nullID(said.Outbox))
	if err != nil {
		return err
	}
	k.res.Said++
	if len(k.res.Steps) < maxSaid {
		k.res.Steps = append(k.res.Steps, said)
	}
	return nil
}

// compose calls Notify and turns its panic into an error.
func (k *ticker) compose(st sla.Step, f responder.Facts) (m responder.Mail, send bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("composing: panic: %v", p)
		}
	}()
	if k.rules.Notify == nil {
		return m, false, nil
	}
	m, send = k.rules.Notify(st, f, k.now)
	return m, send, nil
}

// stepFacts reads what the mail of a step may say, and for a mail to the customer what the caps need.
func (k *ticker) stepFacts(st dueStep) (f responder.Facts, err error) {
	f = k.bareFacts()
	f.Detail, f.Window = st.detail, st.window
	if st.Case != 0 {
		if f.Case, err = k.t.loadCase(st.Case); err != nil {
			return f, err
		}
	}
	if st.message != 0 {
		f.Message = st.message
		_, err = k.t.get(`SELECT f.account, f.folder, m.uidvalidity, m.uid, coalesce(m.message_id, ''), coalesce(iif(m.reply_to = '', m.customer, m.reply_to), '')
			FROM messages m JOIN folders f ON f.id = m.folder WHERE m.id = ?`,
			[]any{st.message}, &f.Key.Account, &f.Key.Folder, &f.Key.UIDValidity, &f.Key.UID, &f.MessageID, &f.ReplyTo)
		if err != nil {
			return f, err
		}
	}
	if st.about != 0 {
		if f.About, err = k.sentByID(st.about); err != nil {
			return f, err
		}
	}
	if st.Visit != 0 {
		if err := k.visitFacts(st, &f); err != nil {
			return f, err
		}
	}
	if st.Recipient == sla.Customer && f.Case != nil {
		to := f.ReplyTo
		if st.message == 0 {
			to = f.Case.Customer
		}
		err = k.replies(&f, f.Case.Customer, to)
	}
	return f, err
}

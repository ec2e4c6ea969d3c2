package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox/imap"
)

// probeTime is how long one server may take for connection, login and a look around.
const probeTime = 45 * time.Second

func checkIMAP(ctx context.Context, m *config.Mailbox, f *findings) {
	about := "imap " + m.Name
	acc, err := app.WatchAccount(m)
	if err != nil {
		f.add(about, problem, "%v", err)
		return
	}
	w, err := imap.New(acc, nil)
	if err != nil {
		f.add(about, problem, "%v", err)
		return
	}
	defer w.Close()
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	r, err := w.Probe(ctx)
	switch {
	case errors.Is(err, imap.ErrLogin):
		f.add(about, problem, "%v. Check imap.username, the password file and imap.auth; some providers want a password made for programs, or xoauth2", err)
		return
	case err != nil:
		f.add(about, problem, "%v. Check imap.host, imap.port and imap.security", err)
		return
	}
	f.add(about, fine, "logged in to %s as %s", m.IMAP.Host, m.IMAP.Username)
	if m.IMAP.Security == "plain" {
		f.add(about, hint, "WITHOUT encryption: the password and all mail can be read on the way (imap.security: plain)")
	}
	for _, does := range r.Does {
		f.add(about, fine, "the daemon %s", does)
	}
	checkFolders(m, &r, f)
	checkFiling(m, &r, f)
	checkSent(m, &r, f)
}

func checkFolders(m *config.Mailbox, r *imap.Report, f *findings) {
	about := "imap " + m.Name
	for _, fr := range r.Folders {
		if fr.Err != nil {
			f.add(about, problem, "folder %s: %v. The server has %s", fr.Name, fr.Err, nameSome(r.All))
			continue
		}
		f.add(about, fine, "folder %s: %d messages; at the first start %s", fr.Name, fr.Messages, sinceWords(m.Since, fr.Messages))
	}
	if r.Junk != "" && !slices.ContainsFunc(m.Folders, func(x config.Folder) bool { return strings.EqualFold(x.Name, r.Junk) }) {
		f.add(about, hint, "the junk folder %s is not watched: a customer's mail that lands there is found by nobody. Add {name: %s, junk: true} to folders", r.Junk, r.Junk)
	}
}

func sinceWords(s config.Since, n uint32) string {
	switch {
	case s.All:
		return "all of them are read; those older than reply.max_age are not answered"
	case s.Date.IsZero():
		return "none of them is read (since: now)"
	}
	return "those since " + s.Date.Format(time.DateOnly) + " are read"
}

func checkFiling(m *config.Mailbox, r *imap.Report, f *findings) {
	about := "filing " + m.Name
	switch m.Filing.How {
	case "move":
		if !r.Move {
			f.add(about, problem, "filing.how: move is refused: %v. Use keyword or leave", imap.ErrCannotMove)
			return
		}
		made := ""
		if !slices.Contains(r.All, m.Filing.Folder) {
			made = ", which is made when it is first needed"
		}
		f.add(about, fine, "recorded mail is moved to %s%s", m.Filing.Folder, made)
	case "keyword":
		for _, fr := range r.Folders {
			if fr.Err == nil && !fr.Keywords {
				f.add(about, problem, "filing.how: keyword is refused in %s: %v. Use leave, or move where the server can", fr.Name, imap.ErrCannotKeyword)
				return
			}
		}
		f.add(about, fine, "recorded mail gets the keyword %s", m.Filing.Keyword)
	default:
		f.add(about, fine, "mail stays as it is on the server")
	}
}

func checkSent(m *config.Mailbox, r *imap.Report, f *findings) {
	about := "sent " + m.Name
	name := or(m.Sent.Folder, r.Sent)
	switch {
	case m.Sent.Copy == "never":
		f.add(about, fine, "no copy of replies is kept on the server (sent.copy: never)")
	case m.Sent.Copy == "auto" && m.Sent.Folder == "" && app.FilesItself(r.Capabilities):
		f.add(about, fine, "the server keeps a copy of what it sends; none is appended")
	case name == "" && slices.Contains(r.All, "Sent"):
		f.add(about, fine, "a copy of each reply is appended to Sent")
	case name == "":
		f.add(about, hint, "the server marks no folder as Sent, and none is called so: name one in sent.folder, or set sent.copy: never. The server has %s", nameSome(r.All))
	case !slices.Contains(r.All, name):
		f.add(about, problem, "sent.folder: the server has no folder %s; it has %s", name, nameSome(r.All))
	default:
		f.add(about, fine, "a copy of each reply is appended to %s", name)
	}
}

// nameSome lists folders, the first of many.
func nameSome(names []string) string {
	const most = 12
	if len(names) == 0 {
		return "no folders"
	}
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and more"
	}
	return strings.Join(names, ", ")
}

// checkSMTP logs in; true when mail can be sent.
func checkSMTP(ctx context.Context, m *config.Mailbox, f *findings) bool {
	about := "smtp " + m.Name
	s, err := app.SendServer(m)
	if err != nil {
		f.add(about, problem, "%v", err)
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	c, err := s.Probe(ctx)
	if err != nil {
		f.add(about, problem, "%v. Check smtp.host, smtp.port, smtp.security and the login", err)
		return false
	}
	if m.SMTP.Auth == "none" {
		f.add(about, fine, "reached %s, without a login (smtp.auth: none)", c.Server)
	} else {
		f.add(about, fine, "logged in to %s as %s", c.Server, m.SMTP.Username)
	}
	if !c.Encrypted {
		f.add(about, hint, "WITHOUT encryption: what is sent can be read on the way (smtp.security: plain)")
	}
	switch {
	case c.MaxSize > 0 && c.MaxSize < 1<<20:
		f.add(about, hint, "the server takes mails of at most %d bytes; templates with pictures or attachments may not pass", c.MaxSize)
	case c.MaxSize > 0:
		f.add(about, fine, "takes mails of up to %d MB", c.MaxSize>>20)
	}
	return true
}

package mailtest

import (
	"bytes"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// Deliver hands mails to a user of the Dovecot by LMTP, over one connection, in their order.
func (d *Dovecot) Deliver(user string, raws ...[]byte) {
	d.t.Helper()
	if err := deliverLMTP(d.LMTP, user+"@support.example", raws); err != nil {
		d.t.Fatalf("delivering to %s: %v", user, err)
	}
}

func deliverLMTP(server, to string, raws [][]byte) error {
	netConn, err := net.Dial("tcp", server)
	if err != nil {
		return err
	}
	c := gosmtp.NewClientLMTP(netConn)
	defer func() { _ = c.Close() }()
	for i, raw := range raws {
		if err := c.SendMail("sender@customer.example", []string{to}, bytes.NewReader(raw)); err != nil {
			return fmt.Errorf("mail %d: %w", i+1, err)
		}
	}
	return c.Quit()
}

// Submit logs a user in at the Postfix (STARTTLS) and sends one mail.
func (p *Postfix) Submit(t testing.TB, d *Dovecot, user, from, to string, raw []byte) error {
	t.Helper()
	c, err := smtp.Dial(p.Submission)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = c.Close() }()
	tlsConfig := d.TLS()
	tlsConfig.ServerName = "localhost"
	if err := c.StartTLS(tlsConfig); err != nil {
		return fmt.Errorf("STARTTLS: %w", err)
	}
	if err := c.Auth(smtp.PlainAuth("", user, Secret, "127.0.0.1")); err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	if err := c.Mail(from); err != nil {
		return fmt.Errorf("MAIL: %w", err)
	}
	if err := c.Rcpt(to); err != nil {
		return fmt.Errorf("RCPT: %w", err)
	}
	w, err := c.Data()
	if err != nil {
		return fmt.Errorf("DATA: %w", err)
	}
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("sending the mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("end of data: %w", err)
	}
	return c.Quit()
}

// Fill puts many mails into a user's INBOX by way of its files, which is a hundred times faster than Deliver.
func (d *Dovecot) Fill(user string, raws ...[]byte) {
	d.t.Helper()
	d.Client(user).List("INBOX") // the login makes the folders
	dir := filepath.Join(d.dir, "mail", user, "Maildir")
	for i, raw := range raws {
		now := time.Now()
		name := fmt.Sprintf("%d.M%09dP%dQ%d.localhost,S=%d", now.Unix(), now.Nanosecond(), os.Getpid(), i, len(raw))
		tmp := filepath.Join(dir, "tmp", name)
		err := os.WriteFile(tmp, raw, 0o600)
		if err == nil {
			err = os.Chown(tmp, mailUID, mailUID)
		}
		if err == nil {
			err = os.Rename(tmp, filepath.Join(dir, "new", name))
		}
		if err != nil {
			d.t.Fatalf("filling the folder of %s: %v", user, err)
		}
	}
}

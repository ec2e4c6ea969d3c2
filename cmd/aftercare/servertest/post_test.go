package servertest

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest"
	"aftercare/internal/mailtest/memory"
	"aftercare/mailbox"
)

const secret = mailtest.Secret

// post is the mail servers of a test. Mail to support.example arrives in the mailbox of the address's local part; mail to
// nowhere.example comes back to its envelope sender.
type post interface {
	authority() []byte           // the certificate that clients trust, PEM
	imapKeys(user string) string // of the configuration, without the login
	smtpKeys(user string) string
	arrive(t testing.TB, user string, raws ...[]byte)
	folder(t testing.TB, user, name string) []stored
	flag(t testing.TB, user string, uid uint32, flags ...string)
	move(t testing.TB, user, from string, uid uint32, to string)
	renumber(t testing.TB, user string)
	inbox(t testing.TB, addr string) []received // what was delivered to an address that is not ours
}

// stored is a mail in a folder.
type stored struct {
	uid   uint32
	flags []string
	raw   []byte
}

// received is a mail that came to somebody.
type received struct {
	mailbox.Message
	envelope string // the sender of the envelope, "" is the null sender
	raw      []byte
}

func parse(raw []byte) mailbox.Message {
	return mailbox.Parse(bytes.NewReader(raw), int64(len(raw)), mailbox.DefaultLimits())
}

func keys(addr, security string) string {
	host, port, _ := net.SplitHostPort(addr)
	return fmt.Sprintf("host: %s, port: %s, security: %s, ca_file: ca.pem", host, port, security)
}

// memoryPost is the in-process servers: IMAP over TLS, SMTP with STARTTLS and a login.
type memoryPost struct {
	imap *memory.IMAP
	smtp *memory.SMTP
	cert *memory.Cert
	via  string // where the daemon reads, when not at imap itself
	by   string // where the daemon sends, when not to smtp itself
}

// newMemoryPost starts servers with the users support, service and parts; change may alter the SMTP server, and its Deliver
// is called besides the delivery that the post does.
func newMemoryPost(t testing.TB, change func(*memory.SMTPConfig)) *memoryPost {
	t.Helper()
	p := &memoryPost{}
	users := map[string]string{"support": secret, "service": secret, "parts": secret}
	var err error
	if p.cert, err = memory.NewCert(); err != nil {
		t.Fatal(err)
	}
	if p.imap, err = memory.StartIMAP(memory.IMAPConfig{Users: users, TLS: p.cert.Server(), Implicit: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.imap.Close() })
	cfg := memory.SMTPConfig{Users: users, TLS: p.cert.Server()}
	if change != nil {
		change(&cfg)
	}
	further := cfg.Deliver
	cfg.Deliver = func(d memory.Delivered) {
		p.deliver(t, d)
		if further != nil {
			further(d)
		}
	}
	if p.smtp, err = memory.StartSMTP(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.smtp.Close() })
	return p
}

func (p *memoryPost) deliver(t testing.TB, d memory.Delivered) {
	user, domain, _ := strings.Cut(d.To[0], "@")
	switch domain {
	case "support.example":
		p.put(t, user, memory.Trace(d, "mx.support.example"))
	case "nowhere.example":
		if back, _, ok := strings.Cut(d.From, "@"); ok {
			p.put(t, back, deliveryReport(d.From, d.To[0], d.Data))
		}
	}
}

func (p *memoryPost) put(t testing.TB, user string, raw []byte) uint32 {
	uid, err := p.imap.Append(user, "INBOX", raw, time.Time{})
	if err != nil {
		t.Errorf("delivering to %s: %v", user, err)
	}
	return uid
}

func (p *memoryPost) authority() []byte { return p.cert.CertPEM }

func (p *memoryPost) imapKeys(string) string {
	addr := p.via
	if addr == "" {
		addr = p.imap.Addr()
	}
	return keys(addr, "tls")
}

func (p *memoryPost) smtpKeys(string) string {
	addr := p.by
	if addr == "" {
		addr = p.smtp.Addr()
	}
	return keys(addr, "starttls")
}

func (p *memoryPost) arrive(t testing.TB, user string, raws ...[]byte) {
	for _, raw := range raws {
		p.put(t, user, raw)
	}
}

func (p *memoryPost) folder(_ testing.TB, user, name string) (out []stored) {
	for _, m := range p.imap.Messages(user, name) {
		out = append(out, stored{m.UID, m.Flags, m.Raw})
	}
	return out
}

func (p *memoryPost) flag(t testing.TB, user string, uid uint32, flags ...string) {
	t.Helper()
	if err := p.imap.SetFlags(user, "INBOX", uid, true, flags...); err != nil {
		t.Fatal(err)
	}
}

// move does what another client's MOVE does.
func (p *memoryPost) move(t testing.TB, user, from string, uid uint32, to string) {
	t.Helper()
	for _, m := range p.imap.Messages(user, from) {
		if m.UID != uid {
			continue
		}
		if _, err := p.imap.Append(user, to, m.Raw, m.Internal, m.Flags...); err != nil {
			t.Fatal(err)
		}
		if err := p.imap.Remove(user, from, uid); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *memoryPost) renumber(t testing.TB, user string) {
	t.Helper()
	if _, err := p.imap.Renumber(user, "INBOX"); err != nil {
		t.Fatal(err)
	}
}

func (p *memoryPost) inbox(_ testing.TB, addr string) (out []received) {
	for _, d := range p.smtp.Messages() {
		if len(d.To) == 1 && d.To[0] == addr {
			out = append(out, received{parse(d.Data), d.From, d.Data})
		}
	}
	return out
}

// realPost is Dovecot and Postfix: submission with a login (SASL by Dovecot), delivery by LMTP. Every address of the
// domains below is a mailbox of Dovecot.
type realPost struct {
	dovecot *mailtest.Dovecot
	postfix *mailtest.Postfix
}

func newRealPost(t testing.TB) *realPost {
	t.Helper()
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{})
	return &realPost{d, mailtest.StartPostfix(t, d, mailtest.PostfixConfig{
		Domains: []string{"support.example", "customer.example", "staff.example"},
		// What nobody takes is taken and returned, instead of being refused at RCPT.
		Extra: "smtpd_reject_unlisted_recipient = no\n",
	})}
}

func (p *realPost) authority() []byte { return p.dovecot.Cert.CertPEM }

// imapKeys: parts is read by way of STARTTLS, the others with TLS from the first byte.
func (p *realPost) imapKeys(user string) string {
	if user == "parts" {
		return keys(p.dovecot.IMAP, "starttls")
	}
	return keys(p.dovecot.IMAPS, "tls")
}

// smtpKeys: service sends with TLS from the first byte, the others by way of STARTTLS.
func (p *realPost) smtpKeys(user string) string {
	if user == "service" {
		return keys(p.postfix.SMTPS, "tls")
	}
	return keys(p.postfix.Submission, "starttls")
}

func (p *realPost) arrive(_ testing.TB, user string, raws ...[]byte) {
	p.dovecot.Deliver(user, raws...)
}

func (p *realPost) folder(_ testing.TB, user, name string) (out []stored) {
	for _, m := range p.dovecot.Client(user).List(name) {
		out = append(out, stored{m.UID, m.Flags, m.Raw})
	}
	return out
}

func (p *realPost) flag(_ testing.TB, user string, uid uint32, flags ...string) {
	p.dovecot.Client(user).Flag("INBOX", uid, flags...)
}

func (p *realPost) move(_ testing.TB, user, from string, uid uint32, to string) {
	p.dovecot.Client(user).Move(from, uid, to)
}

func (p *realPost) renumber(_ testing.TB, user string) { p.dovecot.Renumber(user) }

func (p *realPost) inbox(_ testing.TB, addr string) (out []received) {
	user, _, _ := strings.Cut(addr, "@")
	for _, m := range p.dovecot.Client(user).List("INBOX") {
		r := received{Message: parse(m.Raw), raw: m.Raw}
		r.envelope = strings.Trim(r.Header.Get("Return-Path"), "<> ")
		out = append(out, r)
	}
	return out
}

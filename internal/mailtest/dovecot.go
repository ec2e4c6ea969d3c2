package mailtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest/memory"
)

// Secret is the password of every account of the real servers.
const Secret = "secret"

// mailUID owns the mail: Debian's user mail.
const mailUID = 8

// DovecotConfig changes what a Dovecot is started with.
type DovecotConfig struct {
	// Capabilities takes the place of what the server announces after the login; "" leaves it.
	Capabilities string
	// Extra is added to the configuration file.
	Extra string
}

// Dovecot is a running Dovecot. Any user name logs in with Secret, and has Sent, Junk, Processed and Failed beside INBOX.
type Dovecot struct {
	Cert *memory.Cert
	// Host and port of plain IMAP with STARTTLS, of IMAP over TLS, of LMTP, and of the authentication for Postfix.
	IMAP, IMAPS, LMTP, SASL string

	t     testing.TB
	dir   string
	ports []int
	proc  *process
	key   []byte
}

// StartDovecot starts a Dovecot for the life of the test. It skips or fails the test as RequireServers does.
func StartDovecot(t testing.TB, cfg DovecotConfig) *Dovecot {
	t.Helper()
	RequireServers(t)
	cert, err := memory.NewCert()
	if err != nil {
		t.Fatal(err)
	}
	d := &Dovecot{t: t, Cert: cert, dir: tempDir(t), ports: freePorts(t, 4), key: []byte("a key for tokens that nobody else has")}
	d.IMAP, d.IMAPS, d.LMTP, d.SASL = addr(d.ports[0]), addr(d.ports[1]), addr(d.ports[2]), addr(d.ports[3])
	writeFile(t, d.dir, "tls/cert.pem", string(cert.CertPEM), 0o644)
	writeFile(t, d.dir, "tls/key.pem", string(cert.KeyPEM), 0o600)
	writeFile(t, d.dir, "oauth2.conf", d.expand(oauthConf), 0o644)
	writeFile(t, d.dir, "keys/default/HS256/default", base64.StdEncoding.EncodeToString(d.key), 0o644)
	writeFile(t, d.dir, "dovecot.conf", d.expand(dovecotConf)+cfg.lines(), 0o644)
	mail := filepath.Join(d.dir, "mail")
	if err := os.Mkdir(mail, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(mail, mailUID, mailUID); err != nil {
		t.Fatal(err)
	}
	d.Start()
	t.Cleanup(func() {
		if d.proc != nil {
			d.proc.kill() // nothing in the directory is needed any more, and a clean end takes a second
		}
		showLog(t, filepath.Join(d.dir, "log"))
	})
	return d
}

func (c DovecotConfig) lines() string {
	var b strings.Builder
	if c.Capabilities != "" {
		fmt.Fprintf(&b, "imap_capability = %s\n", c.Capabilities)
	}
	return b.String() + c.Extra
}

func (d *Dovecot) expand(s string) string {
	return strings.NewReplacer(
		"$DIR", d.dir,
		"$IMAPS_PORT", fmt.Sprint(d.ports[1]),
		"$IMAP_PORT", fmt.Sprint(d.ports[0]),
		"$LMTP_PORT", fmt.Sprint(d.ports[2]),
		"$SASL_PORT", fmt.Sprint(d.ports[3]),
		"$SECRET", Secret,
		"$UID", fmt.Sprint(mailUID),
	).Replace(s)
}

// Start starts the server after a Stop, on the same ports with the same mail.
func (d *Dovecot) Start() {
	d.t.Helper()
	p, err := startProcess(filepath.Join(d.dir, "output"), "dovecot", "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	if err == nil {
		d.proc = p
		err = p.awaitPorts(d.ports...)
	}
	if err != nil {
		out, _ := os.ReadFile(filepath.Join(d.dir, "output"))
		log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
		d.t.Fatalf("starting Dovecot: %v\n%s%s", err, out, log)
	}
}

// Stop stops the server; its mail stays.
func (d *Dovecot) Stop() {
	if d.proc != nil {
		d.proc.stop()
		d.proc = nil
	}
}

// Restart stops and starts the server.
func (d *Dovecot) Restart() {
	d.t.Helper()
	d.Stop()
	d.Start()
}

// Renumber gives every folder of a user a new UIDVALIDITY and its mails new UIDs, as a mailbox that was restored or
// rebuilt has. The server is down meanwhile.
func (d *Dovecot) Renumber(user string) {
	d.t.Helper()
	d.Stop()
	root := filepath.Join(d.dir, "mail", user, "Maildir")
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && (e.Name() == "dovecot-uidlist" || strings.HasPrefix(e.Name(), "dovecot.index")) {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.Start()
}

// TLS is the configuration of a client that trusts this server.
func (d *Dovecot) TLS() *tls.Config { return d.Cert.Client() }

// Token is a bearer token that the server takes for a user, for an hour.
func (d *Dovecot) Token(user string) string {
	enc := base64.RawURLEncoding
	head, _ := json.Marshal(map[string]string{"alg": "HS256", "typ": "JWT"})
	now := time.Now()
	body, _ := json.Marshal(map[string]any{
		"sub": user, "iss": tokenIssuer, "iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	signed := enc.EncodeToString(head) + "." + enc.EncodeToString(body)
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(signed))
	return signed + "." + enc.EncodeToString(mac.Sum(nil))
}

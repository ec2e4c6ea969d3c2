package imap

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"strconv"
	"time"
)

// Security is how a connection is protected.
type Security string

// The kinds of protection.
const (
	TLS      Security = "tls"      // TLS from the first byte, port 993
	StartTLS Security = "starttls" // upgraded before the login, port 143; a server without STARTTLS is refused
	Plain    Security = "plain"    // nothing is protected, port 143
)

// Auth is how the account logs in.
type Auth string

// The ways to log in.
const (
	Password    Auth = "password"    // AUTHENTICATE PLAIN where it is offered, else LOGIN
	XOAUTH2     Auth = "xoauth2"     // Google's and Microsoft's way to show a bearer token
	OAuthBearer Auth = "oauthbearer" // RFC 7628
)

// Folder is a folder to be watched.
type Folder struct {
	Name string
	Junk bool // what comes from here carries Raw.Junk
	Sent bool // the same with Raw.Sent: our own people's mail lies here
}

// Account says where the mail lies and how it is read. A field that is zero has the default named beside it.
type Account struct {
	Name     string // part of every Key; must not change while cursors are on record
	Host     string
	Port     int      // by Security
	Security Security // TLS
	TLS      *tls.Config
	Username string
	Auth     Auth // Password
	// Secret returns the password or the access token. It is called anew for each login, so that a token can be renewed.
	Secret  func(ctx context.Context) (string, error)
	Folders []Folder

	Poll           time.Duration // a search at least this often, with IDLE too: 2 minutes
	IdleRestart    time.Duration // IDLE is left and entered again after this long: 4 minutes
	CommandTimeout time.Duration // for an answer; for the next 64 KiB or mail of a FETCH: 1 minute
	RetryMin       time.Duration // the first pause between connections, after one at once: 1 second
	RetryMax       time.Duration // the longest pause: 2 minutes

	BatchMails   int    // most mails in one Deliver: 48; more only wait in memory
	BatchBytes   int64  // a batch that has reached this size is delivered: 8 MiB
	MemoryBytes  int64  // a larger body goes to a temporary file: 1 MiB
	MaxMailBytes int64  // a larger mail is Poisoned: 128 MiB
	SpoolDir     string // for the temporary files: os.TempDir()

	Version string       // told to servers that ask for an ID (RFC 2971)
	Log     *slog.Logger // slog.Default()
}

func (a Account) withDefaults() Account {
	if a.Security == "" {
		a.Security = TLS
	}
	if a.Auth == "" {
		a.Auth = Password
	}
	if a.Port == 0 {
		a.Port = 143
		if a.Security == TLS {
			a.Port = 993
		}
	}
	setDefault(&a.Poll, 2*time.Minute)
	setDefault(&a.IdleRestart, 4*time.Minute)
	setDefault(&a.CommandTimeout, time.Minute)
	setDefault(&a.RetryMin, time.Second)
	setDefault(&a.RetryMax, 2*time.Minute)
	setDefault(&a.BatchMails, 48)
	setDefault(&a.BatchBytes, 8<<20)
	setDefault(&a.MemoryBytes, 1<<20)
	setDefault(&a.MaxMailBytes, 128<<20)
	if a.Log == nil {
		a.Log = slog.Default()
	}
	return a
}

func setDefault[T ~int | ~int64](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

func (a *Account) addr() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

func (a *Account) tlsConfig() *tls.Config {
	c := a.TLS.Clone()
	if c == nil {
		c = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if c.ServerName == "" {
		c.ServerName = a.Host
	}
	return c
}

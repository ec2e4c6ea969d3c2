package mailtest

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// PostfixConfig says what a Postfix is started with.
type PostfixConfig struct {
	// Domains are delivered to Dovecot, to the user of the address's local part. nil is support.example.
	Domains []string
	// CatchAll maps a domain to the one address that gets its mail; the domain must stand in Domains.
	CatchAll map[string]string
	// Extra is added to main.cf.
	Extra string
}

// Postfix is a running Postfix that takes mail from those who log in at Dovecot, and delivers it there by LMTP. Mail to
// other domains is returned.
type Postfix struct {
	Submission string // host and port, with STARTTLS
	SMTPS      string // host and port, TLS from the first byte

	t     testing.TB
	dir   string
	ports []int
	proc  *process
}

// StartPostfix starts a Postfix for the life of the test. It skips or fails the test as RequireServers does.
func StartPostfix(t testing.TB, d *Dovecot, cfg PostfixConfig) *Postfix {
	t.Helper()
	RequireServers(t)
	p := &Postfix{t: t, dir: tempDir(t), ports: freePorts(t, 2)}
	p.Submission, p.SMTPS = addr(p.ports[0]), addr(p.ports[1])
	domains := cfg.Domains
	if domains == nil {
		domains = []string{"support.example"}
	}
	expand := strings.NewReplacer(
		"$DIR", p.dir, "$DOVECOT", d.dir, "$LMTP", d.LMTP, "$SASL", d.SASL,
		"$SUBMISSION", p.Submission, "$SMTPS", p.SMTPS, "$DOMAINS", strings.Join(domains, ", "),
	)
	var alias strings.Builder
	for domain, to := range cfg.CatchAll {
		fmt.Fprintf(&alias, "/@%s$/ %s\n", strings.ReplaceAll(domain, ".", `\.`), to)
	}
	writeFile(t, p.dir, "conf/main.cf", expand.Replace(mainCF)+cfg.Extra, 0o644)
	writeFile(t, p.dir, "conf/master.cf", expand.Replace(masterCF), 0o644)
	writeFile(t, p.dir, "conf/alias", alias.String(), 0o644)
	if err := makeQueue(p.dir); err != nil {
		t.Fatal(err)
	}
	p.Start()
	t.Cleanup(func() {
		p.Stop()
		showLog(t, p.log())
	})
	return p
}

// makeQueue makes the directories of the queue with their owners, as "postfix check" would, which takes three seconds.
func makeQueue(dir string) error {
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	group, err := user.LookupGroup("postdrop")
	if err != nil {
		return err
	}
	uid, uerr := strconv.Atoi(owner.Uid)
	drop, gerr := strconv.Atoi(group.Gid)
	if err := errors.Join(uerr, gerr); err != nil {
		return err
	}
	spool := filepath.Join(dir, "spool")
	type queueDir struct {
		path     string
		mode     os.FileMode
		uid, gid int
	}
	dirs := []queueDir{
		{spool, 0o755, 0, 0},
		{filepath.Join(dir, "data"), 0o700, uid, -1},
		{filepath.Join(spool, "pid"), 0o755, 0, 0},
		{filepath.Join(spool, "public"), 0o710, uid, drop},
		{filepath.Join(spool, "maildrop"), 0o730, uid, drop},
	}
	for _, name := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"} {
		dirs = append(dirs, queueDir{filepath.Join(spool, name), 0o700, uid, -1})
	}
	for _, d := range dirs {
		if err := os.Mkdir(d.path, d.mode); err != nil {
			return err
		}
		// The umask has had its say on Mkdir.
		if err := errors.Join(os.Chown(d.path, d.uid, d.gid), os.Chmod(d.path, d.mode)); err != nil {
			return err
		}
	}
	return nil
}

func (p *Postfix) log() string { return filepath.Join(p.dir, "mail.log") }

// Log is all that Postfix has logged so far.
func (p *Postfix) Log() string {
	b, _ := os.ReadFile(p.log())
	return string(b)
}

// master is Postfix's first process. It is started itself: the command "postfix" would put it into another session, out
// of reach of the cleanup.
const master = "/usr/lib/postfix/sbin/master"

// Start starts the server after a Stop, on the same ports with the same queue.
func (p *Postfix) Start() {
	p.t.Helper()
	conf := filepath.Join(p.dir, "conf")
	proc, err := startProcess(filepath.Join(p.dir, "output"), master, "-d", "-c", conf)
	if err == nil {
		p.proc = proc
		err = proc.awaitPorts(p.ports...)
	}
	if err != nil {
		out, _ := os.ReadFile(filepath.Join(p.dir, "output"))
		p.t.Fatalf("starting Postfix: %v\n%s%s", err, out, p.Log())
	}
}

// Stop stops the server; its queue stays.
func (p *Postfix) Stop() {
	if p.proc != nil {
		p.proc.stop()
		p.proc = nil
	}
}

const mainCF = `compatibility_level = 3.6
queue_directory = $DIR/spool
data_directory = $DIR/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks =
alias_maps =
alias_database =
virtual_mailbox_domains = $DOMAINS
virtual_mailbox_maps = static:ok
virtual_alias_maps = regexp:$DIR/conf/alias
virtual_transport = lmtp:inet:$LMTP
default_transport = error:no outbound mail from the test server
recipient_delimiter = +
smtpd_tls_cert_file = $DOVECOT/tls/cert.pem
smtpd_tls_key_file = $DOVECOT/tls/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:$SASL
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
maillog_file = $DIR/mail.log
maillog_file_prefixes = $DIR
notify_classes =
message_size_limit = 60000000
virtual_mailbox_limit = 0
`

const masterCF = `$SUBMISSION inet n - n - - smtpd
$SMTPS inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
proxymap  unix  -       -       n       -       -       proxymap
postlog   unix-dgram n  -       n       -       1       postlogd
`

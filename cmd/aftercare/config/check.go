package config

import (
	"fmt"
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"aftercare/internal/strictyaml"
)

// checker adds the program's own findings to those of the strict reading.
type checker struct {
	doc *strictyaml.Doc
	c   *Config
}

func (c *Config) check(doc *strictyaml.Doc) {
	k := &checker{doc: doc, c: c}
	k.company()
	k.oneOf("mode", c.Mode, "live", "shadow")
	k.optionalAddress("redirect_to", c.RedirectTo)
	k.secret("signing_key", c.SigningKey, false)
	k.mailboxes()
	k.numbers()
	k.people()
	k.staffTimes()
	k.offices()
	k.schedule()
	k.guard()
	k.rest()
}

func (k *checker) company() {
	c := &k.c.Company
	if c.Name == "" {
		k.doc.Bad("company.name", "", "is missing: expected the name that customers know")
	}
	loc, err := time.LoadLocation(c.TimeZone)
	if err != nil || c.TimeZone == "" {
		k.doc.Bad("company.time_zone", c.TimeZone, `expected a zone of the IANA database such as "Asia/Shanghai"`)
		loc = time.UTC
	}
	c.Location = loc
}

func (k *checker) mailboxes() {
	if len(k.c.Mailboxes) == 0 {
		k.doc.Bad("mailboxes", "", "expected at least one mailbox to watch")
	}
	names, addrs := map[string]bool{}, map[string]bool{}
	for i := range k.c.Mailboxes {
		m := &k.c.Mailboxes[i]
		at := fmt.Sprintf("mailboxes[%d]", i)
		if names[m.Name] {
			k.doc.Bad(at+".name", m.Name, "expected a name that no other mailbox has")
		}
		names[m.Name] = true
		for j, a := range append([]string{m.Address}, m.Aliases...) {
			key := at + ".address"
			if j > 0 {
				key = fmt.Sprintf("%s.aliases[%d]", at, j-1)
			}
			k.address(key, a)
			if addrs[strings.ToLower(a)] {
				k.doc.Bad(key, a, "expected an address that stands in the file once")
			}
			addrs[strings.ToLower(a)] = true
		}
		k.imap(at+".imap", m.IMAP)
		k.smtp(at+".smtp", m.SMTP)
		if m.Fallback != nil {
			k.smtp(at+".smtp_fallback", *m.Fallback)
		}
		k.oneOf(at+".filing.how", m.Filing.How, "leave", "keyword", "move")
		k.oneOf(at+".sent.copy", m.Sent.Copy, "auto", "always", "never")
		k.oneOf(at+".envelope", m.Envelope, "account", "null", "verp")
		folders := map[string]bool{}
		for j, f := range m.Folders {
			key := fmt.Sprintf("%s.folders[%d].name", at, j)
			if f.Junk && f.Sent {
				k.doc.Bad(fmt.Sprintf("%s.folders[%d]", at, j), f.Name, "expected junk or sent, not both")
			}
			if f.Name == "" || folders[f.Name] {
				k.doc.Bad(key, f.Name, "expected the name of a folder, each once")
			}
			folders[f.Name] = true
			if m.Filing.How == "move" && f.Name == m.Filing.Folder {
				k.doc.Bad(at+".filing.folder", f.Name, "expected a folder that is not watched itself")
			}
		}
	}
}

func (k *checker) imap(at string, s IMAP) {
	k.server(at, s.Host, s.Port, s.Security, s.CAFile)
	k.oneOf(at+".auth", s.Auth, "password", "xoauth2", "oauthbearer")
	k.login(at, s.Auth, s.Password, s.OAuth)
	k.between(at+".poll", s.Poll, time.Second, time.Hour)
	k.between(at+".idle_restart", s.IdleRestart, 10*time.Second, 28*time.Minute)
	k.between(at+".timeout", s.Timeout, time.Second, 30*time.Minute)
}

func (k *checker) smtp(at string, s SMTP) {
	k.server(at, s.Host, s.Port, s.Security, s.CAFile)
	k.oneOf(at+".auth", s.Auth, "password", "xoauth2", "oauthbearer", "none")
	if s.Auth != "none" {
		k.login(at, s.Auth, s.Password, s.OAuth)
	}
	k.between(at+".timeout", s.Timeout, time.Second, 30*time.Minute)
	if s.Connections < 1 || s.Connections > 50 {
		k.doc.Bad(at+".connections", fmt.Sprint(s.Connections), "expected 1 to 50")
	}
	k.atLeast(at+".rate.minute", s.Rate.Minute, 0)
	k.atLeast(at+".rate.day", s.Rate.Day, 0)
}

func (k *checker) server(at, host string, port int, security, ca string) {
	if host == "" {
		k.doc.Bad(at+".host", "", "is missing: expected the name of the server")
	}
	if port < 1 || port > 65535 {
		k.doc.Bad(at+".port", fmt.Sprint(port), "expected a port from 1 to 65535")
	}
	k.oneOf(at+".security", security, "tls", "starttls", "plain")
	if ca != "" {
		k.file(at+".ca_file", ca)
	}
}

func (k *checker) login(at, auth string, password Secret, o OAuth) {
	if auth == "password" {
		k.secret(at+".password", password, true)
		return
	}
	if o.TokenURL == "" || o.ClientID == "" {
		k.doc.Bad(at+".oauth", "", "expected token_url, client_id and refresh_token for auth "+auth)
	}
	k.secret(at+".oauth.refresh_token", o.RefreshToken, true)
	k.secret(at+".oauth.client_secret", o.ClientSecret, false)
}

// secret checks where a secret comes from, without reading or showing it.
func (k *checker) secret(at string, s Secret, needed bool) {
	if s.File != "" && s.Env != "" {
		k.doc.Bad(at, "", "expected file or env, not both")
	}
	if needed && !s.Given() {
		k.doc.Bad(at, "", "is missing: expected file (a path) or env (the name of an environment variable)")
	}
	if s.File != "" {
		k.file(at+".file", s.File)
	}
}

func (k *checker) file(at, path string) {
	if _, err := os.Stat(path); err != nil {
		k.doc.Bad(at, path, "expected a file that can be read")
	}
}

func (k *checker) numbers() {
	r := k.c.Reply
	k.between("reply.window", r.Window, time.Minute, 30*24*time.Hour)
	k.between("reply.max_age", r.MaxAge, time.Hour, 365*24*time.Hour)
	if r.Margin < 0 || r.Margin >= r.Window {
		k.doc.Bad("reply.margin", r.Margin.String(), "expected less than reply.window")
	}
	if len(r.Warnings) == 0 || !slices.IsSorted(r.Warnings) || r.Warnings[0] <= 0 || r.Warnings[len(r.Warnings)-1] != 100 {
		k.doc.Bad("reply.warnings", "", "expected ascending percentages of the window, the last of them 100")
	}
	for key, n := range map[string]int{"caps.case": k.c.Caps.Case, "caps.sender_2h": k.c.Caps.Sender2h, "caps.sender_day": k.c.Caps.SenderDay,
		"caps.domain_hour": k.c.Caps.Domain, "caps.total_hour": k.c.Caps.Total} {
		k.atLeast(key, n, 1)
	}
	v := k.c.Visits
	for key, d := range map[string]time.Duration{"visits.same_city": v.SameCity, "visits.same_province": v.SameProvince, "visits.elsewhere": v.Elsewhere, "visits.repeat": v.Repeat, "visits.before": v.Before} {
		k.between(key, d, time.Minute, 365*24*time.Hour)
	}
	k.between("visits.maintenance.lead", v.Maintenance.Lead, time.Hour, 365*24*time.Hour)
	if v.Maintenance.Hour >= 24*60 {
		k.doc.Bad("visits.maintenance.hour", "24:00", `expected a time of day such as "09:00"`)
	}
	l := k.c.Limits
	k.atLeast("limits.message", int(l.Message), 1<<16)
	k.atLeast("limits.depth", l.Depth, 2)
	k.atLeast("limits.parts", l.Parts, 2)
	k.atLeast("limits.header_bytes", int(l.HeaderBytes), 1<<14)
	k.atLeast("limits.text", int(l.Text), 1<<12)
	if c := k.c.Classes.Certainty; c < 0.5 || c > 1 {
		k.doc.Bad("classes.certainty", fmt.Sprint(c), "expected a share from 0.5 to 1")
	}
}

func (k *checker) people() {
	own := k.c.Own()
	seen := map[string]bool{}
	for i, s := range k.c.Staff {
		at := fmt.Sprintf("staff[%d]", i)
		if s.Name == "" || seen[s.Name] {
			k.doc.Bad(at+".name", s.Name, "expected a name that no other member of staff has")
		}
		seen[s.Name] = true
		k.address(at+".address", s.Address)
		if slices.ContainsFunc(own, func(a string) bool { return strings.EqualFold(a, s.Address) }) {
			k.doc.Bad(at+".address", s.Address, "expected an address that is not a watched mailbox: its notices would come back as mail")
		}
	}
	if len(k.c.Escalation) == 0 {
		k.doc.Bad("escalation", "", "expected the names of staff in the order in which they are told; without it nobody hears of a window at risk")
	}
	if k.c.ListFrom < 0 {
		k.doc.Bad("list_from", strconv.Itoa(k.c.ListFrom), "expected a number of mails, or 0 for never")
	}
	k.names("escalation", k.c.Escalation)
	k.steps("escalation_steps", k.c.Steps)
	k.names("alerts.mail", k.c.Alerts.Mail)
	for i, c := range k.c.Chains {
		at := fmt.Sprintf("chains[%d]", i)
		k.names(at+".to", c.To)
		k.steps(at+".steps", c.Steps)
		if len(c.To) == 0 {
			k.doc.Bad(at+".to", "", "expected at least one member of staff")
		}
		if c.Class == "" && c.Office == "" {
			k.doc.Bad(at, "", "expected a class or an office: the order for everything else is escalation")
		}
	}
}

func (k *checker) names(at string, names []string) {
	for i, n := range names {
		if _, ok := k.c.Address(n); !ok {
			k.doc.Bad(fmt.Sprintf("%s[%d]", at, i), n, "expected the name of a member of staff")
		}
	}
}

func (k *checker) offices() {
	centres := 0
	seen := map[string]bool{}
	for i, o := range k.c.Offices {
		at := fmt.Sprintf("offices[%d]", i)
		if o.Name == "" || seen[o.Name] {
			k.doc.Bad(at+".name", o.Name, "expected a name that no other office has")
		}
		seen[o.Name] = true
		if o.City == "" {
			k.doc.Bad(at+".city", "", "is missing: visits are due by the distance from it")
		}
		if o.Centre {
			centres++
		}
		k.names(at+".staff", o.Staff)
		k.calendarName(at+".calendar", o.Calendar)
	}
	if len(k.c.Offices) > 0 && centres != 1 {
		k.doc.Bad("offices", "", "expected exactly one office with centre: true (the customer service center)")
	}
	for i, c := range k.c.Chains {
		if c.Office != "" && !seen[c.Office] {
			k.doc.Bad(fmt.Sprintf("chains[%d].office", i), c.Office, "expected the name of an office")
		}
	}
	k.calendarName("person.calendar", k.c.Person.Calendar)
	for i := range k.c.Calendars {
		if _, err := k.c.Calendars[i].build(k.c.Company.Location); err != nil {
			k.doc.Bad(fmt.Sprintf("calendars[%d]", i), k.c.Calendars[i].Name, err.Error())
		}
	}
}

func (k *checker) calendarName(at, name string) {
	if name != "" && !slices.ContainsFunc(k.c.Calendars, func(c Calendar) bool { return c.Name == name }) {
		k.doc.Bad(at, name, "expected the name of a calendar")
	}
}

// schedule refuses a cron line that does not parse and one that never fires: robfig/cron accepts "0 0 31 2 *" and waits
// for ever.
func (k *checker) schedule() {
	k.digest()
	s, err := cron.ParseStandard(k.c.Schedule.Tick)
	if err != nil {
		k.doc.Bad("schedule.tick", k.c.Schedule.Tick, "expected a cron line of five fields such as \"* * * * *\" ("+err.Error()+")")
		return
	}
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	first := s.Next(from)
	if first.IsZero() {
		k.doc.Bad("schedule.tick", k.c.Schedule.Tick, "expected a time that comes: this line never fires")
		return
	}
	if second := s.Next(first); second.Sub(first) > 15*time.Minute {
		k.doc.Bad("schedule.tick", k.c.Schedule.Tick, "expected a line that fires at least every 15 minutes: warnings come with it")
	}
}

// digest refuses a line of the digest that does not parse or never fires; empty means no digest.
func (k *checker) digest() {
	line := k.c.Schedule.Digest
	if line == "" {
		return
	}
	s, err := cron.ParseStandard(line)
	if err != nil || s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		k.doc.Bad("schedule.digest", line, `expected a cron line of five fields such as "0 8 * * *", or nothing for no digest`)
	}
}

func (k *checker) guard() {
	for i, r := range k.c.Guard.Spam {
		at := fmt.Sprintf("guard.spam[%d]", i)
		if r.Header == "" {
			k.doc.Bad(at+".header", "", "is missing: expected the name of a header")
		}
		if _, err := regexp.Compile(r.Match); err != nil || r.Match == "" {
			k.doc.Bad(at+".match", r.Match, "expected a regular expression (RE2)")
		}
	}
	for key, p := range map[string]string{"guard.rules": k.c.Guard.Rules, "classes.file": k.c.Classes.File, "templates.dir": k.c.Templates.Dir, "places": k.c.Places} {
		if p != "" {
			k.file(key, p)
		}
	}
}

func (k *checker) rest() {
	k.oneOf("log.level", k.c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("log.format", k.c.Log.Format, "text", "json")
	k.secret("alerts.webhook.url", k.c.Alerts.Webhook.URL, false)
	k.secret("alerts.ping.url", k.c.Alerts.Ping.URL, false)
	k.between("alerts.after", k.c.Alerts.After, 0, 24*time.Hour)
	k.between("alerts.ping.every", k.c.Alerts.Ping.Every, 5*time.Second, 24*time.Hour)
}

func (k *checker) oneOf(at, v string, words ...string) {
	if !slices.Contains(words, v) {
		k.doc.Bad(at, v, "expected "+strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1])
	}
}

func (k *checker) between(at string, d, lo, hi time.Duration) {
	if d < lo || d > hi {
		k.doc.Bad(at, d.String(), fmt.Sprintf("expected %s to %s", lo, hi))
	}
}

func (k *checker) atLeast(at string, n, lo int) {
	if n < lo {
		k.doc.Bad(at, fmt.Sprint(n), fmt.Sprintf("expected %d or more", lo))
	}
}

func (k *checker) optionalAddress(at, a string) {
	if a != "" {
		k.address(at, a)
	}
}

func (k *checker) address(at, a string) {
	p, err := mail.ParseAddress(a)
	if err != nil || p.Address != a {
		k.doc.Bad(at, a, "expected a bare address such as support@example.com")
	}
}

// Package config reads the daemon's configuration file: strict YAML whose defaults are the policy's. It holds values and
// their checks; what they mean is decided in the rooms that they are handed to.
package config

import (
	"time"
)

// Config is the whole file. See config.example.yaml for what each key means; its defaults stand in Default.
type Config struct {
	Company    Company    `yaml:"company"`
	Data       string     `yaml:"data"`
	Mode       string     `yaml:"mode"`
	RedirectTo string     `yaml:"redirect_to"`
	SigningKey Secret     `yaml:"signing_key,secret"`
	Mailboxes  []Mailbox  `yaml:"mailboxes"`
	Reply      Reply      `yaml:"reply"`
	Person     Person     `yaml:"person"`
	Caps       Caps       `yaml:"caps"`
	Visits     Visits     `yaml:"visits"`
	Schedule   Schedule   `yaml:"schedule"`
	Staff      []Staff    `yaml:"staff"`
	Escalation []string   `yaml:"escalation"`
	Steps      []Step     `yaml:"escalation_steps"`
	ListFrom   int        `yaml:"list_from"`
	Missed     Missed     `yaml:"missed"`
	Chains     []Chain    `yaml:"chains"`
	Offices    []Office   `yaml:"offices"`
	Calendars  []Calendar `yaml:"calendars"`
	Guard      Guard      `yaml:"guard"`
	Classes    Classes    `yaml:"classes"`
	Templates  Templates  `yaml:"templates"`
	Places     string     `yaml:"places"`
	Health     Health     `yaml:"health"`
	Alerts     Alerts     `yaml:"alerts"`
	Limits     Limits     `yaml:"limits"`
	Log        Log        `yaml:"log"`
}

// Company is who the customers write to.
type Company struct {
	Name     string `yaml:"name"`
	TimeZone string `yaml:"time_zone"`
	Language string `yaml:"language"`
	Country  string `yaml:"country"`
	Phone    string `yaml:"phone"`

	Location *time.Location `yaml:"-"`
}

// Secret is a password or key that stands in a file or in the environment, never in the configuration itself.
type Secret struct {
	File string `yaml:"file"`
	Env  string `yaml:"env"`
}

// Mailbox is one watched account with its server for sending.
type Mailbox struct {
	Name     string   `yaml:"name"`
	Address  string   `yaml:"address"`
	Aliases  []string `yaml:"aliases"`
	FromName string   `yaml:"from_name"`
	IMAP     IMAP     `yaml:"imap"`
	SMTP     SMTP     `yaml:"smtp"`
	Fallback *SMTP    `yaml:"smtp_fallback"`
	Folders  []Folder `yaml:"folders"`
	Since    Since    `yaml:"since"`
	Filing   Filing   `yaml:"filing"`
	Sent     Sent     `yaml:"sent"`
	Envelope string   `yaml:"envelope"`
	Plus     bool     `yaml:"plus_addressing"`
}

// IMAP is how a mailbox is read.
type IMAP struct {
	Host        string        `yaml:"host"`
	Port        int           `yaml:"port"`
	Security    string        `yaml:"security"`
	CAFile      string        `yaml:"ca_file"`
	Username    string        `yaml:"username"`
	Auth        string        `yaml:"auth"`
	Password    Secret        `yaml:"password,secret"`
	OAuth       OAuth         `yaml:"oauth"`
	Poll        time.Duration `yaml:"poll"`
	IdleRestart time.Duration `yaml:"idle_restart"`
	Timeout     time.Duration `yaml:"timeout"`
}

// SMTP is how a mailbox sends.
type SMTP struct {
	Host        string        `yaml:"host"`
	Port        int           `yaml:"port"`
	Security    string        `yaml:"security"`
	CAFile      string        `yaml:"ca_file"`
	Username    string        `yaml:"username"`
	Auth        string        `yaml:"auth"`
	Password    Secret        `yaml:"password,secret"`
	OAuth       OAuth         `yaml:"oauth"`
	Helo        string        `yaml:"helo"`
	Connections int           `yaml:"connections"`
	Timeout     time.Duration `yaml:"timeout"`
	OneByOne    bool          `yaml:"one_by_one"`
	Rate        Rate          `yaml:"rate"`
}

// OAuth is where an access token comes from (XOAUTH2 and OAUTHBEARER).
type OAuth struct {
	TokenURL     string   `yaml:"token_url"`
	ClientID     string   `yaml:"client_id"`
	ClientSecret Secret   `yaml:"client_secret,secret"`
	RefreshToken Secret   `yaml:"refresh_token,secret"`
	Scopes       []string `yaml:"scopes"`
}

// Rate is a brake on mail to customers; 0 is no brake.
type Rate struct {
	Minute int `yaml:"minute"`
	Day    int `yaml:"day"`
}

// Folder is one watched folder.
type Folder struct {
	Name string `yaml:"name"`
	Junk bool   `yaml:"junk"`
	Sent bool   `yaml:"sent"`
}

// Filing is what happens to a message on the server once it is on record.
type Filing struct {
	How     string `yaml:"how"`
	Keyword string `yaml:"keyword"`
	Folder  string `yaml:"folder"`
}

// Sent is whether a copy of each reply is put into the Sent folder.
type Sent struct {
	Copy   string `yaml:"copy"`
	Folder string `yaml:"folder"`
}

// Reply is the promised first response (policy 4.2).
type Reply struct {
	Window   time.Duration `yaml:"window"`
	Margin   time.Duration `yaml:"margin"`
	Warnings []float64     `yaml:"warnings"`
	MaxAge   time.Duration `yaml:"max_age"`
}

// Person is the answer by a person; how long each class has stands with the class.
type Person struct {
	Calendar string `yaml:"calendar"`
}

// Caps bound the automatic replies.
type Caps struct {
	Case      int      `yaml:"case"`
	Sender2h  int      `yaml:"sender_2h"`
	SenderDay int      `yaml:"sender_day"`
	Domain    int      `yaml:"domain_hour"`
	Total     int      `yaml:"total_hour"`
	Freemail  []string `yaml:"freemail"`
}

// Visits is policy 4.3.
type Visits struct {
	SameCity     time.Duration `yaml:"same_city"`
	SameProvince time.Duration `yaml:"same_province"`
	Elsewhere    time.Duration `yaml:"elsewhere"`
	Repeat       time.Duration `yaml:"repeat"`
	Morning      ClockTime     `yaml:"morning"`
	Before       time.Duration `yaml:"before"`
	Maintenance  Maintenance   `yaml:"maintenance"`
}

// Maintenance is how the maintenance that contracts plan becomes visits.
type Maintenance struct {
	Lead    time.Duration `yaml:"lead"`
	Hour    ClockTime     `yaml:"hour"`
	Subject string        `yaml:"subject"`
}

// Schedule is the cron lines. They only wake the program: what is due is read from the record.
type Schedule struct {
	Tick   string `yaml:"tick"`
	Digest string `yaml:"digest"`
}

// Staff is one person or role who is told.
type Staff struct {
	Name     string `yaml:"name"`
	Address  string `yaml:"address"`
	Language string `yaml:"language"`
	Away     []Away `yaml:"away"`
}

// Chain is an escalation order for some of the cases.
type Chain struct {
	Class  string   `yaml:"class"`
	Office string   `yaml:"office"`
	To     []string `yaml:"to"`
	Steps  []Step   `yaml:"steps"`
}

// Office is a place that sends people out (policy 1.3, 4.3).
type Office struct {
	Name     string   `yaml:"name"`
	City     string   `yaml:"city"`
	Province string   `yaml:"province"`
	Phone    string   `yaml:"phone"`
	Staff    []string `yaml:"staff"`
	Centre   bool     `yaml:"centre"`
	Calendar string   `yaml:"calendar"`
}

// Calendar is office hours: days of the week, holidays and the days worked in exchange for them.
type Calendar struct {
	Name     string              `yaml:"name"`
	TimeZone string              `yaml:"time_zone"`
	Hours    map[string][]string `yaml:"hours"`
	Holidays []string            `yaml:"holidays"`
	MakeUp   map[string][]string `yaml:"make_up"`
}

// Guard is what the program must be told to tell people from machines.
type Guard struct {
	OwnHosts     []string   `yaml:"own_hosts"`
	StaffDomains []string   `yaml:"staff_domains"`
	TrustedLists []string   `yaml:"trusted_lists"`
	TrustedForms []string   `yaml:"trusted_forms"`
	AuthservIDs  []string   `yaml:"authserv_ids"`
	TrustedARC   []string   `yaml:"trusted_arc"`
	Spam         []SpamRule `yaml:"spam"`
	Rules        string     `yaml:"rules"`
}

// SpamRule is a header by which the mail server says that it is sure.
type SpamRule struct {
	Header string `yaml:"header"`
	Match  string `yaml:"match"`
}

// Classes is where the classes and their examples come from; empty means the built-in ones.
type Classes struct {
	File      string  `yaml:"file"`
	Certainty float64 `yaml:"certainty"`
}

// Templates is where the reply templates come from; empty means the built-in ones.
type Templates struct {
	Dir string `yaml:"dir"`
}

// Health is the optional listener.
type Health struct {
	Listen string `yaml:"listen"`
}

// Alerts is how the operator hears that the program itself is in trouble.
type Alerts struct {
	Mail    []string      `yaml:"mail"`
	Webhook Webhook       `yaml:"webhook"`
	Command []string      `yaml:"command"`
	Ping    Ping          `yaml:"ping"`
	After   time.Duration `yaml:"after"`
}

// Webhook is a URL that gets each alert as JSON by POST.
type Webhook struct {
	URL Secret `yaml:"url,secret"`
}

// Ping is a dead-man URL that is fetched while all is well.
type Ping struct {
	URL   Secret        `yaml:"url,secret"`
	Every time.Duration `yaml:"every"`
}

// Limits bound what a stranger sends.
type Limits struct {
	Message     int64 `yaml:"message"`
	Depth       int   `yaml:"depth"`
	Parts       int   `yaml:"parts"`
	HeaderBytes int64 `yaml:"header_bytes"`
	Text        int64 `yaml:"text"`
}

// Log is how run logs.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Default returns the configuration that an empty file stands for: the policy's numbers, no mailbox.
func Default() Config {
	return Config{
		Company: Company{TimeZone: "UTC", Language: "en"},
		Data:    "data",
		Mode:    "live",
		Reply:   Reply{Window: 2 * time.Hour, Margin: 30 * time.Minute, Warnings: []float64{50, 75, 100}, MaxAge: 72 * time.Hour},
		Caps:    Caps{Case: 1, Sender2h: 5, SenderDay: 10, Domain: 50, Total: 500},
		Visits: Visits{SameCity: 24 * time.Hour, SameProvince: 48 * time.Hour, Elsewhere: 72 * time.Hour, Repeat: 4 * time.Hour, Morning: 7 * 60, Before: 2 * time.Hour,
			Maintenance: Maintenance{Lead: 7 * 24 * time.Hour, Hour: 9 * 60, Subject: "Planned maintenance"}},
		ListFrom: 10,
		Missed:   Missed{Again: time.Hour, Summary: 2 * time.Hour},
		Schedule: Schedule{Tick: "* * * * *", Digest: "0 8 * * *"},
		Classes:  Classes{Certainty: 0.95},
		Alerts:   Alerts{After: 2 * time.Minute, Ping: Ping{Every: time.Minute}},
		Limits:   Limits{Message: 50 << 20, Depth: 32, Parts: 500, HeaderBytes: 1 << 20, Text: 1 << 20},
		Log:      Log{Level: "info", Format: "text"},
	}
}

// defaultMailbox fills what a mailbox leaves open.
func (m *Mailbox) fill() {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	dur := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&m.Name, m.Address)
	def(&m.IMAP.Security, "tls")
	def(&m.IMAP.Auth, "password")
	def(&m.IMAP.Username, m.Address)
	def(&m.SMTP.Host, m.IMAP.Host)
	def(&m.SMTP.Security, "starttls")
	def(&m.SMTP.Auth, m.IMAP.Auth)
	if m.SMTP.Auth != "none" {
		def(&m.SMTP.Username, m.IMAP.Username)
		if m.SMTP.Password == (Secret{}) {
			m.SMTP.Password = m.IMAP.Password
		}
	}
	if m.IMAP.Port == 0 {
		m.IMAP.Port = map[string]int{"tls": 993}[m.IMAP.Security]
		if m.IMAP.Port == 0 {
			m.IMAP.Port = 143
		}
	}
	m.SMTP.fill()
	if f := m.Fallback; f != nil {
		def(&f.Security, "starttls")
		def(&f.Auth, "password")
		if f.Auth != "none" {
			def(&f.Username, m.Address)
		}
		f.fill()
	}
	dur(&m.IMAP.Poll, time.Minute)
	dur(&m.IMAP.IdleRestart, 4*time.Minute)
	dur(&m.IMAP.Timeout, time.Minute)
	if len(m.Folders) == 0 {
		m.Folders = []Folder{{Name: "INBOX"}}
	}
	def(&m.Filing.How, "leave")
	def(&m.Filing.Keyword, "$Aftercare")
	def(&m.Filing.Folder, "Processed")
	def(&m.Sent.Copy, "auto")
	def(&m.Envelope, "account")
}

// fill sets what a server for sending leaves open and what does not depend on the mailbox.
func (s *SMTP) fill() {
	if s.Port == 0 {
		s.Port = map[string]int{"tls": 465, "plain": 25}[s.Security]
		if s.Port == 0 {
			s.Port = 587
		}
	}
	if s.Connections == 0 {
		s.Connections = 4
	}
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
}

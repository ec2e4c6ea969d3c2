package mailbox

import (
	"io"
	"strings"
	"time"
)

// Key is where a message lies on its server (RFC 9051, 2.3.1.1): the pair of UIDValidity and UID names it for good
// inside one folder of one account.
type Key struct {
	Account     string
	Folder      string
	UIDValidity uint32
	UID         uint32
}

// Raw is a message as the server handed it over. Body holds Size bytes; whoever made the Raw closes what is behind Body.
type Raw struct {
	Key
	Internal time.Time // INTERNALDATE, zero when unknown
	Size     int64
	Body     io.ReaderAt
	Answered bool // the server showed \Answered when the message was fetched
	Junk     bool // the folder is the junk folder
	Sent     bool // the folder is one that our own people's mail lies in
	// Ahead is what a taker that read the message ahead of its turn made of it; nil when nobody did.
	Ahead any
}

// Address is one mailbox of an address field (RFC 5322, 3.4). Addr is local@domain as written, without angle brackets;
// it is empty when the field had a name and no address.
type Address struct {
	Name string
	Addr string
}

// Key is the form that addresses are compared in: lower case, trimmed.
func (a Address) Key() string { return strings.ToLower(strings.TrimSpace(a.Addr)) }

// Domain is the part of Key after the last @, or "".
func (a Address) Domain() string {
	k := a.Key()
	if i := strings.LastIndexByte(k, '@'); i >= 0 {
		return k[i+1:]
	}
	return ""
}

// Field is one header field. Value is unfolded and RFC 2047-decoded UTF-8 with no line breaks in it; Raw is the value
// as it stood, unfolded only.
type Field struct {
	Name  string
	Value string
	Raw   string
}

// Header is the fields of a message in their order.
type Header []Field

// Get returns the decoded value of the first field called name (any case), or "".
func (h Header) Get(name string) string {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return h[i].Value
		}
	}
	return ""
}

// Has tells whether a field called name stands in the header, even an empty one.
func (h Header) Has(name string) bool {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return true
		}
	}
	return false
}

// All returns the decoded values of every field called name, top first.
func (h Header) All(name string) []string {
	var vs []string
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			vs = append(vs, h[i].Value)
		}
	}
	return vs
}

// Received is one trace line (RFC 5321, 4.4), as far as it could be read. By is lower case.
type Received struct {
	By   string
	From string
	Time time.Time
}

// Part is one leaf or branch of the MIME tree, in document order.
type Part struct {
	Depth       int
	Type        string // media type, lower case: "text/plain"
	Params      map[string]string
	Disposition string // "inline", "attachment" or ""
	Name        string // file name made safe: no path, no control characters; "" when none
	ContentID   string // without angle brackets
	Charset     string // the charset that the text was really decoded from
	Encoding    string // Content-Transfer-Encoding, lower case
	Size        int64  // decoded bytes
	Text        string // decoded text of a text/* part whose Disposition is not attachment, within Limits.Text
	Attachment  bool
	Header      Header // the part's own fields
}

// Attachment is what a person would see as a file of the mail.
type Attachment struct {
	Name   string
	Type   string
	Size   int64
	Inline bool
}

// ReportKind is the kind of a machine report that the MIME structure names.
type ReportKind string

// The report kinds.
const (
	ReportDelivery    ReportKind = "delivery"    // RFC 3464
	ReportDisposition ReportKind = "disposition" // RFC 8098, a read receipt
	ReportFeedback    ReportKind = "feedback"    // RFC 5965, an abuse report (ARF)
	ReportOther       ReportKind = "other"
)

// Report is the machine-readable part of a multipart/report.
type Report struct {
	Kind       ReportKind
	Action     string   // DSN: failed, delayed, delivered, relayed, expanded; the gravest of its recipients
	Status     string   // DSN: enhanced status code of that recipient
	Recipients []string // final or original recipients, bare addresses
	Diagnostic string
	// The returned header of the message that the report is about, nil when none came back.
	Original Header
}

// Calendar is what a text/calendar part says at its head (RFC 5546).
type Calendar struct {
	Method  string // upper case: REQUEST, REPLY, CANCEL, COUNTER ...
	Summary string
	UID     string
	Status  string // PARTSTAT of a reply
}

// Message is a mail as it is understood. Every string is valid UTF-8 without NUL; every slice may be empty.
type Message struct {
	Header     Header
	MessageID  string // without angle brackets; "" when absent or unreadable
	InReplyTo  []string
	References []string // at most Limits.References, the first and the newest kept
	From       []Address
	Sender     Address
	ReplyTo    []Address
	To         []Address
	Cc         []Address
	ReturnPath string // bare address; "" when absent or null
	NullSender bool   // Return-Path: <>
	Subject    string
	Date       time.Time // the Date field; zero when absent or unreadable
	Received   []Received

	Parts       []Part
	Attachments []Attachment
	Report      *Report
	Calendar    *Calendar
	Forwarded   []*Message // message/rfc822 parts, outermost first, header and text only, within Limits; no Hash, and their defects in ours
	Encrypted   bool
	Signed      bool

	Body Body

	Defects []string
	Hash    [32]byte // content hash: From, Date, Subject and folded decoded text; see Parse
}

// Body is the text of a message taken apart. New is what its writer wrote now. Where New says nothing by itself (a bare
// "please handle"), Quoted still holds the words below it.
type Body struct {
	Full       string // all readable text of the chosen alternative
	New        string // without quotes, signature and disclaimer
	Quoted     string // the quoted or inline-forwarded text, quote marks removed
	Signature  string
	Disclaimer string
	Forward    *InlineForward // the head of an inline forward, nil when there is none
}

// InlineForward is the header block that a mail program put above a message forwarded inline. Outlook and others put the
// same block above a mail that is only answered: Marked tells that a line called it a forward; else the subject or the
// inner sender (our own address, in an answer) has to tell.
type InlineForward struct {
	From    Address
	Subject string
	Text    string // what the inner mail's writer wrote, with the signature, without the mails below it
	Marked  bool
}

// Sender1 is the author a reply would be about: the first From with an address, else Sender, else the zero Address.
func (m *Message) Sender1() Address {
	for _, a := range m.From {
		if a.Addr != "" {
			return a
		}
	}
	return m.Sender
}

// Limits bounds what Parse reads from one message. The zero value of a field means DefaultLimits' value.
type Limits struct {
	Depth       int // nesting of multiparts and message/rfc822
	Parts       int
	HeaderBytes int64 // of one header block
	FieldBytes  int64 // of one field
	Text        int64 // decoded text kept of one part, and of Body.Full
	References  int
	Addresses   int
	Fields      int // header fields kept of one header block
	Defects     int // lines kept in Message.Defects
	Forwarded   int // message/rfc822 parts opened as messages of their own
}

// DefaultLimits are the limits that the daemon uses where its configuration names none.
func DefaultLimits() Limits {
	return Limits{
		Depth: 32, Parts: 500, HeaderBytes: 1 << 20, FieldBytes: 64 << 10, Text: 1 << 20, References: 100, Addresses: 500,
		Fields: 1000, Defects: 50, Forwarded: 20,
	}
}

// filled returns l with DefaultLimits' value in every field that is zero or less.
func (l Limits) filled() Limits {
	d := DefaultLimits()
	return Limits{
		Depth: orInt(l.Depth, d.Depth), Parts: orInt(l.Parts, d.Parts), HeaderBytes: orInt(l.HeaderBytes, d.HeaderBytes),
		FieldBytes: orInt(l.FieldBytes, d.FieldBytes), Text: orInt(l.Text, d.Text), References: orInt(l.References, d.References),
		Addresses: orInt(l.Addresses, d.Addresses), Fields: orInt(l.Fields, d.Fields), Defects: orInt(l.Defects, d.Defects),
		Forwarded: orInt(l.Forwarded, d.Forwarded),
	}
}

func orInt[T int | int64](v, def T) T {
	if v > 0 {
		return v
	}
	return def
}

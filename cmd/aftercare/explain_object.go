package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
)

// explained is one mail of `explain --json`: a stable interface. False is written, other empty fields may be absent.
type explained struct {
	File       string                `json:"file"`
	MessageID  string                `json:"message_id,omitempty"`
	From       string                `json:"from,omitempty"`
	ReplyTo    string                `json:"reply_to,omitempty"`
	Subject    string                `json:"subject,omitempty"`
	Received   string                `json:"received,omitempty"`
	Language   string                `json:"language,omitempty"`
	Machine    bool                  `json:"machine"`
	Kind       responder.Kind        `json:"kind,omitempty"`
	Reason     responder.Reason      `json:"reason,omitempty"`
	Evidence   []string              `json:"evidence,omitempty"`
	OpenCase   bool                  `json:"open_case"`
	Answer     bool                  `json:"answer"`
	Class      string                `json:"class,omitempty"`
	Also       []string              `json:"also,omitempty"`
	Confidence float64               `json:"confidence,omitempty"`
	Certain    bool                  `json:"certain"`
	Candidates []classify.Candidate  `json:"candidates,omitempty"`
	Because    []string              `json:"because,omitempty"`
	Text       string                `json:"text,omitempty"`
	Facts      *mailbox.Facts        `json:"facts,omitempty"`
	Entitled   string                `json:"entitlement,omitempty"`
	Rung       string                `json:"rung,omitempty"`
	Bounced    string                `json:"bounced_message_id,omitempty"`
	Thread     *explainedThread      `json:"thread,omitempty"`
	Template   string                `json:"template,omitempty"`
	Reply      *explainedReply       `json:"reply,omitempty"`
	Attached   []explainedAttachment `json:"attachments,omitempty"`
	Defects    []string              `json:"defects,omitempty"`
	Error      string                `json:"error,omitempty"`

	read bool // there is a mail to show, not only an error
}

type explainedThread struct {
	InReplyTo  string   `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
	Token      string   `json:"token,omitempty"` // the case that our signature in the mail proves
	Tags       []string `json:"tags,omitempty"`  // cases that the subject names, which proves nothing
}

type explainedReply struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

type explainedAttachment struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

func newExplained(file string, r *responder.Reading, d *responder.Decision) *explained {
	m, v := r.Message, r.Verdict
	e := &explained{
		File: file, MessageID: m.MessageID, From: m.Sender1().Addr, ReplyTo: v.ReplyTo.Addr, Subject: m.Subject,
		Received: r.Clock.UTC().Format(time.RFC3339), Language: or(r.Language, mailbox.Language(m.Body.New)),
		Machine: v.Kind.Machine(), Kind: v.Kind, Reason: d.Reason, Evidence: v.Evidence,
		OpenCase: d.Effects.Open != nil, Answer: d.Disposition == responder.Answered && len(d.Mails) > 0,
		Class: r.Class.Class, Also: r.Class.Also, Confidence: r.Class.Confidence, Certain: r.Class.Certain,
		Candidates: r.Class.Candidates, Because: r.Class.Because, Text: m.Body.New, Thread: threadOf(r), Defects: m.Defects, read: true,
	}
	if r.Facts != (mailbox.Facts{}) {
		e.Facts = &r.Facts
	}
	if c := d.Effects.Open; c != nil {
		e.Entitled, e.Rung = c.Entitlement, c.Rung
	}
	if v.Bounce != nil {
		e.Bounced = v.Bounce.MessageID
	}
	for _, a := range m.Attachments {
		e.Attached = append(e.Attached, explainedAttachment{a.Name, a.Type, a.Size})
	}
	for i := range d.Mails {
		if d.Mails[i].Lane == responder.LaneCustomer {
			e.Template, e.Reply = d.Mails[i].Template, replyOf(&d.Mails[i])
			break
		}
	}
	return e
}

func threadOf(r *responder.Reading) *explainedThread {
	t := explainedThread{References: r.Message.References}
	if ids := r.Message.InReplyTo; len(ids) > 0 {
		t.InReplyTo = ids[0]
	}
	switch {
	case len(r.Hints.Tokens) > 0:
		t.Token = responder.FormatCase(r.Hints.Tokens[0].Case)
	case r.Hints.Plus != nil:
		t.Token = responder.FormatCase(r.Hints.Plus.Case)
	}
	for _, n := range r.Hints.Tags {
		t.Tags = append(t.Tags, responder.FormatCase(n))
	}
	if t.InReplyTo == "" && t.Token == "" && len(t.References)+len(t.Tags) == 0 {
		return nil
	}
	return &t
}

// replyOf takes the words out of a composed mail, so that what is shown is what would be sent.
func replyOf(mail *responder.Mail) *explainedReply {
	m := mailbox.Parse(bytes.NewReader(mail.Raw), int64(len(mail.Raw)), mailbox.Limits{})
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Type == "text/plain" && !p.Attachment {
			return &explainedReply{Subject: mail.Subject, Text: strings.ReplaceAll(p.Text, "\r\n", "\n")}
		}
	}
	return &explainedReply{Subject: mail.Subject}
}

// print writes the finding for people.
func (e *explained) print(w io.Writer) {
	line := func(name, format string, args ...any) {
		if s := oneLine(fmt.Sprintf(format, args...)); s != "" {
			fmt.Fprintf(w, "  %-11s %s\n", name, s)
		}
	}
	fmt.Fprintln(w, oneLine(e.File))
	if e.Error != "" {
		line("error", "%s", e.Error)
		return
	}
	line("from", "%s", e.From)
	line("subject", "%s", e.Subject)
	line("received", "%s", e.Received)
	what := "machine"
	if !e.Machine {
		what = "person"
	}
	line("kind", "%s (%s)", e.Kind, what)
	line("evidence", "%s", strings.Join(e.Evidence, "; "))
	e.printClass(line)
	line("outcome", "%s", e.outcome())
	line("reason", "%s", e.Reason)
	line("about mail", "%s", e.Bounced)
	if e.Thread != nil {
		line("thread", "%s", strings.Join(append(e.Thread.Tags, or(e.Thread.Token, e.Thread.InReplyTo)), " "))
	}
	for _, a := range e.Attached {
		line("file", "%s (%s, %d bytes)", or(a.Name, "unnamed"), a.Type, a.Size)
	}
	line("defects", "%s", strings.Join(e.Defects, "; "))
	if e.Text != "" {
		fmt.Fprintf(w, "  %-11s\n%s", "new words", indented(e.Text, "    | "))
	}
	if e.Reply != nil {
		line("template", "%s", e.Template)
		line("reply", "%s", e.Reply.Subject)
		fmt.Fprint(w, indented(e.Reply.Text, "    > "))
	}
	fmt.Fprintln(w)
}

func (e *explained) printClass(line func(name, format string, args ...any)) {
	if e.Class == "" {
		return
	}
	sure := "unsure"
	if e.Certain {
		sure = "certain"
	}
	also := ""
	if len(e.Also) > 0 {
		also = "; also " + strings.Join(e.Also, ", ")
	}
	line("class", "%s (%.2f, %s)%s", e.Class, e.Confidence, sure, also)
	line("because", "%s", strings.Join(e.Because, "; "))
	if f := e.Facts; f != nil {
		line("facts", "%s", strings.Join(factWords(*f), ", "))
	}
	line("entitled", "%s %s", e.Entitled, e.Rung)
}

func factWords(f mailbox.Facts) []string {
	var out []string
	add := func(name, v string) {
		if v != "" {
			out = append(out, name+" "+v)
		}
	}
	add("serial", f.Serial)
	add("contract", f.Contract)
	add("phone", f.Phone)
	add("city", f.City)
	add("province", f.Province)
	return out
}

func (e *explained) outcome() string {
	switch {
	case e.Answer:
		return "a case is opened and answered at once, to " + or(e.ReplyTo, "nobody")
	case e.Reply != nil:
		return "a case is opened; a reply is written and not sent by itself"
	case e.OpenCase:
		return "a case is opened and left to a person, who is told at once"
	}
	return "recorded, no case, no answer"
}

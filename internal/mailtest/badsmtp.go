package mailtest

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// What an SMTP server of a script can do in the place of an answer.
const (
	ReplyDrop = "DROP" // close the connection
	ReplyHang = "HANG" // say nothing for ever
	// A reply that ends in ThenDrop is sent, and the connection closed behind it.
	ThenDrop = "\x00DROP"
)

// BadSMTP is an SMTP server, in plain text, whose answers are given. A field that is "" has the ordinary answer.
type BadSMTP struct {
	Addr string

	Greeting, Ehlo, Mail, Rcpt, Data string
	Dot                              string // the answer to end-of-data
	Rset, Noop, Quit                 string
	// Answer, when set, is asked first: the number of the connection, the command ("DOT" for end-of-data) and its line.
	// "" leaves the answer to the fields. It runs on many goroutines.
	Answer func(n int, command, line string) string

	mu    sync.Mutex
	mails []string
	log   []string
}

// StartBadSMTP starts the server for the life of the test; change sets its answers.
func StartBadSMTP(t testing.TB, change func(*BadSMTP)) *BadSMTP {
	t.Helper()
	b := &BadSMTP{}
	if change != nil {
		change(b)
	}
	b.Addr = StartScript(t, b.serve)
	return b
}

// Mails are the mails whose end-of-data was seen, whatever was answered.
func (b *BadSMTP) Mails() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// Commands are the lines that clients have sent, without the mails.
func (b *BadSMTP) Commands() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.log)
}

func (b *BadSMTP) serve(k *Talk) {
	b.reply(k, "CONNECT", "", b.Greeting, "220 localhost ESMTP")
	for {
		line := k.Line()
		b.mu.Lock()
		b.log = append(b.log, line)
		b.mu.Unlock()
		name := strings.ToUpper(firstWord(line))
		switch name {
		case "EHLO", "HELO":
			b.reply(k, name, line, b.Ehlo, "250-localhost\r\n250 8BITMIME")
		case "MAIL":
			b.reply(k, name, line, b.Mail, "250 2.1.0 ok")
		case "RCPT":
			b.reply(k, name, line, b.Rcpt, "250 2.1.5 ok")
		case "DATA":
			if strings.HasPrefix(b.reply(k, name, line, b.Data, "354 go on"), "354") {
				b.take(k)
				b.reply(k, "DOT", "", b.Dot, "250 2.0.0 queued")
			}
		case "RSET":
			b.reply(k, name, line, b.Rset, "250 2.0.0 ok")
		case "NOOP":
			b.reply(k, name, line, b.Noop, "250 2.0.0 ok")
		case "QUIT":
			b.reply(k, name, line, b.Quit, "221 2.0.0 bye")
			return
		default:
			k.Send("502 5.5.1 unknown\r\n")
		}
	}
}

func (b *BadSMTP) take(k *Talk) {
	var mail strings.Builder
	for line := k.Line(); line != "."; line = k.Line() {
		mail.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
	}
	b.mu.Lock()
	b.mails = append(b.mails, mail.String())
	b.mu.Unlock()
}

// reply does what is said for a command, and returns it.
func (b *BadSMTP) reply(k *Talk, command, line, given, ordinary string) string {
	answer := ""
	if b.Answer != nil {
		answer = b.Answer(k.N, command, line)
	}
	if answer == "" {
		answer = given
	}
	if answer == "" {
		answer = ordinary
	}
	switch answer {
	case ReplyDrop:
		k.Drop()
	case ReplyHang:
		k.Hang()
	}
	text, drop := strings.CutSuffix(answer, ThenDrop)
	k.Send("%s\r\n", text)
	if drop {
		k.Drop()
	}
	return text
}

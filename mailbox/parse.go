package mailbox

import (
	"io"
	"strings"
	"time"
)

// maxReceived bounds Message.Received; RFC 5321, 6.3 takes a hundred hops for a loop.
const maxReceived = 100

// Parse reads the size bytes of body as a mail. It never fails: what is wrong with the bytes is named in Defects, and the
// limits bound what is kept, so that memory beyond the input stays small however large the mail. Attachments are counted,
// not kept. body is not closed, and not needed any more when Parse returns.
//
// Hash is the content hash without an arrival time; see ContentHash.
func Parse(body io.ReaderAt, size int64, lim Limits) Message {
	lim = lim.filled()
	faults := defects{limit: lim.Defects}
	var m Message
	b := spareBuffers.Get().(*buffers)
	w := newWalker(b.lines(body, size), b, lim, &faults)
	w.run(&m)
	w.finish(&m)
	b.release(w)
	m.Hash = m.contentHash()
	m.Defects = faults.list
	return m
}

// finish derives from the header and the parts of m all else that a Message says.
func (w *walker) finish(m *Message) {
	w.fields(m)
	m.marks()
	m.attachments()
	m.Report = readReport(m)
	m.Calendar = readCalendar(m)
	m.Body = cutBody(m.chooseText(int(w.lim.Text)))
	m.forwardedOnly()
}

// forwardedOnly lets a mail that is nothing but another mail speak through it: the words below are those of the mail
// inside, marked as such.
func (m *Message) forwardedOnly() {
	if strings.TrimSpace(m.Body.Full) != "" || len(m.Forwarded) == 0 || m.Report != nil {
		return
	}
	in := m.Forwarded[0]
	text := in.Body.Full
	if strings.TrimSpace(text) == "" {
		text = in.Body.Quoted
	}
	m.Body.Quoted = text
	m.Body.Forward = &InlineForward{From: in.Sender1(), Subject: in.Subject, Text: text}
}

// fields fills what the header says. Where a field that must stand once stands twice, the first counts.
func (w *walker) fields(m *Message) {
	var seen [5]bool
	once := func(i int, name string) bool {
		if seen[i] {
			w.faults.add("header: more than one " + name)
			return false
		}
		seen[i] = true
		return true
	}
	var low [16]byte
	for i := range m.Header {
		f := &m.Header[i]
		switch string(lowerName(low[:], f.Name)) {
		case "from":
			if once(0, "From") || len(m.From) == 0 {
				m.From = w.addresses(f.Raw)
			}
		case "sender":
			if as := w.addresses(f.Raw); len(as) > 0 && m.Sender == (Address{}) {
				m.Sender = as[0]
			}
		case "reply-to":
			if once(1, "Reply-To") {
				m.ReplyTo = w.addresses(f.Raw)
			}
		case "to":
			m.To = w.more(m.To, f.Raw)
		case "cc":
			m.Cc = w.more(m.Cc, f.Raw)
		case "subject":
			if once(2, "Subject") || m.Subject == "" {
				m.Subject = collapse(f.Value)
			}
		case "date":
			if once(3, "Date") || m.Date.IsZero() {
				m.Date = w.date(f.Raw)
			}
		case "message-id":
			if once(4, "Message-ID") && m.MessageID == "" {
				m.MessageID = messageID(f.Raw)
			}
		case "in-reply-to":
			m.InReplyTo = appendIDs(m.InReplyTo, f.Raw, w.lim.References)
		case "references":
			m.References = appendIDs(m.References, f.Raw, w.lim.References)
		case "return-path":
			if m.ReturnPath == "" && !m.NullSender {
				m.ReturnPath, m.NullSender = returnPath(f.Raw)
			}
		case "received":
			if len(m.Received) < maxReceived {
				m.Received = append(m.Received, parseReceived(f.Raw))
			}
		}
	}
}

// lowerName writes the lower case of a field name into dst, or returns nothing where the name is longer than dst.
func lowerName(dst []byte, name string) []byte {
	if len(name) > len(dst) {
		return nil
	}
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst[i] = c
	}
	return dst[:len(name)]
}

func (w *walker) date(raw string) time.Time {
	t, ok := parseDate(raw)
	if !ok && strings.TrimSpace(raw) != "" {
		w.faults.add("header: unreadable Date")
	}
	return t
}

func (w *walker) addresses(raw string) []Address { return w.more(nil, raw) }

// more reads the addresses of one field and appends them, within the limit for all fields of a name.
func (w *walker) more(have []Address, raw string) []Address {
	as, over := parseAddresses(raw, w.lim.Addresses-len(have))
	if over {
		w.faults.addf("header: more than %d addresses", w.lim.Addresses)
	}
	if have == nil {
		return as
	}
	return append(have, as...)
}

// returnPath reads a Return-Path: the bare address, or null for <>.
func returnPath(raw string) (addr string, null bool) {
	if i := strings.IndexByte(raw, '<'); i >= 0 && strings.HasPrefix(strings.TrimSpace(raw[i+1:]), ">") {
		return "", true
	}
	as, _ := parseAddresses(raw, 1)
	if len(as) == 0 {
		return "", false
	}
	return orStr(as[0].Addr, as[0].Name), false
}

// marks sets Encrypted and Signed from the types of the parts and from the armour lines of inline OpenPGP.
func (m *Message) marks() {
	for i := range m.Parts {
		p := &m.Parts[i]
		switch p.Type {
		case "multipart/encrypted", "application/pgp-encrypted":
			m.Encrypted = true
		case "multipart/signed", "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature":
			m.Signed = true
		case "application/pkcs7-mime", "application/x-pkcs7-mime":
			switch strings.ToLower(p.Params["smime-type"]) {
			case "signed-data":
				m.Signed = true
			case "certs-only":
			default:
				m.Encrypted = true
			}
		}
		if strings.Contains(p.Text, "-----BEGIN PGP ") {
			m.Encrypted = m.Encrypted || strings.Contains(p.Text, "-----BEGIN PGP MESSAGE-----")
			m.Signed = m.Signed || strings.Contains(p.Text, "-----BEGIN PGP SIGNED MESSAGE-----")
		}
	}
}

// attachments lists what a person would see as files.
func (m *Message) attachments() {
	for i := range m.Parts {
		p := &m.Parts[i]
		if !p.Attachment || p.multipart() {
			continue
		}
		a := Attachment{Name: p.Name, Type: p.Type, Size: p.Size, Inline: p.Disposition != "attachment" && p.ContentID != ""}
		m.Attachments = append(m.Attachments, a)
	}
}

// collapse turns every run of white space into one space and trims.
func collapse(s string) string {
	if !strings.ContainsAny(s, "\t\r\n") && !strings.Contains(s, "  ") && strings.TrimSpace(s) == s {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

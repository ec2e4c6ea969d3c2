package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/emersion/go-message"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/store"
)

// draftArgs name a held reply.
type draftArgs struct {
	Case caseArg `arg:"" help:"The case."`
	Mail int64   `help:"The number of the reply, where a case holds several." placeholder:"N"`
}

// find returns the number of the held reply that is meant.
func (d draftArgs) find(ctx context.Context, st *store.Store, id int64) (int64, error) {
	mails, err := st.MailsOfCase(ctx, id)
	if err != nil {
		return 0, err
	}
	var drafts []int64
	for _, m := range mails {
		if m.State == store.StateDraft && (d.Mail == 0 || m.ID == d.Mail) {
			drafts = append(drafts, m.ID)
		}
	}
	switch len(drafts) {
	case 0:
		return 0, fmt.Errorf("%s holds no reply that waits: `aftercare case list --held` shows those that do", responder.FormatCase(id))
	case 1:
		return drafts[0], nil
	}
	return 0, usagef("%s holds several replies: choose one with --mail: %s", responder.FormatCase(id), strings.Trim(fmt.Sprint(drafts), "[]"))
}

type caseSendCmd struct {
	writeFlags
	draftArgs
}

func (k *caseSendCmd) Run(env *environment) error {
	return k.onCase(env, k.Case, "the reply goes out", func(st *store.Store, id int64) error {
		draft, err := k.find(env.ctx, st, id)
		if err != nil {
			return err
		}
		return st.ReleaseDraft(env.ctx, draft, nil, k.who(), env.now())
	})
}

type caseDropCmd struct {
	writeFlags
	draftArgs
	Why string `help:"Why, for the record." placeholder:"TEXT"`
}

func (k *caseDropCmd) Run(env *environment) error {
	return k.onCase(env, k.Case, "the reply is dropped; a person's answer is still owed", func(st *store.Store, id int64) error {
		draft, err := k.find(env.ctx, st, id)
		if err != nil {
			return err
		}
		return st.DropDraft(env.ctx, draft, k.who(), k.Why, env.now())
	})
}

type caseEditCmd struct {
	writeFlags
	draftArgs
	Text string `help:"A file with the new words, or - for standard input." required:"" placeholder:"FILE"`
}

func (*caseEditCmd) Help() string {
	return "`aftercare case show CASE --text` prints the words as they are now: save them, change them, and hand them in. The mail keeps its subject and its place in the " +
		"conversation; it goes out as plain text."
}

// maxDraft bounds the words of one reply.
const maxDraft = 256 << 10

func (k *caseEditCmd) Run(env *environment) error {
	words, err := k.words(env)
	if err != nil {
		return err
	}
	return k.onCase(env, k.Case, "the reply goes out with the new words", func(st *store.Store, id int64) error {
		draft, err := k.find(env.ctx, st, id)
		if err != nil {
			return err
		}
		job, err := st.Job(env.ctx, draft)
		if err != nil {
			return err
		}
		raw, err := withWords(job.Raw, words)
		if err != nil {
			return err
		}
		return st.ReleaseDraft(env.ctx, draft, raw, k.who(), env.now())
	})
}

func (k *caseEditCmd) words(env *environment) (string, error) {
	in := env.in
	if k.Text != "-" {
		f, err := os.Open(k.Text)
		if err != nil {
			return "", usageError{fmt.Errorf("reading the new words: %w", err)}
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxDraft+1))
	if err != nil {
		return "", fmt.Errorf("reading the new words: %w", err)
	}
	words := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(string(b), "\ufffd"), "\r\n", "\n"))
	switch {
	case len(b) > maxDraft:
		return "", usagef("the new words are longer than %d KB", maxDraft>>10)
	case words == "":
		return "", usagef("the new words are empty; `aftercare case drop` drops a reply")
	}
	return words + "\n", nil
}

// withWords puts other words into a composed mail. Its header stays, but for what called it automatic: a person wrote it.
func withWords(raw []byte, words string) ([]byte, error) {
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("reading the held reply: %w", err)
	}
	h := e.Header.Copy()
	h.Del("Auto-Submitted")
	h.Del("X-Auto-Response-Suppress")
	h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	var b bytes.Buffer
	w, err := message.CreateWriter(&b, h)
	if err != nil {
		return nil, fmt.Errorf("composing the reply: %w", err)
	}
	if _, err := io.WriteString(w, strings.ReplaceAll(words, "\n", "\r\n")); err != nil {
		return nil, fmt.Errorf("composing the reply: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("composing the reply: %w", err)
	}
	return b.Bytes(), nil
}

// draftWords are the words of a held reply.
func draftWords(ctx context.Context, st *store.Store, id int64) (string, error) {
	job, err := st.Job(ctx, id)
	if err != nil {
		return "", err
	}
	m := mailbox.Parse(bytes.NewReader(job.Raw), int64(len(job.Raw)), mailbox.Limits{})
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Type == "text/plain" && !p.Attachment {
			return p.Text, nil
		}
	}
	return "", nil
}

package imap_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"aftercare/mailbox/imap"
)

func testFiling(t *testing.T, srv server) {
	for i := range 4 {
		srv.add(t, "INBOX", text(i), time.Time{})
	}
	srv.flag(t, "INBOX", 4, `\Deleted`) // by a person: it must survive
	s := newSink(t)
	w := watching(t, srv, s, nil)
	s.until("four mails", func() bool { return s.count() == 4 })
	ctx := t.Context()
	steps := []struct {
		name string
		how  imap.Filing
		uid  uint32
	}{
		{"leave", imap.Filing{Mode: imap.Leave}, 1},
		{"keyword", imap.Filing{Mode: imap.Keyword, Target: "Aftercare"}, 1},
		{"keyword again", imap.Filing{Mode: imap.Keyword, Target: "Aftercare"}, 1},
		{"move", imap.Filing{Mode: imap.Move, Target: "Processed"}, 2},
		{"move again, when it is gone", imap.Filing{Mode: imap.Move, Target: "Processed"}, 2},
		{"move to a folder that is not there yet", imap.Filing{Mode: imap.Move, Target: "Done"}, 3},
	}
	for _, st := range steps {
		if err := w.File(ctx, st.how, s.key("INBOX", st.uid)); err != nil {
			t.Fatalf("%s: %v", st.name, err)
		}
	}
	l := srv.list(t, "INBOX")
	if len(l) != 2 || l[0].UID != 1 || l[1].UID != 4 {
		t.Fatalf("INBOX holds %v, want UID 1 and 4", l)
	}
	if !slices.Contains(l[0].Flags, "Aftercare") {
		t.Errorf("UID 1 has flags %v", l[0].Flags)
	}
	for _, folder := range []string{"Processed", "Done"} {
		if n := len(srv.list(t, folder)); n != 1 {
			t.Errorf("%s holds %d mails, want 1", folder, n)
		}
	}
	wrong := s.key("INBOX", 1)
	wrong.UIDValidity++
	if err := w.File(ctx, imap.Filing{Mode: imap.Move, Target: "Processed"}, wrong); !errors.Is(err, imap.ErrGone) {
		t.Errorf("a key of another UIDVALIDITY gives %v, want ErrGone", err)
	}
	if err := w.File(ctx, imap.Filing{Mode: "burn"}, s.key("INBOX", 1)); err == nil {
		t.Error("an unknown mode was taken")
	}
}

func testAnswered(t *testing.T, srv server) {
	for i := range 3 {
		srv.add(t, "INBOX", text(i), time.Time{})
	}
	s := newSink(t)
	w := watching(t, srv, s, nil)
	s.until("three mails", func() bool { return s.count() == 3 })
	ctx := t.Context()
	one, two, three := s.key("INBOX", 1), s.key("INBOX", 2), s.key("INBOX", 3)
	got, err := w.Answered(ctx, one, two, three)
	if err != nil || len(got) != 3 || got[one] || got[two] {
		t.Fatalf("before anybody answered: %v, %v", got, err)
	}
	// The connection has the folder open while others change it.
	srv.flag(t, "INBOX", 2, `\Answered`)
	srv.remove(t, "INBOX", 3)
	got, err = w.Answered(ctx, one, two, three)
	if err != nil {
		t.Fatal(err)
	}
	if _, there := got[three]; there || got[one] || !got[two] {
		t.Errorf("after a person answered UID 2 and removed UID 3: %v", got)
	}
	// A mail that came after the folder was opened.
	srv.add(t, "INBOX", text(4), time.Time{}, `\Answered`)
	four := s.key("INBOX", 4)
	if got, err = w.Answered(ctx, four); err != nil || !got[four] {
		t.Errorf("a new mail that is answered: %v, %v", got, err)
	}
	srv.restart(t)
	if got, err = w.Answered(ctx, four); err != nil || !got[four] {
		t.Errorf("after the connection broke: %v, %v", got, err)
	}
}

func testAppend(t *testing.T, srv server) {
	w := watching(t, srv, newSink(t), nil)
	ctx := t.Context()
	for i, want := range []bool{true, false} {
		did, err := w.Append(ctx, "Sent", text(7), "7@customer.example", `\Seen`)
		if err != nil || did != want {
			t.Errorf("append number %d: %v, %v, want %v", i+1, did, err, want)
		}
	}
	l := srv.list(t, "Sent")
	if len(l) != 1 || string(l[0].Raw) != string(text(7)) || !slices.Contains(l[0].Flags, `\Seen`) {
		t.Errorf("Sent holds %v", l)
	}
	for id, want := range map[string]bool{"7@customer.example": true, "77@customer.example": false, "@customer.example": false} {
		if got, err := w.HasMessageID(ctx, "Sent", id); err != nil || got != want {
			t.Errorf("HasMessageID(%q) = %v, %v, want %v", id, got, err, want)
		}
	}
	if _, err := w.Append(ctx, "No such folder", text(8), ""); err == nil {
		t.Error("an append to no folder succeeded")
	}
	// The refusal has not hurt the connection.
	if did, err := w.Append(ctx, "Sent", text(8), "8@customer.example"); err != nil || !did {
		t.Errorf("append after a refusal: %v, %v", did, err)
	}
}

func testFetchAgain(t *testing.T, srv server) {
	uid := srv.add(t, "INBOX", text(1), time.Time{})
	s := newSink(t)
	w := watching(t, srv, s, nil)
	s.until("the mail", func() bool { return s.count() == 1 })
	raw, done, err := w.Fetch(t.Context(), s.key("INBOX", uid))
	if err != nil || raw.Size != int64(len(text(1))) {
		t.Errorf("fetched %+v, %v", raw, err)
	}
	done()
	if _, _, err := w.Fetch(t.Context(), s.key("INBOX", uid+100)); !errors.Is(err, imap.ErrNoBody) {
		t.Errorf("an absent mail gives %v, want ErrNoBody", err)
	}
}

func testProbe(t *testing.T, srv server) {
	srv.add(t, "INBOX", text(1), time.Time{})
	a := srv.account()
	a.Name, a.Folders = "acct", []imap.Folder{{Name: "INBOX"}, {Name: "Nowhere"}}
	w, err := imap.New(a, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !r.Idle || !r.Move || !r.Encrypted || r.Sent != "Sent" || r.Junk != "Junk" || len(r.Does) == 0 {
		t.Errorf("report is %+v", r)
	}
	if f := r.Folders[0]; f.Err != nil || f.Messages != 1 || f.UIDNext != 2 || !f.Keywords {
		t.Errorf("INBOX is %+v", f)
	}
	if r.Folders[1].Err == nil {
		t.Error("a folder that is not there has no error")
	}
	a.Secret = secret("wrong")
	if w, err = imap.New(a, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Probe(t.Context()); !errors.Is(err, imap.ErrLogin) {
		t.Errorf("a wrong password gives %v, want ErrLogin", err)
	}
}

func testFolderNames(t *testing.T, srv server) {
	srv.add(t, "INBOX", text(1), time.Time{})
	s := newSink(t)
	w := watching(t, srv, s, nil)
	s.until("the mail", func() bool { return s.count() == 1 })
	const name = "已处理 & more"
	if err := w.File(t.Context(), imap.Filing{Mode: imap.Move, Target: name}, s.key("INBOX", 1)); err != nil {
		t.Fatal(err)
	}
	if n := len(srv.list(t, name)); n != 1 {
		t.Errorf("%s holds %d mails, want 1", name, n)
	}
}

package servertest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"aftercare/cmd/aftercare/app"
	"aftercare/responder"
	"aftercare/store"
)

const duty = "duty@staff.example"

// markedTemplate is a template whose subject and words carry a mark: what is of two templates carries two.
func markedTemplate(class, mark string) string {
	return fmt.Sprintf("---\nclass: %s\nlanguage: en\ngrant: none\nsubject: \"%s about your message [{{case}}]\"\n---\n\nDear customer,\n\nfirst %s here.\n\n**last %s there.**\n", class, mark, mark, mark)
}

// folderSite is a site with a template folder in which each class that the tests use has a marked template.
func folderSite(t *testing.T, p post, top ...string) (*site, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tpl")
	if err := os.MkdirAll(filepath.Join(dir, "reply"), 0o755); err != nil {
		t.Fatal(err)
	}
	saveMarks(t, dir, "MARK-0")
	return newSite(t, p, setup{top: append([]string{"templates: {dir: " + dir + "}", "caps: {total_hour: 100000, domain_hour: 100000}"}, top...)}), dir
}

// saveMarks saves as careful editors do: beside the file, then in its place.
func saveMarks(t testing.TB, dir, mark string) {
	t.Helper()
	for _, class := range []string{"repair", "other"} {
		rename(t, filepath.Join(dir, "reply", class+".en.md"), markedTemplate(class, mark))
	}
}

func rename(t testing.TB, path, text string) {
	t.Helper()
	tmp := path + "~"
	if err := os.WriteFile(tmp, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, path); err != nil {
		t.Fatal(err)
	}
}

// wholly returns the one mark that all parts of a reply carry.
func wholly(t *testing.T, r received) string {
	t.Helper()
	mark, _, _ := strings.Cut(r.Subject, " ")
	words := 0
	for i := range r.Parts {
		text := r.Parts[i].Text
		if text == "" {
			continue
		}
		words++
		if n, all := strings.Count(text, mark+" "), strings.Count(text, "MARK-"); !strings.Contains(text, "first "+mark+" ") || !strings.Contains(text, "last "+mark+" ") || n != all {
			t.Errorf("a part of %q is not wholly of it: %q", r.Subject, text)
		}
	}
	if words == 0 || !strings.HasPrefix(mark, "MARK-") {
		t.Errorf("%q has %d parts with words", r.Subject, words)
	}
	return mark
}

// newestSet waits for a set on record that says so.
func (s *site) newestSet(t *testing.T, what string, ok func(store.TemplateSet) bool) (set store.TemplateSet) {
	t.Helper()
	eventually(t, what, func() bool {
		sets, err := s.beside.TemplateSets(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(sets) > 0 {
			set = sets[0]
		}
		return len(sets) > 0 && ok(set)
	})
	return set
}

func (s *site) sets(t *testing.T) []store.TemplateSet {
	t.Helper()
	sets, err := s.beside.TemplateSets(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// after waits for the set that is accepted after id.
func after(id int64) func(store.TemplateSet) bool {
	return func(s store.TemplateSet) bool { return s.ID > id }
}

// TestReloadUnderLoad: the folder is saved and rolled back again and again while 1,000 mails are answered. Each reply is
// wholly of one set, and its version leads to the source that was accepted.
func TestReloadUnderLoad(t *testing.T) {
	const mails = 1000
	binary(t) // not while mail waits
	p := newMemoryPost(t, nil)
	s, dir := folderSite(t, p)
	s.start()
	first := s.newestSet(t, "the first set", after(0))
	var arrived atomic.Int64
	changed, done := make(chan struct{}), make(chan struct{})
	go func() { // some mails always wait, until all changes are made
		defer close(done)
		for over := false; !over || arrived.Load() < mails; {
			select {
			case <-t.Context().Done():
				return
			case <-changed:
				over = true
			default:
			}
			if n := arrived.Load(); n-int64(len(s.records(func(record) bool { return true }))) < 40 {
				p.arrive(t, "support", repair(fmt.Sprintf("c%[1]d@c%[1]d.example", n), "support@support.example", int(n)))
				arrived.Add(1)
			} else {
				time.Sleep(2 * time.Millisecond)
			}
		}
	}()
	last := first
	for i := 1; i <= 6; i++ {
		if i%3 == 0 {
			s.command(t, 0, "template", "rollback", fmt.Sprint(first.ID))
		} else {
			saveMarks(t, dir, fmt.Sprintf("MARK-%d", i))
		}
		last = s.newestSet(t, "a set after a change", after(last.ID))
	}
	close(changed)
	<-done
	all := int(arrived.Load())
	s.await(t, "all mails", all, func(r record) bool { return r.Disposition == responder.Answered })
	eventually(t, "all replies", func() bool { return customerMails(p) >= all })
	marks := map[string]int{}
	for _, d := range p.smtp.Messages() {
		if strings.HasPrefix(d.To[0], "c") {
			marks[wholly(t, received{parse(d.Data), d.From, d.Data})]++
		}
	}
	t.Logf("replies by set: %v, %d sets on record", marks, len(s.sets(t)))
	if len(marks) < 4 {
		t.Errorf("not every change fell into the load: %v", marks)
	}
	eventually(t, "all marked as sent", func() bool {
		ms, err := s.beside.Mails(t.Context(), store.StateSent, 100000)
		return err == nil && len(ms) >= all
	})
	s.versions(t, all)
	s.sound(t)
}

func customerMails(p *memoryPost) (n int) {
	for _, d := range p.smtp.Messages() {
		if strings.HasPrefix(d.To[0], "c") {
			n++
		}
	}
	return n
}

// versions: the template and version on record of each reply lead to an accepted set that has exactly these.
func (s *site) versions(t *testing.T, atLeast int) {
	t.Helper()
	known := map[string]bool{}
	for _, set := range s.sets(t) {
		files, err := s.beside.TemplateFiles(t.Context(), set.ID)
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := app.LoadTemplateFiles(s.cfg, files)
		if err != nil {
			t.Fatal(err)
		}
		if loaded.Hash() != set.Hash {
			t.Errorf("set %d is kept under another hash", set.ID)
		}
		for _, x := range loaded.Templates() {
			known[x.Name+" "+x.Version] = true
		}
	}
	mails, err := s.beside.Mails(t.Context(), store.StateSent, 100000)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range mails {
		if m.Lane != responder.LaneCustomer {
			continue
		}
		if n++; !known[m.Template+" "+m.TemplateVersion] {
			t.Fatalf("mail %d: no accepted set has template %q in version %q", m.ID, m.Template, m.TemplateVersion)
		}
	}
	if n < atLeast {
		t.Errorf("%d replies are on record as sent, want %d", n, atLeast)
	}
}

// TestRefusedSet: a set that fails is refused whole, the last good one answers, also across a restart; staff are told once,
// and once when it is good again.
func TestRefusedSet(t *testing.T) {
	p := newMemoryPost(t, nil)
	s, dir := folderSite(t, p, "alerts: {mail: [Duty], after: 1s}")
	s.start()
	first := s.newestSet(t, "the first set", after(0))
	path := filepath.Join(dir, "reply", "repair.en.md")
	rename(t, filepath.Join(dir, "reply", "other.en.md"), markedTemplate("other", "MARK-1")) // good by itself
	rename(t, path, strings.Replace(markedTemplate("repair", "MARK-1"), "Dear customer", "Dear {{nmae}}", 1))
	alerts := func() (n int) {
		for _, m := range p.inbox(t, duty) {
			if strings.Contains(m.Body.Full, "templates") {
				n++
			}
		}
		return n
	}
	eventually(t, "the alert", func() bool { return alerts() == 1 })
	told := p.inbox(t, duty)
	if !slices.ContainsFunc(told, func(m received) bool {
		return strings.Contains(m.Body.Full, "reply/repair.en.md:8:6") && strings.Contains(m.Body.Full, "nmae")
	}) {
		t.Errorf("the alert does not name file, line and column: %q", told[0].Body.Full)
	}
	answer := func(name string, n int, want string) {
		t.Helper()
		_, r := s.answered(t, "support", name+"@customer.example", repair(name+"@customer.example", "support@support.example", n))
		if mark := wholly(t, r); mark != want {
			t.Errorf("%s was answered by %s, want %s", name, mark, want)
		}
	}
	answer("while.refused", 1, "MARK-0")
	s.stop()
	s.start()
	answer("after.restart", 2, "MARK-0")
	if got := s.newestSet(t, "a set", after(0)); got != first {
		t.Errorf("on record is set %v, want %v", got, first)
	}
	saveMarks(t, dir, "MARK-2")
	s.newestSet(t, "the repaired set", after(first.ID))
	eventually(t, "good again", func() bool { return alerts() >= 2 })
	answer("repaired", 3, "MARK-2")
	if n := alerts(); n != 2 {
		t.Errorf("%d alerts, want one of trouble and one of recovery", n)
	}
	s.versions(t, 3)
}

// TestWaysOfSaving: whatever way a file is saved, the next mail is answered by it; what was not saved whole is refused.
func TestWaysOfSaving(t *testing.T) {
	p := newMemoryPost(t, nil)
	s, dir := folderSite(t, p)
	s.start()
	last := s.newestSet(t, "the first set", after(0))
	path := filepath.Join(dir, "reply", "repair.en.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	hangup := func() {
		t.Helper()
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	for i, tt := range []struct {
		name string
		save func(text string)
	}{
		{"in place", write},
		{"renamed into place", func(text string) { rename(t, path, text) }},
		{"backup by rename, then written", func(text string) {
			if err := os.Rename(path, path+"~"); err != nil {
				t.Fatal(err)
			}
			write(text)
		}},
		{"half first, then whole", func(text string) {
			write(text[:len(text)/2])
			time.Sleep(700 * time.Millisecond) // longer than the daemon waits for quiet: it reads the half
			write(text)
		}},
		{"in place, with SIGHUP", func(text string) { write(text); hangup() }},
		{"the folder exchanged", func(text string) {
			other := dir + ".new"
			if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			rename(t, filepath.Join(other, "reply", "repair.en.md"), text)
			if err := os.Rename(dir, dir+".old"); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(other, dir); err != nil {
				t.Fatal(err)
			}
		}},
		{"in place, in the exchanged folder", write},
	} {
		mark := fmt.Sprintf("MARK-%d", i+1)
		tt.save(markedTemplate("repair", mark))
		last = s.newestSet(t, tt.name, after(last.ID))
		name := fmt.Sprintf("way%d@customer.example", i)
		_, r := s.answered(t, "support", name, repair(name, "support@support.example", i))
		if got := wholly(t, r); got != mark {
			t.Errorf("%s: answered by %s, want %s", tt.name, got, mark)
		}
	}
	for i, set := range s.sets(t) {
		if set.Who == "" || set.Who == "daemon" {
			t.Errorf("set %d (%d from the newest): who saved it is not on record", set.ID, i)
		}
	}
}

// TestCutOff: of a file of which only the beginning was saved, every beginning but one at the end of a line is refused.
func TestCutOff(t *testing.T) {
	p := newMemoryPost(t, nil)
	s, dir := folderSite(t, p)
	s.start()
	first := s.newestSet(t, "the first set", after(0))
	s.stop()
	text := markedTemplate("repair", "MARK-0") + "\nOne more line.\n"
	for _, n := range []int{0, 1, 20, 60, len(text) - 20, len(text) - 1} {
		if err := os.WriteFile(filepath.Join(dir, "reply", "repair.en.md"), []byte(text[:n]), 0o644); err != nil {
			t.Fatal(err)
		}
		s.start()
		if got := s.newestSet(t, "a set", after(0)); got != first {
			t.Errorf("the first %d of %d bytes were accepted as set %d", n, len(text), got.ID)
		}
		s.stop()
	}
}

// TestSavedTemplateOnDovecot: the running daemon answers the next mail by the saved template, on real servers.
func TestSavedTemplateOnDovecot(t *testing.T) {
	p := newRealPost(t)
	s, dir := folderSite(t, p)
	s.start()
	first := s.newestSet(t, "the first set", after(0))
	for i, mark := range []string{"MARK-0", "MARK-1"} {
		if i > 0 {
			saveMarks(t, dir, mark)
			s.newestSet(t, "the saved set", after(first.ID))
		}
		name := fmt.Sprintf("real%d@customer.example", i)
		rec, r := s.answered(t, "support", name, repair(name, "support@support.example", i))
		s.marked(t, rec.Case)
		if got := wholly(t, r); got != mark {
			t.Errorf("answered by %s, want %s", got, mark)
		}
	}
	s.versions(t, 2)
}

// command runs the built binary beside the daemon and returns what it printed.
func (s *site) command(t *testing.T, status int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), append(args, "-c", filepath.Join(s.dir, "config.yaml"))...)
	out, _ := cmd.CombinedOutput() // the status says it
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("aftercare %s: exit status %d, want %d\n%s", strings.Join(args, " "), got, status, out)
	}
	return string(out)
}

// TestKilledRollback: a rollback that is killed leaves each file whole, the old one or the new one, and the next one ends it.
func TestKilledRollback(t *testing.T) {
	p := newMemoryPost(t, nil)
	s, dir := folderSite(t, p)
	s.start()
	first := s.newestSet(t, "the first set", after(0))
	saveMarks(t, dir, "MARK-1")
	second := s.newestSet(t, "the second set", after(first.ID))
	s.stop()
	for i := range 12 {
		id := []int64{first.ID, second.ID}[i%2]
		cmd := exec.CommandContext(t.Context(), binary(t), "template", "rollback", fmt.Sprint(id), "-c", filepath.Join(s.dir, "config.yaml"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(40+rand.IntN(120)) * time.Millisecond)
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		for _, class := range []string{"repair", "other"} {
			got, err := os.ReadFile(filepath.Join(dir, "reply", class+".en.md"))
			if err != nil {
				t.Fatal(err)
			}
			if text := string(got); text != markedTemplate(class, "MARK-0") && text != markedTemplate(class, "MARK-1") {
				t.Fatalf("%s is neither the old file nor the new one: %q", class, text)
			}
		}
		if _, err := app.LoadTemplates(s.cfg); err != nil {
			t.Fatal(err)
		}
	}
	s.command(t, 0, "template", "rollback", fmt.Sprint(first.ID))
	s.start()
	_, r := s.answered(t, "support", "ann@customer.example", repair("ann@customer.example", "support@support.example", 1))
	if got := wholly(t, r); got != "MARK-0" {
		t.Errorf("answered by %s", got)
	}
}

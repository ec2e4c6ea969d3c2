package health

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAllWaysAtOnce: a trouble and its end arrive by a real webhook, a real command and the function of mail, each once.
func TestAllWaysAtOnce(t *testing.T) {
	var mu sync.Mutex
	got := map[string][]string{}
	arrived := make(chan struct{}, 10)
	note := func(way, state string) {
		mu.Lock()
		got[way] = append(got[way], state)
		mu.Unlock()
		arrived <- struct{}{}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var a struct{ State, Check string }
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			t.Error(err)
		}
		note("webhook", a.State+" "+a.Check)
	}))
	defer srv.Close()
	hook, err := Webhook(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	command, err := Command([]string{"sh", script(t, `cat >> "$1"`), out})
	if err != nil {
		t.Fatal(err)
	}
	run := command.Send
	command.Send = func(ctx context.Context, a Alert) error {
		defer func() { arrived <- struct{}{} }()
		return run(ctx, a)
	}
	mail := Mail(func(_ context.Context, a Alert) error { note("mail", string(a.State)+" "+a.Check); return nil })

	b := NewBoard(time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		NewAlerter(b, Alerts{After: 20 * time.Millisecond, Channels: []Channel{hook, command, mail}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}).Run(ctx)
	}()
	for _, err := range []error{errDown, nil} {
		b.Set(SMTP("support"), err, time.Now())
		for range 3 {
			<-arrived
		}
	}
	cancel()
	<-ended
	const want = "trouble smtp:support, recovered smtp:support"
	for _, way := range []string{"webhook", "mail"} {
		if s := strings.Join(got[way], ", "); s != want {
			t.Errorf("%s got %s", way, s)
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(data)), "\n"); len(lines) != 2 ||
		!strings.Contains(lines[0], `"state":"trouble"`) || !strings.Contains(lines[1], `"state":"recovered"`) {
		t.Errorf("the command got %s", data)
	}
}

package health

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Ping fetches a URL again and again while all is well, so that whoever watches it notices when the daemon falls silent.
type Ping struct {
	URL   string // a secret: it stands in no log
	Every time.Duration
	Now   func() time.Time
	Log   *slog.Logger
	// Skew, where set, gets what the server's clock was ahead of ours at each answer that tells its time.
	Skew func(ahead time.Duration)

	client *http.Client
}

// NewPing returns a Ping; it refuses what is no http or https URL and an interval that is not positive.
func NewPing(secretURL string, every time.Duration, now func() time.Time, log *slog.Logger) (*Ping, error) {
	if err := checkURL(secretURL); err != nil {
		return nil, fmt.Errorf("ping: %w", err)
	}
	if every <= 0 {
		return nil, fmt.Errorf("ping: expected an interval, not %v", every)
	}
	return &Ping{URL: secretURL, Every: every, Now: now, Log: log, client: newClient()}, nil
}

// Run pings at once and then at each interval at which well says true, until ctx ends. A ping that fails is not repeated
// before its next turn; the first failure of a row is logged, and its end.
func (p *Ping) Run(ctx context.Context, well func() bool) {
	failed := false
	for {
		if well() {
			err := p.once(ctx)
			if ctx.Err() != nil {
				return
			}
			if err != nil && !failed {
				p.Log.Warn("the dead-man ping failed", "err", err)
			}
			if err == nil && failed {
				p.Log.Info("the dead-man ping works again")
			}
			failed = err != nil
		}
		if !sleep(ctx, p.Every) {
			return
		}
	}
}

func (p *Ping) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, min(usualTimeout, p.Every))
	defer cancel()
	asked := p.Now()
	header, err := request(ctx, p.client, http.MethodGet, p.URL, nil)
	if err != nil {
		return err
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil && p.Skew != nil {
		// Date tells whole seconds of some moment while we waited.
		p.Skew(Ahead(date, asked, p.Now()))
	}
	return nil
}

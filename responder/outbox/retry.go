package outbox

import (
	"sync"
	"time"
)

// waits are the pauses after the first, second ... temporary refusal; the last one repeats. Greylisting lets go after some
// minutes, and a reply is worth most inside its two hours, so the early ones are short.
var waits = [...]time.Duration{time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// giveUp is after how many attempts a temporary refusal is taken as final: about four days.
const giveUp = 100

// nextTry is the pause after an attempt, counted from 1.
func nextTry(attempt int) time.Duration {
	return waits[min(max(attempt, 1), len(waits))-1]
}

// pauseAfter is how long a server rests after its n-th failure in a row to connect or log in.
func pauseAfter(n int) time.Duration {
	d := 2 * time.Second << min(n-1, 8)
	return min(d, 5*time.Minute)
}

// brake counts what was handed out for customers in the last minute and the last day. A bound of 0 is none.
type brake struct {
	perMinute, perDay int

	mu          sync.Mutex
	minute, day []time.Time
}

// allow tells whether one more may go out at now, and counts it.
func (b *brake) allow(now time.Time) bool {
	if b.left(now) <= 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.perMinute > 0 {
		b.minute = append(b.minute, now)
	}
	if b.perDay > 0 {
		b.day = append(b.day, now)
	}
	return true
}

// giveBack takes one back that was counted and not tried.
func (b *brake) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.minute = b.minute[:max(len(b.minute)-1, 0)]
	b.day = b.day[:max(len(b.day)-1, 0)]
}

// left is how many may go out at now.
func (b *brake) left(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.minute, b.day = since(b.minute, now.Add(-time.Minute)), since(b.day, now.Add(-24*time.Hour))
	n := 1 << 30
	if b.perMinute > 0 {
		n = min(n, b.perMinute-len(b.minute))
	}
	if b.perDay > 0 {
		n = min(n, b.perDay-len(b.day))
	}
	return n
}

func since(ts []time.Time, t time.Time) []time.Time {
	for i, x := range ts {
		if x.After(t) {
			return ts[i:]
		}
	}
	return nil
}

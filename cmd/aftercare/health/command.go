package health

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// outputLimit is how much of what a command writes is kept for the log, in bytes.
const outputLimit = 2 << 10

// Command is a channel that runs a program with fixed arguments and gives it the alert as JSON on standard input. The
// program sees only a few variables of our environment, since others may hold secrets; when it takes longer than a try
// may last, it is killed with all that it started. It refuses an empty command and a program that cannot be found.
func Command(argv []string) (Channel, error) {
	if len(argv) == 0 || argv[0] == "" {
		return Channel{}, errors.New("alert command: no program is named")
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return Channel{}, fmt.Errorf("alert command: %w", err)
	}
	args := append([]string(nil), argv[1:]...)
	return Channel{Name: "command", Tries: 3, Timeout: 30 * time.Second, Send: func(ctx context.Context, a Alert) error {
		body, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("%w: writing the alert: %w", ErrPermanent, err)
		}
		return runCommand(ctx, path, args, append(body, '\n'))
	}}, nil
}

func runCommand(ctx context.Context, path string, args []string, input []byte) error {
	cmd := exec.CommandContext(ctx, path, args...)
	var out head
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &out
	cmd.Env = environment(os.Environ())
	cmd.WaitDelay = time.Second // for a grandchild that holds the pipes
	killWhole(cmd)
	err := cmd.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("the alert command took too long and was killed: %w", ctx.Err())
	}
	return fmt.Errorf("running the alert command: %w: %s", err, oneLine(string(out.data)))
}

// environment keeps what a program needs to find its files and to speak the right language.
func environment(all []string) []string {
	keep := map[string]bool{"PATH": true, "HOME": true, "USER": true, "LOGNAME": true, "LANG": true, "TZ": true, "TMPDIR": true, "SYSTEMROOT": true}
	out := []string{}
	for _, v := range all {
		name, _, _ := strings.Cut(v, "=")
		if keep[name] || strings.HasPrefix(name, "LC_") {
			out = append(out, v)
		}
	}
	return out
}

// head keeps the begin of what is written to it and takes the rest.
type head struct{ data []byte }

func (h *head) Write(p []byte) (int, error) {
	if room := outputLimit - len(h.data); room > 0 {
		h.data = append(h.data, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// Package shipped gives tests the program as it is shipped, without the race detector: to be killed, and to train the
// classifier of the built-in examples, which takes forty times as long under the detector.
package shipped

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build builds the program into dir and returns its path. It needs the go command.
func Build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "aftercare")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "aftercare/cmd/aftercare")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return path, nil
}

// Train lets the program at path train on the built-in classes and examples for a certainty, and returns the file of the
// model, below dir, under the name that the program looks for.
func Train(ctx context.Context, path, dir string, certainty float64) (string, error) {
	const config = `company: {name: Example Service, time_zone: UTC}
data: data
mailboxes:
  - name: support
    address: support@example.com
    imap: {host: 127.0.0.1, port: 9, username: support, password: {file: config.yaml}}
    smtp: {host: 127.0.0.1, port: 9}
staff:
  - {name: Duty, address: duty@example.com}
escalation: [Duty]
offices:
  - {name: Shanghai, city: 上海, province: 上海, centre: true}
classes: {certainty: %g}
`
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), fmt.Appendf(nil, config, certainty), 0o600); err != nil {
		return "", fmt.Errorf("writing the configuration of the training: %w", err)
	}
	cmd := exec.CommandContext(ctx, path, "classes", "train", "-c", "config.yaml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("training: %w\n%s", err, out)
	}
	models, err := filepath.Glob(filepath.Join(dir, "data", "models", "*.model"))
	if err != nil || len(models) != 1 {
		return "", fmt.Errorf("training left the models %q (%v): expected one", models, err)
	}
	return models[0], nil
}

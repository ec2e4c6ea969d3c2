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

// Secret is the file beside Config that holds the password.
const Secret = "secret"

// Config is a configuration for commands that ask no server. The servers in it are not there.
const Config = `company: {name: Example Service, time_zone: Asia/Shanghai}
data: data
mailboxes:
  - name: support
    address: support@example.com
    imap: {host: 127.0.0.1, port: 9, username: support, password: {file: ` + Secret + `}}
    smtp: {host: 127.0.0.1, port: 9}
staff:
  - {name: Duty, address: duty@example.com}
escalation: [Duty]
offices:
  - {name: Shanghai, city: 上海, province: 上海, centre: true}
  - {name: Nanjing, city: 南京, province: 江苏}
`

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
	config := fmt.Sprintf("%sclasses: {certainty: %g}\n", Config, certainty)
	for name, text := range map[string]string{"config.yaml": config, Secret: "secret\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("writing the configuration of the training: %w", err)
		}
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

package health

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// told is what the file keeps of a trouble that was told and is not over.
type told struct {
	Check  string    `json:"check"`
	Detail string    `json:"detail"`
	Since  time.Time `json:"since"`
}

// patience is how long after a restart a told trouble waits for its check; one that is no longer made is then over.
const patience = time.Hour

// load takes up the troubles that were told before a restart, so that they are not told again and their end is.
func (a *Alerter) load() {
	if a.set.File == "" {
		return
	}
	list, err := readTold(a.set.File)
	if err != nil {
		a.set.Log.Warn("alerts told before the restart are not known", "err", err)
	}
	now := a.set.Now()
	a.patience = now.Add(patience)
	for _, t := range list {
		a.troubles[t.Check] = &trouble{bad: true, at: now, level: a.set.After, started: t.Since, told: true, detail: t.Detail}
		a.restored[t.Check] = true
	}
}

func readTold(file string) ([]told, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the told alerts: %w", err)
	}
	var list []told
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("reading the told alerts in %s: %w", file, err)
	}
	return list, nil
}

// save keeps the troubles that are told and not over. A disk that is full must not stop an alert: the error is logged.
func (a *Alerter) save() {
	if a.set.File == "" {
		return
	}
	list := []told{}
	for name, t := range a.troubles {
		if t.told {
			list = append(list, told{name, t.detail, t.started})
		}
	}
	if err := writeTold(a.set.File, list); err != nil {
		a.set.Log.Warn("alerts that were told will be told again after a restart", "err", err)
	}
}

// writeTold replaces the file whole.
func writeTold(file string, list []told) error {
	data, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("writing the told alerts: %w", err)
	}
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return fmt.Errorf("writing the told alerts: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("writing the told alerts: %w", err)
	}
	return nil
}

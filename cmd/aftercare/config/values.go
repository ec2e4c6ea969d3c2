package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Since says which mail that already lies in a folder is taken up at the very first start.
type Since struct {
	All  bool
	Date time.Time // midnight UTC of the day; zero with All false means now
}

// UnmarshalText reads "now", "all" or a day such as 2026-11-01.
func (s *Since) UnmarshalText(b []byte) error {
	switch t := string(b); t {
	case "now":
		*s = Since{}
	case "all":
		*s = Since{All: true}
	default:
		d, err := time.Parse(time.DateOnly, t)
		if err != nil {
			return errors.New("now, all or a day such as 2026-11-01")
		}
		*s = Since{Date: d}
	}
	return nil
}

// ClockTime is a time of day in minutes after midnight.
type ClockTime int

// UnmarshalText reads "07:30"; "24:00" is the end of the day.
func (c *ClockTime) UnmarshalText(b []byte) error {
	var h, m int
	if n, err := fmt.Sscanf(string(b), "%d:%d", &h, &m); n != 2 || err != nil || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return errors.New(`a time of day such as "07:30"`)
	}
	*c = ClockTime(h*60 + m)
	return nil
}

// Given tells whether the secret names a place to read it from.
func (s Secret) Given() bool { return s.File != "" || s.Env != "" }

// Read returns the secret, without the line end of its file. Errors name the place, never the content.
func (s Secret) Read() (string, error) {
	switch {
	case s.File != "":
		b, err := os.ReadFile(s.File)
		if err != nil {
			return "", fmt.Errorf("reading a secret: %w", err)
		}
		v := strings.TrimRight(string(b), "\r\n")
		if v == "" {
			return "", fmt.Errorf("the secret file %s is empty", s.File)
		}
		return v, nil
	case s.Env != "":
		v := os.Getenv(s.Env)
		if v == "" {
			return "", fmt.Errorf("the environment variable %s, which should hold a secret, is not set", s.Env)
		}
		return v, nil
	}
	return "", errors.New("no secret is configured (file or env)")
}

// String hides where the secret is kept from careless printing; its content is never in the value at all.
func (s Secret) String() string {
	if !s.Given() {
		return "none"
	}
	return "secret"
}

package templates

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// language is one language/TAG.yaml: how dates look, and the names of what the program knows.
type language struct {
	Language     string            `yaml:"language"`
	Name         string            `yaml:"name"`
	Direction    string            `yaml:"direction"`
	Subject      string            `yaml:"subject"` // of a template that gives none
	Date         string            `yaml:"date"`
	Time         string            `yaml:"time"`
	Moment       string            `yaml:"moment"`
	Weekdays     []string          `yaml:"weekdays"` // Sunday first
	Months       []string          `yaml:"months"`
	Comma        string            `yaml:"comma"`
	And          string            `yaml:"and"`
	Separator    string            `yaml:"separator"` // between city and province
	AlsoBefore   string            `yaml:"also"`
	LinkLeftOut  string            `yaml:"link_left_out"`
	Classes      map[string]string `yaml:"classes"`
	Entitlements map[string]string `yaml:"entitlements"`
	Facts        map[string]string `yaml:"facts"`
	Missing      map[string]string `yaml:"missing"`
	Clocks       map[string]string `yaml:"clocks"`
	Labels       map[string]string `yaml:"labels"`
}

// readLanguage reads one language file and checks that it is whole.
func readLanguage(file string, src []byte, rep *report) *language {
	l := &language{}
	if _, ok := readYAML(file, string(src), l, rep); !ok {
		return nil
	}
	at := place{file: file}
	tag := strings.TrimSuffix(strings.TrimPrefix(file, "language/"), ".yaml")
	if l.Language != tag {
		rep.add(at, "language: is %q, and the file is called %s.yaml", l.Language, tag)
	}
	if l.Direction != "ltr" && l.Direction != "rtl" {
		rep.add(at, "direction: is %q, expected ltr or rtl", l.Direction)
	}
	if len(l.Weekdays) != 7 || len(l.Months) != 12 {
		rep.add(at, "weekdays: and months: need 7 and 12 names, found %d and %d", len(l.Weekdays), len(l.Months))
		return nil
	}
	for key, pattern := range map[string]string{"date": l.Date, "time": l.Time, "moment": l.Moment} {
		l.checkPattern(at, key, pattern, rep)
	}
	return l
}

func (l *language) checkPattern(at place, key, pattern string, rep *report) {
	right := []string{"weekday", "day", "month", "year", "hour", "minute", "zone"}
	if key == "moment" {
		right = append(right, "date", "time")
	}
	rest := pattern
	for {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			break
		}
		name, more, closed := strings.Cut(after, "}")
		if !closed || !slices.Contains(right, name) {
			rep.unknown(at, name, right, "%s: has an unknown field {%s}", key, name)
			return
		}
		rest = more
	}
	if pattern == "" {
		rep.add(at, "%s: is missing", key)
	}
}

// moment writes a time in the given zone: date and time of day, date alone, or time of day alone.
func (l *language) moment(t time.Time, fn function, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	var b strings.Builder
	switch fn {
	case asDate:
		l.write(&b, l.Date, t)
	case asTime:
		l.write(&b, l.Time, t)
	default:
		l.write(&b, l.Moment, t)
	}
	return b.String()
}

func (l *language) write(b *strings.Builder, pattern string, t time.Time) {
	for {
		before, after, ok := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !ok {
			return
		}
		name, rest, _ := strings.Cut(after, "}")
		switch name {
		case "weekday":
			b.WriteString(l.Weekdays[t.Weekday()])
		case "day":
			b.WriteString(strconv.Itoa(t.Day()))
		case "month":
			b.WriteString(l.Months[t.Month()-1])
		case "year":
			b.WriteString(strconv.Itoa(t.Year()))
		case "hour":
			two(b, t.Hour())
		case "minute":
			two(b, t.Minute())
		case "zone":
			b.WriteString(utcOffset(t))
		case "date":
			l.write(b, l.Date, t)
		case "time":
			l.write(b, l.Time, t)
		}
		pattern = rest
	}
}

func two(b *strings.Builder, n int) {
	b.WriteByte('0' + byte(n/10))
	b.WriteByte('0' + byte(n%10))
}

// utcOffset names a zone by its distance from UTC: letters such as CST mean several zones.
func utcOffset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	s := "UTC" + sign + strconv.Itoa(seconds/3600)
	if m := seconds % 3600 / 60; m > 0 {
		s += ":" + strconv.Itoa(m/10) + strconv.Itoa(m%10)
	}
	return s
}

// join makes one phrase of several names: "a, b and c".
func (l *language) join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], l.Comma) + l.And + names[last]
}

func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

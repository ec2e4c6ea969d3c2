package classify

import "time"

// Example is one text whose class is known: built in, or a correction by staff.
type Example struct {
	Class    string
	Text     string
	Language string    // "en", "zh", ...; "" when unknown
	By       string    // who said so; "" for the built-in ones
	At       time.Time // when; zero for the built-in ones
}

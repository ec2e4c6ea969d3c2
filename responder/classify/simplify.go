package classify

import (
	_ "embed"
)

// simplified has two bytes for each character from U+4E00 to U+9FFF: what it is read as. internal/tools/simplifiedtable makes
// it.
//
//go:embed simplified.bin
var simplified string

const firstHan, lastHan = 0x4e00, 0x9fff

// simplify returns the simplified form of a traditional character, and any other as it is: examples, phrases and the word
// table are in simplified ones, and customers in Hong Kong and Taiwan write the others.
func simplify(r rune) rune {
	if r < firstHan || r > lastHan {
		return r
	}
	at := 2 * (r - firstHan)
	return rune(simplified[at])<<8 | rune(simplified[at+1])
}

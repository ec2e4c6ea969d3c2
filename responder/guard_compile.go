package responder

import (
	"fmt"
	"slices"
	"strings"
)

// kindMachine is a signal's kind where it shows a machine and not which: the kind comes from what else is seen.
const kindMachine Kind = "machine"

// tag is what every rule says about a mail that it fits.
type tag struct {
	kind   Kind
	sure   bool   // decides alone; otherwise a hint that needs a second one
	unsure bool   // as the only hint it leaves us unsure whether a person wrote
	short  bool   // likewise, in a mail of few words
	weak   bool   // counts only beside a hint that is not weak
	plain  bool   // counts only beside a hint that leaves us unsure alone
	list   bool   // does not count on a trusted list or form
	action string // bounces: delayed or delivered; "" is failed
	id     int    // the header rule, so that two fields that mean the same are not two signs
}

type headerRule struct {
	tag
	is, has, not []string
}

// familyRule is a header rule for all extension fields ("X-") whose names fit a pattern.
type familyRule struct {
	names pattern
	rule  headerRule
}

type senderRule struct {
	tag
	in     uint8 // which addresses it looks at
	local  []pattern
	raw    []pattern
	name   []string
	domain []pattern
}

// The addresses that a sender rule may look at.
const (
	inFrom uint8 = 1 << iota
	inSender
	inReturnPath
	inReplyTo
)

// phraseRules are the rules of one text, with all their phrases in one automaton.
type phraseRules struct {
	set   *phraseSet
	what  []phraseUse // by phrase
	rules []tag
	langs []string
	text  []string // by phrase, as written
}

type phraseUse struct {
	rule  int
	place place
	cjk   bool // ends in a letter of a script without spaces
}

type place uint8

// Where a phrase must stand.
const (
	atStart place = iota // first in the subject
	asWhole              // the whole subject
	inHead               // in the first words of the body
	anywhere
)

// pattern is a word with an optional star at either end.
type pattern struct {
	word         string
	front, after bool // a star before, a star after
}

func newPattern(s string) pattern {
	var p pattern
	p.word, p.front = strings.CutPrefix(strings.ToLower(s), "*")
	p.word, p.after = strings.CutSuffix(p.word, "*")
	return p
}

func (p pattern) fits(s string) bool {
	switch {
	case p.front && p.after:
		return strings.Contains(s, p.word)
	case p.front:
		return strings.HasSuffix(s, p.word)
	case p.after:
		return strings.HasPrefix(s, p.word)
	}
	return s == p.word
}

func fitsAny(ps []pattern, s string) bool {
	for i := range ps {
		if ps[i].fits(s) {
			return true
		}
	}
	return false
}

func (c *ruleCompiler) tag(path, kind, weight, alone string) tag {
	t := tag{kind: Kind(kind)}
	if !slices.Contains(signalKinds(), t.kind) {
		c.fail(path+".kind", kind, fmt.Sprintf("expected one of %v", signalKinds()))
	}
	switch weight {
	case "sure":
		t.sure = true
	case "hint":
	case "weak":
		t.weak = true
	default:
		c.fail(path+".weight", weight, "expected sure, hint or weak")
	}
	switch alone {
	case "":
	case "unsure":
		t.unsure = true
	case "short":
		t.short = true
	default:
		c.fail(path+".alone", alone, "expected unsure, short or nothing")
	}
	return t
}

// signalKinds are the kinds that a rule may name.
func signalKinds() []Kind {
	return []Kind{kindMachine, KindBounce, KindAutoReply, KindList, KindNewsletter, KindNotification, KindReceipt, KindCalendar,
		KindReport, KindChallenge, KindSpam}
}

func (c *ruleCompiler) header(path string, h headerYAML) headerRule {
	r := headerRule{tag: c.tag(path, h.Kind, h.Weight, h.Alone), is: foldedAll(h.Is), has: foldedAll(h.Has), not: foldedAll(h.Not)}
	r.list = h.List
	if len(h.Names) == 0 {
		c.fail(path, "", "names: expected header field names")
	}
	return r
}

func (c *ruleCompiler) sender(path string, s senderYAML) senderRule {
	r := senderRule{tag: c.tag(path, s.Kind, s.Weight, s.Alone), name: foldedAll(s.Name)}
	r.list = s.List
	for i, in := range s.In {
		switch in {
		case "from":
			r.in |= inFrom
		case "sender":
			r.in |= inSender
		case "return-path":
			r.in |= inReturnPath
		case "reply-to":
			r.in |= inReplyTo
		default:
			c.fail(fmt.Sprintf("%s.in[%d]", path, i), in, "expected from, sender, return-path or reply-to")
		}
	}
	if r.in == 0 {
		r.in = inFrom
	}
	for _, l := range s.Local {
		r.local = append(r.local, newPattern(l))
	}
	for _, l := range s.Raw {
		r.raw = append(r.raw, newPattern(l))
	}
	for _, d := range s.Domain {
		r.domain = append(r.domain, newPattern(d))
	}
	if len(r.local)+len(r.raw)+len(r.name)+len(r.domain) == 0 {
		c.fail(path, "", "expected local, raw, name or domain")
	}
	return r
}

func (c *ruleCompiler) phrases(path string, in []phraseYAML) phraseRules {
	var p phraseRules
	var all []string
	for i, y := range in {
		at := fmt.Sprintf("%s[%d]", path, i)
		t := c.tag(at, y.Kind, y.Weight, y.Alone)
		switch t.action = y.Action; y.Action {
		case "", "delayed", "delivered":
		default:
			c.fail(at+".action", y.Action, "expected delayed or delivered")
		}
		p.rules = append(p.rules, t)
		p.langs = append(p.langs, y.Lang)
		before := len(all)
		for pl, phrases := range [...][]string{atStart: y.Start, asWhole: y.Whole, inHead: y.Head, anywhere: y.Any} {
			for _, ph := range foldedAll(phrases) {
				all = append(all, ph)
				p.text = append(p.text, ph)
				p.what = append(p.what, phraseUse{rule: i, place: place(pl), cjk: endsWithoutSpaces(ph)})
			}
		}
		if len(all) == before {
			c.fail(at, "", "expected phrases under start, whole, head or any")
		}
	}
	set, ok := newPhraseSet(all)
	if !ok {
		c.fail(path, "", "too many phrases")
	}
	p.set = set
	return p
}

// endsWithoutSpaces tells whether the last letter of s is of a script that puts no spaces between words.
func endsWithoutSpaces(s string) bool {
	rs := []rune(s)
	return len(rs) > 0 && rs[len(rs)-1] >= 0x2E80
}

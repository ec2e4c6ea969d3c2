package responder

import "slices"

// finding is what the signals of a mail come to.
type finding struct {
	kind     Kind // KindPerson when nothing is certain
	unsure   bool
	action   string // of a bounce
	evidence []string
}

// specific ranks the kinds from the one that says most: where several are seen at once, the more telling one names the
// mail. A newsletter is a list with bulk marks; every machine's mail is a notification.
func specific(k Kind) int {
	return slices.Index([]Kind{KindSpam, KindBounce, KindChallenge, KindReceipt, KindCalendar, KindReport, KindAutoReply, KindList,
		KindNewsletter, KindNotification, kindMachine}, k)
}

// weigh decides what the signals come to. One sure signal makes a machine. So do two hints of different sources that agree
// on the kind; phrases of the body are one source, so that they always need a second. A hint alone leaves a person, or
// leaves us unsure where its rule says so.
func (s *signals) weigh(reply bool) finding {
	f := finding{kind: KindPerson}
	var sure, hint []signal
	for _, g := range s.list {
		switch {
		case g.sure:
			sure = append(sure, g)
		case reply && (g.kind == KindNewsletter || g.kind == KindList) && g.source != fromHeader:
			// Somebody answers: no newsletter does that, whatever stands in the footer.
		default:
			hint = append(hint, g)
		}
	}
	if len(sure) > 0 {
		f.kind, f.action = name(sure, hint, reply)
		f.evidence = evidence(append(sure, hint...), f.kind)
		return f
	}
	if k, ok := agree(hint); ok {
		f.kind = k
		f.action = actionOf(hint, k)
		f.evidence = evidence(hint, k)
		return f
	}
	if s.doubt != "" {
		f.unsure = true
		f.evidence = append(f.evidence, s.doubt)
	}
	for _, g := range hint {
		if g.foot || s.forward && g.source == fromSubject {
			continue
		}
		if g.unsure || g.short && s.brief && (!g.weak || s.program == "") {
			f.unsure = true
			f.evidence = append(f.evidence, g.evidence)
		}
	}
	return f
}

// name picks the kind: the most telling of the sure signals, or of the hints where the sure ones say little more than "a
// machine". A machine of which nothing else is known is a notice, or an automatic reply where it answers a mail.
func name(sure, hint []signal, reply bool) (Kind, string) {
	k := mostSpecific(sure)
	if k == kindMachine || k == KindNotification || k == KindNewsletter {
		if h := mostSpecific(strong(hint)); h != kindMachine && specific(h) < specific(KindList) {
			k = h
		}
	}
	if k == kindMachine {
		if h := mostSpecific(hint); h != kindMachine {
			k = h
		} else if k = KindNotification; reply {
			k = KindAutoReply
		}
	}
	return k, actionOf(append(sure, hint...), k)
}

// strong is the hints that are not weak.
func strong(hint []signal) []signal {
	return slices.DeleteFunc(slices.Clone(hint), func(g signal) bool { return g.weak || g.plain })
}

func mostSpecific(list []signal) Kind {
	k := kindMachine
	for _, g := range list {
		if specific(g.kind) < specific(k) {
			k = g.kind
		}
	}
	return k
}

// agree looks for two hints of different sources that can be about one kind of machine.
func agree(hint []signal) (Kind, bool) {
	best, ok := kindMachine, false
	for i, a := range hint {
		for _, b := range hint[i+1:] {
			if a.source == b.source && (a.source != fromHeader || a.id == b.id) {
				continue
			}
			if a.weak && b.weak {
				continue
			}
			if a.plain && !b.unsure && !b.short || b.plain && !a.unsure && !a.short {
				continue
			}
			k, fit := common(a.kind, b.kind)
			if fit && (!ok || specific(k) < specific(best)) {
				best, ok = k, true
			}
		}
	}
	if ok && best == kindMachine {
		best = KindNotification
	}
	return best, ok
}

// common is the kind that two hints can both be about.
func common(a, b Kind) (Kind, bool) {
	if a == b || b == kindMachine {
		return a, true
	}
	if a == kindMachine {
		return b, true
	}
	mass := func(k Kind) bool { return k == KindNewsletter || k == KindNotification || k == KindList }
	if mass(a) && mass(b) {
		if specific(a) < specific(b) {
			return a, true
		}
		return b, true
	}
	return kindMachine, false
}

// actionOf is what a bounce says became of the mail: a delay or a success named by a rule, else a failure.
func actionOf(list []signal, k Kind) string {
	if k != KindBounce {
		return ""
	}
	for _, g := range list {
		if g.kind == KindBounce && g.action != "" {
			return g.action
		}
	}
	return "failed"
}

// maxEvidence bounds how many lines of evidence a verdict carries.
const maxEvidence = 6

// evidence lists what was seen, what speaks for kind k first.
func evidence(list []signal, k Kind) []string {
	var out []string
	for _, own := range [...]bool{true, false} {
		for _, g := range list {
			if (g.kind == k) == own && len(out) < maxEvidence && !slices.Contains(out, g.evidence) {
				out = append(out, g.evidence)
			}
		}
	}
	return out
}

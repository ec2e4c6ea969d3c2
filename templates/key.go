package templates

import "strings"

// What the records say (policy 2.1 to 2.4). The empty string reads as EntitlementUnknown in a Key, and as "any" in the
// front matter of a template.
const (
	InWarranty         = "in warranty"
	OutOfWarranty      = "out of warranty"
	EntitlementUnknown = "unknown"
)

// The rungs of the ladder that the records have reached: repair (2.1), then replacement (2.2) and return (2.3).
const (
	RungRepair      = "repair"
	RungReplacement = "replacement"
	RungReturn      = "return"
)

// What a template promises. GrantPaid is work at a fair price after the term (2.4).
const (
	GrantNone        = "none"
	GrantRepair      = "repair"
	GrantReplacement = "replacement"
	GrantReturn      = "return"
	GrantPaid        = "paid"
)

// Classes of mail to customers that no classifier gives: they are chosen by the situation.
const (
	ClassOther      = "other"       // the neutral acknowledgement: the last resort of Choose
	ClassAckFurther = "ack-further" // a further mail on an open case that nobody answered by the margin
	ClassAckBare    = "ack-bare"    // for a sender who failed its checks: no data of any case
	ClassStaff      = "staff"       // the class of every mail to staff; the name of the template says the step
)

// Key is what a template is chosen by. Rung is the highest rung that the record has reached; after a finished repair that
// did not meet technical requirements replacement and return are both open, so the caller passes RungReturn.
// Language is a tag such as "en", "zh" or "zh-TW".
type Key struct {
	Class       string
	Language    string
	Entitlement string
	Rung        string
}

// Entitlements lists the three entitlements, Rungs the three rungs from the lowest, Grants every grant.
func Entitlements() []string { return []string{EntitlementUnknown, InWarranty, OutOfWarranty} }

// Rungs lists the rungs of the ladder, the lowest first.
func Rungs() []string { return []string{RungRepair, RungReplacement, RungReturn} }

// Grants lists what a template may declare as its promise.
func Grants() []string {
	return []string{GrantNone, GrantRepair, GrantReplacement, GrantReturn, GrantPaid}
}

// Permits says whether a record with this entitlement and rung covers the grant. Unknown covers nothing; out of warranty
// covers paid work only; in warranty covers every rung up to the one reached, and no paid work.
func Permits(entitlement, rung, grant string) bool {
	if grant == GrantNone || grant == "" {
		return true
	}
	switch entitlement {
	case OutOfWarranty:
		return grant == GrantPaid
	case InWarranty:
		step := rungStep(grant)
		return step > 0 && step <= rungStep(rung)
	}
	return false
}

// rungStep numbers the ladder from 1; a word that is no rung is 0. Grants up the ladder carry the rungs' names.
func rungStep(rung string) int {
	for i, r := range Rungs() {
		if r == rung {
			return i + 1
		}
	}
	return 0
}

// rungsDown lists a rung and all below it, the highest first.
func rungsDown(rung string) []string {
	rungs := Rungs()[:rungStep(rung)]
	down := make([]string, 0, len(rungs))
	for i := len(rungs) - 1; i >= 0; i-- {
		down = append(down, rungs[i])
	}
	return down
}

// tagsDown lists a language tag and its parents, lower case: "zh-Hant-TW" gives zh-hant-tw, zh-hant, zh.
func tagsDown(tag string) []string {
	tag = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-"))
	var tags []string
	for tag != "" {
		tags = append(tags, tag)
		cut := strings.LastIndexByte(tag, '-')
		if cut < 0 {
			break
		}
		tag = tag[:cut]
	}
	return tags
}

package imap

import (
	"cmp"
	"context"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// roundMails is the most mails that are looked at between two searches.
const roundMails = 10_000

// found is what a search for new mail has turned up, ascending.
type found struct {
	uids     []uint32
	deleted  map[uint32]bool
	answered map[uint32]bool
}

// searchNew looks for mails above the cursor. Where since is not zero, it looks up to UID until, and cuts off older days.
func (c *conn) searchNew(ctx context.Context, above, until uint32, since time.Time) (found, error) {
	if above == ^uint32(0) {
		return found{}, nil
	}
	within := goimap.UIDRange{Start: goimap.UID(above + 1)} // up to "*", written as zero
	criteria := goimap.SearchCriteria{}
	if !since.IsZero() {
		if until <= above {
			return found{}, nil
		}
		within.Stop = goimap.UID(until)
		// SINCE compares days in the server's zone: take one more, the dates are looked at afterwards.
		criteria.Since = since.AddDate(0, 0, -1)
	}
	criteria.UID = []goimap.UIDSet{{within}}
	all, err := c.search(ctx, "searching for new mail", criteria)
	if err != nil {
		return found{}, err
	}
	f := found{uids: nums(all, above, roundMails)}
	if len(f.uids) == 0 {
		return f, nil
	}
	those := goimap.UIDSet{{Start: goimap.UID(f.uids[0]), Stop: goimap.UID(f.uids[len(f.uids)-1])}}
	either := goimap.SearchCriteria{
		UID: []goimap.UIDSet{those},
		Or: [][2]goimap.SearchCriteria{{
			{Flag: []goimap.Flag{goimap.FlagDeleted}}, {Flag: []goimap.Flag{goimap.FlagAnswered}},
		}},
	}
	flagged, err := c.search(ctx, "searching for flags", either)
	if err != nil || len(flagged) == 0 {
		return f, err
	}
	deleted, err := c.searchFlag(ctx, those, goimap.FlagDeleted)
	if err != nil {
		return f, err
	}
	answered, err := c.searchFlag(ctx, those, goimap.FlagAnswered)
	f.deleted, f.answered = deleted, answered
	return f, err
}

func (c *conn) searchFlag(ctx context.Context, within goimap.UIDSet, flag goimap.Flag) (map[uint32]bool, error) {
	set, err := c.search(ctx, "searching for "+string(flag), goimap.SearchCriteria{
		UID: []goimap.UIDSet{within}, Flag: []goimap.Flag{flag},
	})
	out := make(map[uint32]bool)
	for _, u := range nums(set, 0, roundMails) {
		out[u] = true
	}
	return out, err
}

func (c *conn) search(ctx context.Context, what string, criteria goimap.SearchCriteria) (goimap.UIDSet, error) {
	var set goimap.UIDSet
	err := c.do(ctx, what, func() error {
		data, err := c.client.UIDSearch(&criteria, nil).Wait()
		if err != nil {
			return err
		}
		set, _ = data.All.(goimap.UIDSet)
		return nil
	})
	return set, err
}

// nums lists at most limit numbers of a set, those above a bound ("n:*" also names the last mail when that is below n),
// in order. It does not trust the set to be small: a range costs a server nothing to write.
func nums(set goimap.UIDSet, above uint32, limit int) []uint32 {
	set = slices.Clone(set)
	slices.SortFunc(set, func(a, b goimap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	var out []uint32
	for _, r := range set {
		for u := uint64(max(uint32(r.Start), above+1)); u <= uint64(r.Stop); u++ {
			if n := len(out); n > 0 && uint64(out[n-1]) >= u {
				continue
			}
			if len(out) == limit {
				return out
			}
			out = append(out, uint32(u))
		}
	}
	return out
}

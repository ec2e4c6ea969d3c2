package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	goimap "github.com/emersion/go-imap/v2"

	"aftercare/mailbox"
)

// FilingMode is what becomes of a mail on the server once it is on record.
type FilingMode string

// The ways to file.
const (
	Leave   FilingMode = "leave"   // nothing is changed
	Keyword FilingMode = "keyword" // it stays, and gets a keyword (RFC 9051, 2.3.2)
	Move    FilingMode = "move"    // it goes to a folder
)

// Filing is a mode and its target: the keyword, or the folder.
type Filing struct {
	Mode   FilingMode
	Target string
}

// File files mails that are on record. Mails that are gone meanwhile are no error; ErrGone is, when a folder was
// renumbered. Filing a mail twice is harmless (without MOVE, a copy can be left over when the connection broke halfway).
// A folder that does not exist is created.
func (w *Watcher) File(ctx context.Context, how Filing, keys ...mailbox.Key) error {
	if how.Mode == Leave || len(keys) == 0 {
		return nil
	}
	return w.work.use(ctx, func(c *conn) error {
		for _, group := range byFolder(keys) {
			if err := w.work.open(ctx, group[0].Folder, group[0].UIDValidity); err != nil {
				return err
			}
			set := uidSet(uidsOf(group))
			var err error
			switch how.Mode {
			case Keyword:
				err = w.keyword(ctx, c, set, goimap.Flag(how.Target))
			case Move:
				err = c.move(ctx, set, how.Target)
			default:
				err = fmt.Errorf("filing: %q is none of leave, keyword, move", how.Mode)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *Watcher) keyword(ctx context.Context, c *conn, set goimap.UIDSet, word goimap.Flag) error {
	if !takesKeyword(w.work.data.PermanentFlags, word) {
		return fmt.Errorf("%s: %w", w.work.selected, ErrCannotKeyword)
	}
	return c.addFlag(ctx, set, word)
}

func takesKeyword(permanent []goimap.Flag, word goimap.Flag) bool {
	return slices.Contains(permanent, goimap.FlagWildcard) || slices.Contains(permanent, word)
}

func (c *conn) addFlag(ctx context.Context, set goimap.UIDSet, flag goimap.Flag) error {
	return c.do(ctx, "setting "+string(flag), func() error {
		return c.client.Store(set, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{flag}}, nil).Close()
	})
}

// canMove tells whether a move touches nothing but the mail that is moved.
func (c *conn) canMove() bool {
	return c.caps.Has(goimap.CapMove) || c.caps.Has(goimap.CapUIDPlus) || c.caps.Has(goimap.CapIMAP4rev2)
}

func (c *conn) move(ctx context.Context, set goimap.UIDSet, folder string) error {
	if !c.canMove() {
		return ErrCannotMove
	}
	err := c.moveOnce(ctx, set, folder)
	var refused *goimap.Error
	if !errors.As(err, &refused) || refused.Code != goimap.ResponseCodeTryCreate {
		return err
	}
	if err := c.do(ctx, "creating "+folder, func() error { return c.client.Create(folder, nil).Wait() }); err != nil {
		return err
	}
	return c.moveOnce(ctx, set, folder)
}

func (c *conn) moveOnce(ctx context.Context, set goimap.UIDSet, folder string) error {
	// The library's own fallback ends in a plain EXPUNGE, which removes what other people have deleted. So Move is only
	// called where the server has it.
	if c.caps.Has(goimap.CapMove) {
		return c.do(ctx, "moving to "+folder, func() error {
			_, err := c.client.Move(set, folder).Wait()
			return err
		})
	}
	// What a person has deleted before is not ours to expunge: it is neither copied nor removed.
	alive, err := c.search(ctx, "searching for mails to move", goimap.SearchCriteria{
		UID: []goimap.UIDSet{set}, NotFlag: []goimap.Flag{goimap.FlagDeleted},
	})
	if err != nil || len(alive) == 0 {
		return err
	}
	if err := c.do(ctx, "copying to "+folder, func() error {
		_, err := c.client.Copy(alive, folder).Wait()
		return err
	}); err != nil {
		return err
	}
	if err := c.addFlag(ctx, alive, goimap.FlagDeleted); err != nil {
		return err
	}
	return c.do(ctx, "expunging what was moved", func() error { return c.client.UIDExpunge(alive).Close() })
}

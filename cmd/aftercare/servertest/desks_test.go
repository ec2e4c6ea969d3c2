package servertest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"aftercare/internal/mailtest/memory"
	"aftercare/responder"
)

// desk is the program on the other side: it answers each of our mails from a new address.
type desk func(i int64, ours received) (sender string, answer []byte)

// TestTwoDesks: the other side answers each of our replies by a program that hides. The headers by which programs say what
// they are are gone, and the sender is another one each time. It ends, at the latest at the caps, and staff hear of it.
func TestTwoDesks(t *testing.T) {
	const domainCap = 10
	tests := []struct {
		name string
		desk desk
		ends responder.Reason // of the mail at which it ends
		most int              // replies
	}{
		// Nothing is left that tells that it is about a mail of ours: only the count of replies to the domain helps.
		{"nothing of ours is left", func(i int64, _ received) (string, []byte) {
			sender := fmt.Sprintf("person%d@desk.example", i)
			return sender, repair(sender, "support@support.example", int(100+i))
		}, responder.ReasonCappedDomain, domainCap},
		{"domains change as well", func(i int64, _ received) (string, []byte) {
			sender := fmt.Sprintf("person@desk%d.example", i)
			return sender, repair(sender, "support@support.example", int(100+i))
		}, responder.ReasonCappedTotal, 20},
		{"the thread is kept", func(i int64, ours received) (string, []byte) {
			sender := fmt.Sprintf("person%d@desk.example", i)
			return sender, letter(sender, "support@support.example", "Re: "+ours.Subject, "The pump is broken, please repair it.", "In-Reply-To: <"+ours.MessageID+">")
		}, responder.ReasonFurtherMail, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p *memoryPost
			var n atomic.Int64
			p = newMemoryPost(t, func(c *memory.SMTPConfig) {
				c.Deliver = func(d memory.Delivered) {
					if strings.Contains(d.To[0], "desk") {
						_, answer := tt.desk(n.Add(1), received{Message: parse(d.Data)})
						p.put(t, "support", answer)
					}
				}
			})
			s := newSite(t, p, setup{top: []string{fmt.Sprintf("caps: {domain_hour: %d, total_hour: 20}", domainCap)}})
			s.start()
			_, first := tt.desk(0, received{})
			p.arrive(t, "support", first)
			last := s.await(t, "the end", 1, func(r record) bool { return r.Reason == tt.ends })[0]
			if last.Disposition != responder.Held || last.Case == 0 {
				t.Errorf("the mail at which it ends is %s, under case %d", last.Disposition, last.Case)
			}
			eventually(t, "staff told", func() bool {
				return slices.ContainsFunc(p.inbox(t, "duty@staff.example"), func(r received) bool {
					return strings.Contains(r.Subject, responder.FormatCase(last.Case))
				})
			})
			s.tick(t)
			replies := 0
			for _, d := range p.smtp.Messages() {
				if strings.Contains(d.To[0], "desk") {
					replies++
				}
			}
			if replies != tt.most {
				t.Errorf("%d replies went to the other desk, not %d", replies, tt.most)
			}
			s.sound(t)
		})
	}
}

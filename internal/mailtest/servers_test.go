package mailtest_test

import (
	"strings"
	"testing"
	"time"

	"aftercare/internal/mailtest"
)

const mailText = "From: a@customer.example\r\nTo: desk@support.example\r\nMessage-ID: <1@customer.example>\r\nSubject: x\r\n\r\nhello\r\n"

func TestDovecotAndPostfix(t *testing.T) {
	d := mailtest.StartDovecot(t, mailtest.DovecotConfig{})
	p := mailtest.StartPostfix(t, d, mailtest.PostfixConfig{
		Domains:  []string{"support.example", "customer.example"},
		CatchAll: map[string]string{"customer.example": "everybody@support.example"},
	})
	d.Deliver("desk", []byte(mailText), []byte(mailText))
	c := d.Client("desk")
	if l := c.List("INBOX"); len(l) != 2 || !strings.Contains(string(l[0].Raw), "hello") {
		t.Fatalf("after LMTP the folder holds %v", l)
	}
	if err := p.Submit(t, d, "desk", "desk@support.example", "ann@customer.example", []byte(mailText)); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for len(d.Client("everybody").List("INBOX")) == 0 {
		if time.Now().After(deadline) {
			t.Fatalf("the submitted mail did not arrive:\n%s", p.Log())
		}
		time.Sleep(20 * time.Millisecond)
	}
	d.Renumber("desk")
	if l := c.List("INBOX"); len(l) != 2 {
		t.Errorf("after a renumbering the folder holds %v", l)
	}
}

package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/store"
	"aftercare/templates"
)

// letter is a customer's mail of one class.
type letter struct{ class, lang, text string }

// letters are one of each class and language. %s is where the product may be named.
var letters = []letter{
	{"repair", "en", "Hello, our pump%s is broken and leaks since this morning. Please repair it."},
	{"repair", "zh", "您好，我们的水泵%s坏了，一直漏水，请尽快维修。"},
	{"replacement", "en", "Hello, please send us a replacement unit for the pump%s. We want a new one instead of it."},
	{"replacement", "zh", "您好，我们要求更换水泵%s，请给我们换一台新的。"},
	{"return", "en", "Hello, we want to return the pump%s and get our money back."},
	{"return", "zh", "您好，我们要退货，水泵%s请给我们办理退款。"},
	{"service", "en", "Hello, please send us a quotation for spare parts and yearly maintenance of the pump%s."},
	{"service", "zh", "您好，请给我们报价：水泵%s的备件和年度保养多少钱？"},
	{"usage", "en", "Hello, how do I set the pressure of the pump%s? Where is it described in the manual?"},
	{"usage", "zh", "您好，请问水泵%s的压力怎么设置？说明书里在哪里有介绍？"},
	{"project", "en", "Hello, can you design and manufacture a custom pumping station to our specification, like the pump%s?"},
	{"project", "zh", "您好，你们能按照我们的要求设计和制造一套定制泵站吗？参考水泵%s。"},
	{"training", "en", "Hello, we would like to book a training course for our operators on the pump%s."},
	{"training", "zh", "您好，我们想报名参加水泵%s的技术培训课程。"},
	{"feedback", "en", "Hello, thank you for the excellent work on the pump%s. Your people did a great job."},
	{"feedback", "zh", "您好，水泵%s用得很好，感谢你们的优质服务，给你们点赞。"},
	{"complaint", "en", "I want to make a complaint. Your service about the pump%s is unacceptable and nobody answers us."},
	{"complaint", "zh", "我要投诉！你们对水泵%s的服务态度太差了，一直没人理我们。"},
	{"visit", "en", "Hello, please send a technician to our site for a visit. It is about the pump%s."},
	{"visit", "zh", "您好，请派工程师上门看一下水泵%s。"},
	{"other", "en", "Hello, our company has another name since Monday. The pump%s stays where it is."},
	{"other", "zh", "您好，本公司名称已变更，特此告知。水泵%s照旧。"},
}

// about is the text with a product named in it; "" names none.
func (l letter) about(serial string) string {
	name := ""
	switch {
	case serial == "":
	case l.lang == "zh":
		name = "（序列号 " + serial + "）"
	default:
		name = ", serial number " + serial + ","
	}
	return fmt.Sprintf(l.text, name)
}

// find returns the letter of a class and language.
func find(class, lang string) letter {
	for _, l := range letters {
		if l.class == class && l.lang == lang {
			return l
		}
	}
	return letter{}
}

// manyCaps lifts the caps, for desks that get many mails at once.
const manyCaps = "caps: {total_hour: 1000, domain_hour: 1000}\n"

// The products that contracts on record name, by what the policy grants for them in November 2026.
const (
	inTerm   = "PX-100-2233" // in the term, never repaired
	failed   = "PX-100-4455" // in the term; its last repair did not meet the requirements
	mended   = "PX-100-6677" // in the term; its last repair met them
	ended    = "PX-100-8899" // the term ended in 2025; its last repair did not meet the requirements
	replaced = "PX-200-1100" // in the term; it replaced the product whose repair failed
	nobodys  = "QZ-900-5511" // on no record
)

// contracts puts the registry of Acme on record: one contract in the term, one whose term has ended.
func (d *desk) contracts() {
	d.t.Helper()
	in := store.RegistryImport{Apply: true, Who: "test",
		Customers: []store.Customer{
			{Name: "Acme Waterworks", Addresses: []string{"ann@client.example"}, Domains: []string{"acme.example"}},
			{Name: "Beta Mills", Addresses: []string{"bea@beta.example"}},
		},
		Contracts: []store.ContractRow{
			{Number: "C-2026-01", Customer: "Acme Waterworks", FirstDay: "2026-01-01", LastDay: "2027-12-31", Zone: "Asia/Shanghai", City: "南京", Province: "江苏"},
			{Number: "C-2023-07", Customer: "Acme Waterworks", FirstDay: "2023-01-01", LastDay: "2025-12-31", Zone: "Asia/Shanghai"},
			{Number: "C-2026-02", Customer: "Beta Mills", FirstDay: "2026-01-01", LastDay: "2026-12-31", Zone: "America/New_York"},
		},
		Products: []store.ProductRow{
			{Serial: inTerm, Contract: "C-2026-01"}, {Serial: failed, Contract: "C-2026-01"}, {Serial: mended, Contract: "C-2026-01"},
			{Serial: replaced, Contract: "C-2026-01", Predecessor: failed}, {Serial: ended, Contract: "C-2023-07"}, {Serial: "BM-1", Contract: "C-2026-02"},
		}}
	_, err := d.store.ImportRegistry(context.Background(), in, d.clock)
	d.must(err)
	id, err := d.store.OpenCase(context.Background(), store.NewCase{Case: responder.Case{Class: "repair"}, Channel: store.ChannelPhone, Answered: d.clock}, d.clock)
	d.must(err)
	for _, r := range []struct {
		serial string
		ok     bool
	}{{failed, false}, {ended, false}, {mended, true}} {
		d.repair(id, r.serial, r.ok, d.clock.AddDate(0, 0, -20))
	}
	d.must(d.store.CloseCase(context.Background(), id, "test", "", d.clock))
}

// repair puts a finished repair on record.
func (d *desk) repair(id int64, serial string, ok bool, at time.Time) {
	d.t.Helper()
	_, err := d.store.RecordRepair(context.Background(), store.NewRepair{Case: id, Serial: serial, At: at, OK: ok, Who: "test"}, d.clock)
	d.must(err)
}

// answer is the reply of a case to its customer, and the grant that its template declares.
type answer struct {
	template, grant, subject, text string
	told                           []string // the templates of the mails that staff got about it
}

// answerOf reads the one reply of a case as the customer gets it.
func (d *desk) answerOf(id int64) answer {
	d.t.Helper()
	var a answer
	for _, m := range d.file(id).Mails {
		if m.Lane != responder.LaneCustomer {
			a.told = append(a.told, m.Template)
			continue
		}
		if a.template != "" {
			d.t.Fatalf("case %d has a second reply, %s", id, m.Template)
		}
		j, err := d.store.Job(context.Background(), m.ID)
		d.must(err)
		p := mailbox.Parse(strings.NewReader(string(j.Raw)), int64(len(j.Raw)), mailbox.DefaultLimits())
		a.template, a.subject, a.text = m.Template, p.Subject, p.Body.Full
	}
	for _, t := range d.parts.Templates.Templates() {
		if t.Name == a.template {
			a.grant = t.Grant
		}
	}
	if a.grant == "" {
		a.grant = templates.GrantNone
	}
	return a
}

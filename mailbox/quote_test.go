package mailbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCutBodyNew has one row a client, language or habit: the text, and the words that are new in it.
func TestCutBodyNew(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"no quote", "The pump leaks.\n\nPlease come.", "The pump leaks.\n\nPlease come."},
		{"empty", "  \n\n", ""},
		{"gmail", "Yes.\n\nOn Mon, Nov 3, 2025 at 10:00 AM Ann Lee <ann@a.example> wrote:\n\n> Is it on?\n", "Yes."},
		{"gmail, wrapped", "Yes.\n\nOn Mon, Nov 3, 2025 at 10:00 AM Ann Lee-Longname via Support Desk\n<support@desk.example> wrote:\n\n> Is it on?", "Yes."},
		{"gmail, chinese", "好的\n\n甲乙 <jia@a.example> 于2025年11月3日周一 10:00写道：\n\n> 开着吗", "好的"},
		{"gmail, taiwan", "好的\n\n甲乙 <jia@a.example> 於 2025年11月3日 週一 上午10:00寫道：\n\n> 開著嗎", "好的"},
		{"apple, chinese", "好的\n\n> 在 2025年11月3日，上午10:00，甲乙 <jia@a.example> 写道：\n> \n> 开着吗", "好的"},
		{"iphone, chinese", "好的\n\n发自我的iPhone\n\n> 在 2025年11月3日，10:00，甲乙 <jia@a.example> 写道：\n> 开着吗", "好的"},
		{"163", "收到。\n\n\n\n\n在 2025-11-03 10:00:00，\"甲乙\" <jia@a.example> 写道：\n\n开着吗", "收到。"},
		{"163, english", "收到。\n\nAt 2025-11-03 10:00:00, \"jia\" <jia@a.example> wrote:\n开着吗", "收到。"},
		{"netease master", "收到。\n\n---- 回复的原邮件 ----\n| 发件人 | 甲乙<jia@a.example> |\n| 日期 | 2025年11月03日 10:00 |\n| 收件人 | b@b.example |\n| 主题 | 泵 |\n开着吗", "收到。"},
		{"netease master, english", "Got it.\n\n---- Replied Message ----\n| From | Ann<ann@a.example> |\n| Date | 11/3/2025 10:00 |\n| To | b@b.example |\n| Subject | Pump |\nIs it on?", "Got it."},
		{"qq", "已换新的。\n\n\n------------------ 原始邮件 ------------------\n发件人: \"甲\" <a@a.example>;\n发送时间: 2025年11月3日(星期一) 上午10:00\n收件人: \"乙\"<b@b.example>;\n主题: 泵\n\n开着吗", "已换新的。"},
		{"qq, entity", "行\n\n------------------&nbsp;原始邮件&nbsp;------------------\n发件人: x", "行"},
		{"qq, phone", "行\n\n\n\n---原始邮件---\n发件人: \"甲\"<a@a.example>\n发送时间: 2025年11月3日\n主题: 泵\n旧", "行"},
		{"foxmail", "请看图。\n\n\n\n甲乙\n \n发件人： 丙\n发送时间： 2025-11-03 10:00\n收件人： 甲乙\n主题： Re: 泵\n开着吗", "请看图。\n\n甲乙"},
		{"alimail", "好\n------------------------------------------------------------------\n发件人：甲 <a@a.example>\n发送时间：2025年11月3日(星期一) 10:00\n收件人：乙 <b@b.example>\n主　题：泵\n\n旧", "好"},
		{"outlook", "Yes, twice.\n\nFrom: Ann Lee <ann@a.example>\nSent: Monday, November 3, 2025 10:00 AM\nTo: Bob\nCc: Carl;\n Dora\nSubject: RE: Pump\n\nDid you?", "Yes, twice."},
		{"outlook, names without addresses", "Yes.\n\nFrom: Ann Lee \nSent: Monday, November 3, 2025 10:00 AM\nTo: Bob\nSubject: RE: Pump\n\nDid you?", "Yes."},
		{"outlook, bold", "Yes.\n\n*From:* Ann\n*Sent:* Monday\n*To:* Bob\n*Subject:* Pump\n\nDid you?", "Yes."},
		{"outlook, chinese", "可以。\n\n发件人: 甲 <a@a.example> \n发送时间: 2025年11月3日 10:00\n收件人: 乙\n抄送: 丙\n主题: 答复: 泵\n\n行吗", "可以。"},
		{"outlook, taiwan", "可以。\n\n寄件者: 甲\n寄件日期: 2025年11月3日\n收件者: 乙\n主旨: RE: 泵\n\n行嗎", "可以。"},
		{"outlook, japanese", "はい。\n\n差出人: 甲\n送信日時: 2025年11月3日\n宛先: 乙\n件名: RE: ポンプ\n\nどうですか", "はい。"},
		{"outlook, korean", "네.\n\n보낸 사람: 김\n보낸 날짜: 2025년 11월 3일\n받는 사람: 이\n제목: 펌프\n\n되나요", "네."},
		{"outlook, german", "Ja.\n\nVon: Ann\nGesendet: Montag, 3. November 2025 10:00\nAn: Bob\nBetreff: AW: Pumpe\n\nLäuft sie?", "Ja."},
		{"outlook, french", "Oui.\n\nDe : Ann\nEnvoyé : lundi 3 novembre 2025 10:00\nÀ : Bob\nObjet : RE: Pompe\n\nMarche-t-elle ?", "Oui."},
		{"outlook, spanish", "Sí.\n\nDe: Ann\nEnviado el: lunes, 3 de noviembre de 2025 10:00\nPara: Bob\nAsunto: RE: Bomba\n\n¿Funciona?", "Sí."},
		{"outlook, polish", "Tak.\n\nOd: Ann\nWysłano: poniedziałek, 3 listopada 2025\nDo: Bob\nTemat: Pompa\n\nDziała?", "Tak."},
		{"outlook, swedish", "Ja.\n\nFrån: Ann\nSkickat: den 3 november 2025 10:00\nTill: Bob\nÄmne: SV: Pump\n\nGår den?", "Ja."},
		{"outlook, turkish", "Evet.\n\nKimden: Ann\nGönderildi: 3 Kasım 2025\nKime: Bob\nKonu: Pompa\n\nÇalışıyor mu?", "Evet."},
		{"outlook, original message", "Yes.\n\n-----Original Message-----\nFrom: Ann\nSent: Monday\n\nDid you?", "Yes."},
		{"outlook, bilingual", "可以\n\n发件人(From): 甲\n时间(Date): 2025-11-03\n收件人(To): 乙\n主题(Subject): 泵\n旧", "可以"},
		{"notes", "Yes.\n\nAnn Lee <ann@a.example>\n11/03/2025 10:00 AM\n\nTo\nBob\ncc\n\nSubject\nPump\n\nDid you?", "Yes."},
		{"notes, chinese, with colons", "可以。\n\n甲/设备部/某公司\n2025/11/03 10:00\n\n收件人:\t乙\n抄送:\n主题:\tRe: 泵\n\n行吗", "可以。"},
		{"wecom", "可以。\n\n原始邮件\n发件人：甲<a@a.example>\n发件时间：2025年11月3日 10:00\n收件人：乙\n主题：泵\n\n行吗", "可以。"},
		{"coremail", "可以。\n\n-----原始邮件-----\n发件人:\"甲\" <a@a.example>\n发送时间:2025-11-03 10:00:00 (星期一)\n收件人: b@b.example\n主题: 泵\n\n行吗", "可以。"},
		{"netease master, tabs", "好\n\n---- 回复的原邮件 ----\n发件人\t甲<a@a.example>\n发送日期\t2025年11月3日\n主题\t泵\n旧", "好"},
		{"thunderbird, german", "Ja.\n\nAm 03.11.25 um 10:00 schrieb Ann Lee:\n> Läuft sie?", "Ja."},
		{"thunderbird, french", "Oui.\n\nLe 03/11/2025 à 10:00, Ann Lee a écrit :\n> Ça marche ?", "Oui."},
		{"spanish", "Sí.\n\nEl lun, 3 nov 2025 a las 10:00, Ann (<ann@a.example>) escribió:\n\n> ¿Funciona?", "Sí."},
		{"italian", "Sì.\n\nIl giorno lun 3 nov 2025 alle ore 10:00 Ann <ann@a.example> ha scritto:\n\n> Funziona?", "Sì."},
		{"dutch", "Ja.\n\nOp ma 3 nov 2025 om 10:00 schreef Ann <ann@a.example>:\n\n> Werkt hij?", "Ja."},
		{"danish", "Ja.\n\nDen man. 3. nov. 2025 kl. 10.00 skrev Ann <ann@a.example>:\n\n> Virker den?", "Ja."},
		{"norwegian", "Ja.\n\nman. 3. nov. 2025 kl. 10:00 skrev Ann <ann@a.example>:\n\n> Virker den?", "Ja."},
		{"swedish", "Ja.\n\nDen mån 3 nov. 2025 kl 10:00 skrev Ann <ann@a.example>:\n\n> Går den?", "Ja."},
		{"finnish", "Kyllä.\n\nma 3. marrask. 2025 klo 10.00 Ann <ann@a.example> kirjoitti:\n\n> Toimiiko?", "Kyllä."},
		{"czech", "Ano.\n\npo 3. 11. 2025 v 10:00 odesílatel Ann <ann@a.example> napsal:\n\n> Běží?", "Ano."},
		{"russian", "Да.\n\nпн, 3 нояб. 2025 г. в 10:00, Ann <ann@a.example>:\n\n> Работает?", "Да."},
		{"russian, wrote", "Да.\n\n3 ноября 2025, 10:00 Ann <ann@a.example> написал:\n> Работает?", "Да."},
		{"turkish", "Evet.\n\nAnn <ann@a.example>, 3 Kas 2025 Pzt, 10:00 tarihinde şunu yazdı:\n\n> Çalışıyor mu?", "Evet."},
		{"japanese", "はい。\n\n2025年11月3日(月) 10:00 Ann <ann@a.example>:\n\n> 動きますか", "はい。"},
		{"korean", "네.\n\n2025년 11월 3일 (월) 오전 10:00, Ann <ann@a.example>님이 작성:\n\n> 되나요", "네."},
		{"phone", "Ok will do\n\nSent from my iPhone\n\nOn 3 Nov 2025, at 10:00, Ann <ann@a.example> wrote:\n\nIs it on?", "Ok will do"},
		{"phone, outlook", "Ok\n\nGet Outlook for Android\n________________________________\nFrom: Ann <ann@a.example>\nSent: Monday, November 3, 2025 10:00:00 AM\nTo: Bob\nSubject: Pump\n\nIs it on?", "Ok"},
		{"phone, chinese", "换好了\n\n发自我的华为手机", "换好了"},
		{"helpdesk line", "Still broken.\n\n##- Please type your reply above this line -##\n\nYour request was updated.", "Still broken."},
		{"bottom-posted", "On Mon, Nov 3, 2025 at 10:00, Ann <ann@a.example> wrote:\n> Is it on?\n> And warm?\n\nBoth.", "Both."},
		{"bottom-posted, chinese", "在 2025/11/3 10:00, 甲 写道:\n> 开着吗?\n\n开着，也热。", "开着，也热。"},
		{"bottom-posted below an outlook express header", "-----Original Message-----\nFrom: Ann\nSubject: Pump\n\n> Is it on?\n\nYes it is.", "Yes it is."},
		{"interleaved", "On Mon, Nov 3, 2025, Ann <ann@a.example> wrote:\n> Is it on?\nYes.\n> Is it warm?\nNo.\n>\n> Ann", "Yes.\n\nNo."},
		{"one cited passage between own words", "You wrote something odd last week.\n\n> Water the pump daily.\n\nDid you mean oil?", "You wrote something odd last week.\n\n> Water the pump daily.\n\nDid you mean oil?"},
		{"broken quote lines", "Yes.\n\n> a very long line of the older mail that some relay on the way broke into two\nlines\n> of text", "Yes."},
		{"one field below a mark", "-----Original Message-----\nFrom: Ann <ann@a.example>\n> Is it on?\n\nYes.", "Yes."},
		{"marks of somebody's own", "On Mon, 3 Nov 2025, Ann Lee wrote:\n--]Is it on?\n--]Really?\n\nYes.", "Yes."},
		{"a list below an attribution is a quote", "Yes.\n\nOn Mon, 3 Nov 2025, Ann Lee wrote:\n- is it on\n- is it warm", "Yes."},
		{"initials in front of the quote marks", "Yes.\n\nAL> Is it on?\nAL> Really?", "Yes."},
		{"signature", "It leaks.\n\n-- \nAnn Lee\nTel. 1", "It leaks."},
		{"signature above the quote", "It leaks.\n-- \nAnn Lee\n\nOn Mon, Nov 3, 2025, Bob <b@b.example> wrote:\n> How?", "It leaks."},
		{"closing formula and contacts", "It leaks.\n\nBest regards,\nAnn Lee\nMaintenance Manager\nACME Foods Ltd\nTel: +44 20 7946 0000", "It leaks."},
		{"closing formula and a name only", "It leaks.\n\nThanks,\nAnn", "It leaks.\n\nThanks,\nAnn"},
		{"chinese signature", "泵漏油，请派人。\n\n王五\n设备部\n某某食品有限公司\n电话：0512-00000000", "泵漏油，请派人。"},
		{"facts of a form are no signature", "设备报修\n\n单位：某某食品有限公司\n序列号：KX-1\n电话：0512-00000000", "设备报修\n\n单位：某某食品有限公司\n序列号：KX-1\n电话：0512-00000000"},
		{"a list of numbers is no signature", "We need:\n\n10 gaskets\n2 seals", "We need:\n\n10 gaskets\n2 seals"},
		{"heading underlined", "Fault\n-----\nIt leaks at the seal.", "Fault\n-----\nIt leaks at the seal."},
		{"a short paragraph below a rule is no signature", "Hello,\n\nsee below.\n\n-----\n\nThe seal leaks.", "Hello,\n\nsee below.\n\n-----\n\nThe seal leaks."},
		{"disclaimer", "It leaks.\n\nThis e-mail and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, delete it.", "It leaks."},
		{"disclaimer, chinese", "漏油了。\n\n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。如果您错收了本邮件，请立即通知发件人并删除。", "漏油了。"},
		{"the word confidential in a customer's sentence", "Please keep the drawing confidential, it is for our new line.", "Please keep the drawing confidential, it is for our new line."},
		{"banner", "CAUTION: External email. Do not click links.\n\nIt leaks.", "It leaks."},
		{"a colon is no attribution", "The operator wrote:\nE-17 and then it stopped.", "The operator wrote:\nE-17 and then it stopped."},
		{"on this day", "On Monday the pump stopped at 10:00 and nobody came:\nthat is bad.", "On Monday the pump stopped at 10:00 and nobody came:\nthat is bad."},
		{"a journey is no header", "Please fetch it.\nFrom: Hamburg\nTo: Berlin\nDate: 3 May\nIt weighs 80 kg.", "Please fetch it.\nFrom: Hamburg\nTo: Berlin\nDate: 3 May\nIt weighs 80 kg."},
		{"about your mail of", "您好，\n关于您2025年11月3日10:00的邮件：\n泵还是漏。", "您好，\n关于您2025年11月3日10:00的邮件：\n泵还是漏。"},
		{"a report of the shift is no attribution", "Hello,\nthe night shift wrote at 02:30 on 3.11.2025:\npressure lost, oil on the floor.", "Hello,\nthe night shift wrote at 02:30 on 3.11.2025:\npressure lost, oil on the floor."},
		{"a memo is a new mail", "To: Service\nFrom: Plant 2\nDate: 3 November\nSubject: Pump\n\nIt leaks.", "To: Service\nFrom: Plant 2\nDate: 3 November\nSubject: Pump\n\nIt leaks."},
		{"table with bars", "| Model | S/N |\n| K200 | KX-1 |\nleaks", "| Model | S/N |\n| K200 | KX-1 |\nleaks"},
		{"forward", "fyi\n\n---------- Forwarded message ---------\nFrom: Ann <ann@a.example>\nDate: Mon, 3 Nov 2025\nSubject: Pump\nTo: <b@b.example>\n\nIt leaks.", "fyi"},
		{"only quotes", "> It leaks.", "> It leaks."},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := cutBody(row.text).New; got != row.want {
				t.Errorf("\ngot  %q\nwant %q", got, row.want)
			}
		})
	}
}

func TestForClassifier(t *testing.T) {
	const forwarded = "\n\n---------- Forwarded message ---------\nFrom: Ann <ann@a.example>\nDate: Mon, 3 Nov 2025\nSubject: Pump\nTo: <b@b.example>\n\nIt leaks."
	for _, row := range []struct {
		name, text, want string
		quoted           bool
	}{
		{"own words", "It leaks.", "It leaks.", false},
		{"fyi", "FYI" + forwarded, "Pump\n\nIt leaks.", true},
		{"please handle", "Hi Bob,\nplease handle, thanks.\nAnn" + forwarded, "Pump\n\nIt leaks.", true},
		{"chinese", "小王，请处理一下，谢谢！\n\n------------------ 原始邮件 ------------------\n发件人: 甲<a@a.example>\n主题: 泵\n\n漏油了", "泵\n\n漏油了", true},
		{"see below, in chinese", "见下\n\n发件人: 甲<a@a.example>\n发送时间: 2025年11月3日\n收件人: 乙\n主题: 泵\n\n漏油了", "泵\n\n漏油了", true},
		{"nothing but a forward", forwarded, "Pump\n\nIt leaks.", true},
		{"nothing but quotes", "> It leaks.", "It leaks.", true},
		{"own words above a forward", "They are angry, call them today" + forwarded, "They are angry, call them today", false},
		{"one short word that says something", "泄漏！\n\n> 好了吗", "泄漏！", false},
		{"cited passage is left out", "Odd.\n\n> Water it.\n\nDid you mean oil?", "Odd.\n\nDid you mean oil?", false},
		{"thanks are an answer", "Hi,\nthanks, Bob!\n\n> We will come on Monday.", "Hi,\nthanks, Bob!", false},
		{"thanks are an answer, in chinese", "谢谢！\n\n> 周一到", "谢谢！", false},
		{"says nothing and has nothing below", "please handle", "please handle", false},
		{"apple forward", "FYI\n\nBegin forwarded message:\n\n> From: Ann <ann@a.example>\n> Subject: Pump\n> Date: 3 November 2025\n> To: Bob\n> \n> It leaks.", "Pump\n\nIt leaks.", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, quoted := cutBody(row.text).ForClassifier()
			if got != row.want || quoted != row.quoted {
				t.Errorf("got %q, %v, want %q, %v", got, quoted, row.want, row.quoted)
			}
		})
	}
}

func TestInlineForward(t *testing.T) {
	for _, row := range []struct {
		name, text    string
		from, subject string
		marked        bool
	}{
		{"gmail", "fyi\n\n---------- Forwarded message ---------\nFrom: Ann Lee <ann@a.example>\nDate: Mon, 3 Nov 2025\nSubject: Pump leaks\nTo: <b@b.example>\n\nIt leaks.", "ann@a.example", "Pump leaks", true},
		{"outlook", "pls handle\n\nFrom: Ann Lee [mailto:ann@a.example]\nSent: Monday\nTo: Bob\nSubject: Pump leaks\n\nIt leaks.", "ann@a.example", "Pump leaks", false},
		{"qq", "\n\n------------------ 原始邮件 ------------------\n发件人: \"甲\"<ann@a.example>;\n发送时间: 2025年11月3日\n主题: Pump leaks\n\nIt leaks.", "ann@a.example", "Pump leaks", false},
		{"netease", "请处理\n\n-------- 转发邮件信息 --------\n发件人：\"甲\" <ann@a.example>\n发送日期：2025-11-03 10:00\n收件人：b@b.example\n主题：Pump leaks\nIt leaks.", "ann@a.example", "Pump leaks", true},
		{"apple", "Begin forwarded message:\n\n> From: Ann <ann@a.example>\n> Subject: Pump leaks\n> To: Bob\n>\n> It leaks.", "ann@a.example", "Pump leaks", true},
		{"thunderbird", "-------- Weitergeleitete Nachricht --------\nBetreff: \tPump leaks\nDatum: \tMon, 3 Nov 2025\nVon: \tAnn <ann@a.example>\nAn: \tb@b.example\n\nIt leaks.", "ann@a.example", "Pump leaks", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := cutBody(row.text).Forward
			if f == nil {
				t.Fatal("no forward found")
			}
			if f.From.Addr != row.from || f.Subject != row.subject || f.Marked != row.marked || f.Text != "It leaks." {
				t.Errorf("got %+v", *f)
			}
		})
	}
	if f := cutBody("On Mon, Nov 3, 2025, Ann <ann@a.example> wrote:\n> Is it on?").Forward; f != nil {
		t.Errorf("an attribution is no forward: %+v", *f)
	}
}

// TestBodyKeepsAll checks that no line of a mail is lost: it is in one of the parts.
func TestBodyKeepsAll(t *testing.T) {
	b := cutBody("Words here.\n\nBest regards,\nAnn Lee\nTel: +44 20 7946 0000\n\nThis message is confidential and intended for the addressee; delete it.\n\nSent from my iPhone\n\nOn Mon, Nov 3, 2025, Bob <b@b.example> wrote:\n> Older words.")
	for part, want := range map[string]string{b.New: "Words here.", b.Signature: "Ann Lee", b.Disclaimer: "confidential", b.Quoted: "Older words."} {
		if !strings.Contains(part, want) {
			t.Errorf("%q is not in %q", want, part)
		}
	}
	if !strings.Contains(b.Signature, "iPhone") {
		t.Errorf("signature %q lacks the device line", b.Signature)
	}
}

func FuzzCutBody(f *testing.F) {
	for _, s := range []string{"a\n\nOn 1 Jan 2020, A <a@b> wrote:\n> b\nc\n-- \nd", "发件人: 甲\n发送时间: 1\n主题: 2\n旧", "> > a\n|b\n---\nFrom: x | y",
		"To\nx\n\nSubject\ny", "AB> c\n\u00a0\u3000\n写道：", strings.Repeat(">", 300) + "\n<\n> wrote:"} {
		f.Add(s)
	}
	if dir := os.Getenv("AFTERCARE_DATA"); dir != "" {
		files, _ := filepath.Glob(filepath.Join(dir, "quotes", "*.mail.txt"))
		for _, name := range files {
			if b, err := os.ReadFile(name); err == nil {
				f.Add(string(b))
			}
		}
	}
	finder := newTestFinder(f)
	f.Fuzz(func(t *testing.T, s string) {
		b := cutBody(strings.ToValidUTF8(s, ""))
		if len(b.New) > len(s) || len(b.Quoted) > len(s)+1 || len(b.Signature) > len(s) {
			t.Errorf("a part is longer than the text of %d bytes", len(s))
		}
		b.ForClassifier()
		Language(s)
		finder.Find(&Message{Body: b, Subject: s})
	})
}

// benchMail is about 2 KB of a reply with signature and quote, half Chinese.
func benchMail() string {
	return "Dear service team,\n\nour pump KX-2043 in Wuxi leaks again since Monday, S/N: KX-2043-881, contract no. HT-2025-118.\n" +
		"泵体密封处漏油，已经停机两天，请尽快安排工程师到现场处理，地址：江苏省无锡市新吴区锡达路18号。\n" +
		strings.Repeat("The operator saw that the pressure drops from 6 bar to 2 bar within a minute and the motor gets warm.\n现场检查发现电机温度偏高，轴承有异响。\n", 5) +
		"\nBest regards,\nWang Wu\nMaintenance Manager\nExample Foods Co., Ltd\nTel: 0510-8888 0000\nMobile: 139 0000 0000\n\n" +
		"On Mon, Nov 3, 2025 at 10:00 AM Support <support@desk.example> wrote:\n\n" +
		strings.Repeat("> Please tell us the serial number and where the product stands.\n", 8)
}

func BenchmarkCutBody(b *testing.B) {
	s := benchMail()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		cutBody(s)
	}
}

func BenchmarkFacts(b *testing.B) {
	f := newTestFinder(b)
	m := &Message{Body: cutBody(benchMail()), Subject: "Pump leaks"}
	b.ReportAllocs()
	for b.Loop() {
		f.Find(m)
	}
}

func BenchmarkLanguage(b *testing.B) {
	s := benchMail()
	b.ReportAllocs()
	for b.Loop() {
		Language(s)
	}
}

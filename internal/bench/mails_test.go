package bench

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"time"
)

// letterSize is about what a mail of a customer weighs, with the header fields of its way, its quotes and its second part.
const letterSize = 8000

// topic is what a letter is about: what it asks for, and in the subject.
type topic struct{ subject, ask string }

// Letters are made of a topic and of details around it, so that no two are alike.
var topics = map[bool][]topic{
	false: {
		{"pump without pressure", "The hydraulic pump of our machine lost pressure again and the whole line stands still. Please repair it.\r\nThe motor stops after ten minutes of work and the display shows code E27."},
		{"excavator broken down", "Our excavator has broken down: oil drips from the left track motor and it no longer moves.\r\nWe need it repaired as soon as you can."},
		{"wrong parts in the crate", "I would like to return the spare parts of order 88213, they are the wrong size.\r\nPlease tell me where to send them back and when we get our money back."},
		{"complaint about the hotline", "I want to complain: nobody has answered the two messages that we left on your hotline.\r\nThis is not acceptable for a contract like ours and I am very angry about it."},
		{"date for a technician", "Please send a technician to our site to look at the machine.\r\nWe are there every day from seven in the morning, the engineer can come without a call."},
		{"training for two operators", "We have two new operators and would like to book a training course for them.\r\nWhen does the next course take place and what does a seat cost?"},
		{"which oil", "How do I set the idle speed, and which lubricant is right for temperatures below minus twenty?\r\nI could not find it in the manual."},
	},
	true: {
		{"液压泵没有压力", "设备的液压泵又没有压力了，整条生产线都停了下来，请尽快维修。\r\n电机工作十分钟就自己停机，显示屏上出现代码E27。"},
		{"挖掘机坏了", "我们的挖掘机坏了，左边行走马达一直漏油，开不动了。\r\n请安排修理，越快越好。"},
		{"配件要退货", "订单88213里的配件尺寸不对，我们要退货。\r\n请告诉我们退到哪里，什么时候可以退款。"},
		{"投诉热线", "我要投诉：给你们的热线留了两次言，到现在也没有人回电话。\r\n这样的服务态度我们不能接受。"},
		{"请派工程师上门", "麻烦派一位工程师到我们工地现场看看设备。\r\n工地每天早上七点就有人，随时可以上门。"},
		{"操作培训", "我们来了两个新的操作工，想参加操作培训班。\r\n下一期培训什么时候开，费用怎么算？"},
		{"怎么设置", "请问怠速怎么设置，零下二十度以下应该用哪一种润滑油？\r\n说明书里没有找到。"},
	},
}

// details are sentences that say where and how, and ask for nothing.
var details = map[bool][]string{
	false: {
		"We bought the unit in spring and it has run for about four hundred hours since.",
		"The site is easy to reach from the ring road, the gate is on the north side.",
		"My colleague Martin is there until four, after that ask for Jana at the office.",
		"It stands in the second hall, right beside the store for timber.",
		"The weather was dry all week and the ground is firm.",
		"The serial number is on the plate below the seat, I can read it to you by telephone.",
		"We use it six days a week, on Saturdays only until noon.",
		"The file that you keep about us should still hold the old street, we moved in June.",
		"A photograph would not show much, since it is dark in the hall.",
		"Our accountant has put the order into the folder of last March.",
		"The key hangs in the cabin, the cover opens with the small one.",
		"There are three of the same kind here, this is the one with the blue bucket.",
		"The counter says 1,204 hours this morning.",
		"You know the place, one of your people was here when it was delivered.",
		"We work with two shifts at present, and with three from October on.",
		"The forwarder left everything on the pallet in front of the gate.",
	},
	true: {
		"这台机器是今年春天买的，到现在大概运行了四百个小时。",
		"工地离外环很近，大门在北边。",
		"同事老张四点以前都在，之后请找办公室的小李。",
		"机器停在二号车间，旁边就是木料仓库。",
		"这个星期一直没有下雨，地面是硬的。",
		"编号在座椅下面的铭牌上，可以打电话念给你们。",
		"我们每个星期用六天，星期六只用到中午。",
		"你们档案里的地址可能还是老地址，我们六月份搬的家。",
		"车间里光线太暗，拍照也看不清楚。",
		"会计把订单放在三月份的文件夹里了。",
		"钥匙挂在驾驶室里，盖子用小的那一把。",
		"同样的机器这里有三台，这一台是蓝色铲斗的。",
		"今天早上的小时表是一千二百零四。",
		"地方你们知道，送货的时候你们有人来过。",
		"现在是两班倒，十月份开始三班倒。",
		"物流把东西都放在大门口的托盘上了。",
	},
}

// letter is the i-th mail, written at a time: each from a sender of its own, three of five in English, half of them with an HTML part, some
// with the mail before it quoted below.
func letter(i int, at time.Time) []byte {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	zh := i%5 >= 3
	var b strings.Builder
	head(&b, i, zh, at, r)
	own := topics[zh][i%len(topics[zh])].ask + "\r\n" + prose(r, zh, 2)
	old := ""
	sign := fmt.Sprintf("\r\nPaula Customer %d\r\nPlant %d, phone 021 5550 %04d\r\n", i, i%90, i%10000)
	text := func() string {
		if i%3 == 0 {
			return own + old + sign // a long story
		}
		return own + sign + quoted(old, zh)
	}
	parts := func() (string, int) {
		plain := part(text(), "text/plain", zh)
		if i%2 == 1 {
			return plain, len(plain)
		}
		html := part(page(text()), "text/html", zh)
		both := fmt.Sprintf("Content-Type: multipart/alternative; boundary=\"=_part_%[1]d\"\r\n\r\n--=_part_%[1]d\r\n%[2]s\r\n--=_part_%[1]d\r\n%[3]s\r\n--=_part_%[1]d--\r\n", i, plain, html)
		return both, len(both)
	}
	body, n := parts()
	for b.Len()+n < letterSize-400 {
		old += prose(r, zh, 3)
		body, n = parts()
	}
	return []byte(b.String() + body)
}

// head writes the fields of a mail that came over two servers.
func head(b *strings.Builder, i int, zh bool, at time.Time, r *rand.Rand) {
	stamp, written := at.Format(time.RFC1123Z), at.Add(-time.Duration(i)*time.Second/4).Format(time.RFC1123Z)
	subject := topics[zh][i%len(topics[zh])].subject
	if zh {
		subject = "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(subject)) + "?="
	}
	signature := make([]byte, 256)
	for k := range signature {
		signature[k] = byte(r.Uint32())
	}
	fmt.Fprintf(b, "Return-Path: <paula%[1]d@plant%[1]d.example>\r\n"+
		"Received: from out%[3]d.relay.example (out%[3]d.relay.example [192.0.2.%[3]d])\r\n\tby mx.support.example (Postfix) with ESMTPS id 4Xk%05[1]d\r\n"+
		"\tfor <support@support.example>; %[2]s\r\n"+
		"Received: from desk (unknown [198.51.100.%[3]d])\r\n\tby out%[3]d.relay.example (Postfix) with ESMTPSA id 7Qz%05[1]d; %[2]s\r\n"+
		"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=plant%[1]d.example; s=mail;\r\n\th=from:to:subject:date:message-id; bh=%[4]s;\r\n\tb=%[5]s\r\n",
		i, stamp, 1+i%200, base64.StdEncoding.EncodeToString(signature[:32]), folded(base64.StdEncoding.EncodeToString(signature)))
	fmt.Fprintf(b, "From: Paula Customer <paula%[1]d@plant%[1]d.example>\r\nTo: Support <support@support.example>\r\nSubject: %[2]s\r\nDate: %[3]s\r\n"+
		"Message-ID: <%08[1]x.bench@plant%[1]d.example>\r\nUser-Agent: Desk Mail 9.1\r\nAccept-Language: en, zh-CN\r\nX-Priority: 3\r\nMIME-Version: 1.0\r\n",
		i, subject, written)
}

func folded(s string) string {
	var lines []string
	for len(s) > 70 {
		lines, s = append(lines, s[:70]), s[70:]
	}
	return strings.Join(append(lines, s), "\r\n\t")
}

// prose is a paragraph of n details.
func prose(r *rand.Rand, zh bool, n int) string {
	from := details[zh]
	var b strings.Builder
	for range n {
		b.WriteString(from[r.IntN(len(from))] + "\r\n")
	}
	return b.String() + "\r\n"
}

// quoted is the mail before, as programs quote it.
func quoted(s string, zh bool) string {
	intro := "\r\nOn Fri, 27 Feb 2026 at 16:02, Desk <desk@support.example> wrote:\r\n"
	if zh {
		intro = "\r\n在 2026年2月27日 16:02，Desk <desk@support.example> 写道：\r\n"
	}
	return intro + "> " + strings.ReplaceAll(strings.TrimSuffix(s, "\r\n"), "\r\n", "\r\n> ") + "\r\n"
}

// page is a text as HTML.
func page(s string) string {
	return "<html><head><meta charset=\"utf-8\"><style>p { margin: 0 }</style></head><body><div class=\"mail\"><p>" +
		strings.ReplaceAll(strings.ReplaceAll(s, ">", "&gt;"), "\r\n", "</p>\r\n<p>") + "</p></div></body></html>\r\n"
}

// part is a text with its fields: Chinese in base64, English quoted-printable.
func part(s, kind string, zh bool) string {
	var b strings.Builder
	if zh {
		fmt.Fprintf(&b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", kind)
		enc := base64.StdEncoding.EncodeToString([]byte(s))
		for len(enc) > 76 {
			b.WriteString(enc[:76] + "\r\n")
			enc = enc[76:]
		}
		b.WriteString(enc + "\r\n")
		return b.String()
	}
	fmt.Fprintf(&b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", kind)
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // a Builder takes everything
	_ = w.Close()
	return b.String()
}

// withPhoto is a short letter with a picture.
func withPhoto(i int, at time.Time, picture string) []byte {
	r := rand.New(rand.NewPCG(uint64(i), 9))
	var b strings.Builder
	head(&b, i, false, at, r)
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"=_photo_%[1]d\"\r\n\r\n--=_photo_%[1]d\r\n%[2]s\r\n--=_photo_%[1]d\r\n"+
		"Content-Type: image/jpeg; name=\"pump.jpg\"\r\nContent-Disposition: attachment; filename=\"pump.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		i, part(prose(r, false, 12), "text/plain", false))
	b.WriteString(picture)
	fmt.Fprintf(&b, "--=_photo_%d--\r\n", i)
	return []byte(b.String())
}

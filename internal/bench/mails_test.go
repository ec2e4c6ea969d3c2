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

// Sentences that customers of a maker of equipment write. Letters are made of them, so that no two are alike.
var english = []string{
	"The hydraulic pump of our machine lost pressure again this morning and the whole line stands still.",
	"We bought the unit in spring and it has run for about four hundred hours since.",
	"Could you tell me whether the seal kit for the older model still fits the new cylinder?",
	"Your technician was here last week, changed the filter and said that all was well.",
	"The display shows code E27 and the motor stops after ten minutes of work.",
	"Please send somebody who can look at it, the site is easy to reach from the ring road.",
	"I would like to return the spare parts that came with order 88213, they are the wrong size.",
	"Nobody has answered the two messages that we left on your hotline.",
	"Is there a manual in which the wiring of the control box is drawn?",
	"Our operator noticed a grinding noise from the gear box when the boom is lowered.",
	"The invoice names a service that we never ordered, please check it.",
	"Thanks for the training in May, the new colleagues learned a lot from it.",
	"We need a date for the yearly inspection before the end of the month.",
	"Oil drips from the left track motor and a puddle forms overnight.",
	"If this happens once more we shall want our money back.",
	"The machine was moved to the second plant, so the address on your file is old.",
	"A colleague suggested that the battery is at fault, yet a new one made no difference.",
	"Can the warranty be extended for another two years, and what would it cost?",
	"The cooling fan starts late and the temperature climbs above ninety degrees.",
	"We have a contract with you that promises a visit within a day.",
	"One of the bolts of the bucket was sheared off when the crate was opened.",
	"Please advise which lubricant is right for temperatures below minus twenty.",
	"The remote control reacts only when I stand right beside the cabin.",
	"It would help us to know when the replacement can be here.",
	"The software asks for a licence key that was not in the envelope.",
	"Two of the sensors report values that cannot be true.",
	"I have attached nothing, since the camera of the office does not work.",
	"All in all we are content, only the door of the cabinet does not close.",
}

var chinese = []string{
	"今天早上设备的液压泵又没有压力了，整条生产线都停了下来。",
	"这台机器是今年春天买的，到现在大概运行了四百个小时。",
	"请问旧型号的密封件能不能装在新的油缸上？",
	"上个星期贵公司的师傅来过，换了滤芯以后说没有问题。",
	"显示屏上出现代码E27，电机工作十分钟就自己停机。",
	"麻烦安排一位工程师过来看看，工地离外环很近。",
	"订单88213里的配件尺寸不对，我们想退回去。",
	"我们给热线留了两次言，到现在也没有人回电话。",
	"有没有控制箱的接线图，可以发一份给我们吗？",
	"操作工发现大臂下降的时候变速箱里有摩擦的响声。",
	"发票上有一项服务我们从来没有订过，请核对一下。",
	"五月份的培训很好，新同事学到了不少东西。",
	"年检要在月底以前做完，请给我们一个时间。",
	"左边行走马达一直漏油，过一个晚上地上就是一滩。",
	"要是再坏一次，我们就要求退款。",
	"设备已经搬到第二厂区，你们档案里的地址是旧的。",
	"同事说可能是电瓶的问题，可是换了新的也没有用。",
	"保修期可以再延长两年吗，费用怎么算？",
	"散热风扇启动太晚，水温升到九十度以上。",
	"按照合同，你们应该在一天之内到现场。",
	"开箱的时候发现铲斗有一颗螺栓已经断了。",
	"零下二十度以下应该用哪一种润滑油，请指教。",
	"遥控器只有站在驾驶室旁边才有反应。",
	"新的配件什么时候能到，请告诉我们。",
	"软件要求输入授权码，信封里没有找到。",
	"有两个传感器报的数值明显不对。",
}

var subjects = []string{"pump without pressure", "question about parts", "date for the inspection", "wrong parts in order 88213",
	"code E27", "no answer from the hotline", "oil below the machine", "invoice of March", "licence key", "noise from the gear box"}

var subjectsZH = []string{"液压泵没有压力", "配件咨询", "预约年检", "配件尺寸不对", "显示代码E27", "热线没有人接", "设备漏油", "发票的问题", "授权码", "变速箱有异响"}

// letter is the i-th mail, written at a time: each from a sender of its own, three of five in English, half of them with an HTML part, some
// with the mail before it quoted below.
func letter(i int, at time.Time) []byte {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	zh := i%5 >= 3
	var b strings.Builder
	head(&b, i, zh, at, r)
	own, old := prose(r, zh, 14), ""
	if i%3 == 0 {
		old = quoted(prose(r, zh, 8), zh)
	}
	sign := fmt.Sprintf("\r\nPaula Customer %d\r\nPlant %d, phone 021 5550 %04d\r\n", i, i%90, i%10000)
	if i%2 == 1 {
		for b.Len()+enlarged(own+old+sign, zh) < letterSize-300 {
			own += prose(r, zh, 2)
		}
		b.WriteString(part(own+sign+old, "text/plain", zh))
		return []byte(b.String())
	}
	fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=\"=_part_%d\"\r\n\r\n", i)
	plain := part(own+sign+old, "text/plain", zh)
	html := part(page(own+sign+old), "text/html", zh)
	for b.Len()+len(plain)+len(html) < letterSize-600 {
		own += prose(r, zh, 2)
		plain, html = part(own+sign+old, "text/plain", zh), part(page(own+sign+old), "text/html", zh)
	}
	fmt.Fprintf(&b, "--=_part_%[1]d\r\n%[2]s\r\n--=_part_%[1]d\r\n%[3]s\r\n--=_part_%[1]d--\r\n", i, plain, html)
	return []byte(b.String())
}

// head writes the fields of a mail that came over two servers.
func head(b *strings.Builder, i int, zh bool, at time.Time, r *rand.Rand) {
	stamp := at.Format(time.RFC1123Z)
	subject := subjects[i%len(subjects)] + fmt.Sprintf(", machine %d", 4000+i)
	if zh {
		subject = "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(subjectsZH[i%len(subjectsZH)])) + "?="
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
		i, subject, stamp)
}

func folded(s string) string {
	var lines []string
	for len(s) > 70 {
		lines, s = append(lines, s[:70]), s[70:]
	}
	return strings.Join(append(lines, s), "\r\n\t")
}

// prose is a paragraph of n sentences.
func prose(r *rand.Rand, zh bool, n int) string {
	from, gap := english, "\r\n"
	if zh {
		from = chinese
	}
	var b strings.Builder
	for range n {
		b.WriteString(from[r.IntN(len(from))] + gap)
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

// enlarged is about how long a text becomes in a part.
func enlarged(s string, zh bool) int {
	if zh {
		return len(s) * 78 / 57
	}
	return len(s)
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

package mailbox

import (
	"strings"
	"testing"
)

func TestHTMLToText(t *testing.T) {
	for _, row := range []struct{ name, html, want string }{
		{"plain words", "hello", "hello"},
		{"white space folds", "a  \n\t b", "a b"},
		{"entities", "a &amp; b &lt;c&gt; &eacute;&#20013;", "a & b <c> é中"},
		{"non-breaking space", "a&nbsp;&nbsp;b", "a b"},
		{"paragraphs", "<p>one</p><p>two</p>", "one\n\ntwo"},
		{"outlook paragraphs are lines", `<p class="MsoNormal">one</p><p class=MsoNormal>two</p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">three</p>`, "one\ntwo\n\nthree"},
		{"paragraph without margin", `<p style="margin:0">one</p><p style="MARGIN: 0px">two</p>`, "one\ntwo"},
		{"div lines", "<div>one</div><div>two</div>", "one\ntwo"},
		{"div with a break is an empty line", "<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"},
		{"break before the end of a div", "<div>one<br></div><div>two</div>", "one\ntwo"},
		{"two breaks", "one<br><br>two", "one\n\ntwo"},
		{"many breaks", "one<br><br><br><br>two", "one\n\ntwo"},
		{"breaks with spaces", "one<br/>\n two<br />three", "one\ntwo\nthree"},
		{"inline elements join", "<b>S</b><i>/N</i>: <span>KX</span>-1", "S/N: KX-1"},
		{"heading", "<h2>Fault</h2>It leaks", "Fault\n\nIt leaks"},
		{"list", "<ul><li>one<li>two</ul>end", "- one\n- two\nend"},
		{"ordered list", "<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"},
		{"nested list", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"},
		{"table", "<table><tr><th>Model</th><th>S/N</th></tr><tr><td>K200</td><td>KX-1</td></tr></table>", "Model | S/N\nK200 | KX-1"},
		{"table with paragraphs in cells", "<table><tr><td><p>Model</p></td><td><p>K200</p></td></tr></table>", "Model | K200"},
		{"table with divs in cells", "<table><tr><td><div>型号</div></td><td><div>K200</div></td></tr><tr><td>编号</td><td>KX-1</td></tr></table>", "型号 | K200\n编号 | KX-1"},
		{"table without end tags", "<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d"},
		{"empty cells", "<table><tr><td></td><td>b</td></tr></table>", "b"},
		{"layout table", "<table><tr><td><div>one</div><div>two</div></td></tr><tr><td>three</td></tr></table>", "one\ntwo\nthree"},
		{"link adds its address", `see <a href="https://desk.example/t/1">the ticket</a>.`, "see the ticket <https://desk.example/t/1>."},
		{"link that is its address", `<a href="https://desk.example/t/1">https://desk.example/t/1</a>`, "https://desk.example/t/1"},
		{"mail link", `<a href="mailto:ann@a.example">ann@a.example</a>`, "ann@a.example"},
		{"mail link with a name", `<a href="mailto:ann@a.example?subject=x">Ann</a>`, "Ann <ann@a.example>"},
		{"script link", `<a href="javascript:alert(1)">press</a>`, "press"},
		{"long link", `<a href="https://t.example/` + strings.Repeat("x", 300) + `">press</a>`, "press"},
		{"head, style, script", "<html><head><title>T</title><style>p{}</style></head><body><script>x<y</script>words</body></html>", "words"},
		{"head without end", "<head><meta charset=gbk><body>words", "words"},
		{"display none", `<div style="display:none">preheader</div>words`, "words"},
		{"display none, spaces and case", `<span STYLE="color:red; DISPLAY : None !important">x</span>words`, "words"},
		{"mso-hide", `<p style="mso-hide:all">x</p>words`, "words"},
		{"visibility", `<span style="visibility:hidden">x</span>words`, "words"},
		{"font size nil", `<div style="font-size:0px">x</div>words`, "words"},
		{"font size nil and set again", `<td style="font-size:0"><div style="font-size:14px">seen</div></td>`, "seen"},
		{"max-height nil", `<div style="max-height:0;overflow:hidden">x</div>words`, "words"},
		{"hidden attribute", `<div hidden>x</div>words`, "words"},
		{"hidden paragraph without end", `<p style="display:none">x<p>words`, "words"},
		{"zero-width filler", "&zwnj;&#8203;&shy;words", "words"},
		{"comments", "a<!-- hidden -->b<!--[if mso]><p>mso</p><![endif]-->", "ab"},
		{"image with words", `<img alt="Pump plate" src=x>`, "[Pump plate]"},
		{"image with a file name", `a<img alt="image001.png">b`, "ab"},
		{"blockquote", "answer<blockquote>old<br>words</blockquote>end", "answer\n\n> old\n> words\n\nend"},
		{"nested blockquotes", "<blockquote>b<blockquote>a</blockquote></blockquote>", "> b\n>\n>> a"},
		{"blockquote that indents", `<blockquote style="margin:0 0 0 40px;border:none;padding:0">words</blockquote>`, "words"},
		{"gmail", `<div dir="ltr">yes</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, 3 Nov 2025 at 10:00, Ann &lt;<a href="mailto:ann@a.example">ann@a.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">Is it on?</blockquote></div>`,
			"yes\n\nOn Mon, 3 Nov 2025 at 10:00, Ann <ann@a.example> wrote:\n\n> Is it on?"},
		{"outlook on the web", `<div>yes</div><hr><div id="divRplyFwdMsg"><b>From:</b> Ann<br><b>Sent:</b> today<br></div><div>old</div>`,
			"yes\n\n-----Original Message-----\nFrom: Ann\nSent: today\nold"},
		{"rule down the left", `<div>好的</div><div style="border-left:2px solid #ccc;padding-left:8px">旧的</div>`, "好的\n> 旧的"},
		{"qq", `<div>好了</div><div><br></div><div style="padding:0;margin:0"><includetail><div style="font-size:12px">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="font-size: 12px;background:#efefef;padding:8px;"><div><b>发件人:</b>&nbsp;"甲"&lt;a@b.example&gt;;</div><div><b>发送时间:</b>&nbsp;2026年11月3日</div></div><div>旧</div></includetail></div>`,
			"好了\n\n------------------ 原始邮件 ------------------\n发件人: \"甲\"<a@b.example>;\n发送时间: 2026年11月3日\n旧"},
		{"gmail signature", `<div>words</div><div class="gmail_signature">Ann</div>`, "words\n-- \nAnn"},
		{"pre keeps lines", "<pre>a\n  b</pre>c", "a\nb\n\nc"},
		{"stray end tags", "a</div></p></td>b", "a\nb"},
		{"unknown elements", "<foo:bar>a</foo:bar><o:p></o:p>b", "ab"},
		{"half a tag", "a<div", "a"},
		{"not a tag", "3 < 4 and 5 > 4", "3 < 4 and 5 > 4"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := htmlToText(row.html, 0); got != row.want {
				t.Errorf("\ngot  %q\nwant %q", got, row.want)
			}
		})
	}
}

func TestHTMLToTextLimit(t *testing.T) {
	got := htmlToText(strings.Repeat("<p>中文 words</p>", 1000), 100)
	if len(got) > 100 || !strings.HasPrefix(got, "中文 words\n\n中文") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func TestHTMLToTextDeep(t *testing.T) {
	const n = 100_000
	for _, tag := range []string{"div", "blockquote", "table><tr><td", "ul><li", "b", "a href=http://x.example"} {
		src := strings.Repeat("<"+tag+">", n) + "words" + strings.Repeat("</div>", n)
		if got := htmlToText(src, 1<<20); !strings.Contains(got, "words") {
			t.Errorf("%s: words lost in %q", tag, got[:min(len(got), 80)])
		}
	}
}

func FuzzHTMLToText(f *testing.F) {
	for _, s := range []string{"<p>a</p><blockquote>b", `<div style="display:none">x</div><table><tr><td>1<td>2`, "<a href=x>y</a>&nbsp;&#x4e2d;",
		"<ul><li>a<ol><li>b", "<pre> x\ny</pre><img alt=z><br/>", `<div id=divRplyFwdMsg>From: x</div><!-- <style>`} {
		f.Add(s, 100)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		got := htmlToText(s, n)
		if n > 0 && len(got) > n {
			t.Errorf("%d bytes, limit %d", len(got), n)
		}
		if strings.ToValidUTF8(got, "") != got {
			t.Error("not UTF-8")
		}
	})
}

func BenchmarkHTMLToText(b *testing.B) {
	src := "<html><head><style>p{margin:0}</style></head><body>" + strings.Repeat(
		`<p class="MsoNormal" style="font-family:Calibri;font-size:11pt">The pump <b>KX-2043</b> leaks at the seal, see <a href="https://a.example/x">photos</a>.</p>`+
			`<table border=0><tr><td style="padding:0">Model</td><td>K200</td></tr></table>`, 24) + "</body></html>"
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		htmlToText(src, 1<<20)
	}
}

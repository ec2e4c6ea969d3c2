package mailbox

import (
	"encoding/base64"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// encode writes s in the charset of e.
func encode(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

func TestToUTF8(t *testing.T) {
	const (
		simple  = "您好，贵公司的离心泵昨天停机了，请派工程师上门维修。谢谢！"
		trad    = "您好，貴公司的離心泵昨天停機了，請派工程師上門維修。謝謝！"
		rare    = "设备镕基型号㐂堃喆，请查收" // beyond GB2312
		kana    = "お世話になっております。ポンプが停止しました。修理をお願いします。"
		hangul  = "안녕하세요 어제 펌프가 멈췄습니다 수리를 부탁드립니다"
		german  = "Grüße aus Köln, die Pumpe läuft nicht mehr, schöne Maßnahme"
		russian = "Здравствуйте, насос остановился, пришлите инженера"
		polish  = "Proszę o naprawę pompy, dziękuję"
	)
	gbk, gb18030 := simplifiedchinese.GBK, simplifiedchinese.GB18030
	tests := []struct {
		name     string
		raw      []byte
		declared string
		want     string
		used     string
		fault    bool
	}{
		{"ascii", []byte("plain"), "", "plain", "us-ascii", false},
		{"ascii under utf-8", []byte("plain"), "UTF-8", "plain", "utf-8", false},
		{"utf-8", []byte(simple), "utf-8", simple, "utf-8", false},
		{"utf-8 with a mark", append([]byte("\xef\xbb\xbf"), simple...), "utf-8", simple, "utf-8", false},
		{"utf-8 not declared", []byte(simple), "", simple, "utf-8", true},
		{"gb2312", encode(t, gbk, simple), "gb2312", simple, "gb18030", false},
		{"gbk called gb2312", encode(t, gbk, rare[:len(rare)-len("㐂堃喆，请查收")]+"喆"), "GB2312", "设备镕基型号喆", "gb18030", false},
		{"gb18030 called gb2312", encode(t, gb18030, rare), "gb2312", rare, "gb18030", false},
		{"gbk called iso-8859-1", encode(t, gbk, simple), "iso-8859-1", simple, "gb18030", true},
		{"gbk called us-ascii", encode(t, gbk, simple), "us-ascii", simple, "gb18030", true},
		{"gbk called utf-8", encode(t, gbk, simple), "utf-8", simple, "gb18030", true},
		{"gbk without a name", encode(t, gbk, simple), "", simple, "gb18030", true},
		{"gbk with an unknown name", encode(t, gbk, simple), "x-user-defined", simple, "gb18030", true},
		{"gbk among ascii called windows-1252", encode(t, gbk, "Dear sir, pump P-200 停机了 please help 谢谢"), "windows-1252", "Dear sir, pump P-200 停机了 please help 谢谢", "gb18030", true},
		{"big5", encode(t, traditionalchinese.Big5, trad), "big5", trad, "big5", false},
		{"big5 over utf-8", []byte(trad), "big5", trad, "utf-8", true},
		{"gb2312 over utf-8", []byte(simple), "gb2312", simple, "utf-8", true},
		{"latin-1 over utf-8", []byte(german), "iso-8859-1", german, "utf-8", true},
		{"big5 without a name", encode(t, traditionalchinese.Big5, trad), "", trad, "big5", true},
		{"two gbk characters that are valid utf-8", []byte("\xc4\xa3\xca\xbd"), "gbk", "模式", "gb18030", false},
		{"shift_jis", encode(t, japanese.ShiftJIS, kana), "Shift_JIS", kana, "shift_jis", false},
		{"shift_jis without a name", encode(t, japanese.ShiftJIS, kana), "", kana, "shift_jis", true},
		{"euc-jp without a name", encode(t, japanese.EUCJP, kana), "", kana, "euc-jp", true},
		{"iso-2022-jp", encode(t, japanese.ISO2022JP, kana), "iso-2022-jp", kana, "iso-2022-jp", false},
		{"iso-2022-jp called us-ascii", encode(t, japanese.ISO2022JP, kana), "us-ascii", kana, "iso-2022-jp", true},
		{"euc-kr", encode(t, korean.EUCKR, hangul), "ks_c_5601-1987", hangul, "euc-kr", false},
		{"euc-kr without a name", encode(t, korean.EUCKR, hangul), "", hangul, "euc-kr", true},
		{"iso-2022-kr", []byte("\x1b$)C\x0e>H3g\x0f ok"), "iso-2022-kr", "안녕 ok", "iso-2022-kr", false},
		{"hz", append(encode(t, simplifiedchinese.HZGB2312, "己所不欲"), "~}ok~~"...), "hz-gb-2312", "己所不欲ok~", "hz-gb-2312", false},
		{"hz called gb2312", []byte("Hi ~{<:Ky2;~}!"), "gb2312", "Hi 己所不!", "hz-gb-2312", true},
		{"hz not declared", []byte("~{<:Ky2;~}"), "", "己所不", "hz-gb-2312", true},
		{"a shell line is no hz", []byte("rm ~{a,b c}~}"), "", "rm ~{a,b c}~}", "us-ascii", false},
		{"utf-7", []byte("Hi +ZeVnLIqe- A+-B"), "utf-7", "Hi 日本語 A+B", "utf-7", false},
		{"latin-1", encode(t, charmap.ISO8859_1, german), "iso-8859-1", german, "windows-1252", false},
		{"latin-1 without a name", encode(t, charmap.ISO8859_1, german), "", german, "windows-1252", true},
		{"windows-1252 called latin-1", []byte("5 \x80 \x93so\x94"), "iso-8859-1", "5 € “so”", "windows-1252", false},
		{"latin-2", encode(t, charmap.ISO8859_2, polish), "iso-8859-2", polish, "iso-8859-2", false},
		{"koi8-r", encode(t, charmap.KOI8R, russian), "koi8-r", russian, "koi8-r", false},
		{"koi8-r without a name", encode(t, charmap.KOI8R, russian), "", russian, "koi8-r", true},
		{"windows-1251 without a name", encode(t, charmap.Windows1251, russian), "", russian, "windows-1251", true},
		{"windows-1251 as cp1251", encode(t, charmap.Windows1251, russian), "cp1251", russian, "windows-1251", false},
		{"utf-16le", encode(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), simple), "utf-16le", simple, "utf-16le", false},
		{"utf-16 with a mark and no name", encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), simple), "", simple, "utf-16le", true},
		{"NUL", []byte("a\x00b"), "utf-8", "ab", "utf-8", false},
		{"quoted name", []byte(simple), ` "UTF-8";`, simple, "utf-8", false},
		{"utf-8 cut in a character", []byte(simple)[:len(simple)-1], "utf-8", simple[:len(simple)-len("！")] + "\uFFFD", "utf-8", true},
		{"empty", nil, "gb2312", "", "gb18030", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, used, fault := toUTF8(tt.raw, tt.declared)
			if got != tt.want || used != tt.used || (fault != "") != tt.fault {
				t.Errorf("got %q from %q, fault %q\nwant %q from %q, fault %v", got, used, fault, tt.want, tt.used, tt.fault)
			}
		})
	}
}

// Short texts as they stand in headers: the fewer bytes, the less statistics can say; a fault of guessing must not make
// mojibake of Western words.
func TestGuessShort(t *testing.T) {
	gbk := simplifiedchinese.GBK
	tests := []struct {
		name string
		raw  []byte
		want string
	}{
		{"two Han", encode(t, gbk, "王明"), "王明"},
		{"four Han", encode(t, gbk, "设备故障"), "设备故障"},
		{"Han after ascii", encode(t, gbk, "Re: 询价"), "Re: 询价"},
		{"one umlaut", encode(t, charmap.Windows1252, "Müller"), "Müller"},
		{"two umlauts in a row", encode(t, charmap.Windows1252, "Größe"), "Größe"},
		{"accents", encode(t, charmap.Windows1252, "José Pérez"), "José Pérez"},
		{"umlaut at the end", encode(t, charmap.Windows1252, "Menü"), "Menü"},
		{"Danish", encode(t, charmap.Windows1252, "Søren Kjær"), "Søren Kjær"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if used, got := guessCharset(tt.raw); got != tt.want {
				t.Errorf("got %q from %s, want %q", got, used, tt.want)
			}
		})
	}
}

func TestDecodeWords(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	han := []byte("离心泵故障")
	gbk := encode(t, simplifiedchinese.GBK, "离心泵故障")
	tests := []struct{ name, in, want string }{
		{"none", "plain = text?", "plain = text?"},
		{"Q", "=?utf-8?Q?Pump_=E6=B3=B5?=", "Pump 泵"},
		{"B", "=?UTF-8?B?" + b64(han) + "?=", "离心泵故障"},
		{"gb2312", "=?gb2312?B?" + b64(gbk) + "?=", "离心泵故障"},
		{"white space between words goes", "=?utf-8?Q?a?= \t =?utf-8?Q?b?=", "ab"},
		{"white space before text stays", "=?utf-8?Q?a?= b", "a b"},
		{"glued to text", "Re:=?utf-8?Q?=E6=B3=B5?=ok", "Re:泵ok"},
		{"character cut in two", "=?utf-8?B?" + b64(han[:4]) + "?= =?utf-8?B?" + b64(han[4:]) + "?=", "离心泵故障"},
		{"gbk character cut in two", "=?gb2312?B?" + b64(gbk[:3]) + "?= =?GB2312?B?" + b64(gbk[3:]) + "?=", "离心泵故障"},
		{"no end mark", "=?utf-8?B?" + b64(han), "离心泵故障"},
		{"no end mark before the next", "=?utf-8?Q?a =?utf-8?Q?b?=", "ab"},
		{"spaces inside Q", "=?utf-8?Q?my new pump?=", "my new pump"},
		{"raw utf-8 inside Q", "=?utf-8?Q?泵=E6=B3=B5?=", "泵泵"},
		{"no padding", "=?utf-8?B?" + base64.RawStdEncoding.EncodeToString([]byte("泵a")) + "?=", "泵a"},
		{"language tag", "=?utf-8*zh?Q?=E6=B3=B5?=", "泵"},
		{"bad hex stays", "=?utf-8?Q?a=ZZb?=", "a=ZZb"},
		{"question mark inside Q", "=?utf-8?Q?ok?=20no?=", "ok? no"},
		{"wrong charset", "=?iso-8859-1?B?" + b64(gbk) + "?=", "离心泵故障"},
		{"unknown charset", "=?foo?B?" + b64(han) + "?=", "离心泵故障"},
		{"unknown kind", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"line break smuggled in", "=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x"},
		{"empty word", "=?utf-8?Q??= x", " x"},
		{"only the head", "=?utf-8?B?", "=?utf-8?B?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeWords(tt.in); got != tt.want {
				t.Errorf("%q\ngot  %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

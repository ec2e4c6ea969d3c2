package mailbox

import "strings"

// charsetAliases maps the names that mail carries to canonical ones. A narrow charset is mapped to the wider one that
// mail programs really write under its name.
var charsetAliases = map[string]string{
	"utf8": "utf-8", "utf-8": "utf-8", "utf_8": "utf-8", "unicode-1-1-utf-8": "utf-8", "cp65001": "utf-8", "65001": "utf-8", "utf8mb4": "utf-8",
	"us-ascii": "us-ascii", "ascii": "us-ascii", "ansi_x3.4-1968": "us-ascii", "iso646-us": "us-ascii", "us_ascii": "us-ascii", "usascii": "us-ascii",
	"gb2312": "gb18030", "gb_2312-80": "gb18030", "gb2312-80": "gb18030", "gb_2312": "gb18030", "euc-cn": "gb18030", "euccn": "gb18030", "csgb2312": "gb18030",
	"gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "windows-936": "gb18030", "936": "gb18030", "gb18030": "gb18030",
	"gb-18030": "gb18030", "chinese": "gb18030", "gb18030-2000": "gb18030", "gb18030-2022": "gb18030", "x-euc-cn": "gb18030", "iso-ir-58": "gb18030",
	"hz-gb-2312": "hz-gb-2312", "hz": "hz-gb-2312", "hz-gb2312": "hz-gb-2312", "x-hz": "hz-gb-2312",
	"big5": "big5", "big-5": "big5", "big5-hkscs": "big5", "big5hkscs": "big5", "cp950": "big5", "x-x-big5": "big5", "csbig5": "big5", "cn-big5": "big5",
	"windows-950": "big5", "950": "big5", "big5-eten": "big5",
	"shift_jis": "shift_jis", "shift-jis": "shift_jis", "sjis": "shift_jis", "x-sjis": "shift_jis", "cp932": "shift_jis", "ms932": "shift_jis",
	"windows-31j": "shift_jis", "ms_kanji": "shift_jis", "csshiftjis": "shift_jis", "windows-932": "shift_jis", "932": "shift_jis",
	"euc-jp": "euc-jp", "eucjp": "euc-jp", "x-euc-jp": "euc-jp", "eucjp-ms": "euc-jp", "cp51932": "euc-jp", "ujis": "euc-jp",
	"iso-2022-jp": "iso-2022-jp", "iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso-2022-jp", "iso-2022-jp-3": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp",
	"iso2022jp": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "csiso2022jp": "iso-2022-jp", "jis": "iso-2022-jp",
	"euc-kr": "euc-kr", "euckr": "euc-kr", "ks_c_5601-1987": "euc-kr", "ks_c_5601": "euc-kr", "ksc5601": "euc-kr", "ksc_5601": "euc-kr", "cp949": "euc-kr",
	"ms949": "euc-kr", "uhc": "euc-kr", "windows-949": "euc-kr", "949": "euc-kr", "korean": "euc-kr", "ks_c_5601-1989": "euc-kr", "5601": "euc-kr",
	"iso-2022-kr": "iso-2022-kr", "csiso2022kr": "iso-2022-kr", "iso2022kr": "iso-2022-kr",
	"iso-2022-cn": "iso-2022-cn", "iso-2022-cn-ext": "iso-2022-cn",
	"utf-7": "utf-7", "utf7": "utf-7", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "cp65000": "utf-7",
	"utf-16": "utf-16", "utf16": "utf-16", "unicode": "utf-16le", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "utf-16le": "utf-16le", "utf16le": "utf-16le", "ucs-2le": "utf-16le",
	"utf-16be": "utf-16be", "utf16be": "utf-16be", "utf-32": "utf-32", "utf32": "utf-32", "utf-32be": "utf-32be", "utf-32le": "utf-32le", "ucs-4": "utf-32",
	"latin1": "windows-1252", "latin-1": "windows-1252", "l1": "windows-1252", "iso_8859-1": "windows-1252", "iso8859-1": "windows-1252",
	"iso-8859-1": "windows-1252", "iso-8859-1-windows-3.1-latin-1": "windows-1252", "8859_1": "windows-1252", "8859-1": "windows-1252", "ansi": "windows-1252", "cp-1252": "windows-1252",
	"ibm819": "windows-1252", "cp819": "windows-1252", "iso88591": "windows-1252", "western": "windows-1252",
	"latin2": "iso-8859-2", "latin3": "iso-8859-3", "latin4": "iso-8859-4", "cyrillic": "iso-8859-5", "arabic": "iso-8859-6", "greek": "iso-8859-7", "hebrew": "iso-8859-8",
	"iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "logical": "iso-8859-8", "visual": "iso-8859-8", "latin5": "windows-1254", "iso-8859-9": "windows-1254",
	"latin6": "iso-8859-10", "latin-9": "iso-8859-15", "latin9": "iso-8859-15", "iso-8859-11": "windows-874", "tis-620": "windows-874", "tis620": "windows-874",
	"cp874": "windows-874", "koi8-r": "koi8-r", "koi8r": "koi8-r", "koi8": "koi8-r", "cskoi8r": "koi8-r", "koi8-u": "koi8-u", "koi8-ru": "koi8-u", "koi": "koi8-r",
	"macintosh": "macintosh", "mac": "macintosh", "x-mac-roman": "macintosh", "macroman": "macintosh", "x-mac-cyrillic": "x-mac-cyrillic",
}

// canonicalCharset maps a charset label, as badly written as mail has it, to the name that encodingOf knows; "" for an
// empty label and "unknown" for one that nobody knows.
func canonicalCharset(label string) string {
	switch label {
	case "utf-8", "UTF-8":
		return "utf-8"
	case "us-ascii", "US-ASCII":
		return "us-ascii"
	}
	s := strings.ToLower(strings.Trim(label, " \t\r\n\"'`;,=<>()"))
	if i := strings.IndexAny(s, " \t;,*"); i >= 0 { // RFC 2231 language tag, or a parameter glued on
		s = s[:i]
	}
	if s == "" {
		return ""
	}
	if c, ok := charsetAliases[s]; ok {
		return c
	}
	s = strings.ReplaceAll(s, "_", "-")
	if c, ok := charsetAliases[s]; ok {
		return c
	}
	for _, p := range []struct{ prefix, canon string }{
		{"windows-", "windows-"}, {"cp-", "windows-"}, {"cp", "windows-"}, {"x-cp", "windows-"}, {"win-", "windows-"}, {"windows", "windows-"},
		{"iso-8859-", "iso-8859-"}, {"iso8859-", "iso-8859-"}, {"8859-", "iso-8859-"}, {"ibm-", "ibm"}, {"ibm", "ibm"}, {"cp", "ibm"},
	} {
		rest, ok := strings.CutPrefix(s, p.prefix)
		if !ok {
			continue
		}
		name := p.canon + rest
		if charmapOf(name) != nil {
			return name
		}
		if c, ok := charsetAliases[name]; ok {
			return c
		}
	}
	return "unknown"
}

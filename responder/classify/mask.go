package classify

import (
	"regexp"
	"strings"
)

// maskRule replaces what it finds by a word that tells what stood there.
type maskRule struct {
	find *regexp.Regexp
	with string
}

// maskRules run in this order: what has a form of its own first, plain numbers last. They never change.
var maskRules = []maskRule{
	{regexp.MustCompile(`[\pL\pN._%+-]{1,64}@[\pL\pN-]{1,64}(?:\.[\pL\pN-]{1,64})+`), "[email]"},
	{regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>"，。）)]+`), "[link]"},
	{regexp.MustCompile(`(?i)((?:best|kind|warm)?\s*regards|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|cheers|thanks|thank you)([,.!]?\s*\n+\s*)\p{Lu}[\pL.'-]*(?:[ ]\p{Lu}[\pL.'-]*){0,3}`), "$1$2[name]"},
	{regexp.MustCompile(`(?i)(my name is|this is|i am called|contact person:?|attn\.?:?|dear|hello|hi)(\s+)((?-i:\p{Lu}[\p{Ll}'-]+)(?:[ ](?-i:\p{Lu}[\p{Ll}'-]+)){0,2})`), "$1$2[name]"},
	{regexp.MustCompile(`\b(Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau)(\.?\s+)\p{Lu}[\p{Ll}'-]+(?:[ ]\p{Lu}[\p{Ll}'-]+)?`), "$1$2[name]"},
	{regexp.MustCompile(`(我叫|我是|联系人[:： ]?|姓名[:： ]?|收件人[:： ]?)[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭郎鲁韦马苗花方俞任袁柳唐罗薛雷贺倪汤滕殷毕郝安常乐于时傅齐康伍余元顾孟平黄和穆萧尹姚邵汪毛米贝戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季麻贾江童颜郭梅盛林钟徐邱骆高夏蔡田胡凌霍万柯管卢莫房丁邓叶程陆温翁龙史黎龚闫][\p{Han}]{1,2}`), "${1}[name]"},
	{regexp.MustCompile(`[赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严魏陶谢邹苏潘范彭鲁马方俞任袁柳唐罗薛雷贺汤郝常傅康余顾孟黄萧尹姚邵汪毛戴宋熊纪董梁杜贾江郭梅林钟徐邱高夏蔡田胡万卢丁邓叶程陆黎龚](先生|女士|小姐|经理|师傅|工|主任|总|老师)`), "[name]$1"},
	{regexp.MustCompile(`[\p{Han}]{2,8}(?:省|自治区)?[\p{Han}]{2,8}(?:市|区|县)[\p{Han}]{1,12}(?:路|街|道|巷|镇|村)[\p{Han}\d]{0,8}\d*号?(?:[\p{Han}\d]{0,6}(?:栋|幢|楼|室|层))*`), "[address]"},
	{regexp.MustCompile(`\b\d{1,5}[A-Za-z]?,?[ ](?:\p{Lu}[\pL.'-]*[ ]){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Square|Park)\b\.?`), "[address]"},
	{regexp.MustCompile(`(?:\+|\b00)\d[\d ()/.-]{6,20}\d`), "[phone]"},
	{regexp.MustCompile(`\(?\b\d{2,5}\)?[ /-]\d{2,5}[ -]?\d{2,5}(?:[ -]\d{2,5})?\b`), "[phone]"},
	{regexp.MustCompile(`\b1[3-9]\d{9}\b`), "[phone]"},
	{regexp.MustCompile(`\b[A-Za-z]{0,6}[-/]?\d[\dA-Za-z/_-]{5,}\b`), "[number]"},
	{regexp.MustCompile(`\d{3,}(?:[.,]\d+)*`), "[number]"},
}

// maxMaskBytes bounds what Mask looks at; a longer text is cut there, as Classify reads no further either.
const maxMaskBytes = maxTextBytes

// Mask replaces e-mail addresses, links, names where a greeting, a closing or a title announces them, postal addresses,
// telephone numbers and numbers of three digits or more by words in brackets, so that an example that is kept names nobody.
// It errs towards masking. Text beyond 32 KB is dropped.
func Mask(text string) string {
	if len(text) > maxMaskBytes {
		text = strings.ToValidUTF8(text[:maxMaskBytes], "")
	}
	for _, r := range maskRules {
		text = r.find.ReplaceAllString(text, r.with)
	}
	return text
}

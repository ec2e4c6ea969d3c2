package mailbox

import (
	"bytes"
	"strings"

	"golang.org/x/net/html/atom"
)

// htmlAttrs is what the attributes of one tag mean for its text.
type htmlAttrs struct {
	href, alt string
	hidden    bool
	tiny      int8 // 1: font size nil; -1: the element sets a readable size
	quoted    bool // a rule down the left side, or a class that marks a quote
	indent    bool // a blockquote that only indents
	answered  bool // the answered or forwarded mail starts here
	signature bool
	tight     bool // a paragraph without margins
	pixel     bool // an image that nobody sees
}

// attrs reads the attributes of the current tag; more is what TagName said.
func (r *htmlReader) attrs(tag atom.Atom, more bool) htmlAttrs {
	a := htmlAttrs{hidden: skippedTag(tag)}
	for n := 0; more && n < 64; n++ {
		var k, v []byte
		k, v, more = r.z.TagAttr()
		switch string(k) {
		case "style":
			a.style(v, tag)
		case "hidden":
			a.hidden = true
		case "class":
			a.names(v, true)
		case "id":
			a.names(v, false)
		case "name":
			if string(v) == "quote" {
				a.quoted = true
			}
		case "href":
			a.href = string(v)
		case "alt":
			a.alt = string(v)
		case "width", "height":
			if tag == atom.Img && (string(v) == "0" || string(v) == "1") {
				a.pixel = true
			}
		}
	}
	return a
}

func (a *htmlAttrs) apply(n *htmlNode) {
	if a.hidden {
		n.hidden = true
	}
	switch a.tiny {
	case 1:
		n.tiny = true
	case -1:
		n.tiny = false
	}
}

// names reads a class list or an id: the marks that mail programs put on quotes and signatures.
func (a *htmlAttrs) names(v []byte, class bool) {
	if len(v) > 400 {
		return
	}
	for len(v) > 0 {
		var word []byte
		if i := bytes.IndexAny(v, " \t\n"); i >= 0 {
			word, v = v[:i], v[i+1:]
		} else {
			word, v = v, nil
		}
		// Outlook on the web writes x_ in front of the names of a mail that it quotes.
		word = bytes.TrimPrefix(word, []byte("x_"))
		switch string(word) {
		case "divRplyFwdMsg", "divrplyfwdmsg", "appendonsend", "OutlookMessageHeader", "origbody",
			"mail-editor-reference-message-container", "ms-outlook-mobile-reference-message",
			"isReplyContent", "isForwardContent", "ntes-pcmail-quote", "isReplyOriginal", "reply-intro-marker":
			a.answered = true
		case "yahoo_quoted", "protonmail_quote", "zmail_extra", "ntes-flashmail-quote", "netease_mail_quote":
			a.quoted = true
		case "gmail_signature", "moz-signature", "AppleMailSignature", "Signature", "signature",
			"ms-outlook-mobile-signature", "ntes-pcmail-signature", "spnEditorSign", "protonmail_signature_block-user":
			a.signature = true
		case "MsoNormal", "MsoListParagraph", "p1", "p2":
			a.tight = a.tight || class
		}
	}
}

// style reads the few declarations that decide whether text is seen, quoted or spaced.
func (a *htmlAttrs) style(v []byte, tag atom.Atom) {
	if len(v) > 4000 {
		v = v[:4000]
	}
	for i, c := range v { // the attribute is ours: nobody reads it again
		v[i] = lowerByte(c)
	}
	for decl := range bytes.SplitSeq(v, []byte{';'}) {
		if k, val, ok := bytes.Cut(decl, []byte{':'}); ok {
			a.declare(bytes.TrimSpace(k), bytes.TrimSpace(val), tag)
		}
	}
}

func (a *htmlAttrs) declare(k, v []byte, tag atom.Atom) {
	switch string(k) {
	case "display", "visibility", "mso-hide", "opacity", "max-height", "font-size", "border-left", "border-left-width",
		"border", "border-style", "margin", "margin-top", "margin-bottom":
	default:
		return
	}
	first, _, _ := strings.Cut(strings.TrimSpace(strings.TrimSuffix(string(v), "!important")), " ")
	switch string(k) {
	case "display":
		a.hidden = a.hidden || first == "none"
	case "visibility":
		a.hidden = a.hidden || first == "hidden" || first == "collapse"
	case "mso-hide":
		a.hidden = a.hidden || first == "all"
	case "opacity", "max-height":
		a.hidden = a.hidden || isZero(first)
	case "font-size":
		a.tiny = -1
		if isZero(first) || first == "1px" || first == "1pt" {
			a.tiny = 1
		}
	case "border-left", "border-left-width":
		// A rule down the left side of a block is how QQ, Foxmail, Zoho and Yahoo show a quote.
		if tag == atom.Div && !isZero(first) && first != "none" && first != "medium" {
			a.quoted = true
		}
		if tag == atom.Blockquote && !isZero(first) && first != "none" {
			a.indent = false
		}
	case "border", "border-style":
		// Gmail and Outlook indent with a blockquote that says "border: none" and a wide left margin.
		if tag == atom.Blockquote && (first == "none" || isZero(first)) {
			a.indent = true
		}
	case "margin", "margin-top", "margin-bottom":
		a.tight = a.tight || isZero(first)
	}
}

func isZero(v string) bool {
	v = strings.TrimRight(v, "pxtemr%")
	return v == "0" || v == "0.0" || v == ".0"
}

// skippedTag names the elements whose content nobody reads.
func skippedTag(tag atom.Atom) bool {
	switch tag {
	case atom.Head, atom.Style, atom.Script, atom.Title, atom.Template, atom.Select, atom.Textarea, atom.Object,
		atom.Svg, atom.Iframe, atom.Noframes, atom.Noembed:
		return true
	}
	return false
}

func voidTag(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.Img, atom.Hr, atom.Input, atom.Meta, atom.Link, atom.Base, atom.Area, atom.Col, atom.Embed,
		atom.Source, atom.Track, atom.Wbr, atom.Param:
		return true
	}
	return false
}

func tableTag(tag atom.Atom) bool {
	switch tag {
	case atom.Table, atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Body, atom.Html:
		return true
	}
	return false
}

// breaks is the number of line ends that an element wants around it: 0 inline, 1 a line of its own, 2 a paragraph.
func breaks(tag atom.Atom, tight bool) int {
	switch tag {
	case atom.P:
		if tight {
			return 1
		}
		return 2
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Blockquote:
		return 2
	case atom.Div, atom.Table, atom.Tr, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Li, atom.Section, atom.Article,
		atom.Header, atom.Footer, atom.Aside, atom.Main, atom.Nav, atom.Center, atom.Form, atom.Fieldset, atom.Address,
		atom.Body, atom.Html, atom.Caption, atom.Figure, atom.Figcaption:
		return 1
	}
	return 0
}

package mailbox

import (
	"strings"
	"unicode/utf8"
)

// placeHit is one mention of a place, judged by the words around it.
type placeHit struct {
	names    []gazName
	from, to int // with the word for city or province behind it
	source   factSource
	score    int
	context  int  // the part of the score that the words around it gave
	certain  bool // it is a place, not a word or a name that looks like one
	city     bool // the word for city stands behind it
}

// Scores of a mention.
const (
	scoreBase    = 4
	scoreSource  = 2
	scoreAt      = 3
	scoreSite    = 2
	scoreSuffix  = 2
	scoreAddress = 3
	scoreForm    = 6
	scoreCompany = -4
	scoreAway    = -3
)

// maxHits bounds the mentions that are kept of one message.
const maxHits = 64

// hit judges the place named at i and returns where to go on.
func (s *factScan) hit(names []gazName, i int) int {
	end := i + len(names[0].text)
	latin := names[0].latin
	h := placeHit{names: names, from: i, source: s.source}
	h.to, h.city, h.certain = s.suffix(end, latin)
	if len(s.hits) >= maxHits || s.streetAt(h.to, latin) || s.ourPlace(i, h.to, latin) || s.ownLine(i) {
		return h.to
	}
	if h.certain {
		h.context += scoreSuffix
	}
	s.judge(&h, latin)
	s.joinHits(&h)
	h.score = scoreBase + scoreSource*int(s.source) + h.context
	s.hits = append(s.hits, h)
	return h.to
}

// suffix reads the word for city, province or district behind a name.
func (s *factScan) suffix(end int, latin bool) (to int, city, certain bool) {
	rest := s.low[end:]
	if latin {
		for _, w := range []string{" city", " municipality", " province", " prefecture", " district"} {
			if strings.HasPrefix(rest, w) && endsWord(rest, len(w)) {
				return end + len(w), w == " city" || w == " municipality", true
			}
		}
		return end, false, false
	}
	for _, w := range []string{"市", "省", "自治区", "自治州", "地区", "州", "县", "盟"} {
		if strings.HasPrefix(rest, w) {
			return end + len(w), w == "市", true
		}
	}
	return end, false, strings.HasPrefix(rest, "开发区") || strings.HasPrefix(rest, "高新区") || strings.HasPrefix(rest, "经开区") ||
		strings.HasPrefix(rest, "工业园")
}

// streetAt tells whether the words from i on make the name before them the name of a street or the like.
func (s *factScan) streetAt(i int, latin bool) bool {
	rest := s.low[i:]
	if latin {
		word, after := nextWord(rest)
		switch word {
		case "east", "west", "north", "south", "middle", "central":
			word, _ = nextWord(after)
		}
		return word != "" && s.isNear("street", word)
	}
	for _, d := range []string{"东", "西", "南", "北", "中", "一", "二"} {
		rest = strings.TrimPrefix(rest, d)
	}
	for _, w := range s.p.near["street"] {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

func nextWord(s string) (word, rest string) {
	if !strings.HasPrefix(s, " ") {
		return "", s
	}
	s = s[1:]
	i := 0
	for i < len(s) && isWordByte(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func (s *factScan) isNear(kind, word string) bool {
	for _, w := range s.p.near[kind] {
		if w == word {
			return true
		}
	}
	return false
}

// ourPlace tells whether the mention is of a place of ours: "your Shanghai office", 贵司北京总部.
func (s *factScan) ourPlace(i, end int, latin bool) bool {
	if s.endsNear("our", s.before(i, 30)) {
		return true
	}
	if !s.ours(i) {
		return false
	}
	rest := s.low[end:]
	for n := 0; n < 2; n++ {
		if !latin {
			for _, w := range s.p.near["office"] {
				if strings.HasPrefix(rest, w) {
					return true
				}
			}
			return false
		}
		word, after := nextWord(rest)
		if s.isNear("office", word) {
			return true
		}
		rest = after
	}
	return false
}

// ownLine tells whether the line around i holds one of the company's own places.
func (s *factScan) ownLine(i int) bool {
	if len(s.f.own) == 0 {
		return false
	}
	from := strings.LastIndexByte(s.low[:i], '\n') + 1
	to := len(s.low)
	if j := strings.IndexByte(s.low[i:], '\n'); j >= 0 {
		to = i + j
	}
	return hasPhrase(s.low[from:min(to, from+2000)], s.f.own)
}

// endsNear tells whether before ends in a phrase of a kind, articles and spaces aside.
func (s *factScan) endsNear(kind, before string) bool {
	before = strings.TrimRight(before, " :")
	for _, a := range []string{" our", " the", " my"} {
		before = strings.TrimSuffix(before, a)
	}
	for _, w := range s.p.near[kind] {
		if strings.HasSuffix(before, w) && (w[0] >= utf8.RuneSelf || len(before) == len(w) || !isWordByte(before[len(before)-len(w)-1])) {
			return true
		}
	}
	return false
}

// judge adds what the words around a mention say.
func (s *factScan) judge(h *placeHit, latin bool) {
	before := s.before(h.from, 40)
	switch {
	case h.from < s.cityTo:
		h.context += scoreForm
		h.certain = true
	case h.from < s.addressTo:
		h.context += scoreAddress
		h.certain = true
	case s.endsNear("away", before):
		h.context += scoreAway
	case s.endsNear("site", before):
		h.context += scoreAt + scoreSite
		h.certain = h.certain || !latin
	case s.endsNear("at", before):
		h.context += scoreAt
		h.certain = h.certain || latin
	}
	if s.awayBefore(before) {
		h.context += scoreAway
	}
	for _, w := range s.p.near["site"] {
		if len(w) > 3 && strings.Contains(before, w) {
			h.context++
			break
		}
	}
	rest := s.low[h.to:]
	switch {
	case s.behind(rest, latin):
		h.context += scoreSite
	case s.companyAt(h.to, latin):
		h.context += scoreCompany
	}
}

// awayBefore tells whether the sentence says shortly before that the place is that of an office: "head office in Beijing".
func (s *factScan) awayBefore(before string) bool {
	for _, w := range s.p.near["away"] {
		if len(w) >= 6 && strings.Contains(before, w) {
			return true
		}
	}
	return false
}

func (s *factScan) behind(rest string, latin bool) bool {
	if latin {
		word, _ := nextWord(rest)
		return word != "" && s.isNear("behind", word)
	}
	for _, w := range s.p.near["behind"] {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

// companyAt tells whether the words from i on make the name before them part of a company's name.
func (s *factScan) companyAt(i int, latin bool) bool {
	if latin {
		from := i
		for n := 0; n < 5; n++ {
			word, after := nextWord(s.low[from:])
			if word == "" {
				return false
			}
			if s.isNear("company", word) {
				return true
			}
			if c := s.text[from+1]; c < 'A' || c > 'Z' {
				return false
			}
			from = len(s.low) - len(after)
		}
		return false
	}
	end, n := i, 0
	for end < len(s.low) && n < 18 {
		r, w := utf8.DecodeRuneInString(s.low[end:])
		if !isHanRune(r) && r != '(' && r != ')' {
			break
		}
		end += w
		n++
	}
	for _, w := range s.p.near["company"] {
		// Directly behind the name it is a branch: 上海公司.
		if j := strings.Index(s.low[i:end], w); j > 0 || j == 0 && w != "公司" {
			return true
		}
	}
	return false
}

// joinHits lets a name directly behind its province share what was found out about that, and the other way round.
func (s *factScan) joinHits(h *placeHit) {
	if len(s.hits) == 0 {
		return
	}
	p := &s.hits[len(s.hits)-1]
	if p.source != h.source || p.to > h.from {
		return
	}
	between := s.low[p.to:h.from]
	if len(between) > 4 || strings.Trim(between, " ,，、/-") != "" {
		return
	}
	if s.related(p.names, h.names) {
		p.certain, h.certain = true, true
		shared := max(p.context, h.context)
		p.score += shared - p.context
		p.context, h.context = shared, shared
		h.context++
	}
}

// related tells whether one of the places is the other's province.
func (s *factScan) related(a, b []gazName) bool {
	for _, x := range a {
		for _, y := range b {
			p, q := s.f.places.places[x.place], s.f.places.places[y.place]
			if x.place != y.place && p.province >= 0 && p.province == q.province && (p.isProv || q.isProv) {
				return true
			}
		}
	}
	return false
}

// place chooses the city and the province among the mentions.
func (s *factScan) place(out *Facts) {
	var city, prov *placeHit
	for i := range s.hits {
		h := &s.hits[i]
		if n := s.pick(h); n == nil {
			continue
		} else if p := s.f.places.places[n.place]; p.isCity {
			if city == nil || h.score > city.score {
				city = h
			}
		} else if prov == nil || h.score > prov.score {
			prov = h
		}
	}
	if city != nil && prov != nil && !s.related(city.names, prov.names) && city.score+2 < prov.score {
		city = nil // the province of an address beats the name of a company
	}
	switch {
	case city != nil:
		s.name(city, out)
	case prov != nil:
		s.name(prov, out)
	}
	if out.City == "" && s.form != "" {
		out.City = s.form
	}
}

// name writes the names of a mention's place in the language of the mention.
func (s *factScan) name(h *placeHit, out *Facts) {
	n := s.pick(h)
	p := s.f.places.places[n.place]
	city, province := p.City, p.Province
	if n.latin {
		city, province = p.CityEnglish, p.ProvinceEnglish
	} else if n.variant { // 臺北: as the customer writes it
		city = n.text
	}
	if p.isCity {
		out.City = city
	}
	// Of two cities with one name and rank, only a province tells which is meant.
	if !n.shared || !allShared(h.names) || len(h.names) == 1 || s.stated(p.province) {
		out.Province = province
	}
}

// pick is the place that a mention means: the one whose province is stated, else the one that is meant by default; nil
// when the mention is a word or a person's name.
func (s *factScan) pick(h *placeHit) *gazName {
	var best *gazName
	for i := range h.names {
		n := &h.names[i]
		p := s.f.places.places[n.place]
		switch {
		case n.weak && !h.certain:
			continue
		case n.cityOnly && !h.city:
			continue
		case h.city && p.isProv && !p.isCity && len(h.names) > 1:
			continue
		}
		if len(h.names) > 1 && p.isCity && s.stated(p.province) {
			return n
		}
		if best == nil || best.shared && !n.shared {
			best = n
		}
	}
	return best
}

// stated tells whether the message names a province by itself.
func (s *factScan) stated(province int) bool {
	for i := range s.hits {
		for _, n := range s.hits[i].names {
			if p := s.f.places.places[n.place]; p.isProv && n.place == province {
				return true
			}
		}
	}
	return false
}

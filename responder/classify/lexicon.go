package classify

import (
	_ "embed"
	"encoding/binary"
	"math"
)

// wordTable holds what many English and Chinese words mean as short vectors: words that mean alike have like vectors, across
// both languages. NOTICE says where they come from, internal/tools/wordtable makes the file.
//
//go:embed words.bin
var wordTable []byte

// lexicon reads the word table in place. Layout, little-endian: number of words, dimensions (a multiple of 8); where in the list of hashes
// each value of the first lexBits bits begins; the upper halves of the hashes, sorted; by word a weight (rare words weigh
// more), two group numbers (coarse and fine) and the vector.
type lexicon struct {
	n, dims int
	starts  []byte
	hashes  []byte
	weights []byte
	groups  []byte
	vectors []byte
}

const (
	lexBits = 12
	lexHan  = 4 // characters of the longest Chinese word
)

func newLexicon(b []byte) lexicon {
	n, d := int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
	x := lexicon{n: n, dims: d}
	b = b[8:]
	x.starts, b = b[:2*(1<<lexBits+1)], b[2*(1<<lexBits+1):]
	x.hashes, b = b[:4*n], b[4*n:]
	x.weights, b = b[:n], b[n:]
	x.groups, b = b[:4*n], b[4*n:]
	x.vectors = b[:n*d]
	return x
}

// find returns the number of the word with this hash, or -1.
func (x *lexicon) find(hash uint64) int {
	h := uint32(hash >> 32)
	at := x.starts[h>>(32-lexBits)*2:]
	i, end := int(binary.LittleEndian.Uint16(at)), int(binary.LittleEndian.Uint16(at[2:]))
	for ; i < end; i++ {
		if g := binary.LittleEndian.Uint32(x.hashes[4*i:]); g >= h {
			if g == h {
				return i
			}
			break
		}
	}
	return -1
}

// longest returns the word of the table that begins at token i, the longest for Han characters, and its length in tokens.
func (x *lexicon) longest(tokens []token, i int) (word, length int) {
	t := &tokens[i]
	word, length = x.find(t.hash), 1
	if !t.han {
		return word, length
	}
	h := t.hash
	for k := 1; k < lexHan && i+k < len(tokens); k++ {
		u := &tokens[i+k]
		if !u.han || u.muted || u.clause != t.clause {
			break
		}
		h = (h^saltPair)*hashPrime ^ u.hash
		if f := x.find(h); f >= 0 {
			word, length = f, k+1
		}
	}
	return word, length
}

// meaning adds up the vectors of the words of the tokens [from, to), and adds their groups as features.
func (s *scratch) meaning(from, to, part int, g gains) {
	x := &s.lex
	dense := s.dense[part*x.dims:][:x.dims]
	clear(s.sums)
	total := 0
	last := -1
	tokens := s.scan.tokens[:to]
	for i := from; i < to; {
		if tokens[i].muted {
			i++
			continue
		}
		w, n := x.longest(tokens, i)
		i += n
		if w < 0 {
			continue
		}
		weight := x.weights[w]
		total += int(weight)
		addVector(s.sums, x.vectors[w*x.dims:][:x.dims], weight)
		if g.groups > 0 {
			coarse, fine := binary.LittleEndian.Uint16(x.groups[4*w:]), binary.LittleEndian.Uint16(x.groups[4*w+2:])
			s.emit((saltGroup^uint64(coarse))*hashPrime, g.groups)
			s.emit((saltGroup^uint64(fine)<<16)*hashPrime, g.groups)
			if g.groupPairs > 0 {
				if last >= 0 {
					s.emit((saltGroup^(uint64(coarse)+1)<<16^(uint64(last)+1)<<40)*hashPrime, g.groupPairs)
				}
				last = int(coarse)
			}
		}
	}
	vectorSums(dense, s.sums, total)
}

// Word vectors are added up eight values at a time: shifted to be positive, each times a weight fits into 16 bits, and the
// sums over all words of a text into 32.
const (
	signs  = 0x8080808080808080
	bytes4 = 0x00ff00ff00ff00ff
	words2 = 0x0000ffff0000ffff
)

// addVector adds a vector times its weight to the sums.
func addVector(sums []uint64, vector []byte, weight byte) {
	for ; len(vector) >= 8 && len(sums) >= 4; vector, sums = vector[8:], sums[4:] {
		v := binary.LittleEndian.Uint64(vector) ^ signs
		even, odd := v&bytes4*uint64(weight), v>>8&bytes4*uint64(weight)
		sums[0] += even & words2
		sums[1] += even >> 16 & words2
		sums[2] += odd & words2
		sums[3] += odd >> 16 & words2
	}
}

// vectorSums takes the shift out of the sums of vectors whose weights have that total.
func vectorSums(out []float32, sums []uint64, total int) {
	for k := range out {
		sum := sums[k/8*4+k%2*2+k/2%2] >> (k % 8 / 4 * 32)
		out[k] = float32(int(uint32(sum)) - 128*total)
	}
}

// direction scales a sum of vectors to the given length.
func direction(out, sum []float32, length float32) {
	square := float32(0)
	for _, v := range sum {
		square += v * v
	}
	if square == 0 {
		clear(out)
		return
	}
	r := length / float32(math.Sqrt(float64(square)))
	for k, v := range sum {
		out[k] = v * r
	}
}

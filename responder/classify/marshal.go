package classify

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
)

// A kept model: magic, checksum of the rest, then header and arrays in little-endian order, compressed. The classes are not
// in it: they come from the class file that the key was made of.
const (
	kept     = "aftercare-model\x00"
	maxKept  = 512 << 20
	keptHead = len(kept) + 4
)

// keptHeader is the fixed part of a kept model.
type keptHeader struct {
	Version, Classes, Rows    uint32
	Temper, Threshold, Margin float64
	Coverage, Level           float64
	SureCover, SureLevel      float64
	Rarest                    float32
	Languages, Words          uint32 // bytes of the language list, folded words
	Second                    uint32 // 1: a second stage follows
	Claims                    [2]float64
	Others, Sure              float64
}

// Marshal returns the trained part of the model for keeping under its Key. A model of phrases alone has none: an error.
func (m *Model) Marshal() ([]byte, error) {
	l := m.learned
	if l == nil {
		return nil, errors.New("keeping a model: it was not trained")
	}
	var body bytes.Buffer
	z, err := flate.NewWriter(&body, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("keeping a model: %w", err)
	}
	langs := joinNames(m.labels)
	h := keptHeader{
		codeVersion, uint32(l.classes), uint32(l.rank.n), l.temper, l.threshold, l.margin,
		l.coverage, l.level, l.sureCover, l.sureLevel, l.rarest, uint32(len(langs)), uint32(len(l.fold.keys)), 0, [2]float64{}, 0, 0,
	}
	var lead, flag []float32
	if s := l.second; s != nil {
		h.Second, h.Claims, h.Others, h.Sure, lead, flag = 1, s.claims, s.others, s.threshold, s.lead, s.flag
	}
	for _, part := range []any{h, langs, l.examples, l.rank.buckets(), l.weights, l.fold.keys, l.fold.lost, lead, flag} {
		if err := binary.Write(z, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("keeping a model: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("keeping a model: %w", err)
	}
	out := append([]byte(kept), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(out[len(kept):], crc32.ChecksumIEEE(body.Bytes()))
	return append(out, body.Bytes()...), nil
}

// Read restores a model that Marshal kept, from where it is kept, in small pieces: a model is large, and the program that
// reads it is to stay small. The set must be the one it was trained with; the caller makes sure of that by the Key. Damaged
// bytes and those of another version of the program are an error, never a wrong model.
func Read(set *Set, from io.Reader) (*Model, error) {
	head := make([]byte, keptHead)
	if _, err := io.ReadFull(from, head); err != nil || string(head[:len(kept)]) != kept {
		return nil, errors.New("reading a kept model: not a model")
	}
	sum := crc32.NewIEEE()
	body := bufio.NewReader(io.TeeReader(io.LimitReader(from, maxKept), sum))
	m, err := readBody(set, io.LimitReader(flate.NewReader(body), maxKept))
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return nil, fmt.Errorf("reading a kept model: %w", err)
	}
	if sum.Sum32() != binary.LittleEndian.Uint32(head[len(kept):]) {
		return nil, errors.New("reading a kept model: the checksum differs")
	}
	return m, nil
}

// readBody reads header and arrays.
func readBody(set *Set, z io.Reader) (*Model, error) {
	var h keptHeader
	if err := binary.Read(z, binary.LittleEndian, &h); err != nil {
		return nil, fmt.Errorf("reading a kept model: %w", err)
	}
	if h.Version != codeVersion {
		return nil, fmt.Errorf("reading a kept model: version %d, this program keeps %d", h.Version, codeVersion)
	}
	n := len(set.Classes)
	if int(h.Classes) != n || h.Rows > buckets || h.Words > buckets || h.Languages > 4096 {
		return nil, fmt.Errorf("reading a kept model: %d classes and %d rows do not fit %d classes", h.Classes, h.Rows, n)
	}
	langs := make([]byte, h.Languages)
	numbers := make([]uint32, h.Rows)
	base := int(h.Rows) + set.topics + newLexicon(wordTable).dims + 1
	l := &learned{
		classes: n, rarest: h.Rarest, temper: h.Temper, threshold: h.Threshold, margin: h.Margin, coverage: h.Coverage, level: h.Level, sureCover: h.SureCover, sureLevel: h.SureLevel,
		examples: make([]int32, n), weights: make([]brief, (base+int(h.Words))*stride(n)),
		gains: set.gains(), topics: set.topics,
		fold: wordFold{keys: make([]uint32, h.Words), lost: make([]float32, h.Words), base: base},
	}
	var lead, flag []float32
	if h.Second == 1 {
		l.second = &second{classes: n, inputs: set.inputs(), claims: h.Claims, others: h.Others, threshold: h.Sure, lead: make([]float32, set.inputs()*n), flag: make([]float32, set.inputs()*n)}
		lead, flag = l.second.lead, l.second.flag
	}
	err := errors.Join(readAll(z, langs), readAll(z, l.examples), readAll(z, numbers), readAll(z, l.weights),
		readAll(z, l.fold.keys), readAll(z, l.fold.lost), readAll(z, lead), readAll(z, flag))
	if err != nil {
		return nil, fmt.Errorf("reading a kept model: %w", err)
	}
	if l.rank, err = newRank(numbers); err != nil {
		return nil, fmt.Errorf("reading a kept model: %w", err)
	}
	l.fold.index()
	if math.IsNaN(l.temper) {
		return nil, errors.New("reading a kept model: no temperature")
	}
	return newModel(set, splitNames(langs), l), nil
}

// readAll fills an array piece by piece: binary.Read takes room for all of what it reads at a time.
func readAll[T byte | int32 | uint32 | float32 | brief](z io.Reader, out []T) error {
	const piece = 2048
	for part := range slices.Chunk(out, piece) {
		if err := binary.Read(z, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}

func joinNames(names []string) []byte {
	var out []byte
	for _, n := range names {
		out = append(append(out, n...), 0)
	}
	return out
}

func splitNames(b []byte) []string {
	var out []string
	for part := range bytes.SplitSeq(b, []byte{0}) {
		if len(part) > 0 {
			out = append(out, string(part))
		}
	}
	return out
}

package classify

import (
	"errors"
	"fmt"
	"slices"
)

// maxExamples bounds training: beyond it memory and time are no longer those of a background task.
const maxExamples = 200_000

// Train makes a model from labelled examples. Every example must name a class of the set; a class may have none, then only
// its phrases speak for it. An error says which example is wrong. Training is deterministic for the same arguments; the order of the examples does not matter.
func Train(set *Set, examples []Example, opt Options) (*Model, error) {
	if len(examples) > maxExamples {
		return nil, fmt.Errorf("training: %d examples, at most %d are taken", len(examples), maxExamples)
	}
	examples = sortExamples(examples)
	label := make([]int32, len(examples))
	also := make([][]int32, len(examples))
	docs := make([]document, len(examples))
	var languages []string
	s := newScratch(len(set.Classes))
	for i, e := range examples {
		k, ok := set.byName[e.Class]
		if !ok {
			return nil, fmt.Errorf("training: an example names the class %q, which does not exist: %.60q", e.Class, e.Text)
		}
		label[i] = int32(k)
		for _, name := range e.Also {
			if a, ok := set.byName[name]; ok && a != k {
				also[i] = append(also[i], int32(a))
			}
		}
		docs[i] = s.document(set, e.Text)
		if e.Language != "" && !slices.Contains(languages, e.Language) {
			languages = append(languages, e.Language)
		}
	}
	if set.own {
		neutral, err := neutralSentences()
		if err != nil {
			return nil, err
		}
		for _, text := range neutral {
			label = append(label, noClass)
			docs = append(docs, s.document(set, text))
		}
	}
	l, err := learn(set, docs, label, also, opt.withDefaults())
	if err != nil {
		return nil, err
	}
	slices.Sort(languages)
	return newModel(set, languages, l), nil
}

// noClass is the label of a text that speaks for no class. It trains all of them and is never held out.
const noClass = -1

// learn trains on documents that were read before.
func learn(set *Set, docs []document, label []int32, also [][]int32, opt Options) (*learned, error) {
	classes := len(set.Classes)
	opt.Folds = opt.folds(len(docs), set.own)
	counts := make([]int32, classes)
	for _, k := range label {
		if k != noClass {
			counts[k]++
		}
	}
	filled := 0
	for _, n := range counts {
		if n > 0 {
			filled++
		}
	}
	if filled < 2 {
		return nil, errors.New("training: examples of at least two classes are needed")
	}
	least := int32(1)
	if set.own && len(docs) >= plenty {
		least = 2 + int32(len(docs)/(5*plenty))
	}
	lay := layout{newSpace(docs, least), set.topics, newLexicon(wordTable).dims, set.gains()}
	full := newSolver(lay.texts(docs), label, targets(label, also, classes), classes)
	if set.own {
		for i := range docs {
			if len(docs[i].ends) < 2 {
				full.ease[i] = 0.5 / shortCost
			}
		}
	}
	full.run(opt.Seed, fullSweeps, tolerance)
	var first []int // row of the first part of each document
	if set.own {
		first = lay.parts(full.m, docs)
		full = full.extend()
		full.teachParts(first)
		full.run(opt.Seed, partSweeps, tolerance)
	}
	fold, words := newFold(docs, lay.space, full.w, classes, lay.gains.grams)
	seen, order := lay.space.ascending()
	ranks, err := newRank(seen)
	if err != nil {
		return nil, fmt.Errorf("numbering the features: %w", err)
	}
	l := &learned{
		rank: ranks, rarest: lay.space.rarest, classes: classes, topics: set.topics, gains: lay.gains, examples: counts,
		weights: slices.Concat(pack(full.w, lay.space.idf, order, classes), words), fold: fold,
	}
	h := crossValidate(full, first, lay, docs, opt)
	l.temper = fitTemper(h.scores, label, classes)
	if set.own {
		l.second = learnSecond(h, docs, label, also, l.temper, set, opt)
	}
	l.calibrate(h, label, opt)
	return l, nil
}

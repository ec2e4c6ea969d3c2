// Package classify says what a customer's message asks for. The classes are data: a Set read from YAML holds their names,
// priorities, reply modes and phrases, and a Model made from a Set (PhraseModel) or from a Set and labelled examples (Train)
// gives each text a leading class, the further intents, a calibrated confidence, the words that decided, and whether the
// answer is certain enough to act upon without a person.
//
// The package is pure: no clock, no disk, no network, no state between calls. A Set and a Model never change once made and
// may be used from many goroutines at once. The same examples, classes and options give the same model, bit for bit.
package classify

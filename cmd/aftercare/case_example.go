package main

import (
	"context"
	"errors"
	"strings"

	"aftercare/cmd/aftercare/config"
	"aftercare/mailbox"
	"aftercare/responder"
	"aftercare/responder/classify"
	"aftercare/store"
)

// exampleOf makes an example of the first message of a case that a person wrote, as the classifier read it; names, addresses
// and numbers are masked. False when nothing of such a message is on record.
func exampleOf(ctx context.Context, c *config.Config, st *store.Store, f *store.CaseFile) (store.Example, bool, error) {
	for _, m := range f.Messages {
		if m.Kind.Machine() {
			continue
		}
		raw, err := st.Raw(ctx, m.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return store.Example{}, false, err
		}
		parsed := mailbox.Parse(raw, raw.Size, limitsOf(c))
		words, quoted := parsed.Body.ForClassifier()
		text := words
		if !quoted || len(responder.ParseTags(parsed.Subject)) == 0 {
			text = parsed.Subject + "\n" + words
		}
		if text = strings.TrimSpace(classify.Mask(text)); text != "" {
			return store.Example{Language: m.Language, Text: text, Case: f.ID}, true, nil
		}
	}
	return store.Example{}, false, nil
}

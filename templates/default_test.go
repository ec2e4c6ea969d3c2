package templates

import "testing"

func TestDefaultLoads(t *testing.T) {
	set, err := Load(Default(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range set.Warnings() {
		t.Log(w)
	}
}

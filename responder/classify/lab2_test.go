package classify

import (
	"fmt"
	"testing"
)

func TestLab2(t *testing.T) {
	set, err := DefaultClasses()
	if err != nil {
		t.Fatal(err)
	}
	m := PhraseModel(set)
	for _, x := range []string{"this is no complaint, just wanted to say thanks", "Thanks for the training, but now the pump leaks", "third breakdown, I want my money back, send somebody", "不是投诉，只是想说服务很好", "泵坏了，请派人来看看", "How do I clean the nozzle?", "Hello, blue sky"} {
		fmt.Printf("%s\n   %+v\n", x, m.Classify(x, ""))
	}
}

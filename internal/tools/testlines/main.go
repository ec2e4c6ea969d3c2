// Command testlines turns the JSON that `go test -json` writes into what a person wants to read: a line a package, the whole
// output of what failed, each skipped test with its reason, and the slowest tests. It exits with 1 when something failed.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
)

// event is one line of test2json.
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64
	Output  string
}

type timing struct {
	name    string
	seconds float64
}

func main() {
	slowest := flag.Int("slowest", 10, "how many of the slowest tests to list")
	flag.Parse()
	if !read(os.Stdin, *slowest) {
		os.Exit(1)
	}
}

func read(in *os.File, slowest int) (ok bool) {
	ok = true
	output := map[string][]string{}
	var times []timing
	passed, failed, skipped := 0, 0, 0
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 1<<20), 64<<20)
	for sc.Scan() {
		var e event
		if json.Unmarshal(sc.Bytes(), &e) != nil {
			fmt.Println(sc.Text()) // the compiler's words
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			if e.Test == "" && packageLine(e.Output) {
				fmt.Print(e.Output)
			}
			output[key] = append(output[key], e.Output)
		case "build-output":
			fmt.Print(e.Output)
		case "build-fail":
			ok = false
		case "fail":
			ok = false
			fmt.Print(strings.Join(output[key], ""))
			if e.Test != "" {
				failed++
			}
		case "skip":
			if e.Test != "" {
				skipped++
				fmt.Printf("SKIP %s: %s\n", key, reason(output[key]))
			}
		case "pass":
			if e.Test != "" {
				passed++
				if !strings.Contains(e.Test, "/") {
					times = append(times, timing{key, e.Elapsed})
				}
			}
		}
		if e.Action == "pass" || e.Action == "skip" {
			delete(output, key)
		}
	}
	sort.Slice(times, func(i, j int) bool { return times[i].seconds > times[j].seconds })
	fmt.Println("the slowest:")
	for _, t := range times[:min(slowest, len(times))] {
		fmt.Printf("  %6.1f s  %s\n", t.seconds, t.name)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	return ok && passed > 0
}

func packageLine(s string) bool {
	return strings.HasPrefix(s, "ok ") || strings.HasPrefix(s, "FAIL") || strings.HasPrefix(s, "panic:")
}

// reason is what a skipped test said.
func reason(lines []string) string {
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "===") && !strings.HasPrefix(l, "---") {
			return l
		}
	}
	return "no reason given"
}

package bench

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// setup skips a measurement that nobody asked for, and returns the binary to measure. AFTERCARE_BENCH names the file that
// gets the figures, AFTERCARE_BENCH_BINARY the program.
func setup(t *testing.T) (binary string) {
	t.Helper()
	if os.Getenv("AFTERCARE_BENCH") == "" {
		t.Skip("SKIP: a measurement, run by make bench")
	}
	binary = os.Getenv("AFTERCARE_BENCH_BINARY")
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("AFTERCARE_BENCH_BINARY: %v", err)
	}
	return binary
}

// row writes one figure of the table: what was measured, the figure, and what is wanted.
func row(t *testing.T, what, figure, wanted string) {
	t.Helper()
	t.Logf("%s: %s (%s)", what, figure, wanted)
	f, err := os.OpenFile(os.Getenv("AFTERCARE_BENCH"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = fmt.Fprintf(f, "%s\t%s\t%s\n", what, figure, wanted)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// atMost fails when a number of bytes passes its limit. Times are never asserted.
func atMost(t *testing.T, what string, got, limit int64) {
	t.Helper()
	if got > limit {
		t.Errorf("%s: %s resident, the limit is %s", what, mib(got), mib(limit))
	}
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// quantile sorts ds and returns the one below which a share q lies.
func quantile(ds []time.Duration, q float64) time.Duration {
	slices.Sort(ds)
	return ds[min(int(float64(len(ds))*q), len(ds)-1)]
}

package eventlogger

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // file names in tests are the same everywhere
	goleak.VerifyTestMain(m)
}

// must ends the test if there is an error.
func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same reports how got differs from what is wanted, and what it is.
func same(t rapid.TB, want, got any, what ...any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", fmt.Sprint(what...), diff)
	}
}

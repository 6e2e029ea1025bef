package eventlogger

import (
	"testing"
	"time"

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

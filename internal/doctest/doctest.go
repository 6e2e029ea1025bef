package doctest

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the document again")

// CompareBelow compares a file in docs with the text in docs.md, of the test's folder, and a reference.
func CompareBelow(t testing.TB, name, reference string) {
	t.Helper()
	intro, err := os.ReadFile("docs.md")
	if err != nil {
		t.Fatal(err)
	}
	Compare(t, name, string(intro)+reference)
}

// Compare compares a file with what is to be in it, or writes it.
func Compare(t testing.TB, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not up to date; run this test with -update (-want +got):\n%s", name, diff)
	}
}

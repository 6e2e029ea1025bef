package bridge

import "testing"

// The smaller half moves, and of equal ones the one further back.
func TestWhichHalfMoves(t *testing.T) {
	nodes := func(serving string, joining string) map[string]bool {
		all := map[string]bool{}
		for _, c := range serving {
			all[string(c)] = true
		}
		for _, c := range joining {
			all[string(c)] = false
		}
		return all
	}
	at := func(self bool, serving, joining string) sight {
		return sight{self: self, nodes: nodes(serving, joining)}
	}
	for _, test := range []struct {
		name   string
		here   map[string]bool
		sights []sight
		want   int
	}{
		{"nobody anywhere", nodes("", "x"), []sight{at(true, "", "x"), at(false, "", "")}, -1},
		{"all are here", nodes("abx", ""), []sight{at(true, "abx", ""), at(false, "", "")}, -1},
		{"the servers are connected", nodes("abx", ""), []sight{at(true, "abx", ""), at(true, "ab", "")}, -1},
		{"connected, and slow", nodes("abx", ""), []sight{at(true, "abx", ""), at(false, "ab", "")}, -1},
		{"a newcomer, and all are elsewhere", nodes("", "x"), []sight{at(true, "", "x"), at(false, "a", "")}, 1},
		{"those that the newcomer is to find", nodes("a", ""), []sight{at(false, "", "x"), at(true, "a", "")}, -1},
		{"a smaller half", nodes("ax", ""), []sight{at(true, "ax", ""), at(false, "bcd", "")}, 1},
		{"the larger half", nodes("abx", ""), []sight{at(true, "abx", ""), at(false, "cd", "")}, -1},
		{"equal, the first", nodes("ax", ""), []sight{at(true, "ax", ""), at(false, "bc", "")}, -1},
		{"equal, the second", nodes("ax", ""), []sight{at(false, "bc", ""), at(true, "ax", "")}, 0},
		{"both are joining, the second", nodes("", "x"), []sight{at(false, "", "y"), at(true, "", "x")}, 0},
		{"both are joining, the first", nodes("", "x"), []sight{at(true, "", "x"), at(false, "", "y")}, -1},
		{"of two others the larger", nodes("x", ""), []sight{at(true, "x", ""), at(false, "ab", ""), at(false, "cde", "")}, 2},
	} {
		if got := better(test.sights, test.here); got != test.want {
			t.Errorf("%s: to %d, want %d", test.name, got, test.want)
		}
	}
}

package configfile

import "strings"

// maxNameLength is the longest name that is compared with the known ones, and the
// longest that a path shows.
const maxNameLength = 40

// didYouMean offers the known name that is nearest to one that is not known, and
// lists them all.
func didYouMean(name string, known []string) string {
	list := "known here: " + strings.Join(known, ", ")
	if best := Nearest(name, known); best != "" {
		return "did you mean " + best + "? " + list
	}
	return list
}

// Nearest is the known name that a name was meant to be, or nothing.
func Nearest(name string, known []string) string {
	if len(name) > maxNameLength {
		return ""
	}
	best, distance := "", max(1, len(name)/3)+1
	for _, k := range known {
		if d := editDistance(normalName(name), normalName(k)); d < distance {
			best, distance = k, d
		}
	}
	return best
}

func normalName(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "-", "_")
}

// clipName shortens a name that the file made up, and takes out what would not fit
// into a dotted path.
func clipName(name string) string {
	name = strings.Map(func(r rune) rune {
		if isAlphanumeric(r) || r == '_' || r == '-' {
			return r
		}
		return '·'
	}, name)
	if runes := []rune(name); len(runes) > maxNameLength {
		return string(runes[:maxNameLength]) + "…"
	}
	return name
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that lead from a to b.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

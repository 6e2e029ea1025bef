package eventlogger

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// pattern is a file's name with strftime's conversions (C11, 7.27.3.5, and
// POSIX), as the C locale has them.
type pattern string

// check finds an unknown conversion.
func (p pattern) check() (problem, fix string) {
	for rest := string(p); ; {
		_, after, found := strings.Cut(rest, "%")
		if !found {
			return "", ""
		}
		letter, known := []rune(after + "\x00")[0], false
		if after != "" {
			_, known = convert(time.Time{}, after[0])
		}
		if !known {
			return fmt.Sprintf("%q is not a part of a time", strings.Trim("%"+string(letter), "\x00")),
				"write a letter that strftime knows, or %% for a percent sign"
		}
		rest = after[1:]
	}
}

// at is the name at a time. The pattern must be a checked one.
func (p pattern) at(t time.Time) string {
	var b strings.Builder
	for rest := string(p); ; {
		before, after, found := strings.Cut(rest, "%")
		b.WriteString(before)
		if !found || after == "" {
			return b.String()
		}
		text, _ := convert(t, after[0])
		b.WriteString(text)
		rest = after[1:]
	}
}

// layouts are the conversions that package time has under another name.
var layouts = [256]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan",
	'c': "Mon Jan _2 15:04:05 2006", 'd': "02", 'D': "01/02/06", 'e': "_2",
	'F': "2006-01-02", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04",
	'p': "PM", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05",
	'x': "01/02/06", 'X': "15:04:05", 'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST",
}

func convert(t time.Time, letter byte) (text string, known bool) {
	if layout := layouts[letter]; layout != "" {
		return t.Format(layout), true
	}
	isoYear, isoWeek := t.ISOWeek()
	sunday := int(t.Weekday()) // the day of the week, 0 to 6 from Sunday
	monday := (sunday + 6) % 7
	switch letter {
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 'g':
		return fmt.Sprintf("%02d", isoYear%100), true
	case 'G':
		return strconv.Itoa(isoYear), true
	case 'n':
		return "\n", true
	case 's':
		return strconv.FormatInt(t.Unix(), 10), true
	case 't':
		return "\t", true
	case 'u':
		return strconv.Itoa(monday + 1), true
	case 'U': // weeks begin with Sunday, the days before the first one are in week 0
		return fmt.Sprintf("%02d", (t.YearDay()+6-sunday)/7), true
	case 'V':
		return fmt.Sprintf("%02d", isoWeek), true
	case 'w':
		return strconv.Itoa(sunday), true
	case 'W': // weeks begin with Monday
		return fmt.Sprintf("%02d", (t.YearDay()+6-monday)/7), true
	case '%':
		return "%", true
	}
	return "", false
}

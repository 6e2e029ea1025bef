package configfile

import (
	"regexp"
	"strings"
	"unicode"

	"natstron/internal/secret"
)

var (
	// secretKey finds a key that holds a secret, well or badly spelled, with the
	// colon and the space after it. What follows on the line is not shown.
	secretKey = regexp.MustCompile(`(?i)[\w-]*(?:pas+w|pwd|secret|token|seed)[\w-]*["']?\s*[:=]\s*`)
	// userInfo finds the user and the password in URLs, and in what should be one.
	userInfo = regexp.MustCompile(`://.*@|[^\s"'\[,]+:\S*@`)
)

const (
	masked       = secret.Masked
	excerptWidth = 100
)

// excerpt is a line of the file as it can be shown, with the column's place in it.
func (f *File) excerpt(line, column int) (text string, caret int) {
	text = f.lines[line-1]
	if len(text) > maxLineLength { // it is refused, whatever it says
		text = strings.ToValidUTF8(text[:maxLineLength], "")
	}
	caret = min(max(column-1, 0), len([]rune(text)))
	if f.continuesSecret(line) {
		return masked, 0
	}
	text, caret = maskSecrets(text, caret)
	return clip(text, caret)
}

// maskSecrets replaces what a line tells of passwords and tokens.
func maskSecrets(text string, caret int) (string, int) {
	if at := secretAfter(text); at >= 0 && strings.TrimSpace(text[at:]) != "" {
		text = text[:at] + masked
	}
	text = userInfo.ReplaceAllStringFunc(text, func(match string) string {
		if strings.HasPrefix(match, "://") {
			return "://" + masked + "@"
		}
		return masked + "@"
	})
	return text, min(caret, len([]rune(text)))
}

// secretAfter is the offset at which a line's secret begins, or -1.
func secretAfter(text string) int {
	for _, m := range secretKey.FindAllStringIndex(text, -1) {
		key := strings.TrimRight(text[m[0]:m[1]], " \t:=\"'")
		if !strings.HasSuffix(strings.ToLower(key), "_file") {
			return m[1]
		}
	}
	return -1
}

// continuesSecret reports whether a line goes on with the value of a secret key that
// stands on a line above it.
func (f *File) continuesSecret(line int) bool {
	depth := indent(f.lines[line-1])
	if strings.Contains(f.lines[line-1], ":") && secretAfter(f.lines[line-1]) >= 0 {
		return false // its own key is masked anyway
	}
	const lookBack = 50
	for i := line - 2; i >= 0 && i >= line-2-lookBack; i-- {
		above := f.lines[i]
		if strings.TrimSpace(above) == "" || indent(above) >= depth {
			continue
		}
		return secretAfter(above) >= 0
	}
	return false
}

func indent(line string) int {
	return len(line) - len(strings.TrimLeft(line, " \t"))
}

// clip makes a line printable and cuts a window around the caret out of a long one.
func clip(text string, caret int) (string, int) {
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r == '\t':
			runes[i] = ' '
		case !unicode.IsPrint(r):
			runes[i] = '·'
		}
	}
	caret = min(caret, len(runes))
	if len(runes) <= excerptWidth {
		return string(runes), caret
	}
	from := max(0, caret-excerptWidth/2)
	to := min(len(runes), from+excerptWidth)
	from = max(0, to-excerptWidth)
	out, caret := string(runes[from:to]), caret-from
	if from > 0 {
		out, caret = "…"+out, caret+1
	}
	if to < len(runes) {
		out += "…"
	}
	return out, caret
}

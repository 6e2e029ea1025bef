package wire

import (
	"fmt"
	"strings"
)

// ParseLayout reads what [Layout.String] writes: for messages that are described
// elsewhere.
func ParseLayout(text string) (Layout, error) {
	name, rest, ok := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return Layout{}, fmt.Errorf("layout %q: want NAME(…)", text)
	}
	parts, err := parseParts(inner)
	if err != nil {
		return Layout{}, fmt.Errorf("layout %s: %w", name, err)
	}
	return Layout{Name: name, parts: parts}, nil
}

func parseParts(text string) ([]Part, error) {
	var parts []Part
	for text != "" {
		one, rest := cutPart(text)
		p, err := parsePart(one)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
		text = rest
	}
	return parts, nil
}

// cutPart cuts a list after its first part, at a comma that stands in no brackets.
func cutPart(text string) (part, rest string) {
	depth := 0
	for i, c := range text {
		switch {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == ',' && depth == 0:
			return text[:i], strings.TrimSpace(text[i+1:])
		}
	}
	return text, ""
}

func parsePart(text string) (Part, error) {
	head, inner, isGroup := strings.Cut(text, "[")
	if !isGroup {
		at := strings.LastIndexByte(text, ' ')
		for k := KindBool; at > 0 && k < KindList; k++ {
			if k.String() == text[:at] {
				return Part{Name: text[at+1:], Kind: k}, nil
			}
		}
		return Part{}, fmt.Errorf("%q: want a kind and a name", text)
	}
	inner, closed := strings.CutSuffix(inner, "]")
	parts, err := parseParts(inner)
	if err != nil {
		return Part{}, fmt.Errorf("%q: %w", text, err)
	}
	if !closed || len(parts) == 0 {
		return Part{}, fmt.Errorf("%q: want parts in brackets", text)
	}
	if name, isList := strings.CutSuffix(head, "×"); isList {
		return Part{name, KindList, parts}, nil
	}
	for _, k := range []Kind{KindIfTrue, KindIfMore, KindRepeat} {
		if head == k.String()+" " {
			return Part{"", k, parts}, nil
		}
	}
	return Part{}, fmt.Errorf("%q: %q is no group", text, head)
}

package dc

import "natstron/dc/internal/syntax"

// Format writes DC files in the canonical layout, and returns the new texts in
// the same order. It reads them one after the other, because one may use the
// keywords that another declares. The meaning does not change, so
// numbers and the hash stay the same; comments are kept. Formatting a formatted file
// changes nothing.
//
// Format needs only the grammar: it formats files that [Parse] refuses for their
// meaning. Otherwise the error is [Errors].
func Format(sources []Source) ([]Source, error) {
	p := syntax.NewParser(builtin[:]...)
	formatted := make([]Source, 0, len(sources))
	var errs Errors
	for _, s := range sources {
		tree := p.File(s.Text)
		for _, e := range tree.Errors {
			errs = append(errs, s.at(e))
		}
		if tree.Cut >= 0 {
			errs = append(errs, s.at(syntax.Errorf(tree.Cut, "the file ends here, as it does for Panda3D: remove the byte 0x%02x and what follows it, or put it into a comment", s.Text[tree.Cut])))
		}
		if len(errs) == 0 {
			formatted = append(formatted, Source{Name: s.Name, Text: syntax.Print(tree, s.Text)})
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return formatted, nil
}

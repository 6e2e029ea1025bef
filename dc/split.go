package dc

// Split calls each for every method that a molecular field stands for, in order, with
// its part of the field's value. A field that is not molecular is its own only part.
// Split calls each only if b is exactly one value, as [Field.Skip] sees it, and stops
// at the first error of each. The parts point into b.
func (f *Field) Split(b []byte, each func(atomic *Field, value []byte) error) error {
	n, err := f.Skip(b)
	if err != nil {
		return err
	}
	if n < len(b) {
		return excess(n, b).under(f.name)
	}
	if !f.IsMolecular() {
		return each(f, b)
	}
	for _, a := range f.atomics {
		n, err := a.Skip(b)
		if err != nil {
			return err
		}
		if err := each(a, b[:n:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

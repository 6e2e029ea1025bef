// Package storagetest is the contract of storage.Store as tests. A backend's own
// test is little more than
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, func(t testing.TB, file *dc.File) storagetest.Open {
//			path := filepath.Join(t.TempDir(), "objects")
//			return func(r storage.Range) (storage.Store, error) { return mine.Open(path, r, file) }
//		})
//	}
//
// and a benchmark that calls [Bench] in the same way. [File] is a DC file with every
// type there is, and [DrawValue] draws values of its fields.
package storagetest

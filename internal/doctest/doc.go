// Package doctest holds documents that are written from code to what the code says. A test
// that imports it has the flag -update, with which it writes its document again.
//
//	doctest.go  the comparison
package doctest

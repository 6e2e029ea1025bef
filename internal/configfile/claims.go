package configfile

import (
	"fmt"
	"net"
	"path/filepath"
	"reflect"
	"strconv"
)

// checkClaims finds values of which there may be one only: an address that is listened
// on (UDP and TCP do not meet), and what a tag alone marks.
func (d *decoder) checkClaims() {
	type bound struct {
		path, over string
		address
	}
	var all []bound
	first := map[string]string{}
	d.file.walk(visitor{scalar: func(path string, s *scalar, v reflect.Value) {
		if !v.IsValid() || v.IsZero() || !d.sound(path) {
			return
		}
		text := s.text(s.get(v))
		if a, ok := splitAddress(text); ok && s.listens != "" {
			b := bound{path, s.listens, a}
			for _, other := range all {
				if b.over == other.over && b.clash(other.address) {
					d.fault(path, fmt.Sprintf("cannot listen on %v and on %v (%s on line %d)",
						b.address, other.address, other.path, d.file.at(other.path).Line), "give each listener a port of its own")
					break
				}
			}
			all = append(all, b)
		}
		if s.alone == "" {
			return
		}
		what := s.kind() + " " + text
		if s.path {
			text = filepath.Clean(text)
			what = show(text)
		}
		claim := s.alone + text
		if before, twice := first[claim]; twice {
			d.fault(path, fmt.Sprintf("%s is %s on line %d already", what, before, d.file.at(before).Line), s.alone)
			return
		}
		first[claim] = path
	}})
}

// PlacedAddress is an address in a configuration, host:port, and its key.
type PlacedAddress struct{ Path, Address string }

// Addresses are those that the process listens on or connects to, in the order of the
// keys.
func (f *File) Addresses() []PlacedAddress {
	var all []PlacedAddress
	f.walk(visitor{scalar: func(path string, s *scalar, v reflect.Value) {
		if _, ok := splitAddress(v.String()); ok && (s.listens != "" || s.connects) {
			all = append(all, PlacedAddress{path, v.String()})
		}
	}})
	return all
}

// splitAddress takes host:port apart.
func splitAddress(text string) (address, bool) {
	host, port, err := net.SplitHostPort(text)
	n, wrong := strconv.ParseUint(port, 10, 16)
	return address{host, uint16(n)}, err == nil && wrong == nil
}

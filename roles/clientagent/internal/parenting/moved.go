package parenting

import (
	"encoding/binary"
	"errors"
	"math"

	"natstron/bridge/wire"
)

// areaSize is the size of an area in bytes.
const areaSize = 4 + 4 + 5*8

var errArea = errors.New("not an area")

// MarshalBinary is the area for a view that is moved to another client agent.
func (a Area) MarshalBinary() ([]byte, error) {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, areaSize), uint32(a.parent))
	b = binary.LittleEndian.AppendUint32(b, uint32(a.start))
	for _, n := range []uint64{a.size, a.top, a.bottom, a.left, a.right} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary has written.
func (a *Area) UnmarshalBinary(b []byte) error {
	if len(b) != areaSize {
		return errArea
	}
	a.parent = wire.DoID(binary.LittleEndian.Uint32(b))
	a.start = wire.Zone(binary.LittleEndian.Uint32(b[4:]))
	for i, n := range []*uint64{&a.size, &a.top, &a.bottom, &a.left, &a.right} {
		*n = binary.LittleEndian.Uint64(b[8+8*i:])
	}
	rows, columns := a.bottom-a.top, a.right-a.left
	switch {
	case a.top > a.bottom, a.left > a.right, a.right > a.size, a.bottom > math.MaxUint32, a.size > math.MaxUint32,
		rows > MaxZones, columns > MaxZones, rows*columns > MaxZones,
		rows*columns > 0 && uint64(a.start)+(a.bottom-1)*a.size+a.right-1 > math.MaxUint32:
		return errArea
	}
	return nil
}

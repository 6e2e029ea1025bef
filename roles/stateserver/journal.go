package stateserver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The log of a state server that survives is batches. A batch is what has changed in some
// turns, so the world behind a batch is that of the end of a turn. It goes into one entry of
// the journal, or into several where it is too long:
//
//	"nS"  uint8 version  uint8 flags  uint64 batch  uint32 part  uint32 check  bytes…
//
// in little-endian order. The flag lastPart is in the last entry of a batch. The check is
// the CRC-32C of the entry with a check of 0.

const (
	entryVersion = 1
	entryHead    = 2 + 1 + 1 + 8 + 4 + 4
	checkAt      = entryHead - 4

	lastPart = 1 // a flag

	// maxPart is how many bytes of a batch go into one entry, if the server takes as many.
	maxPart = 512 << 10
	// maxBatch is the longest batch that is written or read.
	maxBatch = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entriesOf divides a batch into entries with at most so many bytes of it. In front of the
// batch is room for the head of an entry: the first one lies in the same memory.
func entriesOf(number uint64, batch []byte, part int) (entries [][]byte) {
	rest := batch[entryHead:]
	for i := uint32(0); i == 0 || len(rest) > 0; i++ {
		piece := rest[:min(part, len(rest))]
		rest = rest[len(piece):]
		e := batch[: entryHead+len(piece) : entryHead+len(piece)]
		if i > 0 {
			e = append(make([]byte, entryHead, entryHead+len(piece)), piece...)
		}
		clear(e[:entryHead])
		e[0], e[1], e[2] = 'n', 'S', entryVersion
		if len(rest) == 0 {
			e[3] = lastPart
		}
		binary.LittleEndian.PutUint64(e[4:], number)
		binary.LittleEndian.PutUint32(e[12:], i)
		binary.LittleEndian.PutUint32(e[checkAt:], crc32.Checksum(e, castagnoli))
		entries = append(entries, e)
	}
	return entries
}

// headRoom is room in front of a batch.
var headRoom [entryHead]byte

// Errors of entries.
var (
	errForeign = errors.New("it was not written by a state server")
	errVersion = errors.New("it was written by another version of natstron")
	errCheck   = errors.New("its check sum is wrong")
	errPart    = errors.New("entries before it are missing")
	errLong    = errors.New("its batch is too long")
)

// batchReader joins entries to batches.
type batchReader struct {
	number uint64 // of the batch whose parts are read
	parts  uint32
	batch  []byte
}

// read takes the next entry. It returns a batch with its last entry, valid until the next
// call, and nil before. A batch that was begun and is not complete is forgotten: its writer
// ended meanwhile, so nobody was told what it says. An error says why the entry cannot be
// used; the next batch can.
func (r *batchReader) read(entry []byte) (batch []byte, err error) {
	switch {
	case len(entry) < entryHead || entry[0] != 'n' || entry[1] != 'S':
		return nil, errForeign
	case entry[2] != entryVersion:
		return nil, fmt.Errorf("%w: version %d, not %d", errVersion, entry[2], entryVersion)
	}
	check := crc32.Update(0, castagnoli, entry[:checkAt])
	check = crc32.Update(check, castagnoli, make([]byte, 4))
	if check = crc32.Update(check, castagnoli, entry[entryHead:]); check != binary.LittleEndian.Uint32(entry[checkAt:]) {
		return nil, errCheck
	}
	number, part := binary.LittleEndian.Uint64(entry[4:]), binary.LittleEndian.Uint32(entry[12:])
	if part == 0 {
		r.number, r.parts, r.batch = number, 0, r.batch[:0]
	}
	if number != r.number || part != r.parts {
		return nil, errPart
	}
	if len(r.batch)+len(entry) > maxBatch {
		r.parts = 0
		return nil, errLong
	}
	r.parts++
	r.batch = append(r.batch, entry[entryHead:]...)
	if entry[3]&lastPart == 0 {
		return nil, nil
	}
	r.parts = 0
	if r.batch == nil {
		r.batch = []byte{} // it is empty, but complete
	}
	return r.batch, nil
}

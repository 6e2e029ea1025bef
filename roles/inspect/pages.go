package inspect

import (
	"cmp"
	"container/heap"
	"slices"
)

// Keys of the rows of each list.

// Key is the client's channel.
func (r Row) Key() uint64 { return uint64(r.Channel) }

// Key is the object's doId.
func (t Thing) Key() uint64 { return uint64(t.DoID) }

// Key is the parent's doId, or the zone.
func (c Count) Key() uint64 { return uint64(c.ID) }

// Key is the client's channel.
func (v Viewer) Key() uint64 { return uint64(v.Channel) }

// A keyed row has a place in its list.
type keyed interface{ Key() uint64 }

// Collector takes rows in any order, and keeps those of one page: the first from a key on.
// It needs no more memory than the page.
type Collector[T keyed] struct {
	From uint64
	Rows int

	total int
	kept  rowHeap[T]
}

// Add takes a row.
func (c *Collector[T]) Add(row T) {
	c.total++
	if row.Key() < c.From {
		return
	}
	if len(c.kept) <= c.Rows {
		heap.Push(&c.kept, row)
	} else if row.Key() < c.kept[0].Key() {
		c.kept[0] = row
		heap.Fix(&c.kept, 0)
	}
}

// Page is what was collected.
func (c *Collector[T]) Page() *Page[T] {
	p := &Page[T]{Rows: c.kept, Total: c.total}
	p.cut(c.Rows)
	return p
}

// cut puts the rows in order, and leaves so many.
func (p *Page[T]) cut(rows int) {
	slices.SortStableFunc(p.Rows, func(a, b T) int { return cmp.Compare(a.Key(), b.Key()) })
	if len(p.Rows) > rows {
		p.Rows, p.More = p.Rows[:rows], true
	}
	if p.Rows == nil {
		p.Rows = []T{}
	}
}

// Merge adds the rows of another page, of which so many in all are kept.
func (p *Page[T]) Merge(other *Page[T], rows int) {
	p.Rows = append(p.Rows, other.Rows...)
	p.Total += other.Total
	p.More = p.More || other.More
	p.cut(rows)
}

// rowHeap has the row with the highest key first.
type rowHeap[T keyed] []T

func (h rowHeap[T]) Len() int           { return len(h) }
func (h rowHeap[T]) Less(i, j int) bool { return h[i].Key() > h[j].Key() }
func (h rowHeap[T]) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *rowHeap[T]) Push(row any)      { *h = append(*h, row.(T)) }
func (h *rowHeap[T]) Pop() any {
	last := len(*h) - 1
	row := (*h)[last]
	*h = (*h)[:last]
	return row
}

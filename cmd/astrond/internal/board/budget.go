package board

import (
	"sync"
	"time"
)

// budgetShare bounds the time that looking takes to one part of so many.
const budgetShare = 20

// budgetWait is how long a question waits for its turn at most, and budgetQueue how many
// do.
const (
	budgetWait  = 500 * time.Millisecond
	budgetQueue = 32
)

// budget lets one at a time look at the process, and only so often that it costs little.
type budget struct {
	mu      sync.Mutex
	waiting int
	next    time.Time
	look    sync.Mutex
}

// spend does something, or says that too much has been asked for.
func (b *budget) spend(do func()) bool {
	b.mu.Lock()
	if b.waiting >= budgetQueue {
		b.mu.Unlock()
		return false
	}
	b.waiting++
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.waiting--
		b.mu.Unlock()
	}()
	asked := time.Now()
	b.look.Lock()
	defer b.look.Unlock()
	pause := time.Until(b.next)
	if time.Since(asked)+pause > budgetWait {
		return false
	}
	if pause > 0 {
		time.Sleep(pause)
	}
	began := time.Now()
	do()
	ended := time.Now()
	b.next = ended.Add(budgetShare * ended.Sub(began))
	return true
}

package ask

import (
	"context"
	"time"

	"natstron/bridge/wire"
)

// open is a question that has not ended.
type open struct {
	asker    *Asker
	question Question
	context  uint32
	over     func()

	kind wire.MsgType // of a question to a channel
	// The message that answers it, and its sender; an update of a field of an object may come
	// from anyone.
	answer wire.MsgType
	from   wire.Channel
	do     wire.DoID
	field  wire.FieldID

	timer   *time.Timer
	stop    context.CancelFunc // of work
	working bool               // and has not returned yet
	ended   bool
}

// expire has the question end with ErrNoAnswer.
func (o *open) expire() {
	after := o.question.Timeout
	if after <= 0 {
		after = o.asker.all.o.Timeout
	}
	o.alarm(after, func() {
		if o.waits() {
			return
		}
		o.asker.all.stats.Unanswered++
		o.fail(ErrNoAnswer)
	})
}

// waits has a question that is not answered go on, if the asker's host waits for that.
func (o *open) waits() bool {
	host, patient := o.asker.host.(Patient)
	if !patient || o.from == 0 {
		return false
	}
	switch wait, again := host.Waits(o.kind, o.from); {
	case again:
		if err := o.question.begin(o); err != nil {
			o.fail(err)
		}
		return true
	case wait:
		o.expire()
		return true
	}
	return false
}

// alarm calls do after a while, in a turn, if the question has not ended by then.
func (o *open) alarm(after time.Duration, do func()) {
	o.timer = time.AfterFunc(after, func() {
		o.asker.host.Turn(func() {
			if !o.ended {
				do()
			}
		})
	})
}

func (o *open) answered(r *wire.Reader) { o.end(func() { o.question.end(o.asker.all.o.File, r, nil) }) }
func (o *open) fail(err error)          { o.end(func() { o.question.end(nil, nil, err) }) }
func (o *open) cancel()                 { o.end(func() {}) }

// end ends the question, unless it has ended.
func (o *open) end(call func()) {
	if o.ended {
		return
	}
	o.forget()
	call()
	if o.over != nil && !o.asker.ended {
		o.over()
	}
}

// forget takes the question off its asker's.
func (o *open) forget() {
	o.ended = true
	a := o.asker
	delete(a.open, o.context)
	a.all.stats.Open--
	if !o.working {
		a.count--
	}
	if o.timer != nil {
		o.timer.Stop()
	}
	if o.stop != nil {
		o.stop()
	}
}

package traffic

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
)

// inquiry is one process's question to the cluster.
type inquiry struct {
	node    *bridge.Node
	p       *bridge.Participant
	inbox   *bridge.Inbox
	lost    chan error
	id      wire.DoID
	me      wire.Channel
	decoder decoder
	open    map[wire.MsgType]int // answers that may still come
	found   foundObject
}

// The contexts of the questions.
const (
	askAll = iota + 1
	askOwner
	askAI
	askDatabase
)

// secondAnswer is how long to wait for another answer after one: of a second
// holder of the object, and to the questions that not every state server knows.
const secondAnswer = 300 * time.Millisecond

const maxAnswers = 16 << 20 // bytes of them that are kept

// newInquiry joins the cluster, under a channel of its own.
func newInquiry(ctx context.Context, at cmdline.Cluster, id wire.DoID) (*inquiry, error) {
	in := &inquiry{
		inbox: bridge.NewInbox(maxAnswers), lost: make(chan error, 1), id: id,
		// Far above the channels of games: locations have a doId there.
		me:      wire.Channel(1<<63 | rand.Uint64()>>1),
		decoder: newDecoder(at.File),
		open:    map[wire.MsgType]int{},
		found:   foundObject{DoID: uint32(id)},
	}
	var err error
	if in.node, err = bridge.Start(ctx, bridge.Options{Name: "astrond object", Subjects: at.Subjects, External: &at.Server}); err != nil {
		return nil, err
	}
	if in.p, err = in.node.Join("astrond object", in.inbox, func(cause error) { in.lost <- cause }); err == nil {
		err = in.p.Subscribe(in.me)
	}
	if err != nil {
		in.end()
		return nil, err
	}
	return in, nil
}

func (in *inquiry) end() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if in.p != nil {
		in.p.Leave()
	}
	in.node.Stop(ctx)
}

// ask sends the questions.
func (in *inquiry) ask(databases []wire.Channel) error {
	object := in.id.Channel()
	questions := []*wire.Writer{
		new(wire.Writer).Header(in.me, wire.StateServerObjectGetAll, object).Uint32(askAll).DoID(in.id),
		new(wire.Writer).Header(in.me, wire.StateServerObjectGetOwner, object).Uint32(askOwner),
		new(wire.Writer).Header(in.me, wire.StateServerObjectGetAI, object).Uint32(askAI),
	}
	for _, control := range databases {
		questions = append(questions, new(wire.Writer).Header(in.me, wire.DBServerObjectGetAll, control).Uint32(askDatabase).DoID(in.id))
		in.open[wire.DBServerObjectGetAllResp]++
	}
	in.open[wire.StateServerObjectGetAllResp] = 1
	for _, q := range questions {
		d, err := q.Datagram()
		if err == nil {
			err = in.p.Send(d)
		}
		if err != nil {
			return fmt.Errorf("ask for object %d: %w", in.id, err)
		}
	}
	return nil
}

// listen takes answers until all that can be expected are there, or the time is
// over.
func (in *inquiry) listen(ctx context.Context, timeout time.Duration) error {
	end := time.NewTimer(timeout)
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return errors.New("interrupted")
		case cause := <-in.lost:
			return fmt.Errorf("ask for object %d: %w", in.id, cause)
		case <-end.C:
			return nil
		case <-in.inbox.Ready:
		}
		for _, d := range in.inbox.Take() {
			if m, err := d.Datagram.Message(); err == nil {
				in.takeAnswer(m)
			}
		}
		if in.open[wire.StateServerObjectGetAllResp] <= 0 && in.open[wire.DBServerObjectGetAllResp] <= 0 {
			end.Reset(min(secondAnswer, timeout))
		}
	}
}

// takeAnswer notes one answer.
func (in *inquiry) takeAnswer(m wire.Message) {
	in.open[m.Type]--
	a := in.answer(m)
	switch m.Type {
	case wire.StateServerObjectGetAllResp:
		in.found.Found = true
		in.found.Active = append(in.found.Active, activeObject{a.class, uint32(a.at.Parent), uint32(a.at.Zone), a.fields, a.fault})
	case wire.StateServerObjectGetOwnerResp:
		in.found.Owner = a.channel
	case wire.StateServerObjectGetAIResp:
		in.found.AI = a.channel
	case wire.DBServerObjectGetAllResp:
		if a.success {
			in.found.Found = true
			in.found.Stored = append(in.found.Stored, storedObject{channelText(m.Sender), a.class, a.fields, a.fault})
		}
	}
}

// objectAnswer is the arguments of an answer, whichever it has.
type objectAnswer struct {
	success bool
	class   string
	at      wire.Location
	channel *uint64
	fields  []tappedArg
	fault   string
}

func (in *inquiry) answer(m wire.Message) objectAnswer {
	a := objectAnswer{fields: []tappedArg{}}
	layout, ok := wire.LayoutOf(m.Type)
	if !ok {
		return a
	}
	err := layout.Decode(&m.Payload, in.decoder.values, func(arg wire.Arg) {
		switch arg.Kind {
		case wire.KindBool:
			a.success = arg.Number != 0
		case wire.KindDClass:
			if a.class = fmt.Sprintf("dclass %d", arg.Number); in.decoder.file != nil {
				if class, ok := in.decoder.class(arg.Number); ok {
					a.class = class.Name()
				}
			}
		case wire.KindLocation:
			a.at = wire.Channel(arg.Number).Location()
		case wire.KindChannel:
			a.channel = &arg.Number
		case wire.KindValue, wire.KindRaw:
			a.fields = append(a.fields, in.decoder.argument(arg))
		}
	})
	if err != nil {
		a.fault = err.Error()
	}
	return a
}

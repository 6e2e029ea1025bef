package bridge

import "natstron/bridge/wire"

// Questions are what an operator's tool asks all nodes of a cluster, such as to
// drain: <prefix>ctl.ask.<question>. Each node that knows the question answers
// for itself, to the reply subject. Anyone who may publish under
// the control subjects may ask.
const kindAsk = "ask"

// Answer makes the node answer a question, a word without dots. answer is called
// in a goroutine of its own for each question; nil is no answer.
// It is to be called once for a question.
func (n *Node) Answer(question string, answer func(request []byte) []byte) {
	t := n.Begin()
	defer t.End()
	if n.answers == nil {
		n.answers = map[string]func([]byte) []byte{}
	}
	n.answers[question] = answer
}

// asked takes a question from NATS. The turn is the caller's.
func (n *Node) asked(question, reply string, request []byte) {
	answer := n.answers[question]
	if answer == nil || reply == "" {
		return
	}
	go func() {
		if a := answer(request); a != nil && len(a) <= wire.MaxLength {
			t := n.Begin()
			defer t.End()
			n.outbox.Note(reply, "", a)
		}
	}()
}

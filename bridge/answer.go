package bridge

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"natstron/bridge/wire"
)

// Questions are what an operator's tool asks all nodes of a cluster, such as to
// drain: <prefix>ctl.ask.<question>. Each node that knows the question answers
// for itself, to the reply subject. Anyone who may publish under
// the control subjects may ask.
const (
	kindAsk    = "ask"
	kindAnswer = "answer" // <prefix>ctl.answer.<origin>.<number>, where a node asks
)

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

// How many questions a node answers at once, and how many wait meanwhile; more are dropped. An
// agent that drains may be asked for all of its sessions.
const (
	maxAnswering  = 64
	maxUnanswered = 4096
)

// asked takes a question from NATS. The turn is the caller's.
func (n *Node) asked(question, reply string, request []byte) {
	answer := n.answers[question]
	if answer == nil || reply == "" {
		return
	}
	say := func() {
		a := answer(request)
		t := n.Begin()
		defer t.End()
		if a != nil && len(a) <= wire.MaxLength {
			n.outbox.Note(reply, "", a)
		}
		n.answering--
		n.answerNext()
	}
	if len(n.unanswered) >= maxUnanswered {
		n.stats.QuestionsDropped++
		n.complain("questions", "too many questions from the backbone at once: one was dropped", "question", question)
		return
	}
	n.unanswered = append(n.unanswered, say)
	n.answerNext()
}

// answerNext has a question answered that waits.
func (n *Node) answerNext() {
	if n.answering < maxAnswering && len(n.unanswered) > 0 {
		n.answering++
		go n.unanswered[0]()
		n.unanswered = n.unanswered[1:]
	}
}

// waitingAnswers is how many answers to one question wait to be taken; more are dropped.
const waitingAnswers = 1000

// asking is the questions of this node that are open. It belongs to the turn.
type asking struct {
	last uint64
	open map[uint64]chan []byte
}

// Ask asks the other nodes a question, and hands each answer to take until that says no,
// or until ctx is done: nobody knows how many will answer. While the backbone is lost
// nobody does.
func (n *Node) Ask(ctx context.Context, question string, request []byte, take func(answer []byte) bool) {
	answers := make(chan []byte, waitingAnswers)
	t := n.Begin()
	n.asking.last++
	number := n.asking.last
	if n.asking.open == nil {
		n.asking.open = map[uint64]chan []byte{}
	}
	n.asking.open[number] = answers
	if !n.outbox.Alone(n.turn) {
		reply := n.controlSubject(kindAnswer, n.members.Origin()) + "." + strconv.FormatUint(number, 10)
		n.outbox.Note(n.options.Subjects.Question(question), reply, request)
	}
	t.End()
	more := true
	for over := false; more && !over; {
		select {
		case a := <-answers:
			more = take(a)
		case <-ctx.Done():
			over = true
		}
	}
	t = n.Begin()
	delete(n.asking.open, number)
	t.End()
	close(answers)
	for a := range answers { // they came before ctx was done
		more = more && take(a)
	}
}

// answered takes an answer to a question of this node: to is its origin and the number.
func (n *Node) answered(to string, answer []byte) {
	_, text, _ := strings.Cut(to, ".")
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return
	}
	select {
	case n.asking.open[number] <- bytes.Clone(answer): // nil, if it is not open any more
	default:
	}
}
